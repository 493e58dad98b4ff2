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
use lib dirname($0);
use List::Util qw(sum0 uniq);
use Receiver;
use Running 'output';
use Tables qw(counter read_truth);
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
far_end("$here/../examples/backup-client.pcap.gz", "$here/../examples/backup-server.pcap.gz")
	if !@ARGV;
far_end("$captures/$_/client.pcap.gz", "$captures/$_/server.pcap.gz")
	for @ARGV || !-d $captures ? () : qw(addaddr backup csum-fail handover-back loss tso-loss);
verdicts() if !@ARGV;
kernel($_) for @ARGV ? () : glob "$captures/*/truth.json";
done_testing();

# ---- helpers ----------------------------------------------------------------

sub name { return $_[0] =~ s{^(\Q$captures\E|\Q$dir\E|.*/examples)/}{}r }

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

# ---- with the far end's capture ---------------------------------------------

# Words of 32 bits, one per byte: `n` of them from `at` on.
sub words
{
	my ($bytes, $at, $n) = @_;
	$$bytes //= "";
	my $got = 4 * $at < length $$bytes ? substr $$bytes, 4 * $at, 4 * $n : "";
	return $got . "\0" x (4 * $n - length $got);
}

# Of each byte, the lower of two words, but for 0.
sub set_lower
{
	my ($bytes, $at, $new) = @_;
	my $n = length($new) / 4;
	my $old = words($bytes, $at, $n);
	return if $old eq $new;
	if ($old =~ /[^\0]/) {
		my @old = unpack "N*", $old;
		my @new = unpack "N*", $new;
		$new = pack "N*", map { !$new[$_] || $old[$_] && $old[$_] < $new[$_] ?
			$old[$_] : $new[$_] } 0 .. $#old;
	}
	$$bytes .= "\0" x (4 * ($at + $n) - length $$bytes) if length $$bytes < 4 * ($at + $n);
	substr $$bytes, 4 * $at, 4 * $n, $new;
}

sub ends { my ($r) = @_; return join " ", sort "$r->{src} $r->{sport}", "$r->{dst} $r->{dport}" }

