#!/usr/bin/env perl
# Tools that write to a terminal: one that is resized, whose reader is slow, where
# Ctrl-C, and Ctrl-Z and fg, are typed, and one that goes away.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use IO::Select;
use POSIX 'setsid';
use Test::More;
use lib dirname($0);
use Running;

use constant PIECE => 4096;
use constant {	# of Linux
	TIOCSWINSZ => 0x5414,
	TIOCSPTLCK => 0x40045431,
	TIOCGPTN => 0x80045430,
};

my $here = abs_path(dirname($0));
my $bin = abs_path($ENV{BIN} // "$here/..");
$ENV{PATH} = "$bin:$here:$ENV{PATH}";
$ENV{LC_ALL} = 'C';
$SIG{PIPE} = 'IGNORE';
$SIG{$_} = 'DEFAULT' for 'INT', 'TERM', 'HUP';	# if run in the background
plan skip_all => 'no terminals here' if !-w '/dev/ptmx' || !-e '/dev/pts/ptmx';
my $dir = tempdir(CLEANUP => 1);
chdir $dir or die;

# A command for a shell whose terminal it writes to, its input a pipe. The terminal
# does not show what is typed, nor change or throw away anything.
sub start {
	my ($command) = @_;
	my ($unlock, $number) = (pack('i', 0), pack('i', 0));
	open my $screen, '+<:raw', '/dev/ptmx' or die "/dev/ptmx: $!";
	ioctl($screen, TIOCSPTLCK, $unlock) && ioctl($screen, TIOCGPTN, $number) or
		die "a terminal: $!";
	pipe my $from, my $input or die;
	binmode $input;
	my $pid = fork // die;
	if (!$pid) {
		setsid();
		open my $terminal, '+<', '/dev/pts/' . unpack 'i', $number or die;
		open STDIN, '<&', $from or die;
		open $_, '>&', $terminal or die for *STDOUT, *STDERR;
		close $_ for $input, $screen, $terminal;
		exec 'bash', '-mc', "stty raw -echo isig noflsh <&1; exec 3>&1 2>said; $command" or die;
	}
	close $from;
	return { pid => $pid, screen => $screen, input => $input, shown => '', rows => 0 };
}

# What was written to the terminal since: false if nothing comes any more.
sub look {
	my ($t) = @_;
	my $some = more($t->{screen});
	$t->{shown} .= $some;
	return $some ne '';
}

sub resize {
	my ($t) = @_;
	my $size = pack 'S4', ++$t->{rows}, 80, 0, 0;
	ioctl $t->{screen}, TIOCSWINSZ, $size or die "the terminal's size: $!";
}

sub type {
	my ($t, $key) = @_;
	syswrite $t->{screen}, $key;
}

# Into its input, piece by piece, between which the terminal is resized and read.
sub feed {
	my ($t, $bytes) = @_;
	my $ready = IO::Select->new($t->{screen});
	for (my $at = 0; $at < length $bytes; $at += PIECE) {
		resize($t);
		while (unread($t->{input}) > PIECE || $ready->can_read(0)) {
			look($t) if $ready->can_read(0.05);
		}
		syswrite $t->{input}, substr $bytes, $at, PIECE;
	}
}

# Until the tool waits, for more or for the terminal's reader.
sub await {
	my ($t) = @_;
	waits($t->{pid}, $t->{input});
}

# All that is shown until the end; returns the shell's status.
sub finish {
	my ($t) = @_;
	1 while look($t);
	waitpid $t->{pid}, 0;
	return $?;
}

sub end_input {
	my ($t) = @_;
	close delete $t->{input};
	return finish($t);
}

# The terminal is no more, as the kernel and, a second time, a shell tell.
sub hang_up {
	my ($t) = @_;
	close $t->{screen};
	select undef, undef, undef, 0.2;
	kill 'HUP', $t->{pid};
	local $SIG{ALRM} = sub { die "a tool does not end\n" };
	alarm PATIENCE;
	waitpid $t->{pid}, 0;
	alarm 0;
	return $?;
}

sub contents {
	my ($name) = @_;
	return output("cat $name");
}

my $capture = output('gencap -n 3000 -k 60');
open my $file, '>:raw', 'a.pcap' or die;
print $file $capture;
close $file or die;
my $table = output('mptcp-extract <a.pcap');
my $conns = output('mptcp-conns <a.pcap');
cmp_ok(length $table, '>', 1 << 17, 'rows enough to wait for a reader');

# Resized before each piece of a pipe, and while nobody reads.
{
	my $t = start('mptcp-extract');
	feed($t, $capture);
	is(end_input($t), 0, 'resized, reading a pipe: status 0');
	ok($t->{shown} eq $table, 'resized, reading a pipe: all rows');

	$t = start('mptcp-extract <a.pcap');
	await($t);
	resize($t) for 1 .. 500;
	resize($t) while look($t);
	is(finish($t), 0, 'resized, writing: status 0');
	ok($t->{shown} eq $table, 'resized, writing: all rows');
}

# Ctrl-Z while it writes, and while it reads; 148: stopped by that.
{
	my $on = '[ $? = 148 ] && fg >/dev/null';
	my $t = start("mptcp-extract <a.pcap; $on");
	await($t);
	type($t, "\cZ");
	is(finish($t), 0, 'Ctrl-Z and fg, writing: status 0');
	ok($t->{shown} eq $table, 'Ctrl-Z and fg, writing: all rows');

	$t = start("mptcp-conns; $on");
	my $half = length($capture) / 2;
	feed($t, substr $capture, 0, $half);
	await($t);
	type($t, "\cZ");
	feed($t, substr $capture, $half);
	is(end_input($t), 0, 'Ctrl-Z and fg, reading: status 0');
	ok($t->{shown} eq $conns, 'Ctrl-Z and fg, reading: all rows');
}

# Ctrl-C ends the input, while it waits for more, and while it writes.
{
	my $t = start('mptcp-conns');
	feed($t, $capture);
	await($t);
	type($t, "\cC");
	is(finish($t), 0, 'Ctrl-C, reading: status 0');
	ok($t->{shown} eq $conns, 'Ctrl-C, reading: all rows');

	$t = start('mptcp-extract <a.pcap');
	await($t);
	type($t, "\cC");
	is(finish($t), 0, 'Ctrl-C, writing: status 0');
	ok($t->{shown} =~ /\n\z/ && index($table, $t->{shown}) == 0,
		'Ctrl-C, writing: whole rows of what was read');
}

# A terminal that goes away is the end of the input, and no place to write to.
{
	my $t = start('exec mptcp-conns >table');
	feed($t, $capture);
	await($t);
	is(hang_up($t), 0, 'hung up, writing to a file: status 0');
	ok(contents('table') eq $conns, 'hung up, writing to a file: all rows');

	$t = start('exec mptcp-conns');
	feed($t, $capture);
	await($t);
	is(hang_up($t), 1 << 8, 'hung up, reading: status 1');
	is(contents('said'), "mptcp-conns: standard output: Input/output error\n", 'hung up, reading: one line');
	for my $trap ('', q(trap '' HUP;)) {
		$t = start("$trap exec mptcp-extract <a.pcap");
		await($t);
		is(hang_up($t), 1 << 8, "$trap hung up, writing: status 1");
	}
}

# How far it is stands in one line, however narrow, and is wiped at last.
{
	my $t = start('(sleep 1.2; gencap -n 20000) | mptcp-conns 2>&3 >table');
	is(finish($t), 0, 'progress: status 0');
	my $line = qr{\r\e\[K\e\[\?7l[^\e\n]* packets/s\e\[\?7h};
	like($t->{shown}, qr{\A$line+\r\e\[K\z}, 'progress: not wrapped, and wiped');
}

# Characters fill the terminal, less a line for the prompt.
SKIP: {
	skip 'no gnuplot', 3 if system 'command -v gnuplot >/dev/null';
	my $t = start('stty rows 33 cols 91 <&1; mptcp-plotdata dsn a.pcap | mptcp-plot -T');
	is(finish($t), 0, 'drawn: status 0');
	my @lines = split /\n/, $t->{shown};
	is(scalar @lines, 32, 'drawn: as high as the terminal, less a line');
	is(length $lines[-1], 91, 'drawn: as wide as the terminal');
}

done_testing;
