# Counts of subflows, over all and by intervals, against the segments themselves.
package Segments;
use strict;
use warnings;
use Exporter 'import';
use List::Util qw(max min);

our @EXPORT = qw($interval_ns ns segments segments_wrong);
our $interval_ns = 100_000_000;
my @ends = qw(c2s s2c);

sub ns {
	my ($s, $frac) = split /\./, $_[0];
	return $s =~ /^-/ ? $s * 1_000_000_000 - $frac : $s * 1_000_000_000 + $frac;
}

# Some columns of every segment, as one array per column.
sub segments {
	my ($file) = @_;
	my @names = qw(rel_s time_ns stream conn src sport dst dport flags len rel_ack
		win win_bytes option_bytes);
	open my $in, '-|', 'mptcp-extract', '-H', '-o', join(',', @names), $file
		or die "mptcp-extract: $!\n";
	my @rows;
	while (<$in>) {
		chomp;
		my %row;
		@row{@names} = split /\t/, $_, -1;
		push @rows, \%row;
	}
	close $in or die "mptcp-extract $file: status $?\n";
	return \@rows;
}

# What each end of each stream sent, and in which interval, from the segments;
# and the intervals in which its first segment and payload came, and the first
# ACK and that of some payload.
sub sent {
	my ($segments) = @_;
	my (%sent, %by_interval, %first);
	my $now = -1;
	for (@$segments) {
		my $end = "$_->{stream} $_->{src} $_->{sport}";
		my $k = int(ns($_->{rel_s}) / $interval_ns);
		$now = $k if $k > $now;		# a late segment counts now
		$first{$end}{data} //= $now if $_->{len};
		$first{$end}{any} //= $now;
		my $answered = "$_->{stream} $_->{dst} $_->{dport}";
		$first{$answered}{answer} //= $now if $_->{rel_ack} ne '';
		$first{$answered}{ack} //= $now if $_->{rel_ack} ne '' && $_->{rel_ack} > 2;
		for my $s ($sent{$end} //= {}, $by_interval{"$now $end"} //= {}) {
			$s->{pkts}++;
			$s->{data_pkts} += $_->{len} > 0;
			$s->{sent_bytes} += $_->{len};
			next if $_->{flags} =~ /[SR]/;
			$s->{zero_window} += $_->{win} eq '0';
			next if $_->{win_bytes} eq '';
			my $win = $_->{win_bytes};
			$s->{win_min_bytes} = min($win, $s->{win_min_bytes} // $win);
			$s->{win_max_bytes} = max($win, $s->{win_max_bytes} // $win);
		}
	}
	return (\%sent, \%by_interval, \%first);
}

# Whether all that is known of an end's segments, or of its payload, up to this
# interval, is that it was acknowledged.
sub unseen {
	my ($first, $what, $ack, $k) = @_;
	return defined $first->{$ack} && $first->{$ack} <= $k &&
		!(defined $first->{$what} && $first->{$what} <= $k);
}

# A row's counts against those of the segments of its two ends, of interval $k
# or of all.
sub compare_sent {
	my ($wrong, $what, $row, $sent, $first, $k) = @_;
	my %end = (c2s => "$row->{src} $row->{sport}", s2c => "$row->{dst} $row->{dport}");
	for my $d (@ends) {
		my $end = "$row->{stream} $end{$d}";
		my $s = $sent->{defined $k ? "$k $end" : $end} // {};
		for my $c (qw(pkts data_pkts sent_bytes zero_window)) {
			my @missing = $c =~ /^(?:data_pkts|sent_bytes)$/ ? qw(data ack) : qw(any answer);
			my $want = unseen($first->{$end}, @missing, $k // 9**9**9) ? '' : $s->{$c} // 0;
			push @$wrong, "$what: ${d}_$c '$row->{$d.'_'.$c}', not '$want'"
				if $row->{"${d}_$c"} ne $want;
		}
		for my $c (qw(win_min_bytes win_max_bytes)) {
			push @$wrong, "$what: ${d}_$c $row->{$d.'_'.$c}, not " . ($s->{$c} // 'empty')
				if $row->{"${d}_$c"} ne ($s->{$c} // '');
		}
	}
}

sub segments_wrong {
	my ($t) = @_;
	my @wrong;
	my ($sent, $by_interval, $first) = sent($t->{segments});
	my %in_conn = map { ($_->{stream} => 1) } grep { $_->{conn} ne '' } @{$t->{segments}};
	my %streams = map { ($_->{stream} => 1) } @{$t->{segments}};
	my %row = map { ($_->{stream} => $_) } @{$t->{subflows}};

	push @wrong, "rows of @{[sort keys %row]}, but streams @{[sort keys %in_conn]} have a connection"
		if join(' ', sort keys %row) ne join(' ', sort keys %in_conn);
	push @wrong, 'not one row per stream' if keys %row != @{$t->{subflows}};
	compare_sent(\@wrong, "stream $_->{stream}", $_, $sent, $first) for @{$t->{subflows}};
	push @wrong, '-t: not a row for each of the ' . keys(%streams) . ' streams'
		if join(' ', sort keys %streams) ne join(' ', sort map { $_->{stream} } @{$t->{all}});
	compare_sent(\@wrong, "-t: stream $_->{stream}", $_, $sent, $first) for @{$t->{all}};
	for (@{$t->{subflows_i}}) {
		my $k = int(ns($_->{interval_s}) / $interval_ns);
		compare_sent(\@wrong, "stream $_->{stream} at $_->{interval_s}", $_, $by_interval, $first, $k);
	}
	return @wrong;
}

1;
