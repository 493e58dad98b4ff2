#!/usr/bin/env perl
# A bit is flipped in a copy of a real capture, one of each kind that
# mptcp-events checks: what it says must change there, and nowhere else.
use strict;
use warnings;
use FindBin qw($Bin);
use lib $Bin;
use Compress::Zlib;
use File::Temp qw(tempdir);
use Tables;
use Test::More;

my $bin = $ENV{BIN} // ".";
my $captures = ($ENV{SHARED} // "../shared") . "/captures";
plan skip_all => "no captures in $captures" if !-e "$captures/checksum/client.pcap.gz";
my $dir = tempdir(CLEANUP => 1);
my %NETWORK = (1 => 14, 9 => 2, 12 => 0, 101 => 0, 113 => 16, 276 => 20);	# where IP begins

# Capture; where: subtype and length of the option (undef: any), byte of it, bit, how many
# such to pass over; what is new in the log, as "event", its section, its verdict.
my @FLIPS = (
	["key in the SYN/ACK", "checksum/client", 0, 12, 5, 1, 0,
		"capable bad", "violation 3.1 bad"],
	["own key in the ACK", "checksum/client", 0, 20, 5, 1, 0,
		"capable ok", "violation 3.1 bad"],
	["echoed key in the ACK", "checksum/client", 0, 20, 13, 1, 0,
		"capable bad", "violation 3.1 bad"],
	["own key with data", "checksum/client", 0, 24, 5, 1, 0, "violation 3.1 bad"],
	["echoed key with data", "checksum/client", 0, 24, 13, 1, 0, "violation 3.1 bad"],
	(map { my $file = "reference/$_";
		["key in the SYN", $file, 0, 12, 5, 1, 0, "capable bad", "violation 3.1 bad"],
		["key in the SYN/ACK", $file, 0, 12, 5, 1, 1, "capable bad", "violation 3.1 bad"],
		["own key in the ACK", $file, 0, 20, 5, 1, 0, "capable bad", "violation 3.1 bad"],
		["echoed key in the ACK", $file, 0, 20, 13, 1, 0, "capable bad",
			"violation 3.1 bad"] } "iperf-mptcp-0-0", "tcpdump-mptcp-v0"),
	["checksum of MP_CAPABLE", "checksum/client", 0, 24, 22, 1, 0, "checksum_bad bad"],
	["flag B", "checksum/client", 0, 4, 3, 0x40, 0, "violation 3.1 bad"],
	["flag H", "checksum/client", 0, 4, 3, 0x01, 0, "violation 3.1 bad"],
	["token", "checksum/client", 1, 12, 5, 1, 0,
		"join_syn unknown", "joined bad", "violation 3.2 bad"],
	["nonce of the SYN", "checksum/client", 1, 12, 9, 1, 0, "join_ack bad",
		"join_failed", "join_synack bad", "violation 3.2 bad", "violation 3.2 bad"],
	["HMAC of the SYN/ACK", "checksum/client", 1, 16, 6, 1, 0,
		"join_failed", "join_synack bad", "violation 3.2 bad"],
	["nonce of the SYN/ACK", "checksum/client", 1, 16, 13, 1, 0, "join_ack bad",
		"join_failed", "join_synack bad", "violation 3.2 bad", "violation 3.2 bad"],
	["HMAC of the ACK", "checksum/client", 1, 24, 10, 1, 0,
		"join_ack bad", "join_failed", "violation 3.2 bad"],
	["checksum of a DSS", "checksum/client", "map", undef, -1, 1, 20, "checksum_bad bad"],
	["payload", "checksum/client", "payload", undef, 100, 4, 20, "checksum_bad bad"],
	["DSN", "checksum/client", "map", undef, -9, 1, 40, "mapping_conflict bad",
		"violation 3.3.1 bad"],
	["SSN", "checksum/client", "map", undef, -5, 1, 40, "mapping_conflict bad",
		"violation 3.3.1 bad"],
	["data ACK, far off", "checksum/client", "ack", undef, 4, 0x40, 60,
		"violation 3.3.2 unknown"],
	["data ACK, near", "checksum/client", "ack", undef, -3, 0x80, 60,
		"violation 3.3.2 unknown"],
	["HMAC of an ADD_ADDR", "addaddr/client", 3, 16, 10, 1, 0,
		"add_addr bad", "violation 3.4.1 bad"],
	["HMAC of one before data", "addaddr/server", 3, 16, 10, 1, 0,
		"add_addr bad", "violation 3.4.1 bad"],
	["own key before one", "addaddr/server", 0, 20, 5, 1, 0, "capable ok", "violation 3.1 bad"],
	["key in the SYN/ACK before one", "addaddr/server", 0, 12, 5, 1, 0,
		"capable bad", "violation 3.1 bad"],
	["its address", "addaddr/client", 3, 16, 7, 1, 0, "add_addr bad",
		"add_addr_echo unknown", "violation 3.4.1 bad", "violation 3.4.1 unknown"],
	["its id", "addaddr/client", 3, 16, 3, 1, 0, "add_addr bad",
		"add_addr_echo unknown", "violation 3.4.1 bad", "violation 3.4.1 unknown"],
	["its port", "addaddr-port/client", 3, 18, 9, 1, 0, "add_addr bad",
		"add_addr_echo unknown", "violation 3.4.1 bad", "violation 3.4.1 unknown"],
	["id of an echo", "addaddr/client", 3, 8, 3, 1, 0,
		"add_addr_echo unknown", "violation 3.4.1 unknown"],
	["address of an echo", "addaddr/client", 3, 8, 7, 1, 0,
		"add_addr_echo unknown", "violation 3.4.1 unknown"],
	["MP_FAIL behind a bad mapping", "csum-fail/server", 6, undef, 11, 1, 0, "mp_fail bad"],
	["MP_FAIL elsewhere", "csum-fail-single/client", 6, undef, 11, 1, 0, "mp_fail unknown"],
	["key of an MP_FASTCLOSE", "fastclose/client", 7, undef, 6, 1, 0, "closed",
		"fastclose bad", "violation 3.5 bad"],
	["priority", "prio/client", 5, undef, 2, 1, 0, "prio"],
	["reason of a RST", "fastclose/client", 8, undef, 3, 1, 0, "subflow_rst", "tcprst"],
);

my (%capture, %log);
for my $flip (@FLIPS) {
	my ($name, $file, $what, $len, $at, $bit, $skip, @want) = @$flip;
	$capture{$file} //= read_capture("$captures/$file.pcap.gz");
	$log{$file} //= { map { $_ => 1 } said($capture{$file}{bytes}) };
	my @at = places($capture{$file}, $what, $len, $at);
	my $where = $at[$skip];
	ok(defined $where, "$name: found") or next;
	my $bytes = $capture{$file}{bytes};
	substr($bytes, $where, 1) ^= chr $bit;
	my @new = sort map { my @c = split /\t/; join " ", grep { $_ ne "" } $c[2],
		$c[2] eq "violation" ? $c[3] : "", $c[4] } grep { !$log{$file}{$_} } said($bytes);
	is(join("\n", @new), join("\n", @want), "$name: what is new");
	is(scalar `$bin/mptcp-extract $dir/flipped.pcap | $bin/mptcp-events`,
		scalar `$bin/mptcp-events $dir/flipped.pcap`, "$name: the same of a table");
}
done_testing();

# The rows of mptcp-events, as text
sub said
{
	open my $out, ">:raw", "$dir/flipped.pcap" or die "flipped.pcap: $!\n";
	print $out $_[0];
	close $out or die "flipped.pcap: $!\n";
	return map { join "\t", @$_{qw(pkt dir event value verified detail)} }
		grep { $_->{event} !~ /^(stall|resume)$/ } table("$bin/mptcp-events", "$dir/flipped.pcap");
}

# -> its bytes, and of each TCP segment where its options and payload are
sub read_capture
{
	open my $in, "<:raw", $_[0] or die "$_[0]: $!\n";
	my $bytes = do { local $/; Compress::Zlib::memGunzip(scalar <$in>) };
	my $network = $NETWORK{ unpack "x20 V", $bytes } // die "$_[0]: link type?\n";
	my ($at, @segments) = 24;
	while ($at + 16 <= length $bytes) {
		my $size = unpack "x8 V", substr $bytes, $at, 16;
		my $ip = $at + 16 + $network;
		$at += 16 + $size;
		my ($vihl, $proto) = unpack "C x8 C", substr $bytes, $ip, 20;
		next if $vihl >> 4 != 4 || $proto != 6;
		my $tcp = $ip + ($vihl & 15) * 4;
		my $payload = $tcp + (ord(substr $bytes, $tcp + 12, 1) >> 4) * 4;
		push @segments, { options => [options($bytes, $tcp + 20, $payload)],
			payload => $payload, len => $at - $payload };
	}
	return { bytes => $bytes, segments => \@segments };
}

# MPTCP options between: [where, length, subtype, flags of a DSS]
sub options
{
	my ($bytes, $at, $end) = @_;
	my @found;
	while ($at + 1 < $end) {
		my ($kind, $len, $sub, $flags) = unpack "C4", substr $bytes, $at, 4;
		last if !$kind;
		$at++, next if $kind == 1;
		push @found, [$at, $len, $sub >> 4, $flags] if $kind == 30;
		$at += $len;
	}
	return @found;
}

# Where the byte is in each option of this kind
sub places
{
	my ($capture, $what, $len, $at) = @_;
	my @places;
	for my $s (@{ $capture->{segments} }) {
		if ($what eq "payload") {
			push @places, $s->{payload} + $at if $s->{len} > 1000;
			next;
		}
		for my $o (@{ $s->{options} }) {
			my ($where, $size, $sub, $flags) = @$o;
			next if $what =~ /\d/ ? $sub != $what || defined $len && $size != $len
				: $sub != 2 || ($what eq "map") != !!($flags & 4) || !!$s->{len} != ($what eq "map");
			push @places, $where + $at + ($at < 0 ? $size : 0);
		}
	}
	return @places;
}
