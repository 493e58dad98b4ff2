#!/usr/bin/perl
# Every description in tests/cases, in each of its versions: the capture that it describes goes through the
# tools, and must give the cells that it promises, the same from the capture as from extract's TSV.
#
#	tests/cases.t [NAME...]		only these cases
use strict;
use warnings;
use File::Basename qw(dirname basename);
use File::Temp qw(tempdir);
use Test::More;

my $here = dirname($0);
require(($here =~ m{^/} ? '' : './') . "$here/craft");

my $bin = $ENV{BIN} // "$here/..";
my $dir = tempdir(CLEANUP => 1);

sub contents {
	my ($path) = @_;
	open my $f, '<', $path or die "$path: $!\n";
	local $/;
	<$f> // '';
}

# Runs a shell command and appends to @$wrong when it fails. Returns its standard output.
sub run {
	my ($wrong, $command) = @_;
	my $status = system "{ $command; } >$dir/stdout 2>$dir/stderr";
	push @$wrong, sprintf '%s: status %d%s, %s', $command, $status >> 8,
		$status & 127 ? ' (signal ' . ($status & 127) . ')' : '', contents("$dir/stderr") =~ s/\n.*//sr
		if $status;
	contents("$dir/stdout");
}

# A table as rows of column => cell; ragged rows are wrong
sub table {
	my ($wrong, $name, $text) = @_;
	my @lines = map { [split /\t/, $_, -1] } split /\n/, $text;
	my $head = shift @lines // [];
	for (@lines) {
		push @$wrong, "$name: a row of " . @$_ . ' cells, not ' . @$head if @$_ != @$head;
	}
	map { my %row; @row{@$head} = @$_; \%row } @lines;
}

# In the end every stream is part of a connection that has a row, or of none
sub unknown_conns {
	my ($extract, $conns) = @_;
	my %last = map { ($_->{stream} // "") => $_->{conn} // "" } @$extract;
	my %known = map { ($_->{conn} // "") => 1 } @$conns;
	map { "stream $_ is left in conn $last{$_}, which has no row" }
		grep { $last{$_} ne "" && !$known{$last{$_}} } sort keys %last;
}

# Which events are not there, and how many violations there are, other than expected
sub compare_events {
	my ($case, @rows) = @_;
	my @wrong;

	for my $e (@{$case->{events}}) {
		my $cells = $e->{cells};
		push @wrong, "line $e->{line}: no event " . join ' ', map { "$_=$cells->{$_}" } sort keys %$cells
			unless grep { my $row = $_; !grep { ($row->{$_} // '') ne $cells->{$_} } keys %$cells } @rows;
	}
	my @broken = grep { $_->{event} eq 'violation' } @rows;
	my $want = $case->{violations} // 0;
	push @wrong, @broken . " violations, not $want:", map { "  pkt $_->{pkt}: $_->{detail}" } @broken
		if @broken != $want;
	@wrong;
}

# What differs from the expected cells
sub compare {
	my ($expect, %table) = @_;
	my %frame = map { ($_->{pkt} // '') => $_ } @{$table{extract}};
	my @wrong;

	for my $e (@$expect) {
		my ($where, $row) = $e->{what} eq 'extract' ? ("pkt $e->{row}", $frame{$e->{row}})
			: $e->{row} eq 'all' ? ($e->{what}, {rows => scalar @{$table{$e->{what}}}})
			: ("$e->{what} row $e->{row}", $table{$e->{what}}[$e->{row}]);
		my $is = $row ? $row->{$e->{column}} : undef;
		next if defined $is && $is eq $e->{value};
		push @wrong, "line $e->{line}: $where: $e->{column} is "
			. (defined $is ? "\"$is\"" : 'missing') . ", not \"$e->{value}\"";
	}
	@wrong;
}

sub check {
	my ($case) = @_;
	my @wrong;

	open my $f, '>:raw', "$dir/out.pcap" or die "$dir/out.pcap: $!\n";
	print $f $case->pcap;
	close $f or die "$dir/out.pcap: $!\n";

	my $extract = run(\@wrong, "$bin/mptcp-extract $dir/out.pcap");
	my %table = (extract => [table(\@wrong, "extract", $extract)]);
	for (["conns", "mptcp-conns"], ["subflows", "mptcp-subflows -t"], ["intervals", "mptcp-subflows -i 1"],
		["resent", "mptcp-reinject -r"],
		["events", "mptcp-events -v"]) {
		my ($name, $tool) = @$_;
		my $rows = run(\@wrong, "$bin/$tool $dir/out.pcap");
		$table{$name} = [table(\@wrong, $name, $rows)];
		push @wrong, "$tool differs between the capture and the TSV"
			if run(\@wrong, "$bin/mptcp-extract $dir/out.pcap | $bin/$tool") ne $rows;
	}
	push @wrong, compare_events($case, @{$table{events}});
	push @wrong, compare($case->{expect}, %table), unknown_conns(@table{qw(extract conns)});
	push @wrong, "mptcp-extract changes its own TSV"
		if run(\@wrong, "$bin/mptcp-extract $dir/out.pcap | $bin/mptcp-extract") ne $extract;
	@wrong;
}

my @files = @ARGV ? map { "$here/cases/" . basename($_, '.case') . '.case' } @ARGV : glob "$here/cases/*.case";
plan skip_all => 'no cases' unless @files;
for my $file (@files) {
	my $text = contents($file);
	for my $version (craft::versions($text)) {
		my $case = eval { craft::compile($text, $version) };
		my @wrong = $case ? check($case) : $@;
		ok(!@wrong, basename($file, '.case') . " v$version") or diag(join "\n", @wrong);
	}
}
done_testing;
