#!/usr/bin/env perl
# mptcp-subflows, and what mptcp-conns adds up of it, against what really
# happened: what the link emulator did to each segment and when, the counters
# of both kernels, TCP's and MPTCP's, and the path manager's events.
use strict;
use warnings;
use FindBin qw($Bin);
use lib $Bin;
use Counters;
use Links;
use List::Util qw(min uniq);
use Sums;
use Tables;
use Test::More;
use Truth;

my $bin = $ENV{BIN} // ".";
my $captures = ($ENV{SHARED} // "../shared") . "/captures";
my @truths = glob "$captures/*/truth.json";
plan skip_all => "no captures with truth.json in $captures" if !@truths;

for my $file (@truths) {
	my $truth = read_truth($file);
	my ($dir) = $file =~ m{^(.*)/};
	my $links = read_links("$dir/links.tsv.gz");
	my %rows;
	for my $end ("client", "server") {
		subtest "$truth->{name} $end" => sub {
			$rows{$end} = check($truth, $links, $end,
				"$dir/$end.pcap.gz");
		};
	}
	subtest "$truth->{name}: both ends" => sub {
		check_both_ends($truth, $links, $rows{client}, $rows{server});
	};
}
done_testing();

sub check
{
	my ($truth, $links, $end, $capture) = @_;
	my @all = table("$bin/mptcp-subflows", "-t", $capture);
	my @rows = grep { $_->{conn} ne "" } @all;
	my @conns = table("$bin/mptcp-conns", $capture);
	my @segments = table("$bin/mptcp-extract", "-o", "time_ns,stream,conn," .
		"dir,flags,len,seq,rel_seq,dsn,ip_id,option_bytes", $capture);
	is_deeply([map { join " ", @$_{qw(conn sf)} } @rows],
		[map { join " ", @$_{qw(conn sf)} } table("$bin/mptcp-subflows",
			"-o", "conn,sf", $capture)], "-t adds rows only");
	check_identity($truth, $end, \@rows, \@conns);
	check_sums($truth, \@rows, \@conns, \@segments);
	check_links($truth, $links, $end, \@all, \@segments);
	check_times($truth, $links, $end, \@all, \@conns);
	check_tcp($truth, $end, \@all, \@segments);
	check_duplicates($truth, $end, \@rows, \@conns, \@segments);
	check_states($truth, $end, \@all);
	check_announced($truth, $links, $end, \@rows, \@conns);
	return \@all;
}

# Ports, addresses and address ids, by the client's path manager.
sub check_identity
{
	my ($truth, $end, $rows, $conns) = @_;
	my $name = $truth->{name};
	my $opener = $name eq "midcapture" ? "" : "client";
	is_deeply([uniq(map { $_->{opener} } @$rows)],
		[@$rows ? $opener : ()], "opener");
	is_deeply([map { "$_->{conn} $_->{attempts}" } @$conns], [map {
		my $c = $_->{conn};
		"$c " . grep { $_->{conn} eq $c } @$rows } @$conns],
		"a row for each attempt");
	is_deeply([map { "$_->{conn} $_->{subflows}" } @$conns], [map {
		my $c = $_->{conn};
		"$c " . grep { $_->{conn} eq $c &&
			$_->{state} eq "established" } @$rows } @$conns],
		"as many established");
	return if $name eq "midcapture";
	my @column = qw(src sport dst dport local_id remote_id backup);
	# a translated source has other addresses and ports
	@column = qw(dst dport local_id remote_id backup)
		if "$name $end" eq "nat server";
	my @want;
	for (@{ $truth->{client_path_manager_events} }) {
		next if !/^\[ *(CREATED|SF_ESTABLISHED)\]/;
		my %f = (backup => 0, /(\w+)=(\S+)/g);
		$f{backup} = 1 if $name eq "backup" && $f{locid};
		push @want, join " ", map { $f{$_} // "" }
			$f{saddr4} ? "saddr4" : "saddr6", "sport",
			$f{daddr4} ? "daddr4" : "daddr6", "dport", "locid",
			"remid", "backup";
		$want[-1] =~ s/^\S+ \S+ // if @column == 5;
	}
	# before it proves to be MPTCP, a connection has no event
	my @got = map { join " ", @$_{@column} } grep {
		$_->{state} eq "established" } @$rows;
	@want = () if !@got;
	is_deeply([sort @got], [sort @want], "addresses, ports and ids");
}

# How attempts ended, and who closed what.
sub check_states
{
	my ($truth, $end, $all) = @_;
	my $name = $truth->{name};
	my @rows = grep { $_->{conn} ne "" } @$all;
	my $n = sub { counter($truth, $end, @_) };
	my $is = sub {
		my ($what, $want, $test, @of) = @_;
		is(scalar(grep { $test->() } @of), $want || 0, $what);
	};
	my $join = sub { $_->{sf} ne "" && $_->{sf} > 0 };
	my $up = sub { $_->{state} eq "established" };
	if ($name ne "midcapture") {
		$is->("joins", $n->($end eq "client" ? "MPJoinSynTx"
			: "MPJoinSynRx"), $join, @rows);
		$is->("joins established", $n->($end eq "client" ? "MPJoinSynAckRx"
			: "MPJoinAckRx"), sub { $join->() && $up->() }, @rows);
		$is->("to a port of its own", $n->($end eq "client"
			? "MPJoinPortSynAckRx" : "MPJoinPortAckRx"),
			sub { $up->() && $_->{dport} != 5201 }, @rows);
		$is->("backup joins", counter($truth, "server", "MPJoinSynBackupRx"),
			sub { $_->{backup} }, @rows);
	}
	# the SYN/ACK has no option, or nothing that comes after it has
	$is->("fallback", $n->("MPCapableFallbackSYNACK") +
		$n->("MPCapableFallbackACK") +
		($name eq "tcp-server-mptcp-client" && $end eq "server"),
		sub { $_->{state} eq "fallback" }, @rows);
	$is->("no_join_in_synack", "$name $end" eq "join-stripped client",
		sub { $_->{state} eq "no_join_in_synack" &&
			$_->{reset_reason} eq "1" && $_->{close} eq "reset:1" &&
			$_->{closed_by} eq "client" }, @rows);
	# the server knows no such connection any more
	$is->("no token found", counter($truth, "server", "MPJoinNoTokenFound"),
		sub { $_->{state} eq "reset" && $_->{close} eq "reset:1" &&
			$_->{closed_by} eq "server" }, @rows);
	# The client sends a RST where the third ACK should come. At the client
	# in abort-server, its RST is before the SYN/ACK.
	$is->("embryonic resets", counter($truth, "server", "EmbryonicRsts"),
		sub { $_->{state} =~ /^(reset|no_join_in_synack)$/ &&
			$_->{closed_by} eq "client" }, @$all);

	# MP_TCPRST: of the one that ends a subflow; a RST for a socket that is no
	# more has none. What a request gets is not counted, nor what close()
	# sends because data was left.
	my $request = "$name $end" eq "abort-server server" ? 1 : 0;
	$request = 0, @rows = () if $name eq "many";
	my $left = $n->("TCPAbortOnData");
	$is->("resets with a reason sent", $n->("MPRstTx") + $left, sub {
		$_->{close} =~ /^reset:/ && $_->{closed_by} eq $end }, @rows);
	$is->("resets with a reason received", $n->("MPRstRx") + $request, sub {
		$_->{close} =~ /^reset:/ && $_->{closed_by} ne $end }, @rows);
	return if $name eq "many";
	$is->("checksum error", counter($truth, "client", "MPRstRx") &&
		counter($truth, "server", "DataCsumErr"),
		sub { $_->{close} eq "reset:6" && $_->{closed_by} eq "server" &&
			$_->{reset_reason} eq "6" }, @rows);
	$is->("removed with its address", counter($truth, "client", "RmSubflow") ||
		counter($truth, "server", "RmSubflow"),
		sub { $name =~ /addr/ && $_->{close} eq "reset:0" &&
			$_->{closed_by} eq "server" }, @rows);
	$is->("still open", counter($truth, "server", "MPCurrEstab"),
		sub { $_->{close} eq "open" && $_->{closed_by} eq "" }, @rows);
	# the dead path: no FIN comes through, and none is acknowledged
	$is->("silent", $name =~ /^(handover|backup)$/ ? 1 : 0, sub {
		$_->{close} eq "silent" && $_->{sf} == 0 &&
			$_->{closed_by} eq ($end eq "server" ? "server" : "") },
		@rows);
}

# ADD_ADDR, REMOVE_ADDR, MP_PRIO, and what was sent over backup paths.
sub check_announced
{
	my ($truth, $links, $end, $rows, $conns) = @_;
	my $n = sub { counter($truth, $end, @_) };
	is(total("add_addrs", @$conns), $n->("AddAddrTx") + $n->("AddAddr"),
		"ADD_ADDR, no echo");
	is(total("remove_addrs", @$conns), $n->("RmAddrTx") + $n->("RmAddr"),
		"REMOVE_ADDR");
	is(total("prio_changes", @$conns), $n->("MPPrioTx") + $n->("MPPrioRx"),
		"MP_PRIO");
	my $backup = total("backup_bytes", @$conns);
	my ($join) = grep { $_->{sf} == 1 } @$rows;
	if ($truth->{name} eq "prio") {
		# what went out from one command to the other; MP_PRIO goes the
		# same way, so that it is the same at the server
		my ($from, $to) = map { $_->[0] * 1e9 } @{ $truth->{events_during} };
		my @sent = grep { $_->{in_ns} >= $from && $_->{in_ns} < $to }
			crossed($truth, $links, $end, $join, "c2s");
		near($backup, total("len", @sent), 3 * 1424, "bytes over a backup");
	} else {
		is($backup, $truth->{name} eq "backup" ? $join->{c2s_sent_bytes} : 0,
			"bytes over a backup");
	}
}

# What a capture's place does not change.
sub check_both_ends
{
	my ($truth, $links, $client, $server) = @_;
	my $name = $truth->{name};
	return pass("not from the start") if $name eq "midcapture";
	my %at_server = map { $_->{sport} => $_ } @$server;
	my $any_lost = grep { $_->{fate} ne "sent" } map { map { @{ $_ // [] } }
		@$_ } values %$links;
	my @always = qw(local_id remote_id backup opener);
	my @whole = map { ("c2s_$_", "s2c_$_") } qw(mss wscale win_min_bytes
		win_max_bytes zero_window sent_bytes unique_bytes retrans_bytes);
	my @uncut = map { ("c2s_$_", "s2c_$_") } qw(pkts data_pkts);
	my @once = map { ("c2s_$_", "s2c_$_") } qw(new_bytes reinject_bytes
		dup_sf_bytes goodput_share);
	my @bad;
	is(scalar @$client, scalar @$server, "as many subflows");
	# data that went out once is new wherever it is seen
	my $once = !grep { my $r = $_; grep { ($r->{"${_}_unique_bytes"} || 0) !=
		($r->{"${_}_new_bytes"} || 0) } "c2s", "s2c" } @$client, @$server;
	for my $c (@$client) {
		my $port = $name eq "nat" ? $NAT{ $c->{sport} } : $c->{sport};
		my $s = $at_server{$port};
		my @links = @{ $links->{"$port $c->{dport}"} };
		my $lost = grep { $_->{fate} ne "sent" } map { @$_ } @links;
		# not where one end sees no MPTCP
		my $mptcp = $c->{conn} ne "" && $s->{conn} ne "";
		my @columns = $mptcp ? @always : ();
		if (!$lost && $name ne "reorder-dup") {
			push @columns, @whole;
			push @columns, @uncut if $name !~ /^(tso|tso-loss|nat)$/;
			push @columns, "c2s_share", "s2c_share" if $mptcp && !$any_lost;
			push @columns, "close", "state" if $mptcp &&
				$name !~ /^fallback/;
		}
		push @columns, @once if $once;
		for (@columns) {
			push @bad, "port $c->{sport} $_: client $c->{$_}, " .
				"server $s->{$_}" if $c->{$_} ne $s->{$_};
		}
		near($c->{handshake_rtt_s}, $s->{handshake_rtt_s}, $BESIDE,
			"port $c->{sport}: handshake") if !$lost &&
			$name !~ /^(nat|jitter)$/ && $c->{handshake_rtt_s} ne "";
	}
	is(scalar @bad, 0, "the same at both ends");
	diag($_) for @bad[0 .. min(9, $#bad)];
}
