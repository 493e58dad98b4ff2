#!/usr/bin/env perl
# mptcp-map on streams that look alike: ports, keys and tokens used again, in
# one capture or in both; on half of what there was; and what it says when
# nothing matches.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use Test::More;

my $here = abs_path(dirname($0));
my $bin = abs_path($ENV{BIN} // "$here/..");
$ENV{PATH} = "$bin:$here:$ENV{PATH}";
my $dir = tempdir(CLEANUP => 1);

# A capture of these lines of a description, see craft.
sub capture {
	my ($name, @lines) = @_;
	open my $f, '>', "$dir/$name.case" or die;
	print $f map { "$_\n" } @lines;
	close $f or die;
	system("craft $dir/$name.case >$dir/$name.pcap") == 0 or die "craft: $?";
}

# Run mptcp-map on two of them: status, message, pairs of streams, all rows.
sub map_of {
	my ($x, $y, $options) = @_;
	my @lines = `mptcp-map $options $dir/$x.pcap $dir/$y.pcap 2>$dir/err`;
	my $status = $? >> 8;
	chomp(my ($header, @rows) = @lines);
	my @names = split /\t/, $header;
	my @cells = map {
		my %row;
		@row{@names} = split /\t/, $_, -1;
		\%row;
	} @rows;
	open my $f, '<', "$dir/err" or die;
	my $err = join '', <$f>;
	my @pairs = map { "$_->{stream_a}=$_->{stream_b}" } grep { $_->{matched} } @cells;
	return ($status, $err, join(' ', sort @pairs), @cells);
}

sub matches {
	my ($x, $y, $options, $want, $name) = @_;
	my ($status, $err, $pairs) = map_of($x, $y, $options);
	is($pairs, $want, $name);
	is("$status $err", '0 ', "$name: status, no message");
}

sub no_match {
	my ($x, $y, $options, $name) = @_;
	my ($status, $err, $pairs, @rows) = map_of($x, $y, $options);
	is(scalar @rows, 0, "$name: no row");
	is($status, 1, "$name: status 1");
	like($err, qr/\Amptcp-map: .*both captures.*\n\z/, "$name: one line says so");
}

# A stream of plain TCP in one flow; with time stamps from $ts on, if given.
sub tcp_stream {
	my ($flow, $ts) = @_;
	my $n = 0;
	return map {
		my $us = defined $ts ? sprintf ' ts=%d,%d', $ts + $n, $n ? $ts + $n - 1 : 0 : '';
		$n++;
		"$flow $_$us";
	} '> S', '< SA', '> A', '> PA len=500', '< A', '> PA len=70', '< PA len=8',
		'> FA', '< FA', '> A';
}

# Ports used again at once, by streams of the same lengths.
for my $ts ('with time stamps', 'without') {
	my $on = $ts =~ /with /;
	my @flows = map { "flow p$_ - 10.0.1.1:40000 10.0.9.1:80 isn=" .
		join ',', map { $_ * 77_000_003 % 4_294_967_291 } $_ + 1, $_ + 900 } 0 .. 299;
	my @stream = map { [tcp_stream("p$_", $on ? 5000 + 200_000 * $_ : undef),
		'wait 9'] } 0 .. 299;
	capture('first', @flows, @{ $stream[0] });
	capture('second', @flows, 'wait 20', @{ $stream[1] });
	capture('two', @flows, @stream[0, 1] > 1 ? map { @$_ } @stream[0, 1] : ());
	capture('three', @flows, map { @$_ } @stream[2, 0, 1]);
	capture('all', @flows, map { @$_ } @stream);
	capture('late', @flows, map { @$_ } @stream[200 .. 299]);
	matches('two', 'two', '-t', '0=0 1=1', "ports used again, $ts");
	matches('two', 'three', '-t', '0=1 1=2', "and once more in B, $ts");
	matches('first', 'two', '-t', '0=0', "only the first in A, $ts");
	matches('two', 'second', '-t', '1=0', "only the second in B, $ts");
	no_match('first', 'second', '-t', "one in A, another in B, $ts");
	matches('all', 'all', '-t', join(' ', sort map { "$_=$_" } 0 .. 299),
		"used 300 times, $ts");
	matches('late', 'all', '-t', join(' ', sort map { "$_=" . ($_ + 200) } 0 .. 99),
		"of which A has the last, $ts");
}

# Behind a NAT, without time stamps, handshakes and mappings: the numbers are left.
capture('plain', 'flow p - 10.0.1.1:40000 10.0.9.1:80', 'flow q - 10.0.1.1:40001 10.0.9.1:80',
	tcp_stream('p'), tcp_stream('q'));
system("firewall -k -n 10.0.1.1=9.9.9.9 -n 10.0.9.1=8.8.8.8 $dir/plain.pcap >$dir/nat.pcap") == 0 or die;
matches('plain', 'nat', '-t', '0=0 1=1', 'a NAT, no time stamps, no SYN');

# An MPTCP connection: its first subflow, a JOIN, and data on both.
sub mptcp_conn {
	my ($a, $b, $ts) = @_;
	my $n = $ts;
	return map { sprintf '%s ts=%d,%d', $_, $n += 3, $n - 5 }
		"$a > S mp_capable", "$a < SA mp_capable", "$a > A mp_capable",
		"$a > PA len=100 dss dsn8=0 ack8=0", "$a < A dss ack8=100",
		$b ? join_lines($b) : ();
}

sub join_lines {
	my ($b) = @_;
	return ("$b > S mp_join", "$b < SA mp_join", "$b > A mp_join",
		"$b < A dss ack8=100", "$b > PA len=50 dss dsn8=100 ack8=0",
		"$b < A dss ack8=150");
}

# The same keys twice, as of a host whose random numbers are not, or of traffic
# that is played again.
my @reused = ('conn C 0102030405060708 1112131415161718',
	'conn D 0102030405060708 1112131415161718',
	'flow a C 10.0.1.1:40000 10.0.9.1:80 isn=1000,2000',
	'flow b C 10.0.2.1:40001 10.0.9.1:80 isn=3000,4000 nonce=01020304,05060708',
	'flow c D 10.0.1.1:40002 10.0.9.1:80 isn=50000,60000',
	'flow d D 10.0.2.1:40003 10.0.9.1:80 isn=70000,80000 nonce=11020304,15060708');
my @c = mptcp_conn('a', 'b', 1000);
my @d = mptcp_conn('c', 'd', 9_000_000);
capture('cd', @reused, @c, 'wait 5', @d);
capture('dc', @reused, @d, 'wait 5', @c);
capture('c', @reused, @c);
capture('d', @reused, 'wait 8', @d);
matches('cd', 'cd', '', '0=0 1=1 2=2 3=3', 'keys used again');
matches('cd', 'dc', '', '0=2 1=3 2=0 3=1', 'in the other order');
matches('d', 'cd', '', '0=2 1=3', 'only the second in A');
matches('cd', 'c', '', '0=0 1=1', 'only the first in B');
no_match('c', 'd', '', 'one in A, another in B');
my (undef, undef, undef, @all) = map_of('cd', 'cd', '-a');
is(scalar(grep { $_->{matched} } @all), 4, '-a: the matches');
cmp_ok(scalar @all, '>', 4, '-a: and others');
is(join(' ', map { $_->{score} } @all),
	join(' ', sort { $b <=> $a } map { $_->{score} } @all), '-a: best first');

# Two servers' keys that hash to the same token, 0x7357966a.
my @twins = ('conn C 0102030405060708 000000000000c66f',
	'conn D 0102030405060709 000000000000e658', @reused[2 .. 5]);
capture('both', @twins, mptcp_conn('a', 'b', 1000), mptcp_conn('c', 'd', 9000));
capture('joins', @twins, join_lines('d'), join_lines('b'));
capture('one', @twins, mptcp_conn('a', 'b', 1000));
capture('other', @twins, join_lines('d'));
matches('both', 'both', '', '0=0 1=1 2=2 3=3', 'two tokens that are the same');
matches('both', 'joins', '', '1=1 3=0', 'and B has only the JOINs');
matches('joins', 'both', '', '0=3 1=1', 'or A');
no_match('one', 'other', '', 'one in A, only the other in B');

# Capture each interface at each end: only connections are the same.
capture('initial', @reused, mptcp_conn('a', undef, 1000));
capture('join', @reused, join_lines('b'));
my ($status, $err, undef, @rows) = map_of('initial', 'join', '');
is("$status $err", '0 ', 'a subflow in each: status, no message');
is(join(' ', map { "$_->{conn_a}=$_->{conn_b} $_->{stream_a}$_->{stream_b} " .
	"$_->{evidence} $_->{matched}" } @rows), '0=0  token 1',
	'a row for the connection alone');

# The server opened the subflow; the client is the connection's.
capture('server', @reused[0, 2, 3], mptcp_conn('a', undef, 1000),
	'b < S mp_join', 'b > SA mp_join', 'b < A mp_join', 'b > A dss ack8=0',
	'b > PA len=50 dss dsn8=100 ack8=0');
matches('server', 'server', '', '0=0 1=1', 'a subflow that the server opened');
(undef, undef, undef, @rows) = map_of('server', 'server', '');
is(join(' ', map { "$_->{src_a} $_->{src_b}" } sort { $a->{stream_a} <=> $b->{stream_a} }
	@rows), '10.0.1.1 10.0.1.1 10.0.2.1 10.0.2.1', 'its client is the client');

# Where the capture began late the higher port is taken for the client, and the
# other capture knows better.
capture('high', 'conn C 0102030405060708 1112131415161718',
	'flow a C 10.0.1.1:4000 10.0.9.1:50000', mptcp_conn('a', undef, 1000),
	'a > PA len=70 dss dsn8=100 ack8=0', 'a < A dss ack8=170');
system("firewall -k -b 0.003 $dir/high.pcap >$dir/late.pcap") == 0 or die;
for (['high', 'late'], ['late', 'high'], ['late', 'late']) {
	(undef, undef, undef, @rows) = map_of(@$_, '');
	is(join(' ', map { "$_->{stream_a}=$_->{stream_b} $_->{sport_a} $_->{sport_b} " .
		"$_->{isn_shift_c2s}" } @rows), $_->[0] eq $_->[1] ? '0=0 50000 50000 0' :
		'0=0 4000 4000 0', "the client of @$_");
}

# Options stripped between the captures: MPTCP in A, plain TCP in B.
my @stripped = tcp_stream('a', 1000);
capture('asked', @reused[0, 2], map { s/> S\b/> S mp_capable/r } @stripped);
capture('refused', $reused[2] =~ s/ C / - /r, @stripped);
($status, $err, my $pairs, @rows) = map_of('asked', 'refused', '');
is("$status $err$pairs", '0 0=0', 'MPTCP in A alone: a match');
is("$rows[0]{conn_a},$rows[0]{conn_b}", '0,', 'of a connection with none');
no_match('refused', 'refused', '', 'plain TCP without -t');
like((map_of('refused', 'refused', ''))[1], qr/-t/, 'which is named');
done_testing;
