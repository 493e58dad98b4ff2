#!/usr/bin/env perl
# mptcp-owd on two pipes that go on: a row comes as soon as both ends of it were
# captured. First frames of two captures by hand, then, where that is allowed, two
# tcpdumps in two network namespaces with a real connection between them.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use IO::Handle;
use IPC::Open3;
use Socket;
use Test::More;
use Time::HiRes 'sleep';
use lib dirname($0);
use Running;

use constant FRAMES => 120;
use constant STAMPS_OFF => 1e-3;	# s
use constant IPPROTO_MPTCP => 262;

my $here = abs_path(dirname($0));
my $bin = $ENV{BIN} // "$here/..";
$ENV{PATH} = "$bin:$here:$ENV{PATH}";
my $dir = tempdir(CLEANUP => 1);
chdir $dir or die;
$SIG{PIPE} = 'IGNORE';

# A tool whose rows are read as they come.
sub start {
	my ($command) = @_;
	my $pid = open3(undef, my $from, undef, "exec $command 2>errors");
	return { pid => $pid, from => $from, text => '' };
}

# Read until the text has this; whether it did in time.
sub wait_for {
	my ($tool, $pattern) = @_;
	return read_until($tool->{from}, \$tool->{text}, sub { $tool->{text} =~ $pattern });
}

# To the end; returns the status.
sub finish {
	my ($tool) = @_;
	$tool->{text} .= rest($tool->{from});
	waitpid $tool->{pid}, 0;
	return $?;
}

# ---- By hand.

# The bytes of a capture: its header, then [time, frame number, record].
sub frames {
	my ($file, $end) = @_;
	open my $in, '<:raw', $file or die;
	read($in, my $head, 24);
	my $unit = unpack('V', $head) == 0xa1b23c4d ? 1 : 1000;
	my (@frames, $record);
	while (read($in, $record, 16) == 16) {
		my ($s, $frac, $len) = unpack 'VVV', $record;
		read($in, my $data, $len);
		push @frames, [$s * 1_000_000_000 + $frac * $unit, $end, 1 + @frames, "$record$data"];
	}
	return ($head, @frames);
}

sub by_hand {
	my ($what, $options, $client, $server) = @_;
	my ($head_a, @a) = frames($client, 'a');
	my ($head_b, @b) = frames($server, 'b');
	my %due = map { my @row = split /\t/; ("$row[3] $row[5]" => "\t$row[4]\t$row[5]\t") }
		split /\n/, output("mptcp-owd -H $options $client $server");
	system 'mkfifo', 'fa', 'fb';
	my $tool = start("mptcp-owd -l $options fa fb");
	open my $fa, '>:raw', 'fa' or die;
	$fa->autoflush;
	print $fa $head_a, $a[0][3];
	open my $fb, '>:raw', 'fb' or die;
	$fb->autoflush;
	print $fb $head_b, $b[0][3];
	my ($late, $rows) = ('', 0);
	my @both = sort { $a->[0] <=> $b->[0] } @a[1 .. FRAMES], @b[1 .. FRAMES];
	for (@both) {
		my ($time, $end, $pkt, $bytes) = @$_;
		print { $end eq 'a' ? $fa : $fb } $bytes;
		my $row = $due{$end eq 'a' ? "s2c $pkt" : "c2s $pkt"} // next;
		$rows++;
		if (!wait_for($tool, qr/\Q$row\E/)) {
			$late = "the row of frame $pkt of $end";
			last;
		}
	}
	is($late, '', "$what: each row comes at once");
	cmp_ok($rows, '>', 20, "$what: and there were some");
	close $fa;
	close $fb;
	is(finish($tool), 0, "$what: status 0");
	unlink 'fa', 'fb';
}

output("gzip -dc $here/../examples/nat-$_.pcap.gz > $_.pcap") for qw(client server);
output('mptcp-map client.pcap server.pcap > map.tsv');
by_hand('two pipes', '-k', 'client.pcap', 'server.pcap');
by_hand('with a map', '-k -M map.tsv', 'client.pcap', 'server.pcap');
by_hand('clocks as they are', '-C none', 'client.pcap', 'server.pcap');

# ---- Two hosts.

sub can {
	return $> == 0 && system("$_[0] >/dev/null 2>&1") == 0;
}

my @ns = map { "mptcp-owd-$$-$_" } qw(a b);
sub in_ns {
	my ($i, $command) = @_;
	return "ip netns exec $ns[$i] $command";
}

sub clean_up {
	local $?;
	system "ip netns del $_ 2>/dev/null" for @ns;
}

