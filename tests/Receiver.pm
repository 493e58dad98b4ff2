# What a Linux host counts of data that comes in another order than it was sent:
# its receive path gone through again with the segments of a capture taken there.
#
# A frame as captured, after GRO, is a packet buffer. On its subflow it waits for
# what is missing before it; there, buffers that continue each other become one if
# they are of one mapping. What is in order goes to the connection, with DSS
# checksums only when all of its mapping is there, and waits again, or is thrown
# away where it is known already.
package Receiver;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(receive);

# MAX_SKB_FRAGS: a buffer holds its own page and so many of others.
use constant PAGES => 17;

sub join_buffers
{
	my ($r, $to, $from) = @_;
	return 0 if $to->{pages} + $from->{pages} >= $r->{pages};
	$to->{pages} += $from->{pages} + 1;
	$to->{seq_end} = $from->{seq_end};
	$to->{end} = $from->{end};
	push @{ $to->{pkts} }, @{ $from->{pkts} };
	return 1;
}

sub tcp_joined
{
	my ($r, $to, $from) = @_;
	return 0 if !$to || $to->{seq_end} != $from->{seq} ||
		($from->{map} ne '' && $from->{map} ne $to->{map}) || !join_buffers($r, $to, $from);
	$r->{count}{TCPRcvCoalesce}++;
	return 1;
}

sub data_joined
{
	my ($r, $to, $from) = @_;
	return 0 if $to->{end} != $from->{at} || $from->{cut} || !join_buffers($r, $to, $from);
	$r->{count}{OFOMerge}++;
	return 1;
}

# Into a queue in which buffers begin in ascending order: those that it covers
# leave it. Returns those that left or came in vain.
sub queue
{
	my ($q, $new, $at, $end, $joined) = @_;
	my $i = @$q;
	$i-- while $i && $q->[$i - 1]{$at} > $new->{$at};
	my $before = $i ? $q->[$i - 1] : undef;
	if ($before && $new->{$at} < $before->{$end}) {
		return $new if $new->{$end} <= $before->{$end};
		$i-- if $before->{$at} == $new->{$at};
	} elsif ($before && $joined->($before, $new)) {
		return;
	}
	my $n = 0;
	$n++ while $i + $n < @$q && $q->[$i + $n]{$end} <= $new->{$end};
	return splice @$q, $i, $n, $new;
}

sub tcp_takes
{
	my ($r, $s, $new) = @_;
	my $joined = sub { tcp_joined($r, @_) };
	return if $new->{seq_end} <= $s->{next};
	if ($new->{seq} > $s->{next}) {
		$r->{count}{TCPOFOQueue}++;
		my @twice = queue($s->{waits}, $new, 'seq', 'seq_end', $joined);
		$r->{count}{tcp_twice} += @twice;
		return;
	}
	for (my $b = $new; $b && $b->{seq} <= $s->{next}; $b = $s->{waits}[0]) {
		shift @{ $s->{waits} } if $b != $new;
		next if $b->{seq_end} <= $s->{next};
		$s->{next} = $b->{seq_end};
		my $last = $s->{ready}[-1];
		push @{ $s->{ready} }, $b if !tcp_joined($r, $last, $b);
	}
}

# To the connection, where it is in order, or waits, or is not new: then a part
# that is new is taken all the same.
sub data_takes
{
	my ($r, $c, $b) = @_;
	my $count = $r->{count};
	my $known = $b->{at} < $c->{ack} ||
		grep { $_->{at} < $b->{end} && $_->{end} > $b->{at} } @{ $c->{waits} };
	$r->{came}{$_} = $known ? 'known' : 'new' for @{ $b->{pkts} };
	if ($b->{at} > $c->{ack}) {
		$count->{OFOQueue}++;
		$count->{OFOQueueTail}++
			if @{ $c->{waits} } && $b->{at} >= $c->{waits}[-1]{end};
		my @twice = queue($c->{waits}, $b, 'at', 'end', sub { data_joined($r, @_) });
		push @{ $r->{duplicates} }, @twice;
		$count->{twice} += @twice;
		return;
	}
	push @{ $r->{duplicates} }, $b if $b->{at} < $c->{ack};
	$c->{ack} = $b->{end} if $c->{ack} < $b->{end};
}

# After all that a subflow handed on at once: what waited for it.
sub data_drains
{
	my ($r, $c) = @_;
	while (@{ $c->{waits} } && $c->{waits}[0]{at} <= $c->{ack}) {
		my $b = shift @{ $c->{waits} };
		if ($b->{end} > $c->{ack}) {
			$c->{ack} = $b->{end};
		} else {
			push @{ $r->{duplicates} }, $b;
		}
	}
}

