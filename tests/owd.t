#!/usr/bin/env perl
# mptcp-owd against what the link emulator did to each segment, against brute
# force over both tables, and against itself: other clocks, other cuts, frames
# missing, other forms of the same input.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use List::Util qw(max min sum0);
use Test::More;
use lib dirname($0);
use Running 'output';

my $here = abs_path(dirname($0));
my $bin = $ENV{BIN} // "$here/..";
$ENV{PATH} = "$bin:$here:$ENV{PATH}";
$ENV{LC_ALL} = 'C';
my $shared = $ENV{SHARED} // "$here/../../shared";
my $dir = tempdir(CLEANUP => 1);
chdir $dir or die;

# Rows as hashes.
sub table {
	my ($head, @rows) = split /\n/, $_[0];
	my @names = split /\t/, $head;
	return map { my %row; @row{@names} = split /\t/, $_, -1; \%row } @rows;
}

# Both captures of a folder, unpacked to client.NAME and server.NAME; false if not at hand.
sub unpack_pair {
	my ($name) = @_;
	for my $end (qw(client server)) {
		my ($file) = grep { -e } "$shared/captures/$name/$end.pcap.gz",
			"$here/../examples/$name-$end.pcap.gz";
		return 0 if !$file;
		output("gzip -dc $file > $end.$name");
	}
	return 1;
}

sub owd {
	return table(output("mptcp-owd @_ 2>errors"));
}

