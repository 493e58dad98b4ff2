# Figures of subflows and connections against the counters of both kernels.
package Counters;
use strict;
use warnings;
use Exporter 'import';
use List::Util qw(max sum0);
use Tables qw(counter);
use Test::More;
use Truth;

our @EXPORT = qw(check_tcp check_duplicates);

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

1;
