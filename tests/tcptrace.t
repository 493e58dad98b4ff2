#!/usr/bin/env perl
# mptcp-subflows against tcptrace, subflow by subflow and each way, where both mean
# the same. Where tcptrace means another thing, its definition (Tcptrace.pm) is followed
# over the rows of mptcp-extract, and has to give what tcptrace says ("model"); beside
# it stands what makes our column another number.
use strict;
use warnings;
use FindBin qw($Bin);
use lib $Bin;
use Tables;
use Tcptrace;
use Test::More;
use Compress::Zlib;
use File::Temp;
use List::Util qw(max min sum0);

my $bin = $ENV{BIN} // ".";
my $captures = ($ENV{SHARED} // "../shared") . "/captures";
my @files = -d $captures ? glob "$captures/*/*.{pcap,pcapng}.gz"
	: glob "{examples,tests}/*.{pcap,pcapng}.gz";
# It does not know LINUX_SLL2; and on a PPP link it takes IPv6 frames for the TCP
# segment before them, once more (two segments more than tshark sees).
@files = grep { !m{tun-any|iperf-mptcp} } @files;
plan skip_all => "no tcptrace" if system("tcptrace -v >/dev/null 2>&1") != 0;
plan skip_all => "no captures in $captures or examples" if !@files;
$ENV{HOME} = "/nonexistent";	# no .tcptracerc
delete $ENV{TCPTRACEOPTS};

# ---- reading ----------------------------------------------------------------

# -> a row for each TCP connection, in order of appearance
sub tcptrace
{
	my ($gz) = @_;
	my $file = File::Temp->new(SUFFIX => ".pcap");
	open my $in, "<:raw", $gz or die "$gz: $!\n";
	local $/;
	binmode $file;
	print $file Compress::Zlib::memGunzip(scalar <$in>);
	close $file;
	local $/ = "\n";
	open my $out, "-|", "tcptrace -n -l -r -W --csv $file 2>/dev/null"
		or die "tcptrace: $!\n";
	my (@names, @rows);
	while (my $line = <$out>) {
		next if $line =~ /^(#|\s*$)/;
		my @cells = map { s/^\s+|\s+$//gr } split /,/, $line;
		if (!@names) {
			@names = @cells;
			next;
		}
		my %row;
		@row{@names} = @cells;
		push @rows, \%row;
	}
	close $out;
	return @rows;
}

# ---- our round trips --------------------------------------------------------

# Samples of the data that goes d: at every ACK of something new, from when its last
# byte was sent; when it was sent again or something below it later, only if the
# time stamps tell what is answered.
sub samples
{
	my ($segments, $d) = @_;
	my (@runs, @samples);
	my ($acked, $low) = (0, 0);
	for my $s (@$segments) {
		my $now = $s->{time_ns};
		if ($s->{dir} ne $d) {
			my $ack = $s->{ack} eq "" ? 0 : $s->{rel_ack};
			next if $ack <= $acked;
			$low++ while $low < @runs && $runs[$low]{to} <= $acked;
			$acked = $ack;
			my $i = $low;
			$i++ while $i < @runs && $runs[$i]{from} < $ack;
			my @covered = @runs[$low .. $i - 1];
			my $sent = answered($s, $ack, @covered);
			push @samples, [$now - $sent, $s] if defined $sent;
			next;
		}
		my $length = $s->{len} + ($s->{flags} =~ /F/);
		my ($from, $to) = ($s->{rel_seq}, $s->{rel_seq} + $length);
		next if !$length || $s->{flags} =~ /S/ && !$s->{len};
		my $run = sub { return { from => $_[0], to => $_[1], first => $now,
			last => $now, copies => 1, first_ts => $s->{tsval},
			last_ts => $s->{tsval} } };
		my $i = @runs;
		$i-- while $i > 0 && $runs[$i - 1]{to} > $from;
		for (; $i < @runs && $runs[$i]{from} < $to; $i++) {
			my $r = $runs[$i];
			if ($from < $r->{from}) {
				splice @runs, $i++, 0, $run->($from, $r->{from});
			}
			@$r{qw(last last_ts)} = ($now, $s->{tsval});
			$r->{copies}++;
			$from = $r->{to};
		}
		splice @runs, $i, 0, $run->($from, $to) if $from < $to;
	}
	return @samples;
}

# -> when what this ACK answers was sent
sub answered
{
	my ($s, $ack, @runs) = @_;
	return if !@runs || $runs[-1]{to} < $ack;
	my $sent = $runs[-1]{last};
	my ($again) = grep { $_->{copies} > 1 } @runs;
	if (!$again) {
		return if grep { $_->{last} > $sent } @runs;
		return $sent;
	}
	my ($first, $last) = @$again{qw(first_ts last_ts)};
	return if $first eq "" || $first eq $last || $s->{tsecr} eq "";
	return $again->{last} if $s->{tsecr} == $last;
	return $again->{first} if $s->{tsecr} == $first;
	return;
}

# Nanoseconds as seconds with 9 decimals.
sub seconds
{
	return "" if !defined $_[0];
	return sprintf "%d.%09d", int($_[0] / 1e9), $_[0] % 1e9;
}

# ---- comparing --------------------------------------------------------------

sub ms { return sprintf "%.1f", ($_[0] // 0) / 1000 }

sub compare
{
	my ($gz, $name) = @_;
	my @theirs = tcptrace($gz);
	my @segments = table("$bin/mptcp-extract", "-o", "time_ns,stream,dir,flags," .
		"ack,win,len,rel_seq,rel_ack,win_bytes,wscale,tsval,tsecr", $gz);
	my %ours = map { $_->{stream} => $_ } table("$bin/mptcp-subflows", "-t", $gz);
	my @streams;
	push @{ $streams[ $_->{stream} ] }, $_ for @segments;
	my $end = us($segments[-1]{time_ns});
	my (%bad, %first, %compared);
	my $is = sub {
		my ($what, $where, $got, $want) = @_;
		$compared{$what}++;
		return if $got eq $want;
		$bad{$what}++;
		$first{$what} //= "$where: '$got', not '$want'";
	};
	for my $n (0 .. $#streams) {
		# A SYN/ACK that the opener's RST crossed: tcptrace sees a new
		# connection.
		next if $name =~ /abort-server.client/ && $n == 1;
		my $both = follow($streams[$n], $end);
		my $a = $streams[$n][0]{dir};
		for my $d ("c2s", "s2c") {
			my %t = map { /^(.*)_(a2b|b2a)$/ && ($2 eq "a2b") == ($d eq $a)
				? ($1 => $theirs[$n]{$_}) : () } keys %{ $theirs[$n] };
			compare_model($both->{$d}, \%t, sub { $is->("model: $_[0]",
				"stream $n $d", @_[1, 2]) });
			my %o = map { /^${d}_(.*)/ ? ($1 => $ours{$n}{$_}) : () }
				keys %{ $ours{$n} };
			my $back = $d eq "c2s" ? "s2c" : "c2s";
			$o{dup_acks_back} = $ours{$n}{"${back}_dup_acks"};
			compare_ours($both->{$d}, $both->{$back}, \%t, \%o,
				[samples($streams[$n], $d)], sub { $is->($_[0],
				"stream $n $d", @_[1, 2]) });
		}
		# SYN to SYN/ACK to ACK
		my ($syn, $synack) = map { $theirs[$n]{"RTT_from_3WHS_$_"} }
			"a2b", "b2a";
		my $rtt = $ours{$n}{handshake_rtt_s};
		$is->("handshake_rtt_s", "stream $n", abs($rtt * 1000 - $syn -
			$synack) < 0.11 ? "theirs" : "$rtt: $syn, $synack",
			"theirs") if $syn > 0 && $synack > 0 && $rtt ne "";
	}
	for my $what (sort keys %compared) {
		is($bad{$what} // 0, 0, $what);
		diag("$what, first: $first{$what}") if $bad{$what};
	}
}

# The model has to say what tcptrace says.
sub compare_model
{
	my ($m, $t, $is) = @_;
	my @rtt = map { $_->[0] } @{ $m->{rtt} };
	my $sum = sum0(@rtt);
	# its mean is the sum by the count plus 0.0001; two samples have no stdev
	my $stdev = @rtt < 3 ? 0 : sqrt max(0, (sum0(map { $_ ** 2 } @rtt) -
		$sum * $sum / @rtt) / (@rtt - 1));
	$is->(@$_) for ["unique bytes", $m->{unique}, $t->{unique_bytes_sent}],
		["retransmitted segments", $m->{rexmt_pkts}, $t->{rexmt_data_pkts}],
		["retransmitted bytes", $m->{rexmt_bytes}, $t->{rexmt_data_bytes}],
		["out of order", $m->{ooo}, $t->{outoforder_pkts}],
		["window probes", $m->{probes}, $t->{zwnd_probe_pkts}],
		["highest window", $m->{win_max}, $t->{max_win_adv}],
		["lowest window", $m->{win_min}, $t->{min_win_adv}],
		["in flight", $m->{owin_max}, $t->{max_owin}],
		["idle", $m->{pkts} ? ms($m->{idle}) : "NA", $t->{idletime_max}],
		["duplicate ACKs", $m->{dups}, $t->{duplicate_acks}],
		["RTT samples", scalar @rtt, $t->{RTT_samples}],
		["RTT min", ms(min(grep { $_ } @rtt)), $t->{RTT_min}],
		["RTT max", ms(max(@rtt)), $t->{RTT_max}],
		["RTT mean", ms($sum / (@rtt + 0.0001)), $t->{RTT_avg}],
		["RTT stdev", ms($stdev), $t->{RTT_stdev}];
}

sub compare_ours
{
	my ($m, $back, $t, $o, $samples, $is) = @_;
	# the same
	$is->(@$_) for ["pkts", $o->{pkts}, $t->{total_packets}],
		["data_pkts", $o->{data_pkts}, $t->{actual_data_pkts}],
		["sent_bytes", $o->{sent_bytes}, $t->{actual_data_bytes}],
		["unique_bytes", $o->{unique_bytes}, $t->{unique_bytes_sent}],
		["ooo_pkts", $o->{ooo_pkts}, $t->{outoforder_pkts}],
		["zero_window", $o->{zero_window}, $t->{zero_win_adv}],
		["mss", $o->{mss} || 0, $t->{mss_requested}],
		["wscale", $m->{scaled} && $back->{scaled} ? $o->{wscale} : 0,
			$t->{adv_wind_scale}];
	# there, a SYN and a FIN sent again is a byte sent again
	$is->("retrans_bytes", $o->{retrans_bytes} + $m->{resent_flags},
		$t->{rexmt_data_bytes});
	$is->("retrans_pkts", $o->{retrans_pkts} + $m->{resent_only_flags},
		$t->{rexmt_data_pkts});
	$is->("inflight_max_bytes", $o->{inflight_max_bytes}, $m->{flight} // "")
		if $o->{data_pkts};
	# there, also when nothing is outstanding, and FINs and RSTs; but not where
	# a large segment (TSO) was acknowledged in part
	$is->("dup_acks", $o->{dup_acks_back} + $m->{dups_of_nothing} -
		$m->{dups_within}, $t->{duplicate_acks});
	# there, 0 is left out, and is a window that was in a SYN only
	if ($o->{win_max_bytes} ne "") {
		$is->("win_max_bytes", $o->{win_max_bytes}, $t->{max_win_adv});
		$is->("win_min_bytes", $o->{win_min_bytes}, $t->{min_win_adv})
			if !$o->{zero_window};
	}
	# there, in microseconds that are rounded before they are subtracted
	$is->("idle_max_s", $o->{idle_max_s} eq "" ? $m->{pkts} < 2 : abs($o->{idle_max_s} *
		1e6 - $m->{seen_idle}) <= 1, 1);
	$is->("last_data_s less first_data_s", abs($o->{last_data_s} -
		$o->{first_data_s} - $t->{data_xmit_time}) < 0.00051, 1)
		if $o->{first_data_s} ne "";
	compare_rtt($m, $o, $samples, $is);
}

# There, the SYN gives a sample, an ACK that ends within a segment gives none, nor
# what was sent again. All others are ours too.
sub compare_rtt
{
	my ($m, $o, $samples, $is) = @_;
	my $n = @$samples;
	my @rtt = map { $_->[0] } @$samples;
	$is->("rtt_samples", $o->{rtt_samples}, $n);
	$is->("rtt_min_s", $o->{rtt_min_s}, seconds(min(@rtt)));
	$is->("rtt_max_s", $o->{rtt_max_s}, seconds(max(@rtt)));
	$is->("rtt_mean_s", $o->{rtt_mean_s}, seconds($n ? int((2 * sum0(@rtt) + $n) /
		(2 * $n)) : undef));
	my $mean = $n && sum0(@rtt) / $n;
	my $stdev = $n > 1 && sqrt(sum0(map { ($_ - $mean) ** 2 } @rtt) / ($n - 1));
	$is->("rtt_stdev_s", $o->{rtt_stdev_s} eq "" ? $n < 2 :
		abs($o->{rtt_stdev_s} * 1e9 - $stdev) < 2, 1);
	my %by_ack = map { $_->[1]{time_ns} => $_->[0] } @$samples;
	for (@{ $m->{rtt} }) {
		my ($us, $s, $from) = @$_;
		next if $from == 0;
		my $ns = $by_ack{ $s->{time_ns} } // -1e9;
		$is->("each of their samples", abs($us - $ns / 1000) <= 1 ? "ours"
			: "$us us, ours $ns ns", "ours");
	}
}

for my $gz (@files) {
	(my $name = $gz) =~ s{^\Q$captures\E/}{};
	subtest $name => sub { compare($gz, $name) };
}
done_testing();
