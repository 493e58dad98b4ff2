#!/usr/bin/env perl
# SIGINT and SIGTERM end a tool as the end of its input would, with its tables
# printed and status 0; a second one at once. Those ignored stay so.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use IO::Select;
use IPC::Open2;
use IPC::Open3;
use Test::More;
use lib dirname($0);
use Running;

my $here = abs_path(dirname($0));
my $bin = abs_path($ENV{BIN} // "$here/..");
$ENV{PATH} = "$bin:$here:$ENV{PATH}";
$ENV{LC_ALL} = 'C';
my $dir = tempdir(CLEANUP => 1);
$SIG{PIPE} = 'IGNORE';
$SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);	# a job in the background ignores some

my @tools = ('mptcp-extract', 'mptcp-conns', 'mptcp-conns -S', 'mptcp-conns -i 0.1',
	'mptcp-subflows', 'mptcp-subflows -t', 'mptcp-subflows -i 0.1');
my $capture = output('gencap -n 400 -k 60');
my $table = output("gencap -n 400 -k 60 | mptcp-extract");
my %input = (capture => $capture, TSV => $table, 'half a frame more' => $capture . substr($capture, 24, 50),
	'half a row more' => $table . "1\t2\t", 'gzip' => do {
		open my $f, '>:raw', "$dir/a.pcap" or die;
		print $f $capture;
		close $f;
		output("gzip -c $dir/a.pcap") });

sub stopped {
	my ($tool, $signal, $name) = @_;
	my $whole = $name =~ /row|TSV/ ? $table : $capture;
	open my $f, '>:raw', "$dir/whole" or die;
	print $f $whole;
	close $f;
	my $want = output("$tool $dir/whole");
	my $pid = open2(my $from, my $to, "exec $tool");
	binmode $to;
	syswrite $to, $input{$name};
	waits($pid, $to);
	kill $signal, $pid;
	close $to if $signal eq 'INT';	# as one who writes and gets it too
	my $got = rest($from);
	waitpid $pid, 0;
	my ($status) = $?;
	# the name of the input is a column of mptcp-extract
	s/\t(?:whole|<stdin>|-)(?=\t)/\tINPUT/g for $got, $want;
	is($status, 0, "$tool, $name, SIG$signal: status 0");
	ok($got eq $want, "$tool, $name, SIG$signal: all rows");
}

for my $tool (@tools) {
	stopped($tool, $_, 'capture') for 'INT', 'TERM';
	stopped($tool, 'INT', $_) for 'TSV', 'half a frame more', 'half a row more', 'gzip';
}

# Before anything came.
{
	my $pid = open2(my $from, my $to, 'exec mptcp-conns');
	waits($pid, $to);
	kill 'INT', $pid;
	like(rest($from), qr/\Aconn\t[^\n]*\n\z/, 'before any input: the header');
	waitpid $pid, 0;
	is($?, 0, 'before any input: status 0');
}

# In the midst of a file: what was read so far.
{
	open my $f, '>:raw', "$dir/big.pcap" or die;
	print $f output('gencap -n 200000');
	close $f;
	my $pid = open2(my $from, my $to, "exec mptcp-extract $dir/big.pcap");
	my $got = more($from);
	kill 'INT', $pid;
	$got .= rest($from);
	waitpid $pid, 0;
	is($?, 0, 'in a file: status 0');
	like($got, qr/\n\z/, 'in a file: whole rows');
	cmp_ok($got =~ tr/\n//, '<', 200000, 'in a file: not all of them');
}

# Of two inputs it ends the one that is read; the other one is read after it.
{
	open my $f, '>:raw', "$dir/b.pcap" or die;
	print $f $capture;
	close $f;
	my $pid = open2(my $from, my $to, "exec mptcp-map - $dir/b.pcap");
	binmode $to;
	syswrite $to, $capture;
	waits($pid, $to);
	kill 'INT', $pid;
	my $got = rest($from);
	waitpid $pid, 0;
	is($?, 0, 'the first of two inputs: status 0');
	ok($got eq output("mptcp-map $dir/b.pcap $dir/b.pcap"), 'the first of two inputs: all rows');
}

# Reading the first of two captures: rows, but what became of the data is not known.
for my $tool ('mptcp-reinject', 'mptcp-plotdata reinject') {
	my $pid = open3(my $to, my $from, undef, "exec $tool -2 $dir/big.pcap $dir/big.pcap");
	for (1 .. PATIENCE * 100) {
		last if grep { (readlink // '') =~ /big/ } glob "/proc/$pid/fd/*";
		select undef, undef, undef, 0.01;
	}
	kill 'INT', $pid;
	unlike(rest($from), qr/no subflow/, "$tool -2: no complaint");
	waitpid $pid, 0;
	is($?, 0, "$tool -2: status 0");
}

# Twice at once, as timeout(1) sends it: to the tool, and to its group.
for my $tool ('mptcp-conns', 'mptcp-extract') {
	my $want = output("$tool $dir/b.pcap");
	my $pid = open2(my $from, my $to, "exec $tool");
	binmode $to;
	syswrite $to, $capture;
	waits($pid, $to);
	kill 'TERM', $pid;
	select undef, undef, undef, 0.005;
	kill 'TERM', $pid;
	my $got = rest($from);
	waitpid $pid, 0;
	s/\t(?:b\.pcap|<stdin>|-)(?=\t)/\tINPUT/g for $got, $want;
	is($?, 0, "$tool, twice at once: status 0");
	ok($got eq $want, "$tool, twice at once: all rows");
}

# A second one ends it, though nobody reads what it writes.
{
	my $pid = open2(my $from, my $to, "exec mptcp-extract $dir/big.pcap");
	more($from);
	waits($pid);
	kill 'INT', $pid;
	select undef, undef, undef, 0.2;
	kill 'INT', $pid;
	waitpid $pid, 0;
	is($? & 127, 2, 'the second ends it at once');
}

# As nohup does for others.
{
	my $pid = open2(my $from, my $to, q(trap '' INT; exec mptcp-conns -H -o close));
	binmode $to;
	syswrite $to, $capture;
	waits($pid, $to);
	kill 'INT', $pid;
	is(scalar(my @ready = IO::Select->new($from)->can_read(0.3)), 0, 'ignored: it goes on');
	close $to;
	cmp_ok(rest($from) =~ tr/\n//, '>', 0, 'ignored: to the end');
	waitpid $pid, 0;
	is($?, 0, 'ignored: status 0');
}

done_testing;
