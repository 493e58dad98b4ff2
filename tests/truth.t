#!/usr/bin/env perl
# The tools against what really happened: the kernel's own counters and path
# manager events, the size of the transfers, and the payload itself, which is
# numbered and so tells the DSN of each byte without any MPTCP option.
use strict;
use warnings;
use FindBin qw($Bin);
use lib $Bin;
use Tables;
use Test::More;
use Compress::Zlib;
use List::Util qw(sum0 min max uniq);

my $bin = $ENV{BIN} // ".";
my $captures = ($ENV{SHARED} // "../shared") . "/captures";
my @truths = glob "$captures/*/truth.json";
plan skip_all => "no captures with truth.json in $captures" if !@truths;

# What happened in each folder beyond a transfer that ends well. CLIENT and
# SERVER are the ends where the captures were taken.
my %FALLBACK = (
	"fallback-syn client" => "no_capable_synack",
	"fallback-synack client" => "no_capable_synack",
	"fallback-synack server" => "options_lost",
	"fallback-data client" => "options_lost",
	"fallback-data server" => "options_lost",
	"tcp-server-mptcp-client client" => "no_capable_synack",
	"tcp-server-mptcp-client server" => "no_capable_synack",
	"csum-fail-single client" => "infinite_mapping",
	"csum-fail-single server" => "infinite_mapping",
);
my %CLOSE = ("fastclose" => "fastclose", "abort-server" => "fastclose",
	# recording ended while the receiver was stuck
	"csum-fail-single" => "open");
# SYNs arrive without their option: to this end it is plain TCP.
my %PLAIN = ("fallback-syn server" => 1);

for my $file (@truths) {
	my $truth = read_truth($file);
	my ($dir) = $file =~ m{^(.*)/};
	my %seen;
	for my $end ("client", "server") {
		subtest "$truth->{name} $end" => sub {
			$seen{$end} = check($truth, $end, "$dir/$end.pcap.gz");
		};
	}
	my ($c, $s) = @seen{"client", "server"};
	is_deeply([map { $_->{conn_id} } @$c], [map { $_->{conn_id} } @$s],
		"$truth->{name}: the same conn_id at both ends")
		if @$c && @$s && !grep { $_->{client_key} eq "" ||
			$_->{server_key} eq "" } @$c, @$s;
}
done_testing();

# CREATED events, by client port: token and addresses
sub created
{
	my ($truth) = @_;
	my %by_port;
	for (@{ $truth->{client_path_manager_events} }) {
		next if !/^\[ *CREATED\]/;
		my %field = /(\w+)=(\S+)/g;
		$by_port{ $field{sport} } = \%field;
	}
	return %by_port;
}

sub check
{
	my ($truth, $end, $capture) = @_;
	my $name = $truth->{name};
	my @conns = table("$bin/mptcp-conns", $capture);
	my $want = $PLAIN{"$name $end"} ? 0 : $truth->{traffic}{conns} // 1;
	is(scalar @conns, $want, "connections");
	check_identity($truth, $end, \@conns) if $want;
	check_subflows($truth, $end, \@conns) if $want;
	check_end($truth, $end, \@conns) if $want;
	my @rows = table("$bin/mptcp-extract", "-o",
		"pkt,conn,dir,len,rel_seq,dsn,flags", $capture);
	check_bytes($truth, $end, \@conns, \@rows) if $want;
	check_payload($truth, $end, \@conns, \@rows, $capture)
		if $name ne "snap96";
	return \@conns;
}

sub check_identity
{
	my ($truth, $end, $conns) = @_;
	my $name = $truth->{name};
	my %created = created($truth);
	my $version = $name eq "midcapture" ? "" : 1;
	is_deeply([uniq(map { $_->{version} } @$conns)], [$version], "version");
	is_deeply([uniq(map { $_->{server_port} } @$conns)], [5201],
		"server port");
	return if $name eq "midcapture";	# whichever subflow was seen first
	my $server = $name eq "ipv6" ? "fd00:1::2" : "10.0.1.2";
	is_deeply([uniq(map { $_->{server} } @$conns)], [$server], "server");
	my $csum = $truth->{mptcp_sysctl}
		&& $truth->{mptcp_sysctl}{"net.mptcp.checksum_enabled"} ? 1 : 0;
	is_deeply([uniq(map { $_->{checksum} } @$conns)], [$csum], "checksum")
		if !grep { $_->{server_key} eq "" } @$conns;
	if (!%created) {
		# never an MPTCP connection to the kernel: no event but CLOSED
		is($conns->[0]{client}, "10.0.1.1", "client");
		return;
	}
	# the events' token is the client's own; a NAT hides the ports
	my $see_key = !($name eq "fallback-data" && $end eq "server");
	if ($see_key) {
		my @token = map { $_->{client_token} } @$conns;
		is_deeply([sort @token], [sort map { "0x$_->{token}" }
			values %created], "client tokens");
	}
	if ($name eq "nat" && $end eq "server") {
		is($conns->[0]{client}, "10.0.1.1", "client, translated");
		return;
	}
	for my $c (@$conns) {
		my $event = $created{ $c->{client_port} } // {};
		my $addr = $event->{saddr4} // $event->{saddr6} // "none";
		my $token = $see_key ? $c->{client_token}
			: "0x" . ($event->{token} // "");
		next if $c->{client} eq $addr &&
			$token eq "0x" . ($event->{token} // "");
		fail("client $c->{client} port $c->{client_port}");
	}
	is_deeply([sort map { $_->{client_port} } @$conns],
		[sort keys %created], "clients and their ports");
}

sub check_subflows
{
	my ($truth, $end, $conns) = @_;
	my $n = sub { counter($truth, @_) };
	my ($tried, $up);
	if ($truth->{name} eq "midcapture") {
		($tried, $up) = (2, 2);		# both carry data
	} elsif ($end eq "client") {
		$tried = $n->("client", "MPCapableSYNTX") +
			$n->("client", "MPJoinSynTx");
		$up = $n->("client", "MPCapableSYNACKRX") +
			$n->("client", "MPJoinSynAckRx");
	} else {
		# a server without MPTCP does not count the option it gets
		$tried = ($n->("server", "MPCapableSYNRX") ||
			$n->("client", "MPCapableSYNTX")) +
			$n->("server", "MPJoinSynRx");
		$up = $n->("server", "MPCapableACKRX") +
			$n->("server", "MPJoinAckRx");
	}
	is(sum0(map { $_->{attempts} } @$conns), $tried, "attempts");
	is(sum0(map { $_->{subflows} } @$conns), $up, "subflows");
}

sub check_end
{
	my ($truth, $end, $conns) = @_;
	my $name = $truth->{name};
	is_deeply([uniq(map { $_->{fallback} } @$conns)],
		[$FALLBACK{"$name $end"} // ""], "fallback");
	is_deeply([uniq(map { $_->{close} } @$conns)],
		[$CLOSE{$name} // "data_fin"], "close");
}

# The client sends 16 bytes of header before its numbered lines.
sub check_bytes
{
	my ($truth, $end, $conns, $rows) = @_;
	my $name = $truth->{name};
	my $t = $truth->{traffic};
	my ($up, $down) = ($t->{up} + 16, $t->{down});
	# over one path that loses nothing, each payload byte crossed once
	my $crossed = sub { $truth->{links_did}{"link 0 $_[0]"}{payload_bytes} };
	my @c2s = map { $_->{c2s_bytes} } @$conns;
	my @s2c = map { $_->{s2c_bytes} } @$conns;
	if ($name eq "midcapture") {
		cmp_ok($c2s[0], "<", $up, "bytes up: not from the start");
		cmp_ok($c2s[0], ">", $up / 2, "bytes up: most");
		is($s2c[0], 0, "bytes down");
	} elsif ($name eq "fastclose") {
		is($c2s[0], $up, "bytes up");
		cmp_ok($s2c[0], ">=", $t->{abort_client}, "bytes down, at least");
		cmp_ok($s2c[0], "<=", $crossed->("s2c") +
			$truth->{links_did}{"link 1 s2c"}{payload_bytes},
			"bytes down, at most");
	} elsif ($name eq "abort-server") {
		cmp_ok($c2s[0], ">=", $t->{abort_server}, "bytes up, at least");
		is($c2s[0], $crossed->("c2s"), "bytes up");
		is($s2c[0], 0, "bytes down");
	} elsif ($name eq "csum-fail-single") {
		is($c2s[0], $crossed->("c2s"), "bytes up");
		is($s2c[0], 0, "bytes down");
	} else {
		is_deeply([uniq(@c2s)], [$up], "bytes up");
		is_deeply([uniq(@s2c)], [$down], "bytes down");
	}
	return if $name eq "midcapture";
	for my $c (@$conns) {
		for my $dir ("c2s", "s2c") {
			my @data = grep { $_->{dsn} ne "" && $_->{len} > 0 &&
				$_->{conn} eq $c->{conn} &&
				$_->{dir} eq $dir } @$rows;
			next if !@data;
			my $first = min(map { $_->{dsn} } @data);
			my $last = max(map { $_->{dsn} + $_->{len} } @data);
			my $end = $c->{"${dir}_bytes"};
			# an abort leaves gaps between what two subflows sent
			next if $first == 0 && ($last == $end ||
				$name eq "fastclose" && $last > $end);
			fail("connection $c->{conn} $dir: DSN 0 to " .
				$c->{"${dir}_bytes"});
			diag("DSN $first to $last");
		}
	}
	pass("DSN of the first and last byte");
}

# The payload of stream offset at: lines of 15 digits.
sub numbered
{
	my ($at, $len) = @_;
	my $line = int($at / 16);
	my $text = join "", map { sprintf "%015d\n", $line + $_ }
		0 .. $len / 16 + 1;
	return substr $text, $at % 16, $len;
}

# Which stream offset the payload shows, or undef when it shows none.
sub shown
{
	my ($payload) = @_;
	return if $payload !~ /^([0-9]*)\n([0-9]{15})\n/;
	return $2 * 16 - 1 - length $1;
}

sub check_payload
{
	my ($truth, $end, $conns, $rows, $capture) = @_;
	my $name = $truth->{name};
	my @frame = frames($capture);
	my %have_keys = map { $_->{conn} => $_->{client_key} ne "" &&
		$_->{server_key} ne "" } @$conns;
	my ($wrong, $right, $without, %shift) = (0, 0, 0);
	for my $r (@$rows) {
		next if $r->{len} < 64;
		my $payload = substr $frame[$r->{pkt} - 1], -$r->{len};
		my $got = $r->{dsn};
		# TCP without MPTCP starts its lines at sequence number 1
		$got = $r->{rel_seq} - 1 if $name ne "midcapture" &&
			($r->{conn} eq "" || !$have_keys{ $r->{conn} });
		if ($got eq "") {
			$without++;
			next;
		}
		$got -= 16 if $r->{dir} eq "c2s";
		if ($name eq "midcapture") {
			my $at = shown($payload);
			$shift{ $at - $got }++ if defined $at;
			next;
		}
		# a corrupted segment is right if the rest of it is
		my $ok = grep { substr($payload, $_, 32) eq
			numbered($got + $_, 32) } 0, 32;
		$ok ? $right++ : $wrong++;
		diag(sprintf "frame %d %s: dsn %s but payload %s", $r->{pkt},
			$r->{dir}, $r->{dsn}, shown($payload) // "?")
			if !$ok && $wrong <= 3;
	}
	if ($name eq "midcapture") {
		is(scalar keys %shift, 1, "the payload agrees with every DSN");
		diag("offset minus DSN: @{[ %shift ]}") if keys %shift != 1;
		$right = sum0(values %shift);
	} else {
		is($wrong, 0, "the payload agrees with every DSN");
	}
	cmp_ok($right, ">", 0, "some DSN");
	# a mapping may arrive after the data, after a loss; and without a
	# handshake the first mappings have no place among the numbers
	cmp_ok($without, "<=", ($name eq "midcapture" ? 0.05 : 0.02) * ($right + $without),
		"hardly any payload without DSN");
	diag("$without of @{[ $right + $without ]} without DSN") if $without;
}

# Captured bytes of each frame of a classic little-endian capture.
sub frames
{
	my ($file) = @_;
	open my $in, "<:raw", $file or die "$file: $!\n";
	local $/;
	my $f = Compress::Zlib::memGunzip(scalar <$in>);
	my @frames;
	for (my $at = 24; $at < length $f; ) {
		my $cap = unpack "x$at x8 V", $f;
		push @frames, substr $f, $at + 16, $cap;
		$at += 16 + $cap;
	}
	return @frames;
}
