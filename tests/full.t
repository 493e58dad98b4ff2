#!/usr/bin/env perl
# What a full container of one stream forgot is said once and is status 1, if figures
# lack it: and only then. How much each holds is in LIMITS of mptcp-tools(7).
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use Test::More;

my $here = abs_path(dirname($0));
my $bin = abs_path($ENV{BIN} // "$here/..");
$ENV{PATH} = "$bin:$here:$ENV{PATH}";
$ENV{LC_ALL} = 'C';
chdir tempdir(CLEANUP => 1) or die;

# Whether a command with such an end says that so many had to forget something; 0: nothing.
sub says {
	my ($streams, $command, $name) = @_;
	my $status = system("{ $command; } >out 2>err") >> 8;
	open my $f, '<', 'err' or die;
	my @said = grep { !/at the server/ } <$f>;
	my $tool = $command =~ /(mptcp-\w+)/ ? $1 : '';

	is($status, $streams ? 1 : 0, "$name: status");
	is(join('', @said), $streams ? "$tool: $streams streams and connections had so much missing or "
		. "under way at once that some of it was forgotten\n" : '', "$name: what is said");
}

# ---- Frames by hand, of IPv4 without a link layer: [ns, sender, flags, seq, ack, payload].

sub write_capture {
	my ($file, @frames) = @_;
	open my $f, '>:raw', $file or die;
	print $f pack 'VvvVVVV', 0xa1b23c4d, 2, 4, 0, 0, 65535, 101;
	for (@frames) {
		my ($ns, $from, $flags, $seq, $ack, $len) = @$_;
		my @ip = (0x0a000001, 0x0a000002);
		my @port = (1024, 80);
		print $f pack('VVVV', 1 + int($ns / 1e9), $ns % 1e9, 40, 40 + $len),
			pack('NNNNN', 0x45000028 + $len, 0, 0x40060000, $ip[$from], $ip[!$from]),
			pack('nnNNCCnN', $port[$from], $port[!$from], $seq, $ack, 0x50, $flags, 1000, 0);
	}
	close $f or die;
}

# A stream of plain TCP: so many segments, the first acknowledged at once, the last at the end.
sub in_flight {
	my ($segments) = @_;
	return ([0, 0, 2, 0, 0, 0], [1e6, 1, 18, 0, 1, 0], [2e6, 0, 16, 1, 1, 10], [3e6, 1, 16, 1, 11, 0],
		(map { [4e6 + 1000 * $_, 0, 16, 1 + 10 * $_, 1, 10] } 1 .. $segments),
		[9e8, 1, 16, 1, 11 + 10 * $segments, 0]);
}

write_capture("$_.pcap", in_flight($_)) for 65000, 70000;
says(0, 'mptcp-subflows -t 65000.pcap', '65000 segments in flight');
says(1, 'mptcp-subflows -t 70000.pcap', '70000 segments in flight, of which round-trip times are told');
says(0, 'mptcp-extract 70000.pcap', 'which is nothing to mptcp-extract');

# ---- Checksums.

# Frames of a capture; those whose number `cuts` names cut to so many bytes, 0: left out.
sub cut_frames {
	my ($in, $out, $bytes, $cuts) = @_;
	open my $f, '<:raw', $in or die;
	open my $to, '>:raw', $out or die;
	read $f, (my $head), 24;
	print $to $head;
	for (my $i = 0; read($f, (my $record), 16) == 16; $i++) {
		my ($s, $ns, $len, $full) = unpack 'VVVV', $record;
		read $f, (my $frame), $len;
		$frame = substr $frame, 0, $bytes if $cuts->($i);
		print $to pack('VVVV', $s, $ns, length $frame, $full), $frame if length $frame;
	}
	close $to or die;
}

system('gencap -CS -n 12000 -c 1 -s 1 -k 0 -w 5000 >checksums.pcap') == 0 or die;
says(0, 'mptcp-events checksums.pcap', '5000 mappings under way, checked');
cut_frames('checksums.pcap', 'cut.pcap', 400, sub { $_[0] == 1000 });
says(1, 'mptcp-events cut.pcap', 'the same, and one not');
cut_frames('checksums.pcap', 'headers.pcap', 110, sub { 1 });
says(0, 'mptcp-events headers.pcap', 'the same without payload, of which none can be');

# ---- What waits for the other end's capture.

system("gencap -n 30000 -c 1 -s 1 -k 0 -e $_ >end$_.pcap") == 0 or die for 0, 1;
for my $first (24, 5000) {
	my $late = sprintf '{ head -c %d end0.pcap; sleep 2; tail -c +%d end0.pcap; }', $first, $first + 1;

	says(1, "bash -c 'mptcp-owd <(cat end1.pcap) <($late)'",
		"of two pipes one comes late, from byte $first on");
	says(0, "$late | mptcp-owd -C none end1.pcap - | sort >late", 'the same, but the other one a file');
	says(0, 'mptcp-owd -C none end1.pcap end0.pcap', 'both files');
	is(system('sort out | cmp - late'), 0, 'and the same rows');
}
cut_frames('end1.pcap', 'later.pcap', 0, sub { $_[0] < 12000 });
says(0, 'mptcp-owd end0.pcap later.pcap', 'a capture that began later');

# ---- What is gone weighs nothing: many connections, few at the same time.

system('gencap -n 1000000 -c 10 -s 2 -k 300 >many.pcap') == 0 or die;
says(0, 'mptcp-conns -B 2 many.pcap', 'thousands of connections in 2 MiB, one after the other');

done_testing;
