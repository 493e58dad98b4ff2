# What tcptrace says of a stream, by its definitions, over rows of mptcp-extract.
package Tcptrace;
use strict;
use warnings;
use Exporter 'import';
use List::Util qw(max min);

our @EXPORT = qw(us follow);

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

1;
