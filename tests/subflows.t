#!/usr/bin/env perl
# What the tables of mptcp-subflows and mptcp-conns must have in common with
# each other, with their rows over time (-i) and with the segments themselves.
#
#	tests/subflows.t [CAPTURE...]		only these captures
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename qw(basename dirname);
use File::Temp 'tempdir';
use List::Util qw(max min sum0);
use Test::More;
use lib dirname($0);
use Segments;

my $here = abs_path(dirname($0));
my $bin = abs_path($ENV{BIN} // "$here/..");
$ENV{PATH} = "$bin:$here:$ENV{PATH}";
$ENV{LC_ALL} = 'C';
my $shared = $ENV{SHARED} // "$here/../../shared";
my $dir = tempdir(CLEANUP => 1);
my $linger_ns = 60_000_000_000;		# how long a closed stream is remembered

my @ends = qw(c2s s2c);
my @counted = qw(pkts data_pkts sent_bytes unique_bytes retrans_bytes
	retrans_pkts reinject_bytes new_bytes after_ack_bytes rtt_samples ooo_pkts
	dup_acks zero_window);

# The output of a command as an array of rows, each a hash; and its lines.
sub table {
	my ($command) = @_;
	my @lines = split /\n/, `$command`;
	die "$command: status $?\n" if $?;
	my @names = split /\t/, shift @lines // '';
	my @rows = map { my %row; @row{@names} = split /\t/, $_, -1; \%row } @lines;
	return wantarray ? (\@rows, \@lines) : \@rows;
}

# The mean and standard deviation of all samples, from those of each interval.
sub pooled {
	my ($d, @rows) = @_;
	@rows = grep { $_->{"${d}_rtt_samples"} } @rows;
	my $n = sum0 map { $_->{"${d}_rtt_samples"} } @rows;
	return if !$n;
	my $mean = sum0(map { $_->{"${d}_rtt_samples"} * $_->{"${d}_rtt_mean_s"} } @rows) / $n;
	my $squares = sum0 map {
		my $k = $_->{"${d}_rtt_samples"};
		($k - 1) * ($_->{"${d}_rtt_stdev_s"} || 0) ** 2 + $k * ($_->{"${d}_rtt_mean_s"} - $mean) ** 2;
	} @rows;
	return ($mean, $n > 1 ? sqrt($squares / ($n - 1)) : undef);
}

# Whether two decimals are the same, but for what rounding does.
sub near {
	my ($got, $want) = @_;
	return $got eq '' if !defined $want;
	return $got ne '' && abs($got - $want) < 2e-9 + 1e-6 * abs $want;
}

# What a cell has to be as the sum of others: of those that are known. It may be
# unknown where none says more than that there was nothing yet.
sub sum_cells {
	my ($cell, @others) = @_;
	my $sum = sum0 map { $_ || 0 } @others;
	return $cell eq '' && !$sum ? '' : $sum;
}

# An extreme of a column over rows that may lack it; empty where all do.
sub extreme {
	my ($which, $column, @rows) = @_;
	my @cells = grep { $_ ne '' } map { $_->{$column} } @rows;
	return @cells ? $which->(@cells) : '';
}

sub compare_extreme {
	my ($wrong, $what, $row, $which, $column, @rows) = @_;
	my $want = extreme($which, $column, @rows);
	return if $row->{$column} eq '' && !$want;
	push @$wrong, "$what: $column $row->{$column}, but $want over the intervals"
		if $row->{$column} ne $want && !($want ne '' && $row->{$column} ne '' && $row->{$column} == $want);
}

# What a subflow's rows over time add up to.
sub intervals_wrong {
	my ($t) = @_;
	my (@wrong, %over_time);
	push @{$over_time{$_->{stream}}}, $_ for @{$t->{subflows_i}};
	for my $row (@{$t->{subflows}}) {
		my $what = "stream $row->{stream}";
		my @rows = @{$over_time{$row->{stream}} // []};
		for my $d (@ends) {
			for my $c (map { "${d}_$_" } @counted) {
				my $sum = sum_cells($row->{$c}, map { $_->{$c} } @rows);
				push @wrong, "$what: $c $row->{$c}, but $sum over the intervals"
					if $row->{$c} ne $sum;
			}
			compare_extreme(\@wrong, $what, $row, \&min, "${d}_$_", @rows)
				for qw(rtt_min_s win_min_bytes);
			compare_extreme(\@wrong, $what, $row, \&max, "${d}_$_", @rows)
				for qw(rtt_max_s win_max_bytes inflight_max_bytes);
			my ($mean, $stdev) = pooled($d, @rows);
			push @wrong, "$what: ${d}_rtt_mean_s " . $row->{"${d}_rtt_mean_s"}
				if !near($row->{"${d}_rtt_mean_s"}, $mean);
			push @wrong, "$what: ${d}_rtt_stdev_s " . $row->{"${d}_rtt_stdev_s"}
				. ', not ' . ($stdev // 'empty')
				if !near($row->{"${d}_rtt_stdev_s"}, $stdev);
		}
	}
	return @wrong;
}

# Which rows there are over time: only where no stream changes its connection,
# and none is forgotten on the way.
sub rows_wrong {
	my ($t) = @_;
	my @segments = @{$t->{segments}};
	my %bound = map { ($_->{stream} => 1) } @{$t->{subflows}};
	my (%conn, %first, %active, @want);
	my $now = -1;
	return if !@segments;
	my $start_ns = $segments[0]{time_ns} - ns($segments[0]{rel_s});
	my $over = sub {
		for my $c (sort { $a <=> $b } keys %active) {
			push @want, map { join ' ', $now, $start_ns + $now * $interval_ns, $c, $_ }
				sort { $first{$a} <=> $first{$b} } grep { $conn{$_} == $c } keys %conn;
		}
		%active = ();
	};
	for my $n (0 .. $#segments) {
		my ($rel_s, $stream, $conn) = @{$segments[$n]}{qw(rel_s stream conn)};
		my $k = int(ns($rel_s) / $interval_ns);
		if ($k > $now) {
			$over->();
			$now = $k;
		}
		return if $conn{$stream} // $conn ne $conn || ns($rel_s) >= $linger_ns;
		return if $conn eq '' && $bound{$stream};
		next if $conn eq '';
		$active{$conn} = 1;
		$conn{$stream} = $conn;
		$first{$stream} //= $n;
	}
	$over->();
	my @got = map { join ' ', int(ns($_->{interval_s}) / $interval_ns), @{$_}{qw(start_ns conn stream)} }
		@{$t->{subflows_i}};
	my ($differs) = grep { ($got[$_] // '') ne ($want[$_] // '') } 0 .. max($#got, $#want);
	$t->{rows_compared} = 1;
	return if !defined $differs;
	return "row $differs over time is of '" . ($got[$differs] // 'none') . "', not '"
		. ($want[$differs] // 'none') . "' (interval, its start, connection, stream)";
}

# A connection's row against those of its subflows, and over time.
sub conns_wrong {
	my ($t) = @_;
	my (@wrong, %subflows, %over_time, %options);
	push @{$subflows{$_->{conn}}}, $_ for @{$t->{subflows}};
	push @{$over_time{$_->{conn}}}, $_ for @{$t->{conns_i}};
	my %conn_of = map { ($_->{stream} => $_->{conn}) } @{$t->{subflows}};
	$options{$conn_of{$_->{stream}}} += $_->{option_bytes} || 0
		for grep { defined $conn_of{$_->{stream}} } @{$t->{segments}};
	for my $row (@{$t->{conns}}) {
		my @rows = @{$subflows{$row->{conn}} // []};
		my %want = (
			attempts => scalar @rows,
			subflows => scalar(grep { $_->{state} eq 'established' } @rows),
			unused_subflows => scalar(grep { $_->{state} eq 'established' &&
				!$_->{c2s_data_pkts} && !$_->{s2c_data_pkts} } @rows),
			second_subflow_s => extreme(\&min, 'join_delay_s', @rows),
			option_bytes => $options{$row->{conn}} // 0,
		);
		for my $d (@ends) {
			for my $c (map { "${d}_$_" } qw(sent_bytes retrans_bytes reinject_bytes after_ack_bytes)) {
				$want{$c} = sum_cells($row->{$c}, map { $_->{$c} } @rows);
			}
		}
		push @wrong, map { "conn $row->{conn}: $_ $row->{$_}, not $want{$_}" }
			grep { $row->{$_} ne $want{$_} } sort keys %want;
		push @wrong, conn_over_time($row, \@rows, $over_time{$row->{conn}} // []);
	}
	return @wrong;
}

sub conn_over_time {
	my ($row, $subflows, $over_time) = @_;
	my (@wrong, %want);
	my $what = "conn $row->{conn}";
	for my $d (@ends) {
		for my $c (map { "${d}_$_" } qw(sent_bytes retrans_bytes reinject_bytes after_ack_bytes
				switches blocks)) {
			my $sum = sum_cells($row->{$c}, map { $_->{$c} } @$over_time);
			push @wrong, "$what: $c $row->{$c}, but $sum over the intervals" if $row->{$c} ne $sum;
		}
		my $new = sum0 map { $_->{"${d}_new_bytes"} || 0 } @$subflows;
		my $sum = sum0 map { $_->{"${d}_bytes"} || 0 } @$over_time;
		push @wrong, "$what: $new new ${d} bytes on its subflows, but $sum over the intervals"
			if $new != $sum;
		push @wrong, "$what: $new new ${d} bytes, but ${d}_bytes is " . $row->{"${d}_bytes"}
			if $new > $row->{"${d}_bytes"};
		compare_extreme(\@wrong, $what, $row, \&min, "${d}_data_rtt_min_s", @$over_time);
		compare_extreme(\@wrong, $what, $row, \&max, "${d}_$_", @$over_time)
			for qw(data_rtt_max_s ofo_max_bytes inflight_max_bytes);
	}
	return @wrong;
}

# -c N: the rows of connection N, and no others.
sub conn_option_wrong {
	my ($file, @conns) = @_;
	my @wrong;
	for my $command ('mptcp-subflows', 'mptcp-subflows -i 0.1', 'mptcp-conns', 'mptcp-conns -i 0.1') {
		my ($rows, $lines) = table("$command $file");
		for my $conn (@conns) {
			my $want = join "\n", @$lines[grep { $rows->[$_]{conn} eq $conn } 0 .. $#$rows];
			my $got = join "\n", @{(table("$command -c $conn $file"))[1]};
			push @wrong, "$command -c $conn" if $got ne $want;
		}
	}
	return @wrong;
}

sub tables {
	my ($file) = @_;
	return {
		segments => segments($file),
		subflows => scalar table("mptcp-subflows $file"),
		all => scalar table("mptcp-subflows -t $file"),
		subflows_i => scalar table("mptcp-subflows -i 0.1 $file"),
		conns => scalar table("mptcp-conns $file"),
		conns_i => scalar table("mptcp-conns -i 0.1 $file"),
	};
}

# Connections that proved to be one: the rows before that are under either number.
sub merged {
	my ($t) = @_;
	my %known = map { ($_->{conn} => 1) } @{$t->{conns}};
	return grep { $_->{conn} ne '' && !$known{$_->{conn}} } @{$t->{segments}}, @{$t->{conns_i}};
}

sub report {
	my ($name, @wrong) = @_;
	ok(!@wrong, $name) or diag(join "\n", @wrong > 8 ? (@wrong[0 .. 7], '... ' . @wrong) : @wrong);
}

sub make {
	my ($name, $command) = @_;
	system("$command >$dir/$name.pcap") == 0 or die "$command: status $?\n";
	return "$dir/$name.pcap";
}

# What the clients of gencap sent: Ethernet, IPv4, 10.0.0.0/8.
sub one_way {
	my ($file) = @_;
	open my $in, '<:raw', $file or die "$file: $!\n";
	open my $out, '>:raw', "$dir/one-way.pcap" or die "$dir: $!\n";
	read $in, my $head, 24;
	print $out $head;
	while (read $in, my $record, 16) {
		read $in, my $frame, unpack 'x8V', $record;
		print $out $record, $frame if substr($frame, 26, 1) eq "\x0a";
	}
	close $out or die "$dir: $!\n";
	return "$dir/one-way.pcap";
}

sub made {
	my @files = (
		make('many', 'gencap -n 20000 -k 200 -s 3'),
		make('in-flight', 'gencap -n 20000 -c 3 -k 3000 -s 4 -w 50 -x 5'),
		make('held-up', 'gencap -n 20000 -c 3 -k 3000 -s 2 -w 50 -x 5 -o'),
		make('holes', 'gencap -n 40000 -c 1 -k 40000 -s 2 -w 3000 -o'),
		make('single', 'gencap -n 5000 -c 2 -k 300 -s 1'),
	);
	return (@files, make('shuffled', "shuffle 1 0.1 0.05 0.2 <$files[1]"),
		make('lossy', "shuffle 2 0.7 0 0 <$files[2]"),
		one_way($files[1]));
}

my @files = @ARGV ? @ARGV : (made(), sort glob "$shared/captures/*/*.pcap.gz");
push @files, sort glob "$here/../examples/*.pcap.gz" if !@ARGV && !-d "$shared/captures";
my ($rows_compared, $conns_compared) = (0, 0);
for my $file (@files) {
	my $name = basename(dirname($file)) . '/' . basename($file);
	my $t = tables($file);
	report("$name: the segments of each subflow", segments_wrong($t));
	report("$name: a subflow over time", intervals_wrong($t));
	report("$name: rows over time", rows_wrong($t));
	$rows_compared += $t->{rows_compared} // 0;
	next if merged($t);
	report("$name: a connection and its subflows", conns_wrong($t));
	$conns_compared++;
}
cmp_ok($rows_compared, '>', 0, 'captures where the rows over time are known');
cmp_ok($conns_compared, '>', 0, 'captures where connections stay apart');

my @some = grep { m{/(?:many|shuffled|lossy|held-up)\.pcap$|/(?:many|midcapture|nat)[/-]client} } @files;
for my $file (@ARGV ? @files : @some) {
	my @conns = map { $_->{conn} } @{table("mptcp-conns $file")};
	@conns = @conns[0, 1, @conns / 2, -1] if @conns > 4;
	report(basename($file) . ": -c N is the rows of connection N", conn_option_wrong($file, @conns, 99999));
}

# Only what the server sent: its data ACKs tell how much came, and no more.
my $acks = "-f 'src host 10.0.1.2' $here/../examples/abort-server-client.pcap.gz";
my ($one) = @{table("mptcp-conns $acks")};
cmp_ok($one->{c2s_bytes}, '>', 0, 'data that was not captured was acknowledged');
is(join(',', map { $one->{"c2s_${_}_bytes"} } qw(sent retrans reinject)), ',,',
	'what it was sent as can not be told');
like(`mptcp-conns -S -c 0 $acks`,
	qr/^  client to server: $one->{c2s_bytes} bytes acknowledged, none captured\n  server/m,
	'nor does -S');

done_testing;
