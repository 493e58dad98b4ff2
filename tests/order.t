#!/usr/bin/env perl
# mptcp-plotdata ofo and hol: the queues of a receiver, against the kernel's
# count of segments that it put into its out-of-order queue, and against a model
# that looks through all that waits, segment by segment.
use strict;
use warnings;
use File::Basename 'dirname';
use lib dirname($0);
use Tables;
use Test::More;

my $bin = $ENV{BIN} // '.';
my $captures = ($ENV{SHARED} // '../shared') . '/captures';

# Where more was put into the queue than can be seen in a capture: a subflow's
# segments that waited for lost ones are put together before they are handed on
# (fewer), or only whole mappings are, because of checksums (fewer), or the
# recording began later.
my %fewer = map { $_ => 1 } qw(loss tso-loss checksum csum-fail);
my %other = map { $_ => 1 } qw(midcapture addaddr slowreader);

sub plot {
	my ($kind, $dir, $file) = @_;
	return table("$bin/mptcp-plotdata", $kind, '-d', $dir, $file);
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
				push @waiting, { dsn => $h->{dsn}, len => $h->{len}, since => $row->{time_ns} }
					if $h->{dsn} + $h->{len} > $next &&
					!grep { $_->{dsn} == $h->{dsn} } @waiting;
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
				$next = $w->{dsn} + $w->{len} if $next < $w->{dsn} + $w->{len};
				push @hol, "data $w->{dsn} $row->{pkt} " . ($row->{time_ns} - $w->{since})
					if $row->{time_ns} > $w->{since};
				$again = 1;
			}
		}
		my $sum = 0;
		$sum += $_->{len} for @waiting;
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
	map { [$_, "$captures/$_/server.pcap.gz"] } qw(basic handover reorder-dup ipv6 tun-any));
for (@pairs) {
	my ($name, $file) = @$_;
	compare($name, $file, 'c2s') if -e $file;
}

for my $path (glob "$captures/*/truth.json") {
	my $folder = dirname($path);
	(my $name = $folder) =~ s{.*/}{};
	my $truth = read_truth($path);
	for my $end (['server', 'c2s'], ['client', 's2c']) {
		my ($host, $dir) = @$end;
		my $file = "$folder/$host.pcap.gz";
		next if $other{$name} || !-e $file;
		my $queued = counter($truth, $host, 'OFOQueue');
		my $got = grep { $_->{kind} eq 'data' } plot('hol', $dir, $file);
		if ($fewer{$name}) {
			cmp_ok($got, '>=', $queued, "$name, $host: as many as the kernel queued, or more");
		} else {
			is($got, $queued, "$name, $host: as many ranges waited as the kernel queued");
		}
	}
}
done_testing();
