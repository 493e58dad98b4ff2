#!/usr/bin/env perl
# mptcp-subflows against tcptrace, subflow by subflow and each way, where both mean
# the same. Where tcptrace means another thing, its definition is followed here
# over the rows of mptcp-extract, and has to give what tcptrace says ("model"); beside
# it stands what makes our column another number.
use strict;
use warnings;
use FindBin qw($Bin);
use lib $Bin;
use Tables;
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

# ---- tcptrace's definitions -------------------------------------------------

# It counts time in microseconds, and what it read to the microsecond below.
sub us { return int(substr($_[0], 0, -3)) }

# What it says of the two directions of a stream. a is the one that sent first.
sub follow
{
	my ($segments, $end_of_file) = @_;
	my %both = map { $_ => { runs => [], una => 0, late => 0, win_max => 0,
		win_min => 0, rtt => [], map { $_ => 0 } qw(pkts data_pkts bytes
		unique rexmt_bytes rexmt_pkts resent_flags resent_only_flags ooo
		dups dups_of_nothing dups_within zero owin_max syns fins rsts
		probes idle) } } "c2s", "s2c";
	for my $s (@$segments) {
		my $d = $both{ $s->{dir} };
		my $o = $both{ $s->{dir} eq "c2s" ? "s2c" : "c2s" };
		segment($d, $o, $s, us($s->{time_ns}));
	}
	# a connection that is not closed was idle to the end of the file
	my ($c, $s) = @both{"c2s", "s2c"};
	$_->{seen_idle} = $_->{idle} for $c, $s;
	if (!($c->{fins} && $s->{fins}) && !$c->{rsts} && !$s->{rsts}) {
		$_->{idle} = max($_->{idle}, $end_of_file - $_->{last})
			for grep { defined $_->{last} } $c, $s;
	}
	return \%both;
}

