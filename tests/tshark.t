#!/usr/bin/env perl
# Every field of mptcp-extract against tshark's, where tshark is right: all
# options of both MPTCP versions, stream numbers, TCP fields, and the relative
# DSN and data ACK of version 0. One pass only: with -2 tshark turns the
# direction of joined subflows round.
use strict;
use warnings;
use Test::More;

my $bin = $ENV{BIN} // ".";
my $captures = ($ENV{SHARED} // "../shared") . "/captures";
my @files = -d $captures ? glob "$captures/*/*.pcap.gz"
	: glob "{examples,tests}/*.{pcap,pcapng,pcap.gz,pcapng.gz}";
plan skip_all => "no tshark" if system("tshark -v >/dev/null 2>&1") != 0;
plan skip_all => "no captures in $captures, examples or tests" if !@files;

my $o = "tcp.options.mptcp.";
my %FIELD = (
	pkt => "frame.number", time => "frame.time_epoch",
	stream => "tcp.stream", sport => "tcp.srcport", dport => "tcp.dstport",
	src4 => "ip.src", dst4 => "ip.dst", src6 => "ipv6.src",
	dst6 => "ipv6.dst", ip_id => "ip.id", flags => "tcp.flags",
	seq => "tcp.seq_raw", ack => "tcp.ack_raw", rel_seq => "tcp.seq",
	rel_ack => "tcp.ack", len => "tcp.len", win => "tcp.window_size_value",
	win_bytes => "tcp.window_size", scale => "tcp.window_size_scalefactor",
	mss => "tcp.options.mss_val", wscale => "tcp.options.wscale.shift",
	tsval => "tcp.options.timestamp.tsval",
	tsecr => "tcp.options.timestamp.tsecr",
	sack_l => "tcp.options.sack_le", sack_r => "tcp.options.sack_re",
	subtype => "${o}subtype", version => "${o}version",
	mp_flags => "${o}flags", send_key => "${o}sendkey",
	recv_key => "${o}recvkey", token => "${o}recvtok",
	addr_id => "${o}addrid", backup => "${o}backup.flag",
	nonce => "${o}sendrand", hmac8 => "${o}sendtrunchmac",
	hmac20 => "${o}sendhmac", hmac_add => "${o}addaddrtrunchmac",
	data_fin => "${o}datafin.flag", raw_dsn => "${o}rawdataseqno",
	raw_dack => "${o}rawdataack", dsn8 => "${o}dseqn8.flag",
	has_dsn => "${o}dseqnpresent.flag", dack8 => "${o}dataack8.flag",
	has_dack => "${o}dataackpresent.flag", ssn => "${o}subflowseqno",
	dlen => "${o}datalvllen", csum => "${o}checksum",
	ipver => "${o}ipver", echo => "${o}echo", add4 => "${o}ipv4",
	add6 => "${o}ipv6", port => "${o}port", reason => "${o}rst_reason",
	transient => "${o}flag_T.flag", dsn => "mptcp.dsn",
	dack => "mptcp.ack", mp_stream => "mptcp.stream",
);
my @NAMES = sort keys %FIELD;
my @TSHARK = ("tshark", "-n", "-o", "tcp.desegment_tcp_streams:FALSE",
	"-T", "fields", "-E", "separator=/t", "-E", "occurrence=a",
	"-E", "aggregator=,", map { ("-e", $FIELD{$_}) } @NAMES);

# ---- reading ----------------------------------------------------------------

# Frame number -> fields. An empty list for segments inside ICMP and the like.
sub tshark
{
	my ($file) = @_;
	open my $in, "-|", "@{[ map { qq('$_') } @TSHARK ]} -r '$file' 2>&1"
		or die "tshark: $!\n";
	my %by_pkt;
	while (my $line = <$in>) {
		chomp $line;
		my %f;
		@f{@NAMES} = split /\t/, $line, -1;
		next if ($f{stream} // "") eq "" || $f{stream} =~ /,/;
		$by_pkt{ $f{pkt} } = \%f;
	}
	close $in;
	return \%by_pkt;
}

sub extract
{
	my ($file) = @_;
	open my $in, "-|", "$bin/mptcp-extract", $file or die "extract: $!\n";
	chomp(my $head = <$in> // "");
	my @names = split /\t/, $head;
	my %by_pkt;
	while (my $line = <$in>) {
		chomp $line;
		my %row;
		@row{@names} = split /\t/, $line, -1;
		$by_pkt{ $row{pkt} } = \%row;
	}
	close $in;
	is($? >> 8, 0, "mptcp-extract reads it");
	return \%by_pkt;
}

# ---- comparing --------------------------------------------------------------

# Items of a cell that have a value.
sub items { return grep { $_ ne "" } split /,/, $_[0] // "" }

# Numbers as 16 hex digits, whatever they are written in.
sub wide { return map { sprintf "%016x", /^0x/ ? from_hex($_) : $_ } @_ }
sub from_hex
{
	my ($hex) = substr($_[0], 2);
	return unpack "Q>", pack "H16", substr("0" x 16 . $hex, -16);
}
sub text { return join ",", @_ }

# tshark's version of each column that it can give, from its fields f; r is our
# row. undef: no opinion.
my %EXPECT = (
	time_ns => sub { my ($f) = @_; $f->{time} =~ /^(\d+)\.(\d{9})/;
		return $1 * 1_000_000_000 + $2 },
	stream => sub { $_[0]{stream} },
	src => sub { first($_[0]{src4}, $_[0]{src6}) },
	dst => sub { first($_[0]{dst4}, $_[0]{dst6}) },
	sport => sub { $_[0]{sport} },
	dport => sub { $_[0]{dport} },
	flags => sub { my $v = hex $_[0]{flags};
		return join "", map { $v & 1 << $_
			? substr "FSRPAUEC", $_, 1 : "" } 0 .. 7 },
	seq => sub { $_[0]{seq} },
	ack => sub { hex($_[0]{flags}) & 16 ? $_[0]{ack} : "" },
	win => sub { $_[0]{win} },
	len => sub { $_[0]{len} },
	mss => sub { $_[0]{mss} },
	wscale => sub { $_[0]{wscale} },
	tsval => sub { $_[0]{tsval} },
	tsecr => sub { $_[0]{tsecr} },
	ip_id => sub { $_[0]{ip_id} eq "" ? "" : hex $_[0]{ip_id} },
	sack => sub { my ($f, $r) = @_; my @l = items($f->{sack_l});
		my @r = items($f->{sack_r});
		# tshark counts these from the ISN that the ACK is counted from
		my $isn = ($r->{ack} || 0) - ($r->{rel_ack} || 0);
		return text(map { join "-", map { ($_ + $isn) & 0xffffffff }
			$l[$_], $r[$_] } 0 .. $#l) },
	win_bytes => sub { my ($f, $r) = @_;
		# a RST before the SYN/ACK: tshark takes it as scaled already
		return if $r->{win_bytes} eq "" && $f->{flags} =~ /[4c]$/i;
		return "" if $f->{scale} eq "-1" && !(hex($f->{flags}) & 2);
		return $f->{win_bytes} },
	mptcp => sub { my @n = qw(mp_capable mp_join dss add_addr remove_addr
		mp_prio mp_fail mp_fastclose mp_tcprst);
		return text(map { $n[$_] // "unknown_$_" }
			items($_[0]{subtype})) },
);
sub first { return $_[0] ne "" ? $_[0] : $_[1] }

# Pairs of (ours from the row, tshark's) for what does not map cell to cell.
my %PAIRS = (
	rel_seq => sub { my ($r, $f) = @_; return
		(($r->{rel_seq} & 0xffffffff), $f->{rel_seq}) },
	rel_ack => sub { my ($r, $f) = @_; return ("", "") if $r->{ack} eq "";
		return (($r->{rel_ack} & 0xffffffff), $f->{rel_ack}) },
	version => sub { my ($r, $f) = @_;
		return (text(items($r->{version})), $f->{version}) },
	mp_flags => sub { my ($r, $f) = @_;
		# other subtypes have flags of this name too
		return ("", "") if $r->{mptcp} ne "mp_capable";
		return (hex $r->{mp_flags}, hex $f->{mp_flags}) },
	map({ my $col = $_; $col => sub { my ($r, $f) = @_;
		return (text(wide(items($r->{$col}))),
			text(wide(items($f->{$col})))) } }
		qw(send_key recv_key token nonce)),
	hmac => sub { my ($r, $f) = @_; my $ours = text(items($r->{hmac}));
		my $theirs = text(map({ sprintf "0x%016x", num($_) }
			items($f->{hmac8})), map({ "0x" . s/://gr }
			items($f->{hmac20})), map({ sprintf "0x%016x", num($_) }
			items($f->{hmac_add})));
		return ($ours, $theirs) },
	addr_id => sub { my ($r, $f) = @_;
		# tshark has one field for these and for REMOVE_ADDR's
		return (text(sort(items($r->{addr_id}),
			items($r->{rm_addr_ids}))),
			text(sort(items($f->{addr_id})))) },
	backup => sub { my ($r, $f) = @_;
		return (text(items($r->{backup})), text(items($f->{backup}))) },
	data_fin => sub { my ($r, $f) = @_;
		return (text(items($r->{data_fin})), text(items($f->{data_fin}))) },
	dss_dsn => sub { my ($r, $f) = @_;
		# MP_FAIL's DSN is in the same field
		return (text(sort(wide(items($r->{dss_dsn}),
			items($r->{fail_dsn})))),
			text(sort(wide(items($f->{raw_dsn}))))) },
	dss_dsn_width => sub { my ($r, $f) = @_;
		return (text(map { length > 10 ? 1 : 0 } items($r->{dss_dsn})),
			text(having($f->{has_dsn}, $f->{dsn8}))) },
	dss_ack => sub { my ($r, $f) = @_;
		return (text(wide(items($r->{dss_ack}))),
			text(wide(items($f->{raw_dack})))) },
	dss_ack_width => sub { my ($r, $f) = @_;
		return (text(map { length > 10 ? 1 : 0 } items($r->{dss_ack})),
			text(having($f->{has_dack}, $f->{dack8}))) },
	dss_ssn => sub { my ($r, $f) = @_;
		return (text(items($r->{dss_ssn})), text(items($f->{ssn}))) },
	dss_len => sub { my ($r, $f) = @_;
		return (text(items($r->{dss_len})), text(items($f->{dlen}))) },
	dss_csum => sub { my ($r, $f) = @_;
		# tshark 4.0 leaves it out of a DSS
		return ("", "") if $f->{csum} eq "";
		return (text(map { hex } items($r->{dss_csum})),
			text(map { num($_) } items($f->{csum}))) },
	add_addr => sub { my ($r, $f) = @_;
		return (text(items($r->{add_addr})),
			text(items($f->{add4}), items($f->{add6}))) },
	add_port => sub { my ($r, $f) = @_;
		return (text(items($r->{add_port})), text(items($f->{port}))) },
	add_echo => sub { my ($r, $f) = @_;
		# tshark shows the bit in every version
		return ("", "") if $r->{add_echo} eq "";
		return (text(items($r->{add_echo})), text(items($f->{echo}))) },
	rst_reason => sub { my ($r, $f) = @_;
		return (text(items($r->{rst_reason})), text(map { num($_) } items($f->{reason}))) },
	rst_transient => sub { my ($r, $f) = @_;
		return (text(items($r->{rst_transient})),
			text(items($f->{transient}))) },
	option_error => sub { my ($r) = @_; return ($r->{option_error}, "") },
);

sub num { return $_[0] =~ /^0x/ ? from_hex($_[0]) : $_[0] }

# The items of b where a is set.
sub having
{
	my @a = items($_[0]);
	my @b = items($_[1]);
	return map { $b[$_] } grep { $a[$_] } 0 .. $#a;
}

# Per version 0 stream: tshark counts data from 1.
sub data_level
{
	my ($r, $f, $ours, $theirs) = @_;
	return ("", "") if $f->{$theirs} eq "" || $f->{$theirs} =~ /,/;
	return ($r->{$ours}, num($f->{$theirs}) - 1);
}

sub compare
{
	my ($file) = @_;
	my $theirs = tshark($file);
	my $ours = extract($file);
	my (%bad, %first, %v0, %conn, %seen);
	for my $pkt (sort { $a <=> $b } keys %$theirs) {
		my $f = $theirs->{$pkt};
		my $r = $ours->{$pkt};
		my $differ = sub {
			my ($col, $us, $them) = @_;
			$seen{$col} = 1;
			return if $us eq $them;
			$bad{$col}++;
			$first{$col} //= "frame $pkt: ours '$us', tshark's '$them'";
		};
		if (!$r) {
			$differ->("row", "none", "frame $pkt");
			next;
		}
		for my $col (keys %EXPECT) {
			my $want = $EXPECT{$col}->($f, $r);
			$differ->($col, $r->{$col}, $want) if defined $want;
		}
		$differ->($_, $PAIRS{$_}->($r, $f)) for keys %PAIRS;
		# tshark gives one connection to each stream it cannot bind, so
		# the numbers themselves mean nothing; who is with whom does
		$v0{ $r->{conn} } = $r->{version} eq "0"
			if $r->{version} ne "" && $r->{conn} ne "";
		if ($r->{conn} ne "" && $f->{mp_stream} ne "" &&
		    $r->{mptcp} =~ /mp_capable|mp_join/) {
			$conn{ $r->{conn} } //= $f->{mp_stream};
			$differ->("conn", $conn{ $r->{conn} }, $f->{mp_stream});
		}
		if ($r->{conn} ne "" && $v0{ $r->{conn} }) {
			$differ->("dsn", data_level($r, $f, "dsn", "dsn"));
			$differ->("dack", data_level($r, $f, "dack", "dack"));
		}
	}
	cmp_ok(scalar keys %$theirs, ">", 0, "segments that tshark sees");
	my @extra = grep { !$theirs->{$_} } keys %$ours;
	is(scalar @extra, 0, "no row that tshark has not");
	for my $col (sort keys %seen) {
		is($bad{$col} // 0, 0, "$col: differing rows");
		diag("$col, first: $first{$col}") if $bad{$col};
	}
}

# the tables above must be filled before
for my $file (@files) {
	(my $name = $file) =~ s{^\Q$captures\E/}{};
	subtest $name => sub { compare($file) };
}
done_testing();
