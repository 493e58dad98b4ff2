#!/usr/bin/env perl
# mptcp-plotdata ofo and hol: the queues of a receiver, against the kernel's
# count of what it put into its out-of-order queue, and against a model that looks
# through all that waits, segment by segment.
use strict;
use warnings;
use File::Basename 'dirname';
use lib dirname($0);
use Tables;
use Receiver;
use Test::More;

my $bin = $ENV{BIN} // '.';
my $captures = ($ENV{SHARED} // '../shared') . '/captures';

sub plot {
	my ($kind, $dir, $file) = @_;
	return table("$bin/mptcp-plotdata", $kind, '-d', $dir, $file);
}

# Parts of what came that are neither in order already nor waiting.
sub missing {
	my ($next, $from, $to, @waiting) = @_;
	my @parts = ([$from < $next ? $next : $from, $to]);
	for my $w (@waiting) {
		@parts = map { ([$_->[0], $_->[1] < $w->{dsn} ? $_->[1] : $w->{dsn}],
			[$_->[0] > $w->{end} ? $_->[0] : $w->{end}, $_->[1]]) } @parts;
		@parts = grep { $_->[0] < $_->[1] } @parts;
	}
	return grep { $_->[0] < $_->[1] } @parts;
}

# What a host does: in order on the subflow, then in order in the data.
sub model {
	my ($dir, @rows) = @_;
	my (%edge, %held, @waiting, @hol, @ofo, %had);
	my ($next, $bytes) = (0, 0);
	for my $row (@rows) {
		if ($row->{dir} ne $dir || !$row->{len} || $row->{dsn} eq '') {
			next;
		}
		my ($s, $seq, $end) = ($row->{stream}, $row->{rel_seq}, $row->{rel_seq} + $row->{len});
		$edge{$s} //= 1;
		next if $end <= $edge{$s} || $had{"$s $seq"}++;
		push @{ $held{$s} }, { %$row, end => $end };
		for (my $again = 1; $again;) {
			$again = 0;
			for my $h (splice @{ $held{$s} }) {
				if ($h->{rel_seq} > $edge{$s}) {
					push @{ $held{$s} }, $h;
					next;
				}
				$edge{$s} = $h->{end} if $edge{$s} < $h->{end};
				push @hol, "subflow $h->{dsn} $row->{pkt} " . ($row->{time_ns} - $h->{time_ns})
					if $row->{time_ns} > $h->{time_ns};
				push @waiting, map { { dsn => $_->[0], end => $_->[1], since => $row->{time_ns} } }
					missing($next, $h->{dsn}, $h->{dsn} + $h->{len}, @waiting);
				$again = 1;
			}
		}
		for (my $again = 1; $again;) {
			$again = 0;
			for my $w (splice @waiting) {
				if ($w->{dsn} > $next) {
					push @waiting, $w;
					next;
				}
				$next = $w->{end} if $next < $w->{end};
				push @hol, "data $w->{dsn} $row->{pkt} " . ($row->{time_ns} - $w->{since})
					if $row->{time_ns} > $w->{since};
				$again = 1;
			}
		}
		my $sum = 0;
		$sum += $_->{end} - $_->{dsn} for @waiting;
		push @ofo, "$row->{pkt} $sum" if $sum != $bytes;
		$bytes = $sum;
	}
	return (\@hol, \@ofo);
}

sub compare {
	my ($name, $file, $dir) = @_;
	my ($hol, $ofo) = model($dir, table("$bin/mptcp-extract", '-m', $file));
	my @got = map { "$_->{kind} $_->{dsn} $_->{pkt} " . sprintf('%.0f', $_->{y} * 1e9) }
		plot('hol', $dir, $file);
	is(join("\n", sort @got), join("\n", sort @$hol), "$name: hol, as the model");
	@got = map { "$_->{pkt} $_->{y}" } grep { $_->{series} eq 'data' } plot('ofo', $dir, $file);
	is(join("\n", @got), join("\n", @$ofo), "$name: ofo, as the model");
	cmp_ok(scalar @got, '>', 0, "$name: something waits");
}

my @pairs = (['asym-hol-server', 'examples/asym-hol-server.pcap.gz'],
	map { [$_, "$captures/$_/server.pcap.gz"] } qw(basic handover reorder-dup ipv6 tun-any
		loss tso-loss checksum csum-fail slowreader addaddr));
for (@pairs) {
	my ($name, $file) = @$_;
	compare($name, $file, 'c2s') if -e $file;
}

# Segments that were sent first before the capture began.
sub before {
	my ($truth, $sender, $dir, @rows) = @_;
	my %captured = map { ("$_->{stream} $_->{rel_seq}" => 1) }
		grep { $_->{dir} eq $dir && $_->{len} } @rows;
	return counter($truth, $sender, 'TCPOrigDataSent') - keys %captured;
}

for my $path (glob "$captures/*/truth.json") {
	my $folder = dirname($path);
	(my $name = $folder) =~ s{.*/}{};
	my $truth = read_truth($path);
	for my $end (['server', 'client', 'c2s'], ['client', 'server', 's2c']) {
		my ($host, $sender, $dir) = @$end;
		my $file = "$folder/$host.pcap.gz";
		next if !-e $file;
		my @rows = table("$bin/mptcp-extract", '-m', $file);
		my $model = receive($dir, $name ne 'tun-any', @rows);
		my $queued = counter($truth, $host, 'OFOQueue');
		my @hol = plot('hol', $dir, $file);
		my $got = grep { $_->{kind} eq 'data' } @hol;
		if ($name eq 'midcapture') {
			my $most = $model->{OFOQueue} + before($truth, $sender, $dir, @rows);
			cmp_ok($queued, '>=', $model->{OFOQueue}, "$name, $host: OFOQueue at least");
			cmp_ok($queued, '<=', $most, "$name, $host: OFOQueue at most");
			cmp_ok($got, '<=', $model->{OFOQueue}, "$name, $host: ranges that waited");
			next;
		}
		my ($twice, $tcp_twice) = delete @$model{qw(twice tcp_twice)};
		my %kernel = map { ($_ => counter($truth, $host, $_)) } keys %$model;
		is_deeply($model, \%kernel, "$name, $host: the kernel's counters, gone through again");
		is(scalar(grep { $_->{kind} eq 'subflow' } @hol), $kernel{TCPOFOQueue} - $tcp_twice,
			"$name, $host: as many waited in the queues of subflows, copies not counted");
		# Where each segment went into the queue by itself, so many waited; compare()
		# has the others.
		is($got, $queued, "$name, $host: as many ranges waited as the kernel queued")
			if !$twice && !$kernel{TCPRcvCoalesce};
	}
}
done_testing();
