#!/usr/bin/env perl
# mptcp-reinject: byte by byte against tests/resent, its sums against those of
# mptcp-subflows and mptcp-conns, its segments against the kernel's counter.
#
#	tests/reinject.t [CAPTURE...]		only these captures
use strict;
use warnings;
use Cwd "abs_path";
use File::Basename "dirname";
use File::Temp "tempdir";
use JSON::PP;
use List::Util qw(sum0 uniq);
use Test::More;

my $here = abs_path(dirname($0));
my $bin = abs_path($ENV{BIN} // "$here/..");
$ENV{PATH} = "$bin:$here:$ENV{PATH}";
my $captures = ($ENV{SHARED} // "$here/../../shared") . "/captures";
my $dir = tempdir(CLEANUP => 1);
require "$here/craft";
my @WAYS = qw(reinject dup_sf retrans);

# Byte by byte is slow: of the kernel's captures, those where most happens.
my @SLOW = map { "$captures/$_.pcap.gz" } qw(backup/client backup/server
	csum-fail/client join-stripped/client loss/client midcapture/server
	reorder-dup/server tso-loss/server);
my %MADE = (
	"short connections" => "-n 12000 -k 200 -s 3 -c 3",
	"in flight" => "-n 12000 -c 3 -k 1500 -s 3 -w 30 -x 5",
	"held up" => "-n 12000 -c 3 -k 1500 -s 3 -w 30 -x 5 -o",
);

my @some = @ARGV ? @ARGV : grep { -e } glob("$here/../examples/*.pcap.gz"), @SLOW;
my @all = @ARGV ? @ARGV : uniq(@some, glob "$captures/*/*.pcap.gz");
diag("no $captures: only the captures of the checkout") if !-d $captures;
for my $what (@ARGV ? () : sort keys %MADE) {
	(my $file = "$dir/$what.pcap") =~ tr/ /-/;
	system("gencap $MADE{$what} >$file") == 0 or die "gencap: $?\n";
	push @some, $file;
	push @all, $file;
}
every_byte($_) for @some;
sums($_) for @all;
window() if !@ARGV;
kernel($_) for @ARGV ? () : glob "$captures/*/truth.json";
done_testing();

# ---- helpers ----------------------------------------------------------------

sub name { return $_[0] =~ s{^(\Q$captures\E|\Q$dir\E|.*/examples)/}{}r }

sub output { my $text = `$_[0]`; die "$_[0]: status $?\n" if $?; return $text }

# -> rows as hashes
sub table
{
	my ($head, @lines) = split /\n/, output($_[0]);
	my @names = split /\t/, $head;
	return map { my %r; @r{@names} = split /\t/, $_, -1; \%r } @lines;
}

# ---- tests ------------------------------------------------------------------

sub every_byte
{
	my ($file) = @_;
	output("mptcp-extract $file >$dir/extract");
	output("mptcp-conns -o conn,fallback $dir/extract >$dir/conns");
	my $want = output("resent $dir/conns <$dir/extract");
	for my $input ($file, "$dir/extract") {
		my $got = output("mptcp-reinject -r -w 1000000 $input");
		ok($got eq $want, "every byte of " . name($file) .
			($input eq $file ? "" : ", from its rows")) or
			diag(output("echo \"$got\" | diff - <(echo \"$want\") | head -n 5"));
	}
	my @rows = grep { $_->{sent_as} ne "retrans" } table("mptcp-reinject -r $file");
	is_deeply([table("mptcp-reinject $file")], \@rows, "without -r: the same but for these");
}

# What the rows say is what the other tools count.
sub sums
{
	my ($file) = @_;
	my (%by_flow, %by_conn, %cell);
	my @rows = table("mptcp-reinject -r $file");
	for my $r (@rows) {
		for my $key ($r->{sent_as}, $r->{acked} eq "1" ? "after_ack" : ()) {
			$by_flow{"$r->{stream} $r->{dir} $key"} += $r->{len};
			$by_conn{"$r->{conn} $r->{dir} $key"} += $r->{len};
		}
		my $cell = "$r->{conn} $r->{dir} $r->{orig_stream} $r->{stream}";
		$cell{"$cell bytes"} += $r->{len};
		$cell{"$cell pkts"}{ $r->{pkt} } = 1;
	}
	is(scalar(grep { ($_->{kind} eq "after_ack") != ($_->{acked} eq "1") } @rows), 0,
		name($file) . ": after_ack is what was acked");
	is(scalar(grep { $_->{kind} ne "after_ack" && $_->{kind} ne $_->{sent_as} } @rows), 0,
		"and else how it was sent");
	my @bad = (differences(\%by_flow, "stream", "mptcp-subflows $file"),
		differences(\%by_conn, "conn", "mptcp-conns $file"));
	my @conns = table("mptcp-conns $file");
	push @bad, summary($_, @conns) for table("mptcp-reinject -s $file");
	for (table("mptcp-reinject -m -r $file")) {
		my $cell = "$_->{conn} $_->{dir} $_->{orig_stream} $_->{stream}";
		push @bad, "-m $cell" if $_->{bytes} != delete $cell{"$cell bytes"} ||
			$_->{count} != keys %{ delete $cell{"$cell pkts"} };
	}
	is(join(", ", @bad, sort keys %cell), "", "sums of the tools are the same");
}

# Where a tool knows a sum, it is that of the rows.
sub differences
{
	my ($sum, $key, $command) = @_;
	my @bad;
	for my $row (table($command)) {
		for my $d (qw(c2s s2c)) {
			for (@WAYS, "after_ack") {
				my $is = $row->{"${d}_${_}_bytes"};
				my $sum = $sum->{"$row->{$key} $d $_"} // 0;
				push @bad, "$command: $row->{$key} $d $_: $is, not $sum"
					if $is ne "" && $is != $sum &&
					$row->{"${d}_reinject_bytes"} ne "";
			}
		}
	}
	return @bad;
}

# A row of -s says what mptcp-conns says.
sub summary
{
	my ($row, @conns) = @_;
	my ($conn) = grep { $_->{conn_id} eq $row->{conn_id} &&
		$_->{conn} == $row->{conn} } @conns;
	return grep { $row->{$_} ne $conn->{"$row->{dir}_$_"} } qw(bytes
		reinject_bytes dup_sf_bytes retrans_bytes after_ack_bytes
		reinject_ratio reinject_acked_ratio);
}

# Of what was acknowledged long ago only the stream is known.
sub window
{
	my $text = "conn C 0102030405060708 1112131415161718\n" .
		"flow a C 10.0.1.1:40000 10.0.9.1:80\nflow b C 10.0.2.1:40001 10.0.9.1:80\n" .
		"open a\njoin b\n" . join("", map { "a > PA len=100 dss dsn8=" . 100 * $_ .
			"\na < A dss ack8=" . (100 * $_ + 100) . "\n" } 0 .. 9) .
		"b > PA len=950 dss dsn8=0\n";
	open my $out, ">:raw", "$dir/window.pcap" or die "$!\n";
	print $out craft::compile($text, 1)->pcap;
	close $out or die "$!\n";
	for (["", "0:100:9:1:1", map { 100 * $_ . ":100:" . (9 + 2 * $_) . ":1:1" } 1 .. 8],
	    ["-w 3", "0:700:::1", "700:100:23:1:1", "800:100:25:1:1"],
	    ["-w 1", "0:900:::1"]) {
		my ($options, @want) = @$_;
		my @rows = table("mptcp-reinject $options $dir/window.pcap");
		push @want, "900:50:27:1:1";
		is(join(" ", map { join ":", @$_{qw(dsn len orig_pkt copy acked)} } @rows),
			"@want", "what is remembered of it, $options");
		is(join(" ", uniq(map { "$_->{orig_stream}$_->{sent_as}" } @rows)),
			"0reinject", "and of the rest, the stream");
		is(scalar(grep { ($_->{orig_pkt} eq "") != ($_->{orig_sf} . $_->{delay_s} .
			$_->{orig_time_ns} . $_->{copy} eq "") } @rows), 0, "and no more");
	}
}

# MPTcpExtDuplicateData counts what came to MPTCP although it was there. TCP may
# put several segments together before (TcpExtTCPRcvCoalesce), and what came to a
# subflow that is reset, or waited in it for the rest of a mapping that proved to
# be damaged, never came to MPTCP: then there is less than the capture shows.
sub kernel
{
	my ($file) = @_;
	open my $in, "<", $file or die "$file: $!\n";
	my $truth = decode_json(do { local $/; <$in> });
	for (["server", "c2s"], ["client", "s2c"]) {
		my ($end, $d) = @$_;
		my $k = $truth->{kernel_counters}{$end};
		my $n = $k->{MPTcpExtDuplicateData} // 0;
		my @rows = grep { $_->{dir} eq $d } table("mptcp-reinject " .
			dirname($file) . "/$end.pcap.gz");
		my $segments = uniq(map { $_->{pkt} } @rows);
		my $sure = uniq(map { $_->{kind} eq "after_ack" ? $_->{pkt} : () } @rows);
		my $what = "$truth->{name} $end: kernel $n, capture $sure to $segments";
		if ($n == 0 || $truth->{name} =~ /^(backup|join-stripped)$/) {
			is($segments, $n, "$what: all");
		} else {
			cmp_ok($n, "<=", $segments, "$what: at most");
			cmp_ok($n, ">=", $sure - ($k->{TcpExtTCPRcvCoalesce} // 0),
				"$what: at least, but for those put together");
		}
	}
}