# Of each byte of a subflow, the packet that it arrived in first; of each byte of
# data likewise: what each row says has to be so.
sub far_end
{
	my ($near, $far) = @_;
	my $columns = "-o pkt,time_ns,stream,dir,src,sport,dst,dport,flags,len,rel_seq,dsn";
	my (%arrived, %time, %data, %sent);
	for my $s (grep { $_->{len} && $_->{dir} eq "c2s" } table("mptcp-extract $columns $far")) {
		$time{ $s->{pkt} } = $s->{time_ns};
		set_lower(\$arrived{ ends($s) }, $s->{rel_seq},
			pack("N", $s->{pkt}) x $s->{len});
	}
	for my $s (grep { $_->{len} && $_->{dir} eq "c2s" } table("mptcp-extract $columns $near")) {
		next if $s->{dsn} eq "";
		$sent{ $s->{pkt} } = $s;
		set_lower(\$data{ $s->{conn} // 0 }, $s->{dsn},
			words(\$arrived{ ends($s) }, $s->{rel_seq}, $s->{len}));
	}
	my @plain = table("mptcp-reinject $near");
	my @rows = table("mptcp-reinject -2 $far $near");
	my (@wrong, @joined);
	for my $r (@rows) {
		my @of = map { my $s = $sent{ $r->{$_} };
			words(\$arrived{ ends($s) }, $s->{rel_seq} + $r->{dsn} - $s->{dsn}, $r->{len})
			} "pkt", "orig_pkt";
		my ($own, $orig) = map { unpack "N", $_ } @of;
		my $first = words(\$data{0}, $r->{dsn}, $r->{len});
		my $verdict = !$own ? "lost" : $first eq $of[0] && !$r->{acked} ? "useful" : "redundant";
		my $gain = $own && $orig ? $time{$orig} - $time{$own} : "";
		my $is = $r->{gain_s} eq "" ? "" : sprintf "%.0f", $r->{gain_s} * 1e9;
		push @wrong, "pkt $r->{pkt} dsn $r->{dsn}: $verdict" if $r->{verdict} ne $verdict ||
			(grep { $_ ne substr($_, 0, 4) x $r->{len} } @of) ||
			$r->{arrival_ns} ne ($time{$own} // "") || $is ne $gain ||
			$r->{orig_arrival_ns} ne ($time{$orig} // "");
		my $last = $joined[-1];
		if ($last && $last->{pkt} == $r->{pkt} && $last->{orig_pkt} == $r->{orig_pkt} &&
		    $last->{copy} == $r->{copy} && $last->{acked} == $r->{acked} &&
		    $last->{dsn} + $last->{len} == $r->{dsn}) {
			$last->{len} += $r->{len};
		} else {
			push @joined, { map { ($_ => $r->{$_}) } keys %{ $plain[0] } };
		}
	}
	is(join(", ", @wrong), "", name($near) . ": each row's arrivals and verdict");
	is_deeply(\@joined, \@plain, "cut there, and else the same rows");
	totals($near, $far, $_) for "", "-r";
}

# All that was sent again is useful, redundant or lost; in each of the tables.
sub totals
{
	my ($near, $far, $option) = @_;
	my $command = "mptcp-reinject $option -2 $far";
	my %sum;
	$sum{ $_->{verdict} } += $_->{len} for table("$command $near");
	my @sums = map { $sum{$_} // 0 } qw(useful redundant lost);
	is(sum0(@sums), sum0(map { $_->{len} } table("mptcp-reinject $option $near")),
		"useful + redundant + lost = all $option (@sums)");
	for my $table ("-m", "-s") {
		my @rows = table("$command $table $near");
		is(join(" ", map { my $c = $_; sum0(map { $_->{"${c}_bytes"} } @rows) }
			qw(useful redundant lost)), "@sums", "$table too");
	}
	output("gzip -dc $far | restamp -o -3600.5 -p 35 >$dir/far.pcap");
	is_deeply([map { $_->{verdict} } table("$command $near")],
		[map { $_->{verdict} } table("mptcp-reinject $option -2 $dir/far.pcap $near")],
		"and the same where clocks differ");
}

# Lines of a case, of which `far` leaves out or delays some.
sub made
{
	my ($name, $text) = @_;
	my $head = "conn C 0102030405060708 1112131415161718\n" .
		"flow a C 10.0.1.1:40000 10.0.9.1:80\nflow b C 10.0.2.1:40001 10.0.9.1:80\n" .
		"open a\njoin b\n";
	open my $out, ">:raw", "$dir/$name.pcap" or die "$!\n";
	print $out craft::compile($head . $text, 1)->pcap;
	close $out or die "$!\n";
	return "$dir/$name.pcap";
}

sub verdicts
{
	my @a = map { "a > PA seq=" . (1 + 100 * $_) . " len=100 dss dsn8=" . 100 * $_ .
		" ssn=" . (1 + 100 * $_) . "\n" } 0 .. 4;
	my @b = map { "b > PA seq=" . (1 + 100 * $_) . " len=100 dss dsn8=" . 100 * $_ .
		" ssn=" . (1 + 100 * $_) . "\n" } 0 .. 4;
	my $tcp = $b[3] =~ s/len=100/len=100 ts=200,1/r;
	$b[3] =~ s/len=100/len=100 ts=100,1/;
	my $again = "b > PA seq=501 len=100 dss dsn8=0 ssn=501\n";
	my $end = "a < A ack=1 dss ack8=500\nb < A ack=451 dss ack8=500\n";
	my $near = made("near", join("", @a, @b, $again, $tcp, $end));
	# 0: only the first copy arrives, and the second behind it; 1: both, the
	# original first; 2: the copy first; 3: the copy is lost, and TCP's sending
	# of it is not; 4: half of the copy is lost
	my $half = "b > PA seq=401 len=50 dss dsn8=400 ssn=401\n";
	my $far = made("far", join("", "wait 0.1\n", @a[1, 4], @b[0, 1, 2], $a[2], $a[3], $half, $again,
		$tcp, $end));
	is(join("\n", map { join " ", @$_{qw(dsn len copy verdict gain_s)} }
		table("mptcp-reinject -2 $far $near")), join("\n",
		"0 100 1 useful ", "100 100 1 redundant -0.003000000",
		"200 100 1 useful 0.001000000", "300 100 1 redundant -0.003000000",
		"400 50 1 redundant -0.006000000", "450 50 1 lost ",
		"0 100 2 redundant "), "one of each");
	is(join("\n", map { join " ", @$_{qw(dsn len copy verdict)} }
		grep { $_->{dsn} == 300 } table("mptcp-reinject -r -2 $far $near")),
		"300 100 1 lost\n300 100 2 redundant", "-r: what TCP sent is another copy");
	is(join(" ", map { "$_->{useful_bytes} $_->{redundant_bytes} $_->{lost_bytes}" }
		table("mptcp-reinject -m -2 $far $near")), "200 350 50", "and their sums");
	is(system("mptcp-reinject -2 $near <$near >/dev/null 2>&1") >> 8, 2, "-2 takes files");
}

# What the receiver's capture shows against what its kernel counted
# (MPTcpExtDuplicateData) and against how that comes about: a buffer counts, with
# all segments that TCP put together in it, if some of it is old; but not where it
# lies over the edge of what waits, where what came before never came to MPTCP,
# nor if it never does so itself, as its subflow is closed.
sub kernel
{
	my ($file) = @_;
	my $truth = read_truth($file);
	for (["server", "c2s"], ["client", "s2c"]) {
		my ($end, $d) = @$_;
		my $capture = dirname($file) . "/$end.pcap.gz";
		my ($count, $duplicates, $came) = receive($d, $truth->{name} ne "tun-any",
			table("mptcp-extract -m $capture"));
		my (%orig, %n, @odd);
		push @{ $orig{ $_->{pkt} } }, $_->{orig_pkt}
			for grep { $_->{dir} eq $d } table("mptcp-reinject $capture");
		my %counted = map { map { ($_ => 1) } @$_ } @$duplicates;
		for my $pkt (sort { $a <=> $b } keys %orig) {
			my $what = $counted{$pkt} ? "count" : $came->{$pkt} // "never came";
			$n{$what}++;
			push @odd, $pkt if $what eq "new" && grep { $came->{$_} } @{ $orig{$pkt} };
		}
		my $kernel = counter($truth, $end, "DuplicateData");
		is($count->{DuplicateData}, $kernel, "$truth->{name} $end: kernel $kernel; capture" .
			join(",", map { " $n{$_} $_" } sort keys %n));
		is("@odd", "", "what is new came before, but not to MPTCP");
		# where the later one covers the earlier one that waits, that one counts
		my %twice = map { ($_ => 1) } keys %orig, map { @$_ } values %orig;
		is(scalar(grep { my $pkts = $_; !grep { $twice{$_} } @$pkts } @$duplicates), 0,
			"what counts was sent twice");
	}
}
