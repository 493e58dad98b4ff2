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

done_testing;
