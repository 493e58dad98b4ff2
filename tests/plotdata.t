#!/usr/bin/env perl
# mptcp-plotdata against what follows from the rows of mptcp-extract, counted
# here, and against the totals of mptcp-conns and mptcp-subflows.
use strict;
use warnings;
use List::Util qw(max min sum0);
use Test::More;

my $bin = $ENV{BIN} // '.';
my $captures = ($ENV{SHARED} // '../shared') . '/captures';
# of each kind of trouble one
my @files = -d $captures ?
	map { glob "$captures/$_.pcap.gz" } qw(handover/client asym-hol/server loss/server
		bidir/client backup/client midcapture/server basic/client.c1 snap96/client
		csum-fail-single/client fallback-data/server abort-server/server tfo/*
		reference/iperf-mptcp-0-0 reference/tcpdump-mptcp-v1)
	: glob 'examples/*.pcap.gz';
@files = grep { -e } @files;
plan skip_all => "no captures in $captures or examples" if !@files;
diag("no $captures: only the captures of the checkout") if !-d $captures;

# The rows of a table as hashes.
sub rows {
	open my $in, '-|', @_ or die "$_[0]: $!\n";
	chomp(my @lines = <$in>);
	close $in;
	my @names = split /\t/, shift(@lines) // '';
	return map { my %row; @row{@names} = split /\t/, $_, -1; \%row } @lines;
}

sub plot {
	return rows("$bin/mptcp-plotdata", @_);
}

# How many differ of two lists, and the first.
sub alike {
	my ($got, $want, $name) = @_;
	my @bad = grep { ($got->[$_] // 'none') ne ($want->[$_] // 'none') }
		0 .. max(scalar @$got, scalar @$want) - 1;
	ok(!@bad, $name) or diag(@bad . ' of ' . @$want . " differ, first $bad[0]: '" .
		($got->[$bad[0]] // 'none') . "', not '" . ($want->[$bad[0]] // 'none') . "'");
}

# Every number must be as near as its last digit says.
sub near {
	my ($got, $want, $within, $name) = @_;
	cmp_ok(abs($got - $want), '<=', $within, $name) or diag("$got, not $want");
}

sub cell { join ' ', @{ $_[0] }{ @_[1 .. $#_] } }

# Of plain columns there is nothing to be done but to choose.
sub check_columns {
	my ($file, $name, @rows) = @_;
	my @mine = grep { $_->{conn} ne '' } @rows;
	my %first;
	$first{ $_->{conn} } = $first{ $_->{conn} } && $first{ $_->{conn} } < $_->{time_ns} ?
		$first{ $_->{conn} } : $_->{time_ns} for @mine;
	my %choice = (
		'attr -y len' => [len => sub { 1 }], 'attr -y win_bytes' => [win_bytes => sub { 1 }],
		'attr -y dss_ssn' => [dss_ssn => sub { 1 }],
		ack => [rel_ack => sub { 1 }],
		win => [win_bytes => sub { $_[0]{flags} !~ /[SR]/ }],
	);
	for my $kind (sort keys %choice) {
		my ($column, $chosen) = @{ $choice{$kind} };
		my @want = map { cell($_, qw(conn stream dir pkt)) . ' ' . ($_->{$column} =~ s/,.*//r) }
			grep { $_->{$column} =~ /^-?\d/ && $chosen->($_) } @mine;
		my @got = map { cell($_, qw(conn stream dir pkt y)) } plot(split(' ', $kind), $file);
		alike(\@got, \@want, "$name: $kind");
	}
	my @got = map { "$_->{pkt} $_->{y} $_->{len}" } plot('seq', $file);
	my @want = map { "$_->{pkt} " . ($_->{rel_seq} + ($_->{flags} =~ /S/ ? 1 : 0)) . " $_->{len}" }
		grep { $_->{len} && $_->{rel_seq} ne '' } @mine;
	alike(\@got, \@want, "$name: seq");
}

# By connection and direction, sums of what there is a word for.
sub sums {
	my ($what, $group, @rows) = @_;
	my %sum;
	$sum{ $group->($_) } += $_->{$what} for @rows;
	return \%sum;
}

