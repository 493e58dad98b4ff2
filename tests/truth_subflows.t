#!/usr/bin/env perl
# mptcp-subflows, and what mptcp-conns adds up of it, against what really
# happened: what the link emulator did to each segment and when, the counters
# of both kernels, TCP's and MPTCP's, and the path manager's events.
use strict;
use warnings;
use FindBin qw($Bin);
use lib $Bin;
use Tables;
use Test::More;
use Compress::Zlib;
use List::Util qw(sum0 min max uniq);

my $bin = $ENV{BIN} // ".";
my $captures = ($ENV{SHARED} // "../shared") . "/captures";
my @truths = glob "$captures/*/truth.json";
plan skip_all => "no captures with truth.json in $captures" if !@truths;

# Segments leave this end larger than they cross the links (TSO, GSO).
my %LARGE = map { $_ => 1 } "tso client", "tso server", "tso-loss client",
	"nat client";
# client port before and after the address translation
my %NAT = (36398 => 32636, 42121 => 59217);
# A capture is taken beside the emulator, not in it. The clock is the same, but a
# segment may take this long from one to the other (s), when the host is busy.
my $BESIDE = 0.004;

for my $file (@truths) {
	my $truth = read_truth($file);
	my ($dir) = $file =~ m{^(.*)/};
	my $links = read_links("$dir/links.tsv.gz");
	my %rows;
	for my $end ("client", "server") {
		subtest "$truth->{name} $end" => sub {
			$rows{$end} = check($truth, $links, $end,
				"$dir/$end.pcap.gz");
		};
	}
	subtest "$truth->{name}: both ends" => sub {
		check_both_ends($truth, $links, $rows{client}, $rows{server});
	};
}
done_testing();

# ---- reading ----------------------------------------------------------------

# -> "client port, server port" -> [segments c2s, segments s2c], with rel, the
# sequence number counted from the first one sent (a SYN, where there is one)
sub read_links
{
	my ($file) = @_;
	open my $in, "<:raw", $file or die "$file: $!\n";
	my $text = do { local $/; Compress::Zlib::memGunzip(scalar <$in>) };
	my ($head, @lines) = split /\n/, $text;
	my @names = split /\t/, $head;
	my %links;
	for my $line (@lines) {
		my %s;
		@s{@names} = split /\t/, $line;
		my $ports = $s{dir} ? "$s{dport} $s{sport}"
			: "$s{sport} $s{dport}";
		my $list = $links{$ports}[ $s{dir} ] //= [];
		push @$list, \%s;
		$s{rel} = unpack "l", pack "l", $s{seq} - $list->[0]{seq};
	}
	return \%links;
}

# ---- comparing --------------------------------------------------------------

sub other { return $_[0] eq "client" ? "server" : "client" }
sub direction { return $_[0] eq "client" ? "c2s" : "s2c" }	# that end sends
sub total { my ($column, @rows) = @_; return sum0(map { $_->{$column} || 0 } @rows) }

sub near
{
	my ($got, $want, $within, $what) = @_;
	return pass($what) if $got ne "" && abs($got - $want) <= $within;
	fail($what);
	diag("got '$got', expected $want within $within");
}

sub check
{
	my ($truth, $links, $end, $capture) = @_;
	my @all = table("$bin/mptcp-subflows", "-t", $capture);
	my @rows = grep { $_->{conn} ne "" } @all;
	my @conns = table("$bin/mptcp-conns", $capture);
	my @segments = table("$bin/mptcp-extract", "-o", "time_ns,stream,conn," .
		"dir,flags,len,seq,rel_seq,dsn,ip_id,option_bytes", $capture);
	is_deeply([map { join " ", @$_{qw(conn sf)} } @rows],
		[map { join " ", @$_{qw(conn sf)} } table("$bin/mptcp-subflows",
			"-o", "conn,sf", $capture)], "-t adds rows only");
	check_identity($truth, $end, \@rows, \@conns);
	check_sums($truth, \@rows, \@conns, \@segments);
	check_links($truth, $links, $end, \@all, \@segments);
	check_times($truth, $links, $end, \@all, \@conns);
	check_tcp($truth, $end, \@all, \@segments);
	check_duplicates($truth, $end, \@rows, \@conns, \@segments);
	check_states($truth, $end, \@all);
	check_announced($truth, $links, $end, \@rows, \@conns);
	return \@all;
}

# Ports, addresses and address ids, by the client's path manager.
sub check_identity
{
	my ($truth, $end, $rows, $conns) = @_;
	my $name = $truth->{name};
	my $opener = $name eq "midcapture" ? "" : "client";
	is_deeply([uniq(map { $_->{opener} } @$rows)],
		[@$rows ? $opener : ()], "opener");
	is_deeply([map { "$_->{conn} $_->{attempts}" } @$conns], [map {
		my $c = $_->{conn};
		"$c " . grep { $_->{conn} eq $c } @$rows } @$conns],
		"a row for each attempt");
	is_deeply([map { "$_->{conn} $_->{subflows}" } @$conns], [map {
		my $c = $_->{conn};
		"$c " . grep { $_->{conn} eq $c &&
			$_->{state} eq "established" } @$rows } @$conns],
		"as many established");
	return if $name eq "midcapture";
	my @column = qw(src sport dst dport local_id remote_id backup);
	# a translated source has other addresses and ports
	@column = qw(dst dport local_id remote_id backup)
		if "$name $end" eq "nat server";
	my @want;
	for (@{ $truth->{client_path_manager_events} }) {
		next if !/^\[ *(CREATED|SF_ESTABLISHED)\]/;
		my %f = (backup => 0, /(\w+)=(\S+)/g);
		$f{backup} = 1 if $name eq "backup" && $f{locid};
		push @want, join " ", map { $f{$_} // "" }
			$f{saddr4} ? "saddr4" : "saddr6", "sport",
			$f{daddr4} ? "daddr4" : "daddr6", "dport", "locid",
			"remid", "backup";
		$want[-1] =~ s/^\S+ \S+ // if @column == 5;
	}
	# before it proves to be MPTCP, a connection has no event
	my @got = map { join " ", @$_{@column} } grep {
		$_->{state} eq "established" } @$rows;
	@want = () if !@got;
	is_deeply([sort @got], [sort @want], "addresses, ports and ids");
}

sub ratio { return $_[1] ? sprintf "%.6f", $_[0] / $_[1] : "" }

# Every byte is new once; what follows from that; and what connections sum up.
sub check_sums
{
	my ($truth, $rows, $conns, $segments) = @_;
	my (@bad, %of, %options);
	push @{ $of{ $_->{conn} } }, $_ for @$rows;
	$options{ $_->{conn} } += $_->{option_bytes} || 0 for @$segments;
	# what was on its way when recording began, or its mapping, is not
	my $all_seen = $truth->{name} ne "midcapture";
	for my $c (@$conns) {
		my @of = @{ $of{ $c->{conn} } };
		my $bad = sub { push @bad, "connection $c->{conn}: @_" };
		for my $d ("c2s", "s2c") {
			my $sum = total("${d}_new_bytes", @of);
			$bad->("$d new bytes $sum, not " . $c->{"${d}_bytes"})
				if $all_seen ? $sum != $c->{"${d}_bytes"}
					: $sum > $c->{"${d}_bytes"};
			my $rate = $c->{duration_s} > 0 ? sprintf "%.0f",
				8 * $c->{"${d}_bytes"} / $c->{duration_s} : "";
			$bad->("${d}_goodput_bps")
				if $c->{"${d}_goodput_bps"} ne $rate;
			$bad->("${d}_reinject_ratio") if $c->{"${d}_reinject_ratio"} ne
				ratio($c->{"${d}_reinject_bytes"}, $c->{"${d}_bytes"});
			for my $x (qw(sent_bytes retrans_bytes reinject_bytes
			    dup_sf_bytes after_ack_bytes)) {
				my $is = $c->{"${d}_$x"} // "none";
				my $s = total("${d}_$x", @of);
				$bad->("${d}_$x $is, not $s") if $is ne $s;
			}
			for my $r (@of) {
				my %r = map { $_ => $r->{"${d}_$_"} }
					map { s/^c2s_//r } grep { /^c2s_/ }
					keys %$r;
				$bad->("stream $r->{stream} $d: sent, " .
					"unique, retrans")
					if $r{sent_bytes} != $r{unique_bytes} +
						$r{retrans_bytes};
				my $mapped = $r{new_bytes} + $r{reinject_bytes} +
					$r{dup_sf_bytes};
				$bad->("stream $r->{stream} $d: unique and mapped")
					if $all_seen ? $mapped != $r{unique_bytes}
						: $mapped > $r{unique_bytes};
				my $data_s = $r{data_pkts} ? $r{last_data_s} -
					$r{first_data_s} : 0;
				my $rate = sub { return $_[1] > 0 ? sprintf "%.0f",
					8 * $_[0] / $_[1] : "" };
				my %want = (
				    share => ratio($r{sent_bytes},
					total("${d}_sent_bytes", @of)),
				    goodput_share => ratio($r{new_bytes}, $sum),
				    throughput_bps => $rate->($r{sent_bytes},
					$r->{duration_s}),
				    goodput_bps => $rate->($r{new_bytes},
					$r->{duration_s}),
				    data_throughput_bps => $rate->(
					$r{sent_bytes}, $data_s),
				    data_goodput_bps => $rate->($r{new_bytes},
					$data_s));
				for (sort keys %want) {
					$bad->("stream $r->{stream} ${d}_$_ " .
						"$r{$_}, not $want{$_}")
						if $r{$_} ne $want{$_};
				}
			}
		}
		$bad->("conn_id") if grep { $_->{conn_id} ne $c->{conn_id} } @of;
		my $unused = grep { $_->{state} eq "established" &&
			!$_->{c2s_sent_bytes} && !$_->{s2c_sent_bytes} } @of;
		$bad->("unused_subflows") if $c->{unused_subflows} ne $unused;
		my ($first) = grep { $_->{sf} == 0 } @of;
		$bad->("handshake_rtt_s")
			if $c->{handshake_rtt_s} ne $first->{handshake_rtt_s};
		my $second = min(grep { $_ ne "" } map { $_->{join_delay_s} } @of) // "";
		$bad->("second_subflow_s") if $c->{second_subflow_s} ne $second;
		$bad->("option_bytes")
			if $c->{option_bytes} ne $options{ $c->{conn} };
	}
	is(scalar @bad, 0, "sums of connections and subflows");
	diag($_) for @bad[0 .. min(5, $#bad)];
	return if $truth->{name} =~ /^(midcapture|fastclose|abort-server|csum-fail-single)$/;
	# The client sends 16 bytes of header before its numbered lines.
	my $n = @$conns;
	is(total("c2s_new_bytes", @$rows), $n * ($truth->{traffic}{up} + 16),
		"bytes up");
	is(total("s2c_new_bytes", @$rows), $n * $truth->{traffic}{down},
		"bytes down");
}

# ---- the emulator -----------------------------------------------------------

# Adds from .. to to the ranges, and gives the bytes that are new, and the
# lowest of them.
sub cover
{
	my ($ranges, $from, $to) = @_;
	my $i = @$ranges;
	$i-- while $i > 0 && $ranges->[$i - 1][1] >= $from;
	my ($j, $at, $new, $lowest) = ($i, $from, 0);
	my ($lo, $hi) = ($from, $to);
	for (; $j < @$ranges && $ranges->[$j][0] <= $to; $j++) {
		my ($f, $t) = @{ $ranges->[$j] };
		if ($f > $at) {
			$new += $f - $at;
			$lowest //= $at;
		}
		$at = $t if $t > $at;
		$lo = $f if $f < $lo;
		$hi = $t if $t > $hi;
	}
	if ($at < $to) {
		$new += $to - $at;
		$lowest //= $at;
	}
	splice @$ranges, $i, $j - $i, [$lo, $hi];
	return ($new, $lowest);
}

# What columns should be for these segments, in their order.
sub columns
{
	my %c = map { $_ => 0 } qw(pkts data_pkts sent_bytes unique_bytes
		retrans_bytes retrans_pkts ooo_pkts);
	my $highest = 0;
	my @ranges;
	for my $s (@_) {
		$c{pkts}++;
		next if !$s->{len};
		my $to = $s->{rel} + $s->{len};
		my ($new, $lowest) = cover(\@ranges, $s->{rel}, $to);
		$c{data_pkts}++;
		$c{sent_bytes} += $s->{len};
		$c{unique_bytes} += $new;
		$c{retrans_bytes} += $s->{len} - $new;
		$c{retrans_pkts}++ if $new < $s->{len};
		$c{ooo_pkts}++ if $new && $lowest < $highest;
		$highest = $to if $to > $highest;
	}
	return \%c;
}

# The emulator's segments of a row and direction as this end saw them, in order.
# Lost ones were sent, but did not arrive.
sub crossed
{
	my ($truth, $links, $end, $row, $d) = @_;
	my $port = $row->{sport};
	$port = $NAT{$port} // $port if $truth->{name} eq "nat";
	my $list = $links->{"$port $row->{dport}"}[ $d eq "c2s" ? 0 : 1 ];
	return sort { $a->{in_ns} <=> $b->{in_ns} } @$list
		if $d eq direction($end);
	return sort { $a->{out_ns} <=> $b->{out_ns} }
		grep { $_->{fate} eq "sent" } @$list;
}

# Each subflow's packets and bytes, sent again and out of order, at both ends.
sub check_links
{
	my ($truth, $links, $end, $rows, $segments) = @_;
	my $name = $truth->{name};
	my $last = @$segments ? $segments->[-1]{time_ns} : 0;
	# The emulator's duplicates are not in its list; they have the IP id of
	# the first. (Not every segment has one: ACKs and RSTs may have id 0.)
	my (%sent, @twice);
	for my $s ($name eq "reorder-dup" ? @$segments : ()) {
		push @twice, $s if $s->{ip_id} && $s->{dir} ne direction($end) &&
			$sent{ "@$s{qw(stream dir ip_id seq)}" }++;
	}
	my (@bad, %first);
	for my $s ($name eq "midcapture" ? @$segments : ()) {
		$first{"$s->{stream} $s->{dir}"} //= $s->{seq};
	}
	for my $r (@$rows) {
		for my $d ("c2s", "s2c") {
			my $when = $d eq direction($end) ? "in_ns" : "out_ns";
			my @s = crossed($truth, $links, $end, $r, $d);
			# recording ended before all was over
			@s = grep { $_->{$when} <= $last + 1e9 * $BESIDE } @s;
			# or began late
			my $from = $first{"$r->{stream} $d"};
			@s = grep { unpack("l", pack "l", $_->{seq} - $from) >= 0 }
				@s if defined $from;
			my $want = columns(@s);
			delete $want->{pkts} if defined $from;
			for (grep { $_->{stream} == $r->{stream} &&
			    $_->{dir} eq $d } @twice) {
				$want->{pkts}++;
				next if !$_->{len};
				$want->{$_}++ for qw(data_pkts retrans_pkts);
				$want->{$_->[0]} += $_->[1]
					for ["sent_bytes", $_->{len}],
						["retrans_bytes", $_->{len}];
			}
			delete @$want{qw(pkts data_pkts retrans_pkts)}
				if $LARGE{"$name $end"} && $d eq direction($end);
			for (sort keys %$want) {
				my $is = $r->{"${d}_$_"};
				push @bad, "stream $r->{stream} ${d}_$_: $is, " .
					"emulator $want->{$_}" if $is ne $want->{$_};
			}
		}
	}
	is(scalar @bad, 0, "packets and bytes as they crossed the links");
	diag($_) for @bad[0 .. min(5, $#bad)];
}

# Round trip times and what else is a difference of times, by the emulator's own
# stamps: to the ACK's way out from the way in of the last byte it covers.
sub check_times
{
	my ($truth, $links, $end, $rows, $conns) = @_;
	my $name = $truth->{name};
	# no data ACK can come before a path's delay there and back
	my $did = $truth->{links_did};
	my $least = min map { my $l = $_; sum0(map { $did->{"link $l $_"}{delay_ms}{min}
		} "c2s", "s2c") / 1000 } grep { $did->{"link $_ c2s"} } 0, 1;
	my @data_rtt = grep { $_ ne "" }
		map { $_->{ direction($end) . "_data_rtt_min_s" } } @$conns;
	cmp_ok(min(@data_rtt), ">=", $least, "no data ACK comes too early")
		if @data_rtt;
	# without handshakes; and another hop is between client and emulator
	return if $name eq "midcapture" || "$name $end" eq "nat client";
	my $own = direction($end);
	my (@bad, %syn);
	my $near = sub {
		my ($r, $column, $want, $within) = @_;
		my $is = $r->{$column};
		my $diff = abs(($is eq "" ? 1e9 : $is) - $want);
		push @bad, "stream $r->{stream} $column: $is, emulator $want"
			if $diff > ($within // $BESIDE);
	};
	for my $r (@$rows) {
		my @c2s = crossed($truth, $links, $end, $r, "c2s");
		my @s2c = crossed($truth, $links, $end, $r, "s2c");
		my @syns = grep { $_->{flags} & 2 } @c2s, @s2c;
		my ($ack) = grep { !($_->{flags} & 2) } @c2s;
		my $when = $end eq "client" ? "in_ns" : "out_ns";
		my $back = $end eq "client" ? "out_ns" : "in_ns";
		my $last = max(map({ $_->{$when} } @c2s), map({ $_->{$back} } @s2c));
		$near->($r, "duration_s", ($last - $c2s[0]{$when}) / 1e9)
			if $name ne "backup";	# the end is not in the capture
		$near->($r, "start_ns", $c2s[0]{$when}, 1e9 * $BESIDE);
		$syn{ $r->{conn} } //= $c2s[0]{$when} if $r->{sf} eq "0";
		$near->($r, "handshake_rtt_s", ($ack->{$when} -
			$c2s[0]{$when}) / 1e9) if @syns == 2 && !($ack->{flags} & 4);
		$near->($r, "join_delay_s", ($c2s[0]{$when} -
			$syn{ $r->{conn} }) / 1e9) if $r->{sf} ne "" && $r->{sf} > 0;
		for (["c2s", $when, @c2s], ["s2c", $back, @s2c]) {
			my ($d, $at, @data) = @$_;
			@data = grep { $_->{len} } @data;
			next if !@data || $r->{conn} eq "";
			$near->($r, "${d}_first_data_s", ($data[0]{$at} -
				$syn{ $r->{conn} }) / 1e9);
			$near->($r, "${d}_last_data_s", ($data[-1]{$at} -
				$syn{ $r->{conn} }) / 1e9);
		}
		my ($data, $acks) = $own eq "c2s" ? (\@c2s, \@s2c)
			: (\@s2c, \@c2s);
		# what was sent again, or cut, leaves doubts of its own
		next if $LARGE{"$name $end"} || columns(@$data)->{retrans_pkts} ||
			grep({ $_->{flags} & 4 } @$data, @$acks) ||
			grep({ $_->{flags} & 1 } @$data) > 1 || @syns != 2;
		my ($rtt, $flight) = round_trips($data, $acks);
		$near->($r, "${own}_rtt_samples", scalar @$rtt, 0);
		next if !@$rtt;
		$near->($r, "${own}_rtt_max_s", max(@$rtt));
		$near->($r, "${own}_rtt_min_s", min(@$rtt), $BESIDE / 2);
		$near->($r, "${own}_rtt_mean_s", sum0(@$rtt) / @$rtt, $BESIDE / 2);
		# two segments at most between the capture and the emulator
		$near->($r, "${own}_inflight_max_bytes", $flight, 2 * 1424);
	}
	is(scalar @bad, 0, "times as on the links");
	diag($_) for @bad[0 .. min(5, $#bad)];
}

# -> samples in s, and the most bytes in flight at any segment with payload
sub round_trips
{
	my ($data, $acks) = @_;
	my $isn = $data->[0]{seq};
	my ($acked, $at, $flight, $end, @rtt) = (1, 0, 0, 0);
	my $length = sub { $_[0]{len} + !!($_[0]{flags} & 1) +
		!!($_[0]{flags} & 2) };
	my @event = sort { $a->[0] <=> $b->[0] } map({ [$_->{in_ns}, $_, 0] }
		@$data), map({ [$_->{out_ns}, $_, 1] } @$acks);
	for (@event) {
		my ($now, $s, $is_ack) = @$_;
		if (!$is_ack) {
			next if !$s->{len};
			$end = $s->{rel} + $s->{len};
			$flight = max($flight, $end - $acked);
			next;
		}
		my $ack = unpack "l", pack "l", $s->{ack} - $isn;
		next if !($s->{flags} & 16) || $ack <= $acked;
		$at++ while $data->[$at]{rel} + $length->($data->[$at]) < $ack;
		push @rtt, ($now - $data->[$at]{in_ns}) / 1e9;
		$acked = $ack;
	}
	return (\@rtt, $flight);
}

# ---- the kernels ------------------------------------------------------------

# TCP's own counters.
sub check_tcp
{
	my ($truth, $end, $rows, $segments) = @_;
	my $name = $truth->{name};
	my $n = sub { counter($truth, $end, @_) };
	my ($own, $back) = (direction($end), direction(other($end)));
	my (%fin, %syn, %last, %ranges);
	my ($control, $resent, $above) = (0, 0, 0);
	for my $s (@$segments) {
		if ($s->{dir} eq $back) {
			$control++ if !$s->{len} && $s->{flags} =~ /[SFR]/;
			next if !$s->{len};
			my $ranges = $ranges{ $s->{stream} } //= [];
			my ($new) = cover($ranges, $s->{rel_seq},
				$s->{rel_seq} + $s->{len});
			$above++ if !$new && $s->{rel_seq} >= $ranges->[0][1];
			next;
		}
		$resent++ if $s->{flags} =~ /S/ && $syn{ $s->{stream} }++;
		$resent++ if $s->{flags} =~ /F/ && $fin{ $s->{stream} }++;
		$last{ $s->{stream} } //= $s->{len} if $s->{flags} =~ /F/;
	}
	# a FIN counts when it travels without data
	my $alone = grep { !$_ } values %last;
	my $new = total("${own}_data_pkts", @$rows) -
		total("${own}_retrans_pkts", @$rows);
	is($new + $alone, $n->("TCPOrigDataSent"), "segments with new data")
		if $name ne "midcapture" && !$LARGE{"$name $end"};

	# On a path that is dead some timers fire and send nothing. What TSO cut
	# counts as several. A SYN/ACK is sent before there is a socket.
	my $again = total("${own}_retrans_pkts", @$rows) + $resent;
	my $timers = $n->("TCPFastRetrans") + $n->("TCPTimeouts") +
		$n->("TCPLossProbes") + ($end eq "server" && $n->("TCPSynRetrans"));
	if ($name =~ /^(handover|handover-back|backup)$/) {
		cmp_ok($again, "<=", $timers, "segments sent again");
		cmp_ok($again, ">=", $timers - 1, "segments sent again, most");
	} elsif ($LARGE{"$name $end"}) {
		my $bytes = total("${own}_retrans_bytes", @$rows);
		cmp_ok($bytes, "<=", 1424 * $timers, "bytes sent again");
		cmp_ok($bytes, ">=", 1400 * $timers, "bytes sent again, most");
	} else {
		is($again, $timers, "segments sent again");
	}
	# those above a hole count elsewhere (TCPDSACKOfoSent)
	is(total("${back}_retrans_pkts", @$rows), $n->("TCPDSACKOldSent") + $above,
		"segments that came again");

	my $pure = total("${back}_pkts", @$rows) -
		total("${back}_data_pkts", @$rows) - $control;
	if ($name eq "midcapture") {
		cmp_ok($pure, "<=", $n->("TCPPureAcks"), "ACKs that came, of all");
	} elsif ($name =~ /^(addaddr|removeaddr|fastclose|reorder-dup)$/) {
		# those to a socket that is gone, and those that reordering and
		# PAWS made old, are not looked at
		cmp_ok($pure, ">=", $n->("TCPPureAcks"), "ACKs that came, all");
	} else {
		is($pure, $n->("TCPPureAcks"), "ACKs that came");
	}

	# Who sends a FIN before it has one waits for both: when FINs cross, each
	# end is the first in its own eyes.
	is(scalar(grep { $_->{close} eq "fin" && $_->{closed_by} eq $end } @$rows),
		$n->("TW"), "closed by this end");
}

# Data that came though it was here already. A kernel counts the segments that have
# some when they move from their subflow to the connection. That is exact, but for
# segments that were merged in the queue of the subflow before (TCPRcvCoalesce),
# while they waited behind a hole or, with checksums, for the rest of a mapping.
# Not counted, as nothing of it can be seen: RcvWndShared, SndWndShared, and
# TCPFromZeroWindowAdv, for no packet here has a window of 0.
sub check_duplicates
{
	my ($truth, $end, $rows, $conns, $segments) = @_;
	my $name = $truth->{name};
	my $back = direction(other($end));
	my $n = sub { counter($truth, $end, @_) };
	my $kernel = $n->("DuplicateData");
	my $merged = $n->("TCPRcvCoalesce");
	my $count = arrivals($end, $segments);
	if ($name eq "csum-fail") {
		cmp_ok($kernel, "<=", $count->{DuplicateData},
			"segments with old data, most");
		cmp_ok($kernel, ">=", $count->{DuplicateData} - $merged,
			"segments with old data");
	} else {
		is($count->{DuplicateData}, $kernel + ($kernel && $merged),
			"segments with old data");
	}
	# those that wait for what another subflow brings
	for ("OFOQueue", "OFOQueueTail", "OFOMerge") {
		next if $name =~ /^(midcapture|checksum|csum-fail|loss|tso-loss|slowreader)$/;
		# buffers from a tun device cannot be merged
		next if $_ eq "OFOMerge" && $name eq "tun-any";
		is($count->{$_}, $n->($_), "$_");
	}

	my ($other, $same, $blocks, $above) = repeats($back, $segments,
		map { $_->{stream} } grep { $_->{state} eq "fallback" } @$rows);
	is(total("${back}_reinject_bytes", @$rows), $other,
		"bytes that came on another subflow before");
	is(total("${back}_dup_sf_bytes", @$rows), $same,
		"bytes that came on the same subflow before");
	cmp_ok($other + $same, $kernel ? ">" : "==", 0,
		"some came before, as the kernel says") if $name ne "midcapture";
	is(total("${back}_blocks", @$conns), $blocks, "blocks");
	is(total("${back}_switches", @$conns),
		sum0(map { max(0, $_->{"${back}_blocks"} - 1) } @$conns), "switches");
	is(total("${back}_ofo_max_bytes", @$conns), $above, "data above a hole")
		if $name ne "midcapture";
	# the sender: data that went out again
	my $own = direction($end);
	cmp_ok(total("${own}_reinject_bytes", @$rows) +
		total("${own}_dup_sf_bytes", @$rows), ">", 0, "data sent again")
		if $n->("MPTCPRetrans");
}

# What the receiver's MPTCP counts when these segments move from their subflow, in
# order of its sequence numbers, until it closes the subflow.
sub arrivals
{
	my ($end, $segments) = @_;
	my $own = direction($end);
	my %count = map { $_ => 0 } qw(DuplicateData OFOQueue OFOQueueTail OFOMerge);
	my (%closed, %next, %wait, %ack, %queue);
	my $deliver = sub {
		my ($conn, $from, $to) = @_;
		my $ack = \($ack{$conn} //= 0);
		my $queue = $queue{$conn} //= [];
		if ($from < $$ack) {
			$count{DuplicateData}++;
			return if $to <= $$ack;
			$from = $$ack;
		}
		return enqueue(\%count, $queue, $from, $to) if $from > $$ack;
		$$ack = $to;
		while (@$queue && $queue->[0][0] <= $$ack) {
			my (undef, $end) = @{ shift @$queue };
			$count{DuplicateData}++ if $end <= $$ack;
			$$ack = max($$ack, $end);
		}
	};
	for my $s (grep { $_->{conn} ne "" } @$segments) {
		my $stream = $s->{stream};
		if ($s->{dir} eq $own) {
			$closed{$stream} = 1 if $s->{flags} =~ /[FR]/;
			next;
		}
		next if !$s->{len} || $s->{dsn} eq "" || $closed{$stream};
		$next{$stream} //= 1;
		my $wait = $wait{$stream} //= [];
		push @$wait, [$s->{rel_seq}, $s->{rel_seq} + $s->{len},
			$s->{dsn} - $s->{rel_seq}];
		@$wait = sort { $a->[0] <=> $b->[0] } @$wait if @$wait > 1;
		while (@$wait && $wait->[0][0] <= $next{$stream}) {
			my ($from, $to, $shift) = @{ shift @$wait };
			next if $to <= $next{$stream};
			$deliver->($s->{conn}, max($from, $next{$stream}) + $shift,
				$to + $shift);
			$next{$stream} = $to;
		}
	}
	return \%count;
}

# The out-of-order queue, as Linux keeps it: one buffer holds 18 segments at most,
# and only those that follow each other exactly. What covers several is looked up
# by the one that begins before it.
sub enqueue
{
	my ($count, $queue, $from, $to) = @_;
	my $joins = sub {
		my ($buffer) = @_;
		return 0 if $buffer->[1] != $from || $buffer->[2] == 18;
		$buffer->[1] = $to;
		$buffer->[2]++;
		$count->{OFOMerge}++;
	};
	$count->{OFOQueue}++;
	my $i = @$queue;
	if ($i && $from >= $queue->[-1][1]) {
		$count->{OFOQueueTail}++;
		return if $joins->($queue->[-1]);
	} else {
		$i-- while $i > 0 && $queue->[$i - 1][0] > $from;
		my $before = $i ? $queue->[$i - 1] : [0, 0, 0];
		if ($from < $before->[1] && $to <= $before->[1]) {
			$count->{DuplicateData}++;
			return;
		}
		return if $joins->($before);
		if ($i && $from == $before->[0]) {
			$count->{DuplicateData}++;
			splice @$queue, --$i, 1;
		}
	}
	splice @$queue, $i, 0, [$from, $to, 1];
	while ($i + 1 < @$queue && $to >= $queue->[$i + 1][1]) {
		$count->{DuplicateData}++;
		splice @$queue, $i + 1, 1;
	}
}

# -> bytes new to their subflow whose DSN was seen before, on another subflow, and
# on the same one (none was on both); the runs of new data on one subflow; and the
# most bytes that stood above a hole of their connection
sub repeats
{
	my ($d, $segments, @plain) = @_;
	my ($other, $same, $blocks) = (0, 0, 0);
	my (%subflow, %data, %by, %last, %above);
	for my $s (@$segments) {
		my ($conn, $stream, $dsn) = @$s{qw(conn stream dsn)};
		$dsn = $s->{rel_seq} - 1 if grep { $_ == $stream } @plain;
		next if $s->{dir} ne $d || !$s->{len} || $dsn eq "";
		my ($new) = cover($subflow{$stream} //= [], $s->{rel_seq},
			$s->{rel_seq} + $s->{len});
		next if !$new;		# partly new: not in these captures
		my $to = $dsn + $s->{len};
		my ($fresh) = cover($data{$conn} //= [], $dsn, $to);
		my ($mine) = cover($by{$conn}{$stream} //= [], $dsn, $to);
		$same += $s->{len} - $mine;
		$other += $mine - $fresh;
		if ($fresh) {
			$blocks++ if ($last{$conn} // "") ne $stream;
			$last{$conn} = $stream;
		}
		my ($in_order, @rest) = @{ $data{$conn} };
		unshift @rest, $in_order if $in_order->[0] > 0;
		$above{$conn} = max($above{$conn} // 0,
			sum0(map { $_->[1] - $_->[0] } @rest));
	}
	return ($other, $same, $blocks, sum0(values %above));
}

# How attempts ended, and who closed what.
sub check_states
{
	my ($truth, $end, $all) = @_;
	my $name = $truth->{name};
	my @rows = grep { $_->{conn} ne "" } @$all;
	my $n = sub { counter($truth, $end, @_) };
	my $is = sub {
		my ($what, $want, $test, @of) = @_;
		is(scalar(grep { $test->() } @of), $want || 0, $what);
	};
	my $join = sub { $_->{sf} ne "" && $_->{sf} > 0 };
	my $up = sub { $_->{state} eq "established" };
	if ($name ne "midcapture") {
		$is->("joins", $n->($end eq "client" ? "MPJoinSynTx"
			: "MPJoinSynRx"), $join, @rows);
		$is->("joins established", $n->($end eq "client" ? "MPJoinSynAckRx"
			: "MPJoinAckRx"), sub { $join->() && $up->() }, @rows);
		$is->("to a port of its own", $n->($end eq "client"
			? "MPJoinPortSynAckRx" : "MPJoinPortAckRx"),
			sub { $up->() && $_->{dport} != 5201 }, @rows);
		$is->("backup joins", counter($truth, "server", "MPJoinSynBackupRx"),
			sub { $_->{backup} }, @rows);
	}
	# the SYN/ACK has no option, or nothing that comes after it has
	$is->("fallback", $n->("MPCapableFallbackSYNACK") +
		$n->("MPCapableFallbackACK") +
		($name eq "tcp-server-mptcp-client" && $end eq "server"),
		sub { $_->{state} eq "fallback" }, @rows);
	$is->("no_join_in_synack", "$name $end" eq "join-stripped client",
		sub { $_->{state} eq "no_join_in_synack" &&
			$_->{reset_reason} eq "1" && $_->{close} eq "reset:1" &&
			$_->{closed_by} eq "client" }, @rows);
	# the server knows no such connection any more
	$is->("no token found", counter($truth, "server", "MPJoinNoTokenFound"),
		sub { $_->{state} eq "reset" && $_->{close} eq "reset:1" &&
			$_->{closed_by} eq "server" }, @rows);
	# The client sends a RST where the third ACK should come. At the client
	# in abort-server, its RST is before the SYN/ACK.
	$is->("embryonic resets", counter($truth, "server", "EmbryonicRsts"),
		sub { $_->{state} =~ /^(reset|no_join_in_synack)$/ &&
			$_->{closed_by} eq "client" }, @$all);

	# MP_TCPRST: of the one that ends a subflow; a RST for a socket that is no
	# more has none. What a request gets is not counted, nor what close()
	# sends because data was left.
	my $request = "$name $end" eq "abort-server server" ? 1 : 0;
	$request = 0, @rows = () if $name eq "many";
	my $left = $n->("TCPAbortOnData");
	$is->("resets with a reason sent", $n->("MPRstTx") + $left, sub {
		$_->{close} =~ /^reset:/ && $_->{closed_by} eq $end }, @rows);
	$is->("resets with a reason received", $n->("MPRstRx") + $request, sub {
		$_->{close} =~ /^reset:/ && $_->{closed_by} ne $end }, @rows);
	return if $name eq "many";
	$is->("checksum error", counter($truth, "client", "MPRstRx") &&
		counter($truth, "server", "DataCsumErr"),
		sub { $_->{close} eq "reset:6" && $_->{closed_by} eq "server" &&
			$_->{reset_reason} eq "6" }, @rows);
	$is->("removed with its address", counter($truth, "client", "RmSubflow") ||
		counter($truth, "server", "RmSubflow"),
		sub { $name =~ /addr/ && $_->{close} eq "reset:0" &&
			$_->{closed_by} eq "server" }, @rows);
	$is->("still open", counter($truth, "server", "MPCurrEstab"),
		sub { $_->{close} eq "open" && $_->{closed_by} eq "" }, @rows);
	# the dead path: no FIN comes through, and none is acknowledged
	$is->("silent", $name =~ /^(handover|backup)$/ ? 1 : 0, sub {
		$_->{close} eq "silent" && $_->{sf} == 0 &&
			$_->{closed_by} eq ($end eq "server" ? "server" : "") },
		@rows);
}

# ADD_ADDR, REMOVE_ADDR, MP_PRIO, and what was sent over backup paths.
sub check_announced
{
	my ($truth, $links, $end, $rows, $conns) = @_;
	my $n = sub { counter($truth, $end, @_) };
	is(total("add_addrs", @$conns), $n->("AddAddrTx") + $n->("AddAddr"),
		"ADD_ADDR, no echo");
	is(total("remove_addrs", @$conns), $n->("RmAddrTx") + $n->("RmAddr"),
		"REMOVE_ADDR");
	is(total("prio_changes", @$conns), $n->("MPPrioTx") + $n->("MPPrioRx"),
		"MP_PRIO");
	my $backup = total("backup_bytes", @$conns);
	my ($join) = grep { $_->{sf} == 1 } @$rows;
	if ($truth->{name} eq "prio") {
		# what went out from one command to the other; MP_PRIO goes the
		# same way, so that it is the same at the server
		my ($from, $to) = map { $_->[0] * 1e9 } @{ $truth->{events_during} };
		my @sent = grep { $_->{in_ns} >= $from && $_->{in_ns} < $to }
			crossed($truth, $links, $end, $join, "c2s");
		near($backup, total("len", @sent), 3 * 1424, "bytes over a backup");
	} else {
		is($backup, $truth->{name} eq "backup" ? $join->{c2s_sent_bytes} : 0,
			"bytes over a backup");
	}
}

# What a capture's place does not change.
sub check_both_ends
{
	my ($truth, $links, $client, $server) = @_;
	my $name = $truth->{name};
	return pass("not from the start") if $name eq "midcapture";
	my %at_server = map { $_->{sport} => $_ } @$server;
	my $any_lost = grep { $_->{fate} ne "sent" } map { map { @{ $_ // [] } }
		@$_ } values %$links;
	my @always = qw(local_id remote_id backup opener);
	my @whole = map { ("c2s_$_", "s2c_$_") } qw(mss wscale win_min_bytes
		win_max_bytes zero_window sent_bytes unique_bytes retrans_bytes);
	my @uncut = map { ("c2s_$_", "s2c_$_") } qw(pkts data_pkts);
	my @once = map { ("c2s_$_", "s2c_$_") } qw(new_bytes reinject_bytes
		dup_sf_bytes goodput_share);
	my @bad;
	is(scalar @$client, scalar @$server, "as many subflows");
	# data that went out once is new wherever it is seen
	my $once = !grep { my $r = $_; grep { ($r->{"${_}_unique_bytes"} || 0) !=
		($r->{"${_}_new_bytes"} || 0) } "c2s", "s2c" } @$client, @$server;
	for my $c (@$client) {
		my $port = $name eq "nat" ? $NAT{ $c->{sport} } : $c->{sport};
		my $s = $at_server{$port};
		my @links = @{ $links->{"$port $c->{dport}"} };
		my $lost = grep { $_->{fate} ne "sent" } map { @$_ } @links;
		# not where one end sees no MPTCP
		my $mptcp = $c->{conn} ne "" && $s->{conn} ne "";
		my @columns = $mptcp ? @always : ();
		if (!$lost && $name ne "reorder-dup") {
			push @columns, @whole;
			push @columns, @uncut if $name !~ /^(tso|tso-loss|nat)$/;
			push @columns, "c2s_share", "s2c_share" if $mptcp && !$any_lost;
			push @columns, "close", "state" if $mptcp &&
				$name !~ /^fallback/;
		}
		push @columns, @once if $once;
		for (@columns) {
			push @bad, "port $c->{sport} $_: client $c->{$_}, " .
				"server $s->{$_}" if $c->{$_} ne $s->{$_};
		}
		near($c->{handshake_rtt_s}, $s->{handshake_rtt_s}, $BESIDE,
			"port $c->{sport}: handshake") if !$lost &&
			$name !~ /^(nat|jitter)$/ && $c->{handshake_rtt_s} ne "";
	}
	is(scalar @bad, 0, "the same at both ends");
	diag($_) for @bad[0 .. min(9, $#bad)];
}