# What is in order on a subflow, whole mappings if there are checksums. The
# mapping of the first that has to wait is known then and its buffer has it no
# more, so that nothing is joined to it.
sub hand_on
{
	my ($r, $s, $c) = @_;
	my $moved = 0;
	while (my $b = $s->{ready}[0]) {
		if ($b->{map} ne '') {
			@$s{qw(whole bad)} = @$b{qw(whole bad)};
			$b->{map} = '';
		}
		last if $s->{ready}[-1]{seq_end} < $s->{whole};
		$s->{closed} ||= $s->{bad};
		last if $s->{closed};
		shift @{ $s->{ready} };
		next if !defined $c->{ack} || !defined $b->{at};
		$b->{cut} = $s->{taken} > $b->{seq} ? $s->{taken} - $b->{seq} : 0;
		$b->{at} += $b->{cut};
		$s->{taken} = $b->{seq_end};
		data_takes($r, $c, $b);
		$moved = 1;
	}
	data_drains($r, $c) if $moved;
}

sub buffer
{
	my ($s, $row) = @_;
	my $shift = $s->{placed}{ $row->{dss_dsn} };
	my $at = $row->{dsn} ne '' ? $row->{dsn} : defined $shift ? $row->{rel_seq} + $shift : undef;
	my $mapped = $row->{dss_len} ne '';
	my $checked = $mapped && $row->{dss_csum} ne '';
	return {
		seq => $row->{rel_seq}, seq_end => $row->{rel_seq} + $row->{len}, pages => 0,
		map => $mapped ? "@$row{qw(dss_dsn dss_ssn dss_len dss_csum)}" : '',
		whole => $checked ? $row->{map_seq} + $row->{dss_len} : 0,
		bad => $checked && substr($row->{dss_dsn}, -8) eq $s->{fails},
		at => $at, end => defined $at ? $at + $row->{len} : undef, pkts => [$row->{pkt}],
	};
}

# The counters, by the kernel's names, from what mptcp-extract prints of the
# capture; of DuplicateData, `twice` waited in the connection's queue already, and
# of TCPOFOQueue `tcp_twice` in the subflow's.
# $joins is false where the memory of frames can't be joined (a TUN device). Then,
# for who wants more: the packets in each buffer that counts as duplicate data; and
# of each packet that came to the connection, if some of it was 'known' or all 'new'.
sub receive
{
	my ($dir, $joins, @rows) = @_;
	my %count = map { $_ => 0 } qw(TCPOFOQueue TCPRcvCoalesce OFOQueue OFOQueueTail
		OFOMerge twice tcp_twice);
	my $r = { count => \%count, pages => $joins ? PAGES : 0, duplicates => [], came => {} };
	my (%subflow, %conn);

	for my $row (@rows) {
		my $s = $subflow{ $row->{stream} } //=
			{ whole => 0, fails => '-', ready => [], waits => [] };
		# a checksum that is wrong closes the subflow: its mapping is not taken
		$s->{fails} = substr $row->{fail_dsn}, -8
			if $row->{fail_dsn} ne '' && $row->{flags} =~ /R/;
		# where numbers have no known start, a later segment tells the mapping's place
		$s->{placed}{ $row->{dss_dsn} } = $row->{map_dsn} - $row->{map_seq}
			if $row->{dir} eq $dir && $row->{dss_dsn} ne '' && $row->{map_seq} ne '';
	}
	for my $row (@rows) {
		my $s = $subflow{ $row->{stream} };
		my $c = $conn{ $row->{conn} } //= { waits => [] };
		if ($row->{mptcp} =~ /mp_capable/ && $row->{flags} =~ /S/) {
			$c->{began} = 1;
			$c->{ack} = 0;
		}
		# what comes when the host has closed is thrown away
		$s->{closed} = 1 if $row->{flags} =~ /R/ || $row->{dir} ne $dir && $row->{flags} =~ /F/;
		# of what came before the capture began, the host's data ACKs tell
		if ($row->{dir} ne $dir && $row->{dack} ne '' && !$c->{began}) {
			$c->{ack} = $row->{dack} if $row->{dack} > ($c->{ack} // -1);
			$c->{waits} = [grep { $_->{end} > $c->{ack} } @{ $c->{waits} }];
			data_drains($r, $c);
		}
		next if $s->{closed} || $row->{dir} ne $dir || !$row->{len};
		$s->{taken} = $s->{next} = $row->{rel_seq} if !defined $s->{next};
		tcp_takes($r, $s, buffer($s, $row));
		hand_on($r, $s, $c);
	}
	$count{DuplicateData} = @{ $r->{duplicates} };
	return wantarray ? (\%count, [map { $_->{pkts} } @{ $r->{duplicates} }], $r->{came}) : \%count;
}

1;
