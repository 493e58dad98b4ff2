#!/usr/bin/env perl
# Once it reads, a tool has given up what it has no use for: the kernel says so.
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
chdir $dir or die "$dir: $!\n";

my $status = do { open my $f, '<', '/proc/self/status'; local $/; $f ? <$f> // '' : '' };
plan skip_all => 'no seccomp here' if $status !~ /^Seccomp:/m;
my $sanitized = qx(nm $bin/mptcp-conns 2>&1) =~ /__asan_init/;
plan skip_all => 'sanitizers need their files' if $sanitized;

system("gencap -n 300 >a.pcap && mkfifo fifo") == 0 or die "gencap: $?\n";

# What /proc says of a tool that waits for more of its input.
sub confined {
	my ($name, @command) = @_;
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		open STDOUT, '>', 'out' or die;
		open STDERR, '>', 'err' or die;
		exec @command or die "$command[0]: $!\n";
	}
	open my $pipe, '>:raw', 'fifo' or die "fifo: $!\n";
	my $head = do { open my $f, '<:raw', 'a.pcap' or die; local $/; <$f> };
	syswrite $pipe, $head;
	my ($seccomp, $privileges) = (0, 0);
	for (1 .. 1000) {
		open my $f, '<', "/proc/$pid/status" or last;
		local $/;
		my $text = <$f> // '';
		($seccomp) = $text =~ /^Seccomp:\s*(\d+)/m;
		($privileges) = $text =~ /^NoNewPrivs:\s*(\d+)/m;
		last if $seccomp;
		select undef, undef, undef, 0.02;
	}
	is($seccomp, 2, "$name: system calls are filtered");
	is($privileges, 1, "$name: no new privileges");
	close $pipe;
	waitpid $pid, 0;
	is($?, 0, "$name: and it works");
}

for my $tool (map { s{.*/}{}r } grep { -x } glob "$bin/mptcp-*") {
	next if $tool eq 'mptcp-plot';		# a script
	my @operands = $tool =~ /-(?:map|owd)$/ ? ('a.pcap', 'fifo') :
		$tool eq 'mptcp-plotdata' ? ('dsn', 'fifo') : ('fifo');
	confined($tool, $tool, @operands);
}

# Files, which some read more than once: of no more than their first bytes anything
# is taken before that.
system('gencap -n 100000 >big.a && ln big.a big.b && mptcp-map big.a big.b >map && mptcp-owd big.a big.b >big.owd 2>err') == 0
	or die "files: $?\n";

sub slurp {
	open my $f, '<', $_[0] or return '';
	local $/;
	return <$f> // '';
}

# How far into its files a tool is: bytes of the one it has read most of.
sub position {
	my ($pid) = @_;
	my $most = 0;
	for my $fd (grep { (readlink // '') =~ /big/ } glob "/proc/$pid/fd/*") {
		my ($at) = slurp($fd =~ s/fd/fdinfo/r) =~ /^pos:\s*(\d+)/m;
		$most = $at if ($at // 0) > $most;
	}
	return $most;
}

sub confined_in_files {
	my (@command) = @_;
	my ($seen, $free) = (0, 0);
	for (1 .. 10) {
		my $pid = fork // die "fork: $!\n";
		if (!$pid) {
			open STDOUT, '>', 'out' or die;
			open STDERR, '>', 'err' or die;
			exec @command or die "$command[0]: $!\n";
		}
		while (waitpid($pid, 1) == 0) {		# WNOHANG
			next if position($pid) < 1 << 20;
			my ($seccomp) = slurp("/proc/$pid/status") =~ /^Seccomp:\s*(\d+)/m;
			$seen += defined $seccomp;
			$free++ if defined $seccomp && $seccomp == 0;
		}
		last if $seen;
	}
	is($free, 0, "@command: all is read in the sandbox" . ($seen ? '' : ', or too fast'));
}

confined_in_files(split) for map { "mptcp-$_" } 'conns big.a', 'conns big.a big.b', 'map big.a big.b',
	'owd big.a big.b', 'owd -d big.a big.b', 'owd -C piecewise big.a big.b', 'owd -T clocks big.a big.b',
	'owd -M map big.a big.b', 'reinject -2 big.b big.a', 'plotdata -2 big.b reinject big.a',
	'plotdata -2 big.b owd big.a', 'plotdata owd big.owd';

done_testing;
