#!/usr/bin/env perl
# A slow writer into a pipe: a frame's row comes out as soon as the frame's
# bytes are in, whatever the form of the capture, without the end of input; the
# rows of an interval as soon as a frame is in that comes after it; those of a
# connection when it was closed for as long as -L says.
use strict;
use warnings;
use Compress::Zlib;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use IO::Select;
use IPC::Open2;
use List::Util 'max';
use Socket;
use Test::More;
use lib dirname($0);
use Running;

use constant FRAMES => 12;

my $here = abs_path(dirname($0));
my $bin = $ENV{BIN} // "$here/..";
$ENV{PATH} = "$bin:$here:$ENV{PATH}";
my $shared = $ENV{SHARED} // "$here/../../shared";
my ($file) = grep { -e } "$shared/captures/basic/client.pcap.gz",
	sort { -s $a <=> -s $b } glob "$here/../examples/*.pcap.gz";
plan skip_all => 'no capture here' if !$file;
my $dir = tempdir(CLEANUP => 1);
$SIG{PIPE} = 'IGNORE';

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

# As is() for text of many lines: where it differs first.
sub is_text {
	my ($got, $want, $name) = @_;
	return pass($name) if $got eq $want;
	my ($g, $w) = map { [split /^/] } $got, $want;
	my ($n) = grep { ($g->[$_] // '') ne ($w->[$_] // '') } 0 .. @$g + @$w;
	fail($name);
	diag(sprintf "line %d of %d is %.60s\nline %d of %d should be %.60s",
		$n + 1, scalar @$g, $g->[$n] // 'not there',
		$n + 1, scalar @$w, $w->[$n] // 'not there');
}

# Write the parts one by one; each has to bring the lines that are due then
# before the next, so many of $lines. The end brings the others.
sub feed {
	my ($name, $command, $lines, $due, @parts) = @_;
	my $pid = open2(my $from, my $to, $command);
	my ($got, $late) = ('', '');
	binmode $to;
	for my $n (0 .. $#parts) {
		# In two pieces: half a frame gives no half row.
		my $half = int(length($parts[$n]) / 2);
		syswrite $to, $_ for substr($parts[$n], 0, $half),
			substr($parts[$n], $half);
		read_until($from, \$got, sub { ($got =~ tr/\n//) >= $due->[$n] }) or
			$late = "frame $n brings no line $due->[$n]";
		last if $late;
	}
	my $early = $due->[-1];
	is($late, '', "$name: each row comes at once");
	is_text($got, join('', @{$lines}[0 .. $early - 1]),
		"$name: the right rows");
	close $to;
	is_text(rest($from), join('', @{$lines}[$early .. $#$lines]),
		"$name: the end brings what is not over");
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

my @at_once = (0, 2 .. @rows);	# the header with the first row
for my $l ('', ' -l') {
	my $extract = "mptcp-extract$l";
	feed("pcap$l", $extract, \@rows, \@at_once, @parts);
	feed("pcapng$l", $extract, \@rows, \@at_once, @ng);
	feed("gzip$l", $extract, \@rows, \@at_once, flushed(@parts));
	feed("gzip members$l", $extract, \@rows, \@at_once,
		map { Compress::Zlib::memGzip($_) } @parts);
	feed("gzipped pcapng$l", $extract, \@rows, \@at_once, flushed(@ng));
	feed("rows$l", $extract, \@rows, \@at_once, @rows);
	feed("two in a row$l", "$extract | $extract", \@rows, \@at_once,
		@parts);
}

# ns: what SECONDS with 9 decimals are
sub ns {
	return $_[0] =~ s/\.//r + 0;
}

# A table's lines, the header first, and its rows as hashes.
sub table {
	my @lines = split /^/, output($_[0]);
	my ($names, @cells) = map { [split /\t/, s/\n//r, -1] } @lines;
	return \@lines, map {
		my %row;
		@row{@$names} = @$_;
		\%row;
	} @cells;
}

# How many lines are due with the file header and with each frame, where @$over
# says in which frame each row is over; the line of names with the first row.
sub due {
	my ($frames, $over) = @_;
	return [0, map {
		my $n = $_;
		my $rows = grep { $_ <= $n } @$over;
		$rows ? 1 + $rows : 0;
	} 1 .. $frames];
}

# The first frame at which $over is true of its row, or none.
sub first_frame {
	my ($segments, $over) = @_;
	for my $n (0 .. $#$segments) {
		local $_ = $segments->[$n];
		return $n + 1 if $over->();
	}
	return @$segments + 1;
}

output("gencap -n 400 -c 3 -s 2 -k 50 >$dir/many.pcap");
my @many = pcap_parts(output("cat $dir/many.pcap"));
my (undef, @segments) = table("mptcp-extract $dir/many.pcap");
my ($streams, @streams) = table("mptcp-subflows $dir/many.pcap");
is(scalar @segments, @many - 1, 'a segment in each frame');

for my $tool ('mptcp-subflows', 'mptcp-conns') {
	my ($lines, @over_time) = table("$tool -i 0.01 $dir/many.pcap");
	my @over = map {
		my $end = ns($_->{interval_s}) + 10_000_000;
		first_frame(\@segments, sub { ns($_->{rel_s}) >= $end });
	} @over_time;
	my $due = due(scalar @segments, \@over);
	cmp_ok($due->[-1], '>', 5, "$tool -i: intervals end on the way");
	cmp_ok($due->[-1], '<', @$lines, "$tool -i: and one at the end");
	feed("$tool -i", "$tool -i 0.01", $lines, $due, @many);
	feed("$tool -l -i behind rows",
		"mptcp-extract -l | $tool -l -i 0.01", $lines, $due, @many);

	my (%close, @late, @open);
	for my $s (@streams) {
		my $c = $close{$s->{conn}} //= { end => 0, open => 0 };
		$c->{end} = max($c->{end}, $s->{start_ns} + ns($s->{duration_s}));
		$c->{open} ||= $s->{close} ne 'fin';
	}
	($lines, my @conns) = table("$tool -L 0.02 $dir/many.pcap");
	@over = map {
		my $c = $close{$_->{conn}};
		$c->{open} ? @many + 0 : first_frame(\@segments,
			sub { $_->{time_ns} >= $c->{end} + 20_000_000 });
	} @conns;
	is(join(' ', @over), join(' ', sort { $a <=> $b } @over),
		"$tool -L: rows in the order in which they are over");
	$due = due(scalar @segments, \@over);
	cmp_ok($due->[-1], '>', 3, "$tool -L: connections end on the way");
	feed("$tool -L", "$tool -L 0.02", $lines, $due, @many);
	feed("$tool -l -L behind rows",
		"mptcp-extract -l | $tool -l -L 0.02", $lines, $due, @many);

	my ($all) = table("$tool $dir/many.pcap");
	is_text(join('', sort @$lines), join('', sort @$all),
		"$tool -L: the same rows as without");
	ok(join('', @$lines) ne join('', @$all),
		"$tool -L: in another order");
}

# A capture just made, and then silence: its last interval is over all the same.
# An old one that stalls may go on: its is not.
sub shifted {
	my ($by_ns, @parts) = @_;
	my $head = shift @parts;
	my $unit = unpack('V', $head) == 0xa1b23c4d ? 1 : 1000;	# ns
	return ($head, map {
		my ($s, $frac) = unpack 'VV', $_;
		my $ns = $s * 1_000_000_000 + $frac * $unit + $by_ns;
		pack('VV', int($ns / 1_000_000_000), $ns % 1_000_000_000 / $unit) . substr $_, 8;
	} @parts);
}

my $last_ns = $segments[-1]{time_ns};
for my $tool ('mptcp-subflows -i 0.05', 'mptcp-conns -i 0.05', 'mptcp-extract -l | mptcp-subflows -i 0.05') {
	my $pid = open2(my $from, my $to, $tool);
	my $got = '';
	my $now_ns = int(time) * 1_000_000_000;
	my $new = join '', shifted($now_ns - $last_ns, @many);
	open my $f, '>:raw', "$dir/new.pcap" or die;
	print $f $new;
	close $f or die;
	my ($want) = table($tool =~ /\|/ ? "mptcp-subflows -i 0.05 $dir/new.pcap" : "$tool $dir/new.pcap");
	binmode $to;
	syswrite $to, $new;
	read_until($from, \$got, sub { ($got =~ tr/\n//) >= @$want });
	is_text($got, join('', @$want), "$tool: live, the last interval ends by the clock");
	close $to;
	is(rest($from), '', "$tool: and is printed once");
	waitpid $pid, 0;
}
{
	my $pid = open2(my $from, my $to, 'mptcp-conns -i 0.05');
	binmode $to;
	syswrite $to, join '', @many;
	select undef, undef, undef, 2;
	IO::Select->new($from)->can_read(0) && sysread($from, my $got, 1 << 20);
	my ($want) = table("mptcp-conns -i 0.05 $dir/many.pcap");
	cmp_ok(($got // '') =~ tr/\n//, '<', @$want, 'not live: the last interval stays open');
	close $to;
	is_text(($got // '') . rest($from), join('', @$want), 'not live: and ends with the input');
	waitpid $pid, 0;
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