sub segment
{
	my ($d, $o, $s, $now) = @_;
	my ($syn, $fin, $rst, $ack) = map { scalar($s->{flags} =~ /$_/) }
		qw(S F R A);
	my $len = $s->{len};
	$d->{pkts}++;
	$d->{idle} = max($d->{idle}, $now - $d->{last}) if defined $d->{last};
	$d->{last} = $now;
	$d->{syns} += $syn;
	$d->{fins} += $fin;
	$d->{rsts} += $rst;
	if ($syn) {
		$d->{scaled} = 1 if $s->{wscale} ne "";
		$o->{ack} = $s->{rel_seq};
	}
	# without both SYNs, it knows no scale
	my $scaled = $d->{scaled} && $o->{scaled} && !$syn;
	my $win = !$ack && !$syn ? 0 : $scaled ? $s->{win_bytes} : $s->{win};
	if ($len) {
		$d->{data_pkts}++;
		$d->{bytes} += $len;
		$d->{data_end} = max($d->{data_end} // 0, $s->{rel_seq} + $len);
		# ours: by the highest ACK, of whatever segment
		$d->{flight} = max($d->{flight} // 0, $d->{data_end} -
			max(1, $o->{highest_ack})) if defined $o->{highest_ack};
	}
	$d->{highest_ack} = max($d->{highest_ack} // 0, $s->{rel_ack}) if $ack;
	# SYN and FIN count as bytes here
	my ($old, $ooo) = (0, 0);
	if ($syn || $fin || $len) {
		my $length = $len + $syn + $fin;
		# while the other end's window is 0, all is taken for a probe
		if ($o->{pkts} && !($o->{win_last} // 0)) {
			$d->{probes}++;
		} else {
			($old, $ooo) = add_run($d, $s->{rel_seq},
				$s->{rel_seq} + $length, $now);
			my $again = $old - ($syn && $d->{syns} > 1) -
				($fin && $d->{fins} > 1);
			$d->{unique} += $len - $again if $again < $len;
		}
	}
	$d->{ooo} += $ooo;
	ack_runs($o, $d, $s, $now, $win) if $ack;
	if ($old) {
		my $flags = ($syn && $d->{syns} > 1) + ($fin && $d->{fins} > 1);
		$d->{rexmt_pkts}++;
		$d->{rexmt_bytes} += $old;
		$d->{resent_flags} += $flags;
		$d->{resent_only_flags}++ if $old == $flags;
	}
	return if $rst;
	$d->{win_last} = $win;
	# what a SYN said is forgotten for the first scaled window
	@$d{qw(win_min win_max)} = (0, 0) if $scaled && !$d->{win_scaled}++;
	$d->{win_max} = max($d->{win_max}, $win);
	$d->{win_min} = $win if $win && (!$d->{win_min} || $win < $d->{win_min});
	if ($ack) {
		$d->{zero}++ if !$win;
		$d->{ack} = $s->{rel_ack};
	}
	# One byte more than is in flight, by the last ACK, which reordering may
	# make a low one; that of a RST does not count.
	if (!$syn && !$ooo && !$old) {
		my $owin = defined $o->{ack} ? $s->{rel_seq} + $len -
			($o->{ack} - 1) : $len;
		$d->{owin_max} = max($d->{owin_max}, $owin);
		$d->{owins} += $owin;
	}
}

# -> bytes sent before, and whether it is out of order
sub add_run
{
	my ($d, $from, $to, $now) = @_;
	my $runs = $d->{runs};
	my ($old, $ooo, $split) = (0, 0, 0);
	my $i = @$runs;
	$i-- while $i > 0 && $runs->[$i - 1]{to} > $from;
	my $insert = sub {
		my ($f, $t) = @_;
		splice @$runs, $i, 0, { from => $f, to => $t, time => $now,
			again => 0, acked => 0 };
		$d->{una} = min($d->{una}, $i);
	};
	for (; $i < @$runs; $i++) {
		my $r = $runs->[$i];
		if ($from < $r->{from}) {
			$ooo = 1 if $to < $r->{to};
			$insert->($from, min($to, $r->{from}));
			return ($old, $ooo) if $to <= $r->{from};
			$i++;
			$from = $r->{from};
		}
		$r->{again}++;
		if (!$split) {
			$r->{time} = $now;
			$d->{late} = $now if $r->{acked};
		}
		if ($to <= $r->{to}) {
			$old += $to - $from;
			return ($old, $ooo);
		}
		$split = 1;
		$old += $r->{to} - $from;
		$from = $r->{to};
	}
	$insert->($from, $to);
	return ($old, $ooo);
}

# An ACK by a: it ends at a run's end, or gives no sample, and what it covers in
# part counts as covered from then on. None either if any run below was sent
# later.
sub ack_runs
{
	my ($d, $a, $s, $now, $win) = @_;
	my $runs = $d->{runs};
	my $ack = $s->{rel_ack};
	my $i = $d->{una};
	# A duplicate ends at a run's end, too; data must have been outstanding at
	# some time, not now.
	if ($ack == ($a->{ack} // -1) && !$s->{len} &&
	    $win == ($a->{win_last} // 0) && $d->{owins}) {
		my $ends = $i && $ack == $runs->[$i - 1]{to} &&
			($i == @$runs || $ack <= $runs->[$i]{from});
		my $of_data = $s->{flags} !~ /[SFR]/ &&
			($d->{data_end} // 0) > $ack;
		$d->{dups}++ if $ends;
		$d->{dups_of_nothing}++ if $ends && !$of_data;
		$d->{dups_within}++ if !$ends && $of_data &&
			$ack == $a->{highest_ack};
	}
	my $late = $d->{late};
	for (; $i < @$runs && $runs->[$i]{from} < $ack; $i++) {
		my $r = $runs->[$i];
		$late = max($late, $r->{time});
		next if $r->{acked}++;
		push @{ $d->{rtt} }, [$now - $r->{time}, $s, $r->{from}]
			if $ack == $r->{to} && $late <= $r->{time} && !$r->{again};
	}
	$d->{late} = $late;
	$d->{una} = $i;
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
