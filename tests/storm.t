#!/usr/bin/env perl
# Storms of packets that genstorm puts between those of honest connections: each
# tool stays below the memory that -B allows, says once what it gave up, and its
# rows of the honest connections are those of the capture without the storm.
#
# STORM=full: a million packets of each kind, each tool with -B 64, but with -B 128
# plots, which take more of each stream, and -2, which reads what was given up under
# other numbers; prints what each run took.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use Test::More;

my $full = ($ENV{STORM} // '') eq 'full';
my $packets = $full ? 1_000_000 : 50_000;
use constant FULL_MIB => 64;
use constant BESIDE_KIB => 10 << 10;	# what a tool takes beside its budget

my $here = abs_path(dirname($0));
my $bin = abs_path($ENV{BIN} // "$here/..");
$ENV{PATH} = "$bin:$here:$ENV{PATH}";
$ENV{LC_ALL} = 'C';
chdir tempdir(CLEANUP => 1) or die;
my $sanitized = qx(nm $bin/mptcp-conns 2>&1) =~ /__asan_init/;

# The kinds: of those of many streams a tool can't hold all in this budget, in MiB;
# of those of few connections it may.
my %many = (subflows => 3, map { $_ => 4 } qw(syn capable join stray open key));
my %few = map { $_ => 8 } qw(overlap dsn gaps option);

# How the tools are called; the last ones, of a kind, are taken in turns unless full.
my @tools = ('mptcp-extract', 'mptcp-conns', 'mptcp-conns -i 0.2', 'mptcp-subflows',
	'mptcp-subflows -t', 'mptcp-subflows -i 0.2', 'mptcp-reinject -r -w 256', 'mptcp-reinject -s -w 256',
	'mptcp-events');
my @plots = map { "mptcp-plotdata $_" } qw(dsn acksize rtt), 'rtt -D', qw(data_rtt hol ofo
	inflight share interarrival reinject throughput blocks events);

# Columns that number what is in the capture, or name it; how many copies there were to
# choose from depends on how far the other capture was read.
my %numbering = map { $_ => 1 } qw(conn stream pkt orig_pkt orig_stream iface
	conn_a conn_b stream_a stream_b tx_pkt rx_pkt match);

# Those of two captures; pairs of streams have to be found among those of the storm.
my @two = ('mptcp-map', 'mptcp-owd -C none', 'mptcp-owd -C none -d', 'mptcp-owd -C none -t');

# What a tool prints of the honest connections, sorted: rows with addresses, unless
# the storm has them, else with the name of one, a time of one of their packets, or
# one that is in its rows without a storm. No packet of a storm has one of those
# times: genstorm makes them even, and its own odd.
sub honest_rows {
	my ($file, $honest) = @_;
	open my $f, '<', $file or die "$file: $!\n";
	chomp(my $head = <$f> // '');
	my @names = split /\t/, $head;
	my @keep = grep { !$numbering{$names[$_]} } 0 .. $#names;
	my %at = map { $names[$_] => $_ } 0 .. $#names;
	my ($key) = grep { defined } @at{qw(conn_id time_ns tx_time_ns x)};
	my @ends = grep { defined } @at{qw(src dst src_a client server path)};
	my @rows;
	local $_;
	while (<$f>) {
		next if @ends && /172\.16\.0\.2\b/;
		chomp;
		my @cells = split /\t/, $_, -1;
		next if !grep({ $cells[$_] ne '' } @ends) && !$honest->{$cells[$key] =~ s/\.//r};
		push @rows, join "\t", @cells[@keep];
	}
	return [sort @rows];
}

# All of the key column of a table of honest connections are theirs.
sub add_keys {
	my ($file, $honest) = @_;
	open my $f, '<', $file or die "$file: $!\n";
	chomp(my $head = <$f> // '');
	my @names = split /\t/, $head;
	my ($x) = grep { $names[$_] eq 'x' } 0 .. $#names;
	local $_;
	while (defined $x && defined($_ = <$f>)) {
		$honest->{(split /\t/)[$x] =~ s/\.//r} = 1;
	}
}

# Run a tool with a budget. Returns its status, what it said, KiB, and seconds.
sub run {
	my ($tool, $mib, @operands) = @_;
	my ($name, @more) = split ' ', $tool;
	unlink 'took';
	my $status = system("cpu took $name -B $mib @more @operands >out 2>err") >> 8;
	open my $f, '<', 'took' or die "$tool: $!\n";
	my (undef, undef, $kib) = my @took = split ' ', <$f>;
	open my $err, '<', 'err' or die;
	return ($status, join('', <$err>), $kib, $took[0]);
}

# An operand is put behind the kind of mptcp-plotdata; x is since the epoch.
sub command {
	my ($tool) = @_;
	return $tool =~ s/(plotdata \S+)/$1 -A/r;
}

# All that is asked of a run; `must`: something has to be given up.
sub check {
	my ($name, $tool, $mib, $must, $honest, $want, @operands) = @_;
	my ($status, $said, $kib, $cpu) = run(command($tool), $mib, @operands);
	my $got = honest_rows('out', $honest);
	my ($short) = split ' ', $tool;

	$said =~ s/\A$short: [^\n]*can't be told\n//;	# without a verdict, for any reason
	if ($said eq '') {
		ok(!$must, "$name: nothing is given up, and need not be");
	} else {
		my $lines = join '', map { "(?:$short: \\d+ [^\\n]*$_\\n)?" }
			'given up early[^\n]*\(-B\)', 'forgotten', 'over within an interval[^\n]*',
			'have no verdicts[^\n]*\(-B\)';
		like($said, qr/\A$lines\z/, "$name: what was given up is said once");
		like($said, qr/given up early/, "$name: and had to be") if $must;
	}
	is($status, $said eq '' ? 0 : 1, "$name: the exit status says so");
	cmp_ok($kib, '<', ($mib << 10) + BESIDE_KIB, "$name: memory") unless $sanitized;
	is(scalar @$got, scalar @$want, "$name: honest rows");
	my ($differs) = grep { ($got->[$_] // '') ne $want->[$_] } 0 .. $#$want;
	ok(!defined $differs, "$name: they are right") or
		diag("got  $got->[$differs]\nwant $want->[$differs]");
	diag(sprintf '%-34s -B %3d: %3d MiB, %5.2f s; %s', $name, $mib, $kib >> 10, $cpu,
		$said =~ /: (\d+ streams)/ ? "$1 given up" : '-') if $full;
}

system('gencap -n 12000 -c 12 -s 2 -k 600 -w 8 -o -x 3 | genstorm syn 0 >honest.pcap') == 0 or die;
chomp(my @keys = qx(mptcp-extract -H -o time_ns honest.pcap; mptcp-conns -H -o conn_id honest.pcap));
my %honest = map { $_ => 1 } @keys;
my (%want, %keys);
for my $tool (@tools, @plots) {
	my ($name, @more) = split ' ', command($tool);
	system("$name @more honest.pcap >out") == 0 or die "$tool: status $?\n";
	add_keys('out', $keys{$tool} = {%honest});
	$want{$tool} = honest_rows('out', $keys{$tool});
	cmp_ok(scalar @{$want{$tool}}, '>', 10, "$tool: has rows of honest connections");
}
for my $kind (sort keys %many, keys %few) {
	my $least = $many{$kind} // $few{$kind};
	system("genstorm $kind $packets <honest.pcap >storm.pcap") == 0 or die "genstorm: $?\n";
	for (@tools, $full ? @plots : @plots[0 .. 3]) {
		my $mib = ($full ? FULL_MIB : $least) * (/plotdata/ ? 2 : 1);
		check("$kind, $_", $_, $mib, $many{$kind} && !$full, $keys{$_}, $want{$_},
			'storm.pcap');
	}
	push @plots, splice @plots, 0, 4;
}

# What has more gaps than are remembered is counted, whatever the budget.
{
	my $tool = 'mptcp-conns';

	system('genstorm gaps 400000 <honest.pcap >storm.pcap') == 0 or die "genstorm: $?\n";
	my ($status, $said) = run($tool, 1024, 'storm.pcap');
	like($said, qr/\A$tool: 20 streams and connections had [^\n]*forgotten\n\z/,
		'ten connections of one stream with too many gaps: said once');
	is($status, 1, 'and by the exit status');
	is_deeply(honest_rows('out', $keys{$tool}), $want{$tool}, 'others are right');
}

# The same with two captures, of both ends, in both of which is the storm.
system('gencap -n 12000 -c 12 -s 2 -k 600 -w 8 -x 3 >plain.pcap') == 0 or die;
for my $end (0, 1) {
	system("genstorm syn 0 $end <plain.pcap >honest$end.pcap") == 0 or die;
}
%honest = map { s/\D//gr => 1 } map { qx(mptcp-extract -H -o time_ns honest$_.pcap) } 0, 1;
for my $tool (@two) {
	system("$tool honest0.pcap honest1.pcap >out 2>err") == 0 or die "$tool: status $?\n";
	$want{$tool} = honest_rows('out', \%honest);
}
for my $kind ($full ? sort keys %many, keys %few : ('syn', 'join', 'open', 'option')) {
	my $mib = $full ? FULL_MIB : 16;
	for my $end (0, 1) {
		system("genstorm $kind $packets $end <plain.pcap >storm$end.pcap") == 0 or die;
	}
	check("$kind, $_", $_, $mib, $many{$kind} && !$full, \%honest, $want{$_},
		'storm0.pcap', 'storm1.pcap') for @two;
}

# What became of data sent again: that of a storm leaves no verdicts for its own.
my @far = ('mptcp-reinject -r -w 256 -2', 'mptcp-reinject -s -r -w 256 -2', 'mptcp-plotdata reinject -2');
for my $tool (@far) {
	my ($name, @more) = split ' ', command($tool);
	system("$name @more honest1.pcap honest0.pcap >out 2>err") == 0 or die "$tool: status $?\n";
	add_keys('out', \%honest);
	$want{$tool} = honest_rows('out', {%honest, map { $_ => 1 } @keys});
	cmp_ok(scalar @{$want{$tool}}, '>', 10, "$tool: has rows of honest connections");
}
for my $kind ($full ? sort keys %many, keys %few : ('open', 'overlap')) {
	my $mib = $full ? 2 * FULL_MIB : 16;
	for my $end (0, 1) {
		system("genstorm $kind $packets $end <plain.pcap >storm$end.pcap") == 0 or die;
	}
	check("$kind, $_", $_, $mib, 0, {%honest, map { $_ => 1 } @keys}, $want{$_},
		'storm1.pcap', 'storm0.pcap') for @far;
}

# Delays out of a table: that of one stream between rows of as many others, each of which
# is silent soon. If some come again after they were ended, that is said.
sub write_table {
	my ($file, $others, $again) = @_;
	open my $f, '>', $file or die;
	print $f "stream\tdir\ttx_time_ns\towd_s\tfate\n";
	for my $i (0 .. $others + $again) {
		my $stream = $i > $others ? $i - $others : $i;
		print $f "$stream\tc2s\t${i}000\t0.000001\tarrived\n" if $i;
		print $f "0\tc2s\t${i}001\t0.0000", 10 + $i % 89, "\tarrived\n" if $i % 1000 == 0;
	}
	close $f or die;
}
for my $again (0, 5) {
	my $tool = 'mptcp-plotdata owd -A -D';
	write_table('storm.tsv', 100_000, $again);
	my ($status, $said, $kib) = run($tool, 8, 'storm.tsv');
	is($said, $again ? "mptcp-plotdata: $again streams were given up early, as all would have taken more than 8 MiB (-B)\n" : '',
		"$tool: what is said of streams ended early, of which $again go on");
	is($status, $again ? 1 : 0, "$tool: the exit status says so");
	cmp_ok($kib, '<', (8 << 10) + BESIDE_KIB, "$tool: memory") unless $sanitized;
	is(qx(awk '\$3 == 0' out | cksum),
		qx(awk '\$1 == 0 || NR == 1' storm.tsv | mptcp-plotdata owd -D | awk '\$3 == 0' | cksum),
		"$tool: the stream that went on all the time is right");
}

# Where streams were given up, numbers of others are not those of the first reading:
# what became of theirs is not known then, rather than wrong.
{
	my $tool = $far[0];

	for my $end (0, 1) {
		system("genstorm gaps 50000 $end <plain.pcap >storm$end.pcap") == 0 or die;
	}
	my ($status, $said) = run($tool, 6, 'storm1.pcap', 'storm0.pcap');
	my %right = map { $_ => 1 } @{$want{$tool}};
	my @judged = grep { !/\t$/ } @{honest_rows('out', {%honest, map { $_ => 1 } @keys})};
	like($said, qr/given up early/, "$tool: streams were given up");
	cmp_ok(scalar @judged, '>', @{$want{$tool}} / 2, 'most have a verdict');
	is(scalar(grep { !$right{$_} } @judged), 0, 'and that is right');
}

done_testing;