sub is_row {
	my ($got, $want, $name) = @_;
	my @differ = grep { ($got->[$_] // '') ne ($want->[$_] // '') } 0 .. max($#$got, $#$want);
	ok(!@differ, $name) or diag(scalar(@differ) . ' differ, first: got ' .
		($got->[$differ[0]] // 'none') . ', want ' . ($want->[$differ[0]] // 'none'));
}

sub percentile {
	my ($part, @values) = @_;
	@values = sort { $a <=> $b } @values;
	return @values ? $values[min($#values, int($part * @values))] : 'none';
}

# ---- The emulator's word.

# What it did to segments, by what they bear, in order.
sub links {
	my %did;
	for (table(output("gzip -dc $shared/captures/$_[0]/links.tsv.gz"))) {
		push @{$did{"$_->{dir} $_->{sport} $_->{seq} $_->{len} $_->{ack} $_->{flags}"}}, $_;
	}
	return \%did;
}

sub bits {
	my ($letters) = @_;
	my %bit = (F => 1, S => 2, R => 4, P => 8, A => 16);
	return sum0(map { $bit{$_} // 0 } split //, $letters);
}

for my $name (qw(basic bidir jitter loss reorder-dup handover fastclose)) {
	next if !-e "$shared/captures/$name/links.tsv.gz" || !unpack_pair($name);
	my $did = links($name);
	my (%raw, @before, @after, %wrong, %twice);
	for my $end (qw(client server)) {
		$raw{"$end $_->{pkt}"} = $_ for table(output(
			"mptcp-extract -o pkt,sport,seq,len,ack,flags,time_ns $end.$name"));
	}
	my @rows = owd("-kC none client.$name server.$name");
	for (sort { $a->{tx_pkt} <=> $b->{tx_pkt} } @rows) {
		my $tx = $raw{($_->{dir} eq 'c2s' ? 'client' : 'server') . " $_->{tx_pkt}"};
		my $key = ($_->{dir} eq 'c2s' ? 0 : 1) . " $tx->{sport} $tx->{seq} $tx->{len} " .
			($tx->{ack} || 0) . ' ' . bits($tx->{flags});
		if ($_->{fate} eq 'dup') {
			$twice{"$_->{dir} $_->{tx_pkt}"}++;
			next;
		}
		my $link = shift @{$did->{$key}};
		my $lost = $link && $link->{fate} ne 'sent';
		$wrong{"$key is $_->{fate}"}++ if !$link || $lost != ($_->{fate} eq 'lost');
		push @before, ($link->{in_ns} - $_->{tx_time_ns}) / 1e9 if $link;
		push @after, ($_->{rx_time_ns} - $link->{out_ns}) / 1e9 if $link && !$lost;
	}
	is(join(', ', %wrong), '', "$name: lost what the emulator dropped, and nothing else");
	# What came in after the receiver's capture had ended has none.
	my %end = map { my $end = $_; ($end => max(map { $raw{$_}{time_ns} }
		grep { /^$end/ } keys %raw)) } qw(client server);
	is(sum0(map { scalar grep { $_->{in_ns} <= $end{$_->{dir} ? 'client' : 'server'} } @$_ }
		values %$did), 0, "$name: a row for all it forwarded or dropped");
	# It was late at times itself, but copies are farther apart.
	for (['sent before it came in', @before], ['arrived after it was due out', @after]) {
		my ($what, @off) = @$_;
		cmp_ok(min(@off), '>', 0, "$name: each $what");
		cmp_ok(max(@off), '<', 0.05, "$name: and not long");
		cmp_ok(percentile(0.5, @off), '<', 0.0002, "$name: most at once");
	}
	next if $name ne 'reorder-dup';
	cmp_ok(scalar keys %twice, '>', 0, "$name: some came twice");
}

# ---- Brute force: every arrival of every byte beside every sending of it.

# What is between two cuts of either end is like one byte.
sub atoms {
	my %cut;
	$cut{$_->{from}} = $cut{$_->{to}} = 1 for @_;
	return sort { $a <=> $b } keys %cut;
}

# Payload of one direction, as a capture has it.
sub segments {
	my ($rows, $stream, $dir) = @_;
	return map { { %$_, from => $_->{rel_seq} + ($_->{flags} =~ /S/),
		to => $_->{rel_seq} + ($_->{flags} =~ /S/) + $_->{len} } }
		grep { $_->{len} && $_->{stream} == $stream && $_->{dir} eq $dir } @$rows;
}

# Of several criteria the first that tells some of the copies from the others.
sub pick {
	my ($rx, @copies) = @_;
	my @tests = (sub { $_[0]{tsval} eq $rx->{tsval} },
		sub { $_[0]{from} == $rx->{from} && $_[0]{ip_id} eq $rx->{ip_id} },
		sub { my $on = ($rx->{ip_id} - $_[0]{ip_id}) % 65536;
			my $far = $rx->{from} - $_[0]{from};
			($on, $far) = (-$on % 65536, -$far) if $far < 0;
			$on && $on <= $far / 536 + 1 },
		sub { $_[0]{rel_ack} eq $rx->{rel_ack} && $_[0]{win} eq $rx->{win} });
	for my $test (@tests) {
		last if @copies < 2;
		my @left = grep { $test->($_) } @copies;
		@copies = @left if @left;
	}
	return @copies;
}

# Direction by direction: lines "tx rx from to fate" for every atom.
sub brute_force {
	my ($client, $server, $stream, $dir) = @_;
	my @sent = segments($dir eq 'c2s' ? $client : $server, $stream, $dir);
	my @come = segments($dir eq 'c2s' ? $server : $client, $stream, $dir);
	my @atoms = atoms(@sent, @come);
	my (%index, %copies, %taken, @lines);
	@index{@atoms} = 0 .. $#atoms;
	for my $tx (@sent) {
		push @{$copies{$_}}, $tx for $index{$tx->{from}} .. $index{$tx->{to}} - 1;
	}
	for my $rx (@come) {
		for my $atom ($index{$rx->{from}} .. $index{$rx->{to}} - 1) {
			my @can = grep { $_->{time_ns} <= $rx->{time_ns} } @{$copies{$atom} // []};
			my @left = pick($rx, @can);
			my @new = grep { !$taken{"$atom $_->{pkt}"} } @left;
			my $tx = @new ? $new[0] : $left[-1];
			push @lines, join ' ', $tx->{pkt}, $rx->{pkt}, @atoms[$atom, $atom + 1],
				@new ? 'arrived' : 'dup';
			$taken{"$atom $tx->{pkt}"} = 1;
		}
	}
	for my $tx (@sent) {
		push @lines, map { join ' ', $tx->{pkt}, '-', @atoms[$_, $_ + 1], 'lost' }
			grep { !$taken{"$_ $tx->{pkt}"} } $index{$tx->{from}} .. $index{$tx->{to}} - 1;
	}
	return (\@atoms, sort @lines);
}

# Rows of the tool, cut at the same places.
sub in_atoms {
	my ($atoms, @rows) = @_;
	my (%index, @lines);
	@index{@$atoms} = 0 .. $#$atoms;
	for my $row (@rows) {
		my ($from, $to) = @index{$row->{rel_seq}, $row->{rel_seq} + $row->{len}};
		push @lines, map { join ' ', $row->{tx_pkt}, $row->{rx_pkt} || '-',
			@$atoms[$_, $_ + 1], $row->{fate} } $from .. $to - 1;
	}
	return sort @lines;
}

for my $name (qw(loss reorder-dup tso-loss nat)) {
	next if !unpack_pair($name);
	my ($client, $server) = map { [table(output("mptcp-extract -o pkt,time_ns,stream,dir," .
		"flags,rel_seq,rel_ack,win,len,tsval,ip_id $_.$name"))] } qw(client server);
	my @rows = owd("-C none client.$name server.$name");
	for my $stream (0, 1) {
		for my $dir (qw(c2s s2c)) {
			my ($atoms, @want) = brute_force($client, $server, $stream, $dir);
			my @got = in_atoms($atoms, grep { $_->{stream} == $stream &&
				$_->{dir} eq $dir } @rows);
			is_row(\@got, \@want, "$name, stream $stream, $dir: " .
				scalar(@want) . ' pieces as by brute force');
		}
	}
}

# ---- Other clocks.

sub key {
	return join ' ', @{$_[0]}{qw(dir tx_pkt rx_pkt rel_seq len fate)};
}

# What is the same packet in rows of the same captures, stamped otherwise.
sub compare {
	my ($true, $rows, $what, $most) = @_;
	my %delay = map { key($_) => $_->{owd_s} } @$true;
	is_row([sort map { key($_) } @$rows], [sort keys %delay], "$what: the same rows");
	my @timed = grep { $_->{owd_s} ne '' } @$rows;
	my @off = map { abs($_->{owd_s} - ($delay{key($_)} // 'nan')) } @timed;
	is(scalar(grep { $timed[$_]{err_s} eq '' || $off[$_] > $timed[$_]{err_s} + 1e-9 } 0 .. $#off),
		0, "$what: within the stated error");
	cmp_ok(max(@off), '<=', $most, "$what: to $most s");
}

my %clocks = (
	'1.234567 s + 80 ppm' => '-o 1.234567 -p 80', '-3600.5 s - 35 ppm' => '-o -3600.5 -p -35',
	'a step of 250 ms' => '-a HALF -s 0.25', 'a step of -250 ms' => '-a HALF -s -0.25',
	'a step of 2 s' => '-a HALF -s 2', 'a step of -2 s' => '-a HALF -s -2',
);
# folder to how near it has to come: none where paths are not symmetric
my %paths = (nat => 1, loss => 1, tso => 1, jitter => 0);
for my $name (sort keys %paths) {
	next if !unpack_pair($name);
	my @true = owd("-C none client.$name server.$name");
	my @rel = split /\n/, output("mptcp-extract -H -o rel_s server.$name");
	my $half = $rel[-1] / 2;
	for my $clock (sort keys %clocks) {
		my $step = $clocks{$clock} =~ /HALF/;
		my $near = !$paths{$name} || $clock =~ / 2 s|-2 s/ ? 1 : $step ? 0.001 : 0.0001;
		(my $options = $clocks{$clock}) =~ s/HALF/$half/;
		output("restamp $options server.$name > other");
		my @rows = owd("-T clock client.$name other");
		compare(\@true, \@rows, "$name, B's clock off by $clock", $near);
		my @segments = table(output('cat clock'));
		cmp_ok(scalar @segments, '<=', 1 + $step, "$name, $clock: no segment too many");
		output("restamp $options client.$name > other");
		@rows = owd("other server.$name");
		compare(\@true, \@rows, "$name, A's clock off by $clock", $near);
	}
}
if (unpack_pair('nat')) {
	output('restamp -o 1.234567 -p 80 -z $(mptcp-extract -H -o time_ns client.nat | head -n 1) ' .
		'server.nat > other');
	my @true = owd('-C none client.nat server.nat');
	my @rows = owd('-O 1234567000 -P 80 client.nat other');
	my @off = map { abs($rows[$_]{owd_s} - $true[$_]{owd_s}) } 0 .. $#rows;
	# the clock is that of the moment of sending
	cmp_ok(max(@off), '<', 20e-6, '-O and -P: a clock that is known');
	is(join('', map { $_->{err_s} } @rows), '', '-O and -P: no error is stated');
	for (qw(offset linear)) {
		@rows = owd("-C $_ -T clock client.nat server.nat");
		my @segments = table(output('cat clock'));
		is($segments[0]{method}, $_, "-C $_");
		cmp_ok(abs $segments[0]{offset_ns}, '<', 1e6, "-C $_: clocks that agree do");
	}
}
for my $name (qw(jitter nat)) {
	next if !unpack_pair($name);
	is(output("mptcp-owd -T clock client.$name server.$name 2>&1 >rows"), '',
		"$name: nothing was corrected");
	is((table(output('cat clock')))[0]{method}, 'raw', "$name: the clocks are left as they are");
	is(output("cut -f 1-16,18 rows"), output("mptcp-owd -C none client.$name server.$name | cut -f 1-16,18"),
		"$name: as without correction");
}

# A clock that steps by more than any silence: what is under way is not lost.
if (unpack_pair('nat')) {
	my @true = sort map { key($_) } owd('-C none client.nat server.nat');
	my @rel = split /\n/, output('mptcp-extract -H -o rel_s server.nat');
	for my $step (100, -4000) {
		output('restamp -a ' . $rel[-1] / 2 . " -s $step server.nat > other");
		is_row([sort map { key($_) } owd('client.nat other')], \@true,
			"a step of $step s: the same rows");
	}
}

# ---- Other cuts.

for my $name (qw(loss tso-loss nat)) {
	next if !unpack_pair($name);
	my @as_it_was = owd("-C none client.$name server.$name");
	my %clean = map { join(' ', @$_{qw(dir tx_pkt rel_seq len)}) => $_->{owd_s} }
		grep { $_->{clean} eq '1' } @as_it_was;
	my $bytes = sum0(map { $_->{fate} eq 'arrived' ? $_->{len} : 0 } @as_it_was);
	for my $cut ('-c 536', '-c 700', '-c 1428', '-m 9000', '-m 9000 -g') {
		output("recut $cut server.$name > cut");
		my @rows = owd("-C none client.$name cut");
		is(sum0(map { $_->{fate} eq 'arrived' && $_->{owd_s} ne '' ? $_->{len} : 0 } @rows),
			$bytes, "$name, recut $cut: all bytes have a delay");
		my @same = grep { exists $clean{$_->{key}} } map { { %$_, key => join ' ',
			@$_{qw(dir tx_pkt rel_seq len)} } } grep { $_->{clean} eq '1' && $_->{dir} eq 'c2s' } @rows;
		is(scalar(grep { $_->{owd_s} ne $clean{$_->{key}} } @same), 0,
			"$name, recut $cut: delays of clean rows are the same");
	}
}
for my $name (qw(tso tso-loss)) {
	next if !-e "$shared/captures/$name/links.tsv.gz" || !unpack_pair($name);
	my (%bytes, %got);
	$bytes{$_->{fate} eq 'sent' ? 'arrived' : 'lost'} += $_->{len} for
		table(output("gzip -dc $shared/captures/$name/links.tsv.gz"));
	for (owd("client.$name server.$name")) {
		$got{$_->{fate}} += $_->{len} if $_->{fate} eq 'lost' || $_->{owd_s} ne '';
	}
	is_deeply(\%got, \%bytes, "$name: every byte that arrived has a delay, every other is lost");
}

# ---- Frames that are missing.

# A capture less the frames, by number from 1, for which the code is false.
sub filter_frames {
	my ($file, $keep, $to) = @_;
	open my $in, '<:raw', $file or die;
	open my $out, '>:raw', $to or die;
	my ($head, $record, $data, $pkt);
	read $in, $head, 24;
	print $out $head;
	while (read($in, $record, 16) == 16) {
		read $in, $data, unpack 'x8V', $record;
		print $out $record, $data if $keep->(++$pkt);
	}
	close $out or die;
}

if (unpack_pair('nat')) {
	my @all = owd('-C none client.nat server.nat');
	my %data = map { $_->{rx_pkt} => 1 } grep { $_->{dir} eq 'c2s' } @all;
	filter_frames('server.nat', sub { !$data{$_[0]} || $_[0] % 10 }, 'less');
	my @rows = owd('-C none client.nat less');
	is(sum0(map { $_->{len} } grep { $_->{fate} eq 'unseen' } @rows),
		sum0(map { $_->{len} } grep { $_->{dir} eq 'c2s' && $_->{rx_pkt} % 10 == 0 } @all),
		"what B's capture misses is unseen");
	is(scalar(grep { $_->{fate} eq 'lost' } @rows), 0, 'and not lost');
	filter_frames('client.nat', sub { $_[0] % 10 }, 'less');
	@rows = owd('-C none less server.nat');
	is(scalar(grep { $_->{dir} eq 'c2s' && $_->{fate} ne 'arrived' } @rows), 0,
		"nothing is lost that A's capture misses");
	ok(scalar(grep { $_->{tx_pkt} eq '' && $_->{owd_s} eq '' } @rows), 'it has rows without tx_pkt');
	my $n = () = output('mptcp-extract -H -o pkt server.nat') =~ /\n/g;
	for my $edge (['begins', sub { $_[0] > $n / 2 }], ['ends', sub { $_[0] < $n / 2 }]) {
		for my $end (qw(client server)) {
			filter_frames("$end.nat", $edge->[1], 'part');
			@rows = owd($end eq 'client' ? 'part server.nat' : 'client.nat part');
			is(join(' ', map { $_->{fate} } grep { $_->{fate} ne 'arrived' } @rows), '',
				"$end capture $edge->[0] in the middle: nothing is lost");
			ok(@rows > 100, 'and there are rows');
		}
	}
}

# A capture whose time stamps are NOPs and whose IP identifications are 0.
sub bare {
	my ($file, $to) = @_;
	open my $in, '<:raw', $file or die;
	open my $out, '>:raw', $to or die;
	my ($head, $record, $data);
	read $in, $head, 24;
	print $out $head;
	while (read($in, $record, 16) == 16) {
		read $in, $data, unpack 'x8V', $record;
		my $tcp = 14 + 4 * (ord(substr $data, 14, 1) & 15);
		my $end = $tcp + 4 * (ord(substr $data, $tcp + 12, 1) >> 4);
		substr($data, 18, 2) = "\0\0";
		for (my $at = $tcp + 20; $at < $end; ) {
			my ($kind, $len) = unpack 'CC', substr $data, $at, 2;
			$len = 1 if $kind < 2;
			substr($data, $at, $len) = "\1" x $len if $kind == 8;
			$at += $len;
		}
		print $out $record, $data;
	}
	close $out or die;
}

# What is left tells an original that was lost from what was sent for it: the time.
for my $name (qw(loss tso-loss)) {
	next if !unpack_pair($name);
	my @true = owd("-C none client.$name server.$name");
	bare("$_.$name", "bare.$_") for qw(client server);
	for my $options ('-C none', '') {
		my @rows = owd("$options bare.client bare.server");
		is_row([sort map { key($_) } @rows], [sort map { key($_) } @true],
			"$name without time stamps, $options: the same copies arrive");
	}
}

# ---- Data.

# Its numbers are those of A, and none where MPTCP was refused.
for my $name (qw(backup loss fallback-syn fallback-synack)) {
	next if !unpack_pair($name);
	my %at = map { $_->{pkt} => $_ } table(output("mptcp-extract client.$name"));
	my @rows = grep { $_->{pkt} ne '' } map {
		{ %$_, pkt => $_->{dir} eq 'c2s' ? $_->{tx_pkt} : $_->{rx_pkt} }
	} owd("-C none client.$name server.$name");
	is_row([map { "$_->{pkt} $_->{dsn}" } @rows], [map {
		my $seg = $at{$_->{pkt}};
		"$_->{pkt} " . ($seg->{dsn} eq '' ? '' : $seg->{dsn} + $_->{rel_seq} - $seg->{rel_seq})
	} @rows], "$name: DSNs");
	my @data = owd("-C none -d client.$name server.$name");
	is(@data > 0, (grep { $_->{dsn} ne '' } @rows) > 0, "$name: rows of data where there are any");
}

# Of each piece of data, when it was sent first and when it came first.
for my $name (qw(handover jitter loss tso-loss nat)) {
	next if !unpack_pair($name);
	my @rows = grep { $_->{dsn} ne '' } owd("-C none client.$name server.$name");
	my @data = owd("-C none -d client.$name server.$name");
	for my $dir (qw(c2s s2c)) {
		my @own = map { { %$_, from => $_->{dsn}, to => $_->{dsn} + $_->{len} } }
			grep { $_->{dir} eq $dir } @rows;
		my @got = map { { %$_, from => $_->{dsn}, to => $_->{dsn} + $_->{len} } }
			grep { $_->{dir} eq $dir } @data;
		my @atoms = atoms(@own, @got);
		my (%index, %tx, %rx, @have);
		@index{@atoms} = 0 .. $#atoms;
		for my $row (@own) {
			for ($index{$row->{from}} .. $index{$row->{to}} - 1) {
				$tx{$_} = $row->{tx_time_ns} if ($tx{$_} // 9e18) > $row->{tx_time_ns};
				$rx{$_} = $row->{rx_time_ns} if $row->{rx_time_ns} ne '' &&
					($rx{$_} // 9e18) > $row->{rx_time_ns};
			}
		}
		for my $row (@got) {
			push @have, map { "$atoms[$_] $row->{tx_time_ns} $row->{rx_time_ns}" }
				$index{$row->{from}} .. $index{$row->{to}} - 1;
		}
		is_row([sort @have], [sort map { "$atoms[$_] $tx{$_} $rx{$_}" } keys %tx],
			"-d, $name, $dir: first sent and first come");
	}
}

# ---- Other forms.

if (unpack_pair('nat')) {
	my $want = output('mptcp-owd -k client.nat server.nat');
	output("mptcp-extract $_.nat > $_.tsv") for qw(client server);
	is(output('mptcp-owd -k client.tsv server.tsv'), $want, 'of tables');
	is(output('mptcp-owd -k client.nat server.tsv'), $want, 'of a capture and a table');
	output('mptcp-map client.nat server.nat > map');
	my $sorted = join '', sort split /^/, $want;
	is(output('mptcp-owd -M map -k client.nat server.nat | sort'), $sorted,
		'with the table of mptcp-map');
	output('mptcp-map -N - client.nat server.nat > map');
	is(output('mptcp-owd -N - -M map -k client.nat server.nat | sed "s/\t-/\t/g" | sort'), $sorted,
		'and with missing cells written otherwise');
	like(output('mptcp-owd client.nat client.nat 2>&1 >other'), qr/may be one capture/,
		'twice the same file: said');
	unlike(output('mptcp-owd client.nat server.nat 2>&1 >other'), qr/may be one capture/,
		'two captures: not');
	my ($note) = output('mptcp-owd -k -C none server.nat client.nat 2>&1 >other') =~ /(.*)/;
	like($note, qr/A was taken at the server/, 'the other way round: said');
	is(join("\n", sort split /^/, output('cut -f 4- other')),
		join("\n", sort split /^/, output('mptcp-owd -k -C none client.nat server.nat | cut -f 4-')),
		'the same rows');
	# from pipes, but for the estimate and for copies so far
	my $sort = 'cut -f 1-12,14-16,18 | LC_ALL=C sort';
	is(output("cat server.nat | mptcp-owd -k client.nat - | $sort"),
		output("mptcp-owd -k client.nat server.nat | $sort"), 'one from a pipe');
	system('mkfifo', 'a', 'b');
	system('cat client.nat > a & cat server.nat > b &');
	is(output("mptcp-owd -k a b | $sort"), output("mptcp-owd -k client.nat server.nat | $sort"),
		'both from pipes');
	my @rows = owd('-k client.nat server.nat');
	my @summary = owd('-k -s client.nat server.nat');
	for my $s (@summary) {
		my @own = grep { $_->{stream} == $s->{stream} && $_->{dir} eq $s->{dir} } @rows;
		my @delays = sort { $a <=> $b } map { $_->{owd_s} } @own;
		my $name = "-s, stream $s->{stream}, $s->{dir}";
		is($s->{sent}, scalar @own, "$name: sent");
		is("$s->{owd_min_s} $s->{owd_max_s}", "$delays[0] $delays[-1]", "$name: extremes");
		for my $p (50, 90, 99) {
			my $exact = $delays[int(($p * @delays + 99) / 100) - 1];
			cmp_ok(abs($s->{"owd_p${p}_s"} - $exact), '<=', $exact / 256 + 1e-9, "$name: quantile $p");
		}
		my @steps = map { abs($own[$_]{owd_s} - $own[$_ - 1]{owd_s}) } 1 .. $#own;
		cmp_ok(abs($s->{jitter_s} - sum0(@steps) / @steps), '<', 2e-9, "$name: jitter")
			if !$s->{reordered};
	}
}

# ---- A path that loses nothing, and takes 60 us, with much sent again.

output("gencap -n 40000 -k 0 -c 5 -w 100 -x 5 -e $_ > many.$_") for 0, 1;
for my $files ('many.0 many.1', '-C none many.0 many.1', 'pipes') {
	my $operands = $files;
	if ($files eq 'pipes') {
		system('rm -f a b; mkfifo a b; cat many.0 > a & cat many.1 > b &');
		$operands = '-C none a b';
	}
	my @rows = owd("-k $operands");
	my %fates;
	$fates{$_->{fate}}++ for @rows;
	is(join(' ', keys %fates), 'arrived', "$files: all arrives, and nothing twice");
	is(scalar(grep { $_->{owd_s} ne '0.000060000' || !$_->{clean} } @rows), 0,
		"$files: every delay is right");
	cmp_ok(scalar(grep { $_->{match} ne 'only' } @rows), '>', 100,
		"$files: though many copies were to be told apart");
}

# ---- Read once or more often.

# What has to be read again says nothing twice, and nothing too little.
output('restamp -o 5 many.1 > other; head -c 3000000 other > cut.other; head -c 3000000 many.1 > cut.1');
for ('many.0 cut.1', '-C none many.0 cut.1', 'many.0 cut.other', '-C linear many.0 cut.1') {
	my $said = () = output("mptcp-owd $_ 2>&1 >rows; true") =~ /truncated/g;
	is($said, 1, "$_: what is wrong far behind the beginning is said once");
}
# JOINs that were refused are never known to be the same before they are over
if (unpack_pair('many')) {
	my $columns = 'cut -f 1-16,18 | LC_ALL=C sort';
	is(output("mptcp-owd -k client.many server.many | $columns"),
		output("mptcp-owd -k -C none client.many server.many | $columns"),
		'refused JOINs: the same rows with and without regard to clocks');
	is(output("mptcp-owd -k -t client.many server.many | $columns"),
		output("mptcp-owd -k client.many server.many | $columns"),
		'and with plain TCP, of which there is none');
}

# ---- Memory: what is joined has all that the streams leave of the budget.

output("gencap -n 60000 -k 0 -c 200 -e $_ > alive.$_") for 0, 1;
is(output('mptcp-owd -B 20 alive.0 alive.1 2>&1; true'), output('mptcp-owd alive.0 alive.1'),
	'400 streams at once in 20 MiB: none is given up');

# ---- A capture pair of plain TCP, whole packets of which others matched 741 of 748.
SKIP: {
	my ($a, $b) = map { "$shared/captures/reference/${_}_1_tcp_only.pcap.gz" } qw(client server);
	skip 'no such captures here', 2 if !-e $a;
	my ($row) = grep { $_->{stream} == 1 && $_->{dir} eq 'c2s' } owd("-t -k -s $a $b");
	is("$row->{sent} $row->{arrived} $row->{lost}", '748 741 7', 'plain TCP: as by whole packets');
	is($row->{owd_min_s}, '0.050008551', 'the minimum, to the nanosecond');
}

done_testing;