sub check_data {
	my ($file, $name, $subflows, @rows) = @_;
	my @dsn = plot('dsn', $file);
	# the first byte of each segment that has a DSN
	my %at = map { ("$_->{pkt} $_->{y}" => 1) } @dsn;
	my @lost = grep { $_->{conn} ne '' && $_->{len} && $_->{dsn} ne '' &&
		!$at{"$_->{pkt} $_->{dsn}"} } @rows;
	is(scalar @lost, 0, "$name: dsn: each segment with data");
	my %key = (new => 'new_bytes', reinject => 'reinject_bytes', dup_sf => 'dup_sf_bytes');
	my $sum = sums('len', sub { "$_[0]{stream} $_[0]{dir} $_[0]{kind}" }, @dsn);
	my @bad;
	for my $f (@$subflows) {
		for my $dir (qw(c2s s2c)) {
			for my $kind (keys %key) {
				my $want = $f->{"${dir}_$key{$kind}"};
				my $got = $sum->{"$f->{stream} $dir $kind"} // 0;
				push @bad, "$f->{stream} $dir $kind: $got, not $want"
					if $want ne '' && $got != $want;
			}
		}
	}
	is(join('; ', @bad), '', "$name: dsn: what is new, what is sent again");
	# interarrival and blocks follow from what is new, in its order
	my (%last, @wait, %block, @blocks);
	for (grep { $_->{kind} eq 'new' } @dsn) {
		my $k = "$_->{conn} $_->{dir}";
		my $before = $last{$k};
		if ($before && $_->{x} >= $before->{x}) {
			push @wait, "$_->{conn} $_->{dir} $_->{pkt} " .
				($before->{sf} == $_->{sf} ? "sf$_->{sf}" : "sf$before->{sf}>sf$_->{sf}") .
				sprintf(' %.9f', $_->{x} - $before->{x});
		}
		my $b = $block{$k};
		if (!$b || $b->{sf} != $_->{sf}) {
			push @blocks, $b = $block{$k} = { %$_, bytes => 0 };
		}
		$b->{bytes} += $_->{len};
		$last{$k} = $_;
	}
	alike([sort map { cell($_, qw(conn dir pkt series y)) } plot('interarrival', $file)],
		[sort @wait], "$name: interarrival");
	alike([sort map { cell($_, qw(conn dir pkt series y)) } plot('blocks', $file)],
		[sort map { "$_->{conn} $_->{dir} $_->{pkt} sf$_->{sf} $_->{bytes}" } @blocks],
		"$name: blocks");
}

sub check_rates {
	my ($file, $name, $conns, $subflows, @rows) = @_;
	my $dir_sum = sub { my ($what, $k) = @_; sum0(map { $_->{"c2s_$what"} || 0 } @$k) .
		' ' . sum0(map { $_->{"s2c_$what"} || 0 } @$k) };
	for my $bin (0.1, 0.037) {
		for my $kind (qw(goodput throughput)) {
			my @points = plot($kind, '-b', $bin, $file);
			my %bytes = (c2s => 0, s2c => 0);
			my ($bits, $parts) = (0, 0);
			for (grep { $_->{series} eq 'total' } @points) {
				$bytes{ $_->{dir} } += $_->{len};
				$bits += $_->{y} * $bin;
			}
			$parts += $_->{len} for grep { $_->{series} ne 'total' } @points;
			is("$bytes{c2s} $bytes{s2c}", $dir_sum->($kind eq 'goodput' ?
				'new_bytes' : 'sent_bytes', $subflows), "$name: $kind -b $bin: bytes");
			is($parts, $bytes{c2s} + $bytes{s2c}, "$name: $kind -b $bin: subflows and total");
			near($bits / 8, $bytes{c2s} + $bytes{s2c}, 0.1 * $bin * @points + 1e-3,
				"$name: $kind -b $bin: its integral");
		}
	}
	my %last = map { ("$_->{conn} $_->{dir} $_->{series}" => $_->{y}) } plot('goodput', '-C', $file);
	is(sum0(map { /total/ ? $last{$_} : () } keys %last),
		sum0(map { ($_->{c2s_new_bytes} || 0) + ($_->{s2c_new_bytes} || 0) } @$subflows),
		"$name: goodput -C: the last of it");
	my $share = sums('y', sub { cell($_[0], qw(conn dir x)) }, plot('share', $file));
	is(scalar(grep { abs($_ - 1) > 1e-5 } values %$share), 0, "$name: share: sums to 1");
}

