#!/usr/bin/env perl
# mptcp-events against what really happened: the counters of both kernels, the
# path manager's events, and what was done to the links during the transfer.
use strict;
use warnings;
use FindBin qw($Bin);
use lib $Bin;
use Tables;
use Test::More;

my $bin = $ENV{BIN} // ".";
my $captures = ($ENV{SHARED} // "../shared") . "/captures";
my @truths = glob "$captures/*/truth.json";
plan skip_all => "no captures with truth.json in $captures" if !@truths;

# Event: counter of what was received, of what was sent.
my %EQUAL = (add_addr => [qw(AddAddr AddAddrTx)], add_addr_echo => [qw(EchoAdd EchoAddTx)],
	remove_addr => [qw(RmAddr RmAddrTx)], prio => [qw(MPPrioRx MPPrioTx)],
	mp_fail => [qw(MPFailRx MPFailTx)], join_syn => [qw(MPJoinSynRx MPJoinSynTx)],
	join_ack => ["MPJoinAckRx"]);
# Likewise, but a kernel counts only what its sockets sent or got, see sockets().
my %OF_SOCKETS = (fastclose => [qw(MPFastcloseRx MPFastcloseTx)],
	tcprst => [qw(MPRstRx MPRstTx)], join_synack => ["MPJoinSynAckRx"]);
# The capture begins behind the handshake
my %LATE = (midcapture => 1);
# Addresses and ports are others at the server
my %NAT = ("nat server" => 1);
# The MP_CAPABLE never got to the server
my %UNSEEN = ("fallback-syn server" => 1);
my %EVENT = (CREATED => "syn_capable", ESTABLISHED => "capable", SF_ESTABLISHED => "joined",
	ANNOUNCED => "add_addr", REMOVED => "remove_addr", SF_PRIO => "prio");

for my $file (@truths) {
	my $truth = read_truth($file);
	my ($dir) = $file =~ m{^(.*)/};
	for my $end ("client", "server") {
		subtest "$truth->{name} $end" => sub {
			my @rows = table("$bin/mptcp-events", "$dir/$end.pcap.gz");
			counters($truth, $end, "$dir/$end.pcap.gz", @rows);
			path_manager($truth, @rows) if !$NAT{"$truth->{name} $end"} &&
				!$LATE{ $truth->{name} } && !$UNSEEN{"$truth->{name} $end"};
			handover($truth, $end, @rows);
			verified($truth, $end, @rows);
		};
	}
}
done_testing();

sub counters
{
	my ($truth, $end, $capture, @rows) = @_;
	my ($in, $out) = $end eq "client" ? qw(s2c c2s) : qw(c2s s2c);
	my %socket = sockets($out, [table("$bin/mptcp-extract", "-m", "-o",
		"pkt,conn,stream,dir,flags", $capture)], map { ($_->{conn} => $_->{pkt}) }
		grep { $_->{event} eq "closed" } @rows);
	my %count;
	$count{ $_->{event} }{ $_->{dir} }++
		for grep { !$OF_SOCKETS{ $_->{event} } || $socket{ $_->{pkt} } } @rows;
	for my $event (sort(keys %EQUAL, keys %OF_SOCKETS)) {
		next if $LATE{ $truth->{name} } && $event =~ /^join/;
		my @names = @{ $EQUAL{$event} // $OF_SOCKETS{$event} };
		is($count{$event}{ $_ ? $out : $in } // 0, counter($truth, $end, $names[$_]),
			"$event as $names[$_]") for 0 .. $#names;
	}
}

# The packets that a socket of this host sent or got. It has none for a SYN that came
# until the ACK for its answer does, none after a RST, and none for a JOIN of its
# own when the answer comes after the connection is over. What comes then it answers
# with a RST that has no ACK, as what a socket took in but could not keep.
sub sockets
{
	my ($out, $rows, %closed) = @_;
	my (%state, %of);
	for my $r (@$rows) {
		my ($stream, $pkt, $own) = (@$r{qw(stream pkt)}, $r->{dir} eq $out);
		my ($syn, $ack, $rst) = map { scalar($r->{flags} =~ /$_/) } qw(S A R);
		my $state = $state{$stream} // ($syn ? "none" : "open");
		$state = "joining" if $syn && !$ack && $own;
		$state = "asked" if $syn && $ack && $own;
		$state = "none" if $state eq "joining" && !$own && ($closed{ $r->{conn} } // $pkt) < $pkt;
		$of{$pkt} = $state !~ /none|asked/ && !($own && $rst && !$ack);
		$state = "open" if $ack && !$own && $state =~ /joining|asked/;
		$state{$stream} = $rst ? "none" : $state;
	}
	return %of;
}

# What `ip mptcp monitor` said at the client, with the same addresses, ids and tokens
sub path_manager
{
	my ($truth, @rows) = @_;
	my (%conn, @seen);
	for (@rows) {
		$conn{$1} = $_->{conn} if $_->{event} eq "capable" &&
			$_->{detail} =~ /client: token 0x([0-9a-f]{8})/;
	}
	for my $line (@{ $truth->{client_path_manager_events} }) {
		my ($type, $rest) = $line =~ /^\[\s*(\w+)\]\s*(.*)/ or next;
		my $event = $EVENT{$type} // next;
		my %said = map { /(.*?)=(.*)/ ? ($1, $2) : () } split " ", $rest;
		ok(grep({ $_->{event} eq $event && same($event, $_, $conn{ $said{token} }, \%said) }
			@rows), "$line: $event") or diag(map { "$_->{event} conn $_->{conn} " .
			"$_->{dir} $_->{addr} $_->{port} $_->{addr_id} $_->{value}\n" }
			grep { $_->{event} eq $event } @rows[0 .. ($#rows < 200 ? $#rows : 200)]);
	}
}

sub same
{
	my ($event, $row, $conn, $said) = @_;
	my ($from, $to) = map { $said->{"${_}addr4"} // $said->{"${_}addr6"} // "" } qw(s d);
	# refused or unconfirmed, it is in no row with a token
	return 0 if defined $conn ? $row->{conn} ne $conn : $event ne "syn_capable" && $event ne "capable";
	return $row->{dir} eq "s2c" && $row->{addr_id} == $said->{remid} && $row->{addr} eq $to
		if $event eq "add_addr";
	return $row->{dir} eq "s2c" && $row->{addr_id} == $said->{remid} if $event eq "remove_addr";
	return ($row->{value} ne "") + 0 && $row->{value} == $said->{backup} if $event eq "prio";
	return $row->{addr} eq $from && $row->{port} == $said->{sport}
		if $event ne "joined";
	# who opened it stands in front
	my ($opener, $other) = $row->{dir} eq "c2s" ? qw(locid remid) : qw(remid locid);
	my ($addr, $port) = $row->{dir} eq "c2s" ? ($from, $said->{sport}) : ($to, $said->{dport});
	return $row->{addr} eq $addr && $row->{port} == $port &&
		$row->{detail} =~ /address ids $said->{$opener} and $said->{$other}\b/;
}

# The path of the first subflow goes down: at the sender data waits that is sent
# from then on, until it goes over the other one.
sub handover
{
	my ($truth, $end, @rows) = @_;
	my ($down) = grep { $_->[1] eq "link 0 loss=100" } @{ $truth->{events_during} };
	return if !$down;
	my ($stall) = grep { $_->{event} eq "stall" && $_->{dir} eq "c2s" &&
		$_->{time_ns} / 1e9 > $down->[0] - 0.1 } @rows;
	my ($resume) = grep { $_->{event} eq "resume" && $_->{dir} eq "c2s" &&
		$_->{time_ns} / 1e9 > $down->[0] } @rows;
	# behind a backup nothing comes that the first path still owes
	return ok(!$stall, "no stall") if "$truth->{name} $end" eq "backup server";
	ok($stall && $resume, "stall and resume") or return;
	my $late = $stall->{time_ns} / 1e9 - $down->[0];
	# what was in the queue of the link then is lost as well, or its ACK
	cmp_ok(abs $late, "<", 0.1, "stall begins when the path goes down") if $end eq "client";
	# what came before that arrives still
	cmp_ok($late, "<", 1, "stall begins soon") if $end eq "server";
	is($resume->{addr}, "10.0.2.1", "resume: on the other subflow");
	cmp_ok($resume->{value}, ">", 0.2, "resume: after the stall");
}

# All that can be checked is right, but for the byte that was flipped on the way.
sub verified
{
	my ($truth, $end, @rows) = @_;
	my @bad = map { "$_->{event} $_->{pkt}" =~ s/ .*//r } grep { $_->{verified} eq "bad" } @rows;
	my @want = $end eq "server" && $truth->{name} =~ /^csum-fail/ ? ("checksum_bad") : ();
	is("@bad", "@want", "what is not right");
}
