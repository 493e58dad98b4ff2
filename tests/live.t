#!/usr/bin/env perl
# A slow writer into a pipe: a frame's row comes out as soon as the frame's
# bytes are in, whatever the form of the capture, without the end of input.
use strict;
use warnings;
use Compress::Zlib;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use IO::Select;
use IPC::Open2;
use Socket;
use Test::More;

use constant FRAMES => 12;
use constant PATIENCE => 60;	# s, for a row that has to come

my $here = abs_path(dirname($0));
my $bin = $ENV{BIN} // "$here/..";
$ENV{PATH} = "$bin:$here:$ENV{PATH}";
my $shared = $ENV{SHARED} // "$here/../../shared";
my ($file) = grep { -e } "$shared/captures/basic/client.pcap.gz",
	sort { -s $a <=> -s $b } glob "$here/../examples/*.pcap.gz";
plan skip_all => 'no capture here' if !$file;
my $dir = tempdir(CLEANUP => 1);
$SIG{PIPE} = 'IGNORE';

sub output {
	my $text = `$_[0]`;
	die "$_[0]: $?" if $?;
	return $text;
}

# A capture's bytes, cut before each frame: the file header, then the frames.
sub pcap_parts {
	my ($pcap) = @_;
	my @parts = (substr $pcap, 0, 24);
	for (my $at = 24; $at < length $pcap; $at += length $parts[-1]) {
		push @parts, substr $pcap, $at,
			16 + unpack 'V', substr $pcap, $at + 8;
	}
	return @parts;
}

# The same for a pcapng: all that goes before a packet block with it.
sub pcapng_parts {
	my ($bytes) = @_;
	my @parts = ('');
	for (my ($at, $len) = (0); $at < length $bytes; $at += $len) {
		(my $type, $len) = unpack 'VV', substr $bytes, $at;
		push @parts, '' if $type == 6;
		$parts[-1] .= substr $bytes, $at, $len;
	}
	return @parts;
}

# gzip, flushed after each part, as a compressing writer of a live capture.
sub flushed {
	my ($z) = deflateInit(-WindowBits => 16 + MAX_WBITS);
	my @parts = map { join "", $z->deflate($_), $z->flush(Z_SYNC_FLUSH) } @_;
	$parts[-1] .= $z->flush;
	return @parts;
}

# Write the parts one by one; each has to bring its row before the next.
sub feed {
	my ($name, $command, $rows, @parts) = @_;
	my $pid = open2(my $from, my $to, $command);
	my ($ready, $got, $late) = (IO::Select->new($from), '', '');
	binmode $to;
	for my $n (0 .. $#parts) {
		# In two pieces: half a frame gives no half row.
		my $half = int(length($parts[$n]) / 2);
		syswrite $to, $_ for substr($parts[$n], 0, $half),
			substr($parts[$n], $half);
		while (!$late && $n && ($got =~ tr/\n//) < $n + 1) {
			$ready->can_read(PATIENCE) &&
				sysread($from, $got, 1 << 16, length $got) or
				$late = "no row for frame $n";
		}
		last if $late;
	}
	is($late, '', "$name: each row comes at once");
	is($got, join('', @{$rows}[0 .. $#parts]), "$name: the right rows");
	close $to;
	$got = do { local $/; scalar <$from> } // '';
	is($got, '', "$name: nothing is left for the end");
	waitpid $pid, 0;
	is($?, 0, "$name: status 0");
}

my @parts = pcap_parts(output("gzip -dc $file"));
splice @parts, 1 + FRAMES;
open my $out, '>:raw', "$dir/a.pcap" or die;
print $out @parts;
close $out or die;
output("cd $dir && ngcap a.pcap:-:9 >a.pcapng && " .
	"mptcp-extract <a.pcap >a.tsv");
my @ng = pcapng_parts(output("cat $dir/a.pcapng"));
my @rows = split /^/, output("cat $dir/a.tsv");
is(scalar @rows, 1 + FRAMES, 'a row for each frame');

for my $l ('', ' -l') {
	my $extract = "mptcp-extract$l";
	feed("pcap$l", $extract, \@rows, @parts);
	feed("pcapng$l", $extract, \@rows, @ng);
	feed("gzip$l", $extract, \@rows, flushed(@parts));
	feed("gzip members$l", $extract, \@rows,
		map { Compress::Zlib::memGzip($_) } @parts);
	feed("gzipped pcapng$l", $extract, \@rows, flushed(@ng));
	feed("rows$l", $extract, \@rows, @rows);
	feed("two in a row$l", "$extract | $extract", \@rows, @parts);
}

# How many rows each write brings: on a socket that keeps writes apart.
sub rows_per_write {
	my ($command) = @_;
	socketpair my $ours, my $theirs, AF_UNIX, SOCK_SEQPACKET, 0 or die;
	my $pid = fork // die;
	if (!$pid) {
		open STDOUT, '>&', $theirs or die;
		exec $command or die;
	}
	close $theirs;
	my @writes;
	push @writes, $_ while sysread $ours, $_, 1 << 20;
	waitpid $pid, 0;
	is($?, 0, "$command: status 0");
	is(join('', @writes), join('', @rows), 'the same rows');
	return map { tr/\n// } @writes;
}

is(join(' ', rows_per_write("mptcp-extract -l <$dir/a.pcap")),
	join(' ', (1) x @rows), '-l: each row is a write of its own');
cmp_ok(scalar(my @w = rows_per_write("mptcp-extract <$dir/a.pcap")), '<',
	scalar @rows, 'without -l: fewer writes than rows');

done_testing;
