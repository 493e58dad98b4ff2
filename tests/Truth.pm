# What tests against the truth of a pair of captures share: its ends, and what the
# link emulator between them did to each segment.
package Truth;
use strict;
use warnings;
use Exporter 'import';
use Compress::Zlib;
use List::Util qw(sum0);
use Test::More;

our @EXPORT = qw(%LARGE %NAT $BESIDE other direction total near cover read_links crossed);

# Segments leave this end larger than they cross the links (TSO, GSO).
our %LARGE = map { $_ => 1 } "tso client", "tso server", "tso-loss client",
	"nat client";
# client port before and after the address translation
our %NAT = (36398 => 32636, 42121 => 59217);
# A capture is taken beside the emulator, not in it. The clock is the same, but a
# segment may take this long from one to the other (s), when the host is busy.
our $BESIDE = 0.004;

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

1;
