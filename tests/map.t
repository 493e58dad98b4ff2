#!/usr/bin/env perl
# mptcp-map against a matcher that compares every packet of one capture with
# every packet of the other, and, where a NAT or firewall was made to stand
# between them, against what that is known to have done.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use Test::More;

my $here = abs_path(dirname($0));
my $bin = abs_path($ENV{BIN} // "$here/..");
my $captures = ($ENV{SHARED} // "$here/../../shared") . '/captures';
$ENV{PATH} = "$bin:$here:$ENV{PATH}";
my $dir = tempdir(CLEANUP => 1);

sub run {
	my ($command) = @_;
	my $status = system('sh', '-c', $command);
	die "$command: status $status\n" if $status;
}

# A table as a list of hashes.
sub table {
	my ($command, $status) = @_;
	open my $in, '-|', "$command 2>$dir/err" or die "$command: $!\n";
	chomp(my @lines = <$in>);
	close $in;
	is($? >> 8, $status // 0, "$command: status") if $? >> 8 != ($status // 0);
	my @names = split /\t/, shift @lines;
	return map {
		my %row;
		@row{@names} = split /\t/, $_, -1;
		\%row;
	} @lines;
}

sub segments {
	return table('mptcp-extract -o pkt,time_ns,stream,conn,src,sport,dst,' .
		"dport,flags,seq,ack,len,tsval,tsecr,send_key,nonce,dss_dsn,dss_ssn $_[0]");
}

# The endpoints of a row: who sent it, and to whom.
sub source { return "$_[0]{src} $_[0]{sport}" }
sub target { return "$_[0]{dst} $_[0]{dport}" }

# Which stream of A is which of B: most packets are the same but for addresses.
sub brute {
	my ($first, $second) = @_;
	my (%seen, %common);
	for my $r (@$first) {
		$seen{"$r->{seq} $r->{ack} $r->{tsval}"}{$r->{stream}} = 1;
	}
	for my $r (@$second) {
		my $in = $seen{"$r->{seq} $r->{ack} $r->{tsval}"} // next;
		$common{"$_ $r->{stream}"}++ for keys %$in;
	}
	my (%to, %taken);
	for (sort { $common{$b} <=> $common{$a} || $a cmp $b } keys %common) {
		my ($x, $y) = split ' ';
		next if exists $to{$x} || $taken{$y}++;
		$to{$x} = $y;
	}
	return \%to;
}

# Each segment of what became of B with the one of B that it was.
sub origins {
	my ($old, $changed) = @_;
	my $i = 0;
	my @pairs;
	for my $r (@$changed) {
		$i++ while $i < @$old && ($old->[$i]{time_ns} != $r->{time_ns} ||
			$old->[$i]{len} != $r->{len} || $old->[$i]{flags} ne $r->{flags});
		die "a segment from nowhere\n" if $i == @$old;
		push @pairs, [$old->[$i++], $r];
	}
	return @pairs;
}

# What a stream can be told by in another capture: SYNs, time stamps, mappings,
# and packets at all; each as a set.
sub features {
	my %of;
	for my $r (@_) {
		my $f = $of{$r->{stream}} //= {};
		$f->{any}{$f->{n}++} = 1;
		$f->{syn}{$r->{flags}} = 1 if $r->{flags} =~ /S/;
		$f->{"syn " . source($r)} = 1 if $r->{flags} =~ /S/;
		$f->{ts}{"$r->{tsval} $r->{tsecr}"} = 1 if $r->{tsval} ne '';
		$f->{map}{substr($r->{dss_dsn}, -8) . " $r->{dss_ssn}"} = 1
			if $r->{dss_dsn} ne '' && $r->{dss_ssn} ne '0';
		$f->{name}{"$r->{send_key} $r->{nonce}"} = 1
			if "$r->{send_key}$r->{nonce}" ne '';
	}
	return \%of;
}

sub common {
	my ($kind, $x, $y) = @_;
	return scalar grep { $y->{$kind}{$_} } keys %{ $x->{$kind} // {} };
}

# Whether what is left of a stream in both captures tells that it is one.
sub is_telling {
	my ($x, $y, $what) = @_;
	return (common('syn', $x, $y) && $what !~ /SEQ/) ||
		common('map', $x, $y) || common('name', $x, $y) ||
		($what !~ /TS/ && common('ts', $x, $y) > 3);
}

# What mptcp-map has to print of A and of what became of B: by stream of A, the
# stream of B, whether it has to be found, and the shift of each end's numbers.
sub expected {
	my ($to, $a, $old_b, $b, $what) = @_;
	my (%from, %want);
	my ($of_a, $of_b) = (features(@$a), features(@$b));
	@from{values %$to} = keys %$to;
	for (origins($old_b, $b)) {
		my ($old, $new) = @$_;
		my $x = $from{$old->{stream}} // next;
		my $w = $want{$x} //= { stream => $new->{stream},
			telling => is_telling($of_a->{$x}, $of_b->{$new->{stream}}, $what),
			stamped => $what !~ /TS/ &&
				common('ts', $of_a->{$x}, $of_b->{$new->{stream}}) > 3 };
		die "two streams in one\n" if $w->{stream} != $new->{stream};
		$w->{shift}{source($new)} =
			unpack 'l', pack 'L', ($new->{seq} - $old->{seq}) & 0xffffffff;
		$w->{known}{source($new)} = 1 if $w->{stamped} ||
			($of_a->{$x}{'syn ' . source($old)} &&
				$of_b->{$new->{stream}}{'syn ' . source($new)});
	}
	return \%want;
}

# Compare: every match that has to be found, no wrong one, the right shifts.
sub check {
	my ($name, $want, $rows) = @_;
	my %left = %$want;
	my @wrong;
	for my $r (@$rows) {
		my $w = delete $left{$r->{stream_a}};
		if (!$w || $w->{stream} ne $r->{stream_b}) {
			push @wrong, "$r->{stream_a} is not $r->{stream_b} " .
				"($r->{evidence})";
			next;
		}
		my %shift = ("$r->{src_b} $r->{sport_b}" => $r->{isn_shift_c2s},
			"$r->{dst_b} $r->{dport_b}" => $r->{isn_shift_s2c});
		for my $end (sort keys %{ $w->{shift} }) {
			my $got = $shift{$end} // 'nothing';
			next if $got eq $w->{shift}{$end} ||
				($got eq '' && !$w->{known}{$end});
			push @wrong, "stream $r->{stream_a}: numbers of $end are " .
				"shifted by $w->{shift}{$end}, not '$got'";
		}
		my @nat = grep { $r->{"$_->[0]_a"} ne $r->{"$_->[0]_b"} }
			['src', 'src_addr'], ['sport', 'src_port'],
			['dst', 'dst_addr'], ['dport', 'dst_port'];
		my $nat = join(',', map { $_->[1] } @nat) || 'none';
		push @wrong, "stream $r->{stream_a}: $nat was translated, not " .
			$r->{nat} if $nat ne $r->{nat};
	}
	push @wrong, "$_ is $want->{$_}{stream}, which was not found"
		for sort { $a <=> $b } grep { $left{$_}{telling} } keys %left;
	ok(!@wrong, $name) or diag(join "\n", @wrong[0 .. ($#wrong < 9 ? $#wrong : 9)]);
}

# Each endpoint's address, and another one for it.
sub translations {
	my %other;
	for my $r (@_) {
		for my $addr ($r->{src}, $r->{dst}) {
			my $n = keys %other;
			$other{$addr} //= $addr =~ /:/ ? "2001:db8::$n" : "198.51.100." . (250 - $n);
		}
	}
	return \%other;
}

# What may stand between the captures: its name, what is done to B as options of
# firewall (ADDR stands for each address), to A as well, how much is needed.
my @MIDDLEBOXES = (
	['nothing', ''],
	['a NAT', 'NAT'],
	['a firewall', 'SEQ'],
	['both', 'NAT SEQ'],
	['both, and other time stamps', 'NAT SEQ TS'],
	['both, B without SYNs', 'NAT SEQ -k'],
	['both, A and B without SYNs', 'NAT SEQ -k', '-k'],
	['both, and other time stamps, A and B without SYNs', 'NAT SEQ TS -k', '-k'],
);

sub options {
	my ($what, $other) = @_;
	$what =~ s/NAT/join ' ', map { "-n $_=$other->{$_} -p $_=" . length } sort keys %$other/e;
	$what =~ s/SEQ/join ' ', map { "-s $_" } sort keys %$other/e;
	$what =~ s/TS/join ' ', map { "-t $_" } sort keys %$other/e;
	return $what;
}

# Some of that for two captures of the same traffic.
sub check_pair {
	my ($name, $x, $y, @between) = @_;
	my @a = segments($x);
	my @b = segments($y);
	my $to = brute(\@a, \@b);
	my $other = translations(@a, @b);
	for (@between) {
		my ($what, $to_b, $to_a) = @$_;
		run('firewall ' . options($to_b, $other) . " $y >$dir/b.pcap");
		run('firewall ' . ($to_a // '') . " $x >$dir/a.pcap");
		my @changed_a = origins(\@a, [segments("$dir/a.pcap")]);
		my %now = map { $_->[0]{stream} => $_->[1]{stream} } @changed_a;
		my %to_now = map { $now{$_} => $to->{$_} }
			grep { exists $now{$_} } keys %$to;
		my @changed_b = segments("$dir/b.pcap");
		my $want = expected(\%to_now, [map { $_->[1] } @changed_a], \@b,
			\@changed_b, $to_b);
		my $status = (grep { $_->{telling} } values %$want) ? 0 : 1;
		check("$name: $what", $want,
			[table("mptcp-map -t $dir/a.pcap $dir/b.pcap", $status)]);
	}
}

sub unpacked {
	my ($file, $name) = @_;
	run("gzip -dc $file >$dir/$name.pcap");
	return "$dir/$name.pcap";
}

# Captures whose pairs are tried with all that may stand between; the others
# with nothing, or, if they are small, with a NAT and firewall that both
# captures begin behind.
my %all = map { $_ => 1 } qw(examples midcapture fallback-synack);
use constant SMALL => 300_000;	# bytes, packed

run("gencap -n 2000 -c 6 -s 3 -k 60 >$dir/many.pcap");
check_pair('generated', "$dir/many.pcap", "$dir/many.pcap", @MIDDLEBOXES);
for my $pair ([map { "$here/../examples/nat-$_.pcap.gz" } qw(client server)],
	map { [$_, s/client([^\/]*)$/server$1/r] } sort(glob("$captures/*/client.pcap.gz"),
		glob("$captures/reference/client*.pcap.gz"))) {
	my ($folder, $name) = $pair->[0] =~ /([^\/]*)\/([^\/]*)\.pcap.gz$/;
	check_pair("$folder/$name", unpacked($pair->[0], 'client'),
		unpacked($pair->[1], 'server'),
		@MIDDLEBOXES[$all{$folder} ? 0 .. $#MIDDLEBOXES :
			-s $pair->[0] < SMALL ? (6) : (0)]);
}
done_testing;