sub check_times {
	my ($file, $name, $conns, $subflows, @rows) = @_;
	my (%n, %sum, %weight, %mean);
	for (plot('rtt', $file)) {
		$n{"$_->{stream} $_->{dir}"}++;
		$sum{"$_->{stream} $_->{dir}"} += $_->{y};
	}
	my @bad;
	for my $f (@$subflows) {
		for my $d (qw(c2s s2c)) {
			my $n = $n{"$f->{stream} $d"} // 0;
			push @bad, "$f->{stream} $d: $n" if ($f->{"${d}_rtt_samples"} || 0) != $n;
			push @bad, "$f->{stream} $d: mean" if $n &&
				abs($sum{"$f->{stream} $d"} / $n - $f->{"${d}_rtt_mean_s"}) > 1e-8;
		}
	}
	is(join('; ', @bad), '', "$name: rtt: samples and means");
	for (plot('data_rtt', $file)) {
		$weight{"$_->{conn} $_->{dir}"} += $_->{len};
		$mean{"$_->{conn} $_->{dir}"} += $_->{len} * $_->{y};
	}
	@bad = ();
	for my $c (@$conns) {
		for my $d (qw(c2s s2c)) {
			my $k = "$c->{conn} $d";
			my $want = $c->{"${d}_data_rtt_mean_s"};
			next if $want eq '' && $c->{"${d}_new_bytes"} // '' eq '';
			push @bad, $k if ($want eq '') != !$weight{$k} ||
				$want ne '' && abs($mean{$k} / $weight{$k} - $want) > 1e-8;
		}
	}
	is(join('; ', @bad), '', "$name: data_rtt: means, by bytes");
	# flights: the largest of each is a figure too
	my %most;
	for (plot('inflight', $file)) {
		my $k = "$_->{conn} $_->{dir} $_->{series}";
		$most{$k} = $_->{y} if ($most{$k} // 0) < $_->{y};
	}
	@bad = ();
	for my $f (@$subflows) {
		for my $d (qw(c2s s2c)) {
			my $want = $f->{"${d}_inflight_max_bytes"} || 0;
			my $got = $most{"$f->{conn} $d sf$f->{sf}"} // 0;
			push @bad, "$f->{stream} $d: $got, not $want" if $got != $want;
		}
	}
	is(join('; ', @bad), '', "$name: inflight: the largest");
	# each data ACK above all before it
	my (%ack, %acked);
	for (@rows) {
		next if $_->{conn} eq '' || $_->{dack} eq '';
		my $k = "$_->{conn} " . ($_->{dir} eq 'c2s' ? 's2c' : 'c2s');
		$ack{$k} = $_->{dack} if $_->{dack} > ($ack{$k} // 0);
	}
	$acked{"$_->{conn} $_->{dir}"} += $_->{y} for plot('acksize', $file);
	@bad = grep { ($acked{$_} // 0) != $ack{$_} } sort keys %ack;
	@bad = () if $name =~ /fallback|midcapture|csum-fail-single|\.c1\./;	# no start, or no end, of data ACKs
	is("@bad", '', "$name: acksize: the sum");
}

# What is drawn otherwise is the same.
sub check_forms {
	my ($file, $name) = @_;
	my @all = plot('dsn', '-k', $file);
	my @few = plot('dsn', '-k', '-n', 50, $file);
	my (%n, %low, %high, %low_few, %high_few);
	my $key = sub { cell($_[0], qw(conn dir series)) };
	for ([\@all, \%low, \%high], [\@few, \%low_few, \%high_few]) {
		my ($rows, $least, $most) = @$_;
		for (@$rows) {
			my $k = $key->($_);
			$least->{$k} = $_->{y} if ($least->{$k} // $_->{y}) >= $_->{y};
			$most->{$k} = $_->{y} if ($most->{$k} // $_->{y}) <= $_->{y};
		}
	}
	$n{ $key->($_) }++ for @few;
	cmp_ok(max(0, values %n), '<=', 50, "$name: -n 50: as many at most");
	is_deeply([\%low_few, \%high_few], [\%low, \%high], "$name: -n 50: all extremes");
	my %there = map { (join(' ', map { $_ // '' } %$_{sort keys %$_}) => 1) } @all;
	is(scalar(grep { !$there{ join ' ', map { $_ // '' } %$_{sort keys %$_} } } @few), 0,
		"$name: -n 50: points that there are");
	my @want = plot('rtt', $file);
	my %values;
	push @{ $values{ $key->($_) } }, $_->{y} for @want;
	my @cdf;
	for my $k (sort keys %values) {
		my @v = sort { $a <=> $b } @{ $values{$k} };
		for (0 .. $#v) {
			push @cdf, sprintf '%s %s %.6f', $k, $v[$_], ($_ + 1) / @v
				if $_ == $#v || $v[$_] ne $v[$_ + 1];
		}
	}
	my @got = map { sprintf '%s %s %.6f', $key->($_), $_->{x}, $_->{y} } plot('rtt', '-D', $file);
	@$_ = map { s/(\d{6})$/$1/r } sort @$_ for \@got, \@cdf;
	is(scalar @got, scalar @cdf, "$name: rtt -D: as many steps");
	is(scalar(grep { my ($g) = $got[$_] =~ /(\S+)$/; my ($w) = $cdf[$_] =~ /(\S+)$/;
		abs($g - $w) > 1.1e-6 || $got[$_] =~ s/\S+$//r ne $cdf[$_] =~ s/\S+$//r } 0 .. $#cdf), 0,
		"$name: rtt -D: its steps");
}

# Delays of two captures are those that mptcp-owd finds in them, and known by the
# paths and the time that all other kinds go by.
sub check_pair {
	my ($client, $server, $name) = @_;
	my $columns = 'series,conn,stream,dir,x,y,len,kind,pkt,dsn,sf';
	my @pair = (owd => '-2', $server, $client);
	for ([''], ['-t'], ['', '-d', 's2c'], ['', '-n', 50], ['', '-c', 0]) {
		my ($given, @options) = @$_;
		my @got = `$bin/mptcp-plotdata -A -o $columns @options $given @pair 2>&1`;
		my @want = `{ $bin/mptcp-owd $given $client $server |
			$bin/mptcp-plotdata owd -A -o $columns @options; } 2>&1`;
		s/^mptcp-\w+: // for @got, @want;	# what is said of the clocks
		alike([sort @got], [sort @want], "$name: owd -2: mptcp-owd $given, owd @options");
		cmp_ok(scalar @got, '>', 40, "$name: and there are points") if !@options;
	}
	my %start = map { ($_->{conn} => $_->{start_ns}) } rows("$bin/mptcp-conns", $client);
	my %path = map { (cell($_, qw(conn dir series)) => $_->{path}) } plot('seq', $client);
	my @rows = plot(@pair);
	my @epoch = map { $_->{x} } plot('-A', @pair);
	my @bad = grep { my $r = $rows[$_];
		abs($epoch[$_] - $r->{x} - $start{$r->{conn}} / 1e9) > 1e-6 ||
		$r->{path} ne $path{ cell($r, qw(conn dir series)) } } 0 .. $#rows;
	is(scalar @bad, 0, "$name: owd -2: x from the first packet, paths of A");
}

for my $file (@files) {
	(my $name = $file) =~ s{^\Q$captures\E/}{};
	my @rows = rows("$bin/mptcp-extract", $file);
	my @subflows = rows("$bin/mptcp-subflows", $file);
	my @conns = rows("$bin/mptcp-conns", $file);
	check_columns($file, $name, @rows);
	check_data($file, $name, \@subflows, @rows);
	check_rates($file, $name, \@conns, \@subflows, @rows);
	check_times($file, $name, \@conns, \@subflows, @rows);
	check_forms($file, $name);
}

for my $name (qw(nat handover tso-loss)) {
	my ($client, $server) = map {
		my $end = $_;
		(grep { -e } "$captures/$name/$end.pcap.gz", "examples/$name-$end.pcap.gz")[0];
	} qw(client server);
	check_pair($client, $server, $name) if $server;
}
done_testing();
