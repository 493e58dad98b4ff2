# Figures of subflows against what the link emulator did to each segment and when.
package Links;
use strict;
use warnings;
use Exporter 'import';
use List::Util qw(max min sum0);
use Test::More;
use Truth;

our @EXPORT = qw(check_links check_times);

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

1;
