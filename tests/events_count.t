#!/usr/bin/env perl
# mptcp-events against a brute-force count over the rows of mptcp-extract: how
# many events there are of each option, and which DSS checksums are right. It
# shares no code with the tool: a checksum is checked where segments of some
# row lead from the beginning of the mapping to its end, one by one.
use strict;
use warnings;
use FindBin qw($Bin);
use lib $Bin;
use Digest::SHA qw(sha1 sha256);
use Tables;
use Test::More;

my $bin = $ENV{BIN} // ".";
my $captures = ($ENV{SHARED} // "../shared") . "/captures";
my @names = qw(checksum csum-fail csum-fail-single addaddr addaddr-port removeaddr prio
	fastclose abort-server fullmesh ipv6 join-stripped);
my @files = grep { -e } (map { ("$captures/$_/client.pcap.gz", "$captures/$_/server.pcap.gz") }
	@names), glob("$captures/reference/{iperf,tcpdump}*.gz"), glob "examples/*.pcap.gz";
plan skip_all => "no captures" if !@files;

for my $file (@files) {
	(my $name = $file) =~ s{^\Q$captures\E/}{};
	my @rows = grep { $_->{conn} ne "" } table("$bin/mptcp-extract", "-m", $file);
	my @events = table("$bin/mptcp-events", "-v", $file);
	is_deeply(counted(@events), expected(@rows), "$name: events of options");
	my ($good, $bad) = checksums(@rows);
	my %said = map { my $kind = $_; $kind => [sort map { "$_->{stream} $_->{dir} $_->{value}" }
		grep { $_->{event} eq "checksum_$kind" } @events] } qw(ok bad);
	is_deeply($said{bad}, [sort keys %$bad], "$name: checksums that are wrong");
	is_deeply($said{ok}, [sort keys %$good], "$name: checksums that are right, " .
		keys(%$good));
}
done_testing();

# event and direction -> how many
sub counted
{
	my %n;
	for (@_) {
		$n{"$_->{event} $_->{dir}"}++ if $_->{event} =~ /^(?:add_addr|add_addr_echo|prio|
			remove_addr|mp_fail|fastclose|tcprst|join_syn|join_synack|join_ack|
			syn_capable|data_fin)$/x;
	}
	return \%n;
}

sub expected
{
	my (%n, %fin);
	for my $r (@_) {
		my @echo = split /,/, $r->{add_echo}, -1;
		my $add = sub { $n{"$_[0] $r->{dir}"} += $_[1] // 1 };
		my $syn = $r->{flags} =~ /S/ ? $r->{flags} =~ /A/ ? "synack" : "syn" : "ack";
		for (split /,/, $r->{mptcp}) {
			$add->("prio") if $_ eq "mp_prio";
			$add->("mp_fail") if $_ eq "mp_fail";
			$add->("fastclose") if $_ eq "mp_fastclose";
			$add->("tcprst") if $_ eq "mp_tcprst";
			$add->("join_$syn") if $_ eq "mp_join";
			$add->("syn_capable") if $_ eq "mp_capable" && $syn eq "syn";
			$add->(shift(@echo) // 0 ? "add_addr_echo" : "add_addr") if $_ eq "add_addr";
		}
		$add->("remove_addr", scalar split /,/, $r->{rm_addr_ids}) if $r->{rm_addr_ids} ne "";
		$add->("data_fin") if $r->{data_fin} =~ /1/ && !$fin{"$r->{conn} $r->{dir}"}++;
	}
	return \%n;
}

# 64-bit numbers wrap around
sub add64 { use integer; return $_[0] + $_[1] }
# Sums of words, 0 and 0xffff being the same
sub plus { my $s = 0; $s += $_ for @_; return $s % 0xffff }
sub swap { my ($v) = @_; return (($v & 0xff) << 8 | $v >> 8) % 0xffff }

# stream, direction and DSN of those that are right, and of those that are wrong
sub checksums
{
	my (%segment, %map, %good, %bad, %base);
	for my $r (@_) {
		# IDSN + 1 of the key, RFC 6824 and 8684 3.1
		my ($key) = $r->{mptcp} =~ /mp_capable/ && $r->{send_key} =~ /^0x(.{16})$/ or next;
		my $hash = $r->{version} ? sha256(pack "H*", $key) : sha1(pack "H*", $key);
		$base{"$r->{conn} $r->{dir}"} //= add64(unpack("Q>", substr $hash, -8), 1);
	}
	for my $r (@_) {
		my $flow = "$r->{stream} $r->{dir}";
		push @{ $segment{$flow}{ $r->{rel_seq} } }, [$r->{rel_seq} + $r->{len},
			hex $r->{payload_sum}] if $r->{payload_sum} ne "" && $r->{flags} !~ /S/;
		next if $r->{dss_csum} eq "";
		my ($len, $csum, $dsn) = ($r->{dss_len}, hex $r->{dss_csum}, $r->{map_dsn});
		my $ssn = $r->{mptcp} =~ /dss/ ? $r->{dss_ssn} : 1;
		# raw DSN: as it stands, or by what it counts from
		my $raw = $r->{dss_dsn} =~ /^0x(.{16})$/ ? pack "H*", $1 : undef;
		push @{ $map{$flow} }, [$r->{map_seq}, $len - ($r->{data_fin} || 0), $dsn, $ssn,
			$len, $csum, $raw, "$r->{conn} $r->{dir}"];
	}
	for my $flow (keys %map) {
		my %seen;
		for my $m (@{ $map{$flow} }) {
			my ($seq, $bytes, $dsn, $ssn, $len, $csum, $raw, $side) = @$m;
			my $alone = $bytes == 0;
			next if $len == 0 || (!$alone && $seen{"$seq $bytes $csum"}++);
			$raw //= pack "Q>", add64($base{$side}, $dsn) if defined $base{$side};
			next if !defined $raw;
			my @sums = $alone ? 0 : sums($segment{$flow}, $seq, $seq + $bytes);
			next if !@sums;
			my $head = plus(unpack("n4", $raw), $ssn >> 16, $ssn & 0xffff, $len, $csum);
			my $right = grep { plus($head, $_) == 0 } @sums;
			($right ? \%good : \%bad)->{"$flow $dsn"}++;
		}
	}
	return (\%good, \%bad);
}

# What the bytes from one place to another add up to, by any segments one behind the other
sub sums
{
	my ($segments, $from, $to) = @_;
	my %at = ($from => { 0 => 1 });		# place -> sums that lead there
	my @places = ($from);
	while (@places) {
		my $place = shift @places;
		for my $s (@{ $segments->{$place} // [] }) {
			my ($end, $sum) = @$s;
			next if $end > $to;
			push @places, $end if !$at{$end} && $end < $to;
			$sum = swap($sum) if ($place - $from) % 2;
			$at{$end}{ plus($_, $sum) } = 1 for keys %{ $at{$place} };
		}
		@places = sort { $a <=> $b } @places;
	}
	return keys %{ $at{$to} // {} };
}
