# Figures of subflows and connections against each other and the segments.
package Sums;
use strict;
use warnings;
use Exporter 'import';
use List::Util qw(min);
use Test::More;
use Truth;

our @EXPORT = qw(check_sums);

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

1;