# Two namespaces and a link between them, if they can be had.
sub build {
	return 0 if grep { !can("command -v $_") } qw(ip tcpdump);
	return 0 if grep { !can("ip netns add $_") } @ns;
	my @steps = ("ip link add veth0 netns $ns[0] type veth peer name veth0 netns $ns[1]",
		map { my $i = $_; map { in_ns($i, $_) } 'sysctl -qw net.mptcp.enabled=1',
			'ip addr add 10.9.0.' . ($i + 1) . '/24 dev veth0', 'ip link set veth0 up' } 0, 1);
	for (@steps) {
		return 0 if !can($_);
	}
	return 1;
}

my $server = <<'CODE';
use Socket;
socket my $s, PF_INET, SOCK_STREAM, 262 or die;
bind $s, sockaddr_in(5201, INADDR_ANY) or die;
listen $s, 1;
open my $f, '>', 'listening';
close $f;
accept my $c, $s or die;
1 while sysread $c, my $data, 65536;
CODE

# Sends, and once more when told to.
my $client = <<'CODE';
use Socket;
socket my $s, PF_INET, SOCK_STREAM, 262 or die;
connect $s, sockaddr_in(5201, inet_aton('10.9.0.2')) or die;
syswrite $s, 'x' x 100000;
select undef, undef, undef, 0.05 until -e 'more';
syswrite $s, 'y' x 50000;
CODE

sub write_file {
	open my $f, '>', $_[0] or die;
	print $f $_[1];
	close $f or die;
}

sub run {
	my ($command) = @_;
	my $pid = fork // die;
	exec $command if !$pid;
	return $pid;
}

sub appears {
	for (1 .. PATIENCE * 20) {
		return 1 if -s $_[0] || ($_[1] && -e $_[0]);
		sleep 0.05;
	}
	return 0;
}

# Whether a tcpdump wrote all that was there: not so on a busy machine, and it says that.
sub took_all {
	my $said = output("cat $_[0]");
	my ($captured) = $said =~ /(\d+) packets? captured/ or die $said;
	my ($received) = $said =~ /(\d+) packets? received/ or die $said;
	return $captured == $received && $said !~ /[1-9]\d* packets? dropped/;
}

SKIP: {
	my $there = build();
	$there &&= socket(my $try, PF_INET, SOCK_STREAM, IPPROTO_MPTCP);
	if (!$there) {
		clean_up();
		skip 'no namespaces or no MPTCP here', 6;
	}
	write_file('server.pl', $server);
	write_file('client.pl', $client);
	system 'mkfifo', 'fa', 'fb';
	my @dumps = map { run(in_ns($_, 'tcpdump -i veth0 -U -s 128 -w - tcp') . ' >' .
		(qw(fa fb))[$_] . " 2>dump$_") } 0, 1;
	my $tool = start('mptcp-owd -l fa fb');
	ok(appears('dump0') && appears('dump1'), 'two tcpdumps run');
	my @hosts = (run(in_ns(1, 'perl server.pl')));
	appears('listening', 1);
	push @hosts, run(in_ns(0, 'perl client.pl'));
	ok(wait_for($tool, qr/\tarrived\t(?:.*\n)+/), 'rows come while the connection is open');
	my $sofar = $tool->{text};
	write_file('more', 'x');
	waitpid $_, 0 for @hosts;
	sleep 2.5;	# until tcpdump has taken what the kernel holds
	system "ip netns pids $_ | xargs -r kill -INT" for @ns;
	waitpid $_, 0 for @dumps;
	is(finish($tool), 0, 'status 0');
	cmp_ok(length $tool->{text}, '>', length $sofar, 'and more come later');
	my ($head, @rows) = split /\n/, $tool->{text};
	my ($end, @bad) = (0);
	my $all = took_all('dump0') && took_all('dump1');
	for (map { [split /\t/, $_, -1] } @rows) {
		# data may be sent again as data, so bytes of the subflow may be more
		$end = $_->[10] + $_->[9] if $_->[3] eq 'c2s' && $_->[10] <= $end && $end < $_->[10] + $_->[9];
		# some frames are stamped some us too early at the other end, so that no clock fits
		push @bad, "@$_" if $_->[15] eq '' ? $all : grep { $_ < -STAMPS_OFF } @$_[14, 15];
	}
	is($end, 150000, 'all data arrived') if $all;
	is(join("\n", @bad), '', 'each after it was sent');
	clean_up();
}

END { clean_up() if @ns }

done_testing;
