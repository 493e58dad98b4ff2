#!/usr/bin/env perl
# Segments captured at two interfaces: each counts once, whatever the form of
# the capture; the network's own duplicates, at one interface, still count.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use Test::More;
use lib dirname($0);
use Running 'output';

my $here = abs_path(dirname($0));
my $bin = abs_path($ENV{BIN} // "$here/..");
$ENV{PATH} = "$bin:$here:$ENV{PATH}";
$ENV{LC_ALL} = 'C';
my $dir = tempdir(CLEANUP => 1);
chdir $dir or die "$dir: $!\n";

# The rows that say of which frame they are a copy: frame => that.
sub copies {
	my %of = map { split /\t/, $_, -1 } split /\n/, output("mptcp-extract -H -o pkt,copy_of $_[0]");
	return { map { $of{$_} ? ($_ => $of{$_}) : () } keys %of };
}

sub same_tables {
	my ($name, $once, $twice) = @_;
	for my $tool ('mptcp-conns', 'mptcp-conns -S', 'mptcp-subflows -t', 'mptcp-subflows -i 0.05') {
		my $want = output("$tool $once");
		is(output("$tool $twice"), $want, "$name: $tool counts each once");
		is(output("mptcp-extract $twice | $tool"), $want, "$name: the same from rows");
	}
}

# Every frame is there twice; the later of two is a copy of the earlier.
sub all_twice {
	my ($name, $n, $twice) = @_;
	my $copies = copies($twice);
	is(keys %$copies, $n, "$name: each frame has a copy");
	is(scalar(grep { $copies->{$_} >= $_ || $copies->{$copies->{$_}} } keys %$copies), 0,
		"$name: which names the first");
}

my $n = 3000;
output("gencap -n $n -c 3 -s 2 -w 20 -x 5 -k 200 >a.pcap");
output('cp a.pcap b.pcap');
output('restamp -o 0.0004 a.pcap >later.pcap');
output('restamp -o 1.5 a.pcap >late.pcap');
output('ngcap a.pcap:eth0:9 later.pcap:br0:9 >twice.pcapng');
output('ngcap a.pcap:eth0:9 a.pcap:br0:9 a.pcap:veth1:9 >thrice.pcapng');
output('ngcap a.pcap:eth0:9 later.pcap:eth0:9 >same.pcapng');
output('ngcap a.pcap:eth0:9 late.pcap:br0:9 >late.pcapng');

all_twice('two files', $n, 'a.pcap b.pcap');
same_tables('two files', 'a.pcap', 'a.pcap b.pcap');
all_twice('two interfaces', $n, 'twice.pcapng');
same_tables('two interfaces', 'a.pcap', 'twice.pcapng');
is(keys %{copies('thrice.pcapng')}, 2 * $n, 'three interfaces: two copies of each');
same_tables('three interfaces', 'a.pcap', 'thrice.pcapng');

is(keys %{copies('same.pcapng')}, 0, 'one interface: the network did it');
is(keys %{copies('late.pcapng')}, 0, '1.5 s later: another segment');
is(keys %{copies('a.pcap')}, 0, 'a capture without copies: none');

my ($real) = grep { -e } "$here/../../shared/captures/basic/client.c0.pcap.gz";
SKIP: {
	skip 'no capture of one of several interfaces here', 9 if !$real;
	(my $all = $real) =~ s/\.c0//;
	same_tables('one interface in two files', $all, "$all $real");
	my ($sent) = output("mptcp-extract -H -o pkt $real") =~ tr/\n//;
	is(keys %{copies("$all $real")}, $sent, 'one interface in two files: its frames');
}

done_testing;
