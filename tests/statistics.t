#!/usr/bin/env perl
# mptcp-subflows and mptcp-conns against tests/statistics, which counts byte by
# byte what their columns say: of whole captures, by intervals, of plain TCP.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;
use lib "tests";
use Tables qw(lines);

my $bin = $ENV{BIN} // ".";
my $captures = ($ENV{SHARED} // "../shared") . "/captures";
my @files = -d $captures ? glob "$captures/*/*.pcap.gz"
	: glob "examples/*.pcap.gz";
plan skip_all => "no captures in $captures or examples" if !@files;
diag("no $captures: only the captures of the checkout") if !-d $captures;

# What is asked of tests/statistics, which prints all of it at once, and which
# runs of the tools are held against each table. It counts plain TCP too.
my @WANT = qw(subflows conns -i 0.5 subflows conns -i 1 subflows conns);
my @RUNS = (
	[["subflows"], ["subflows", "-t"]],
	[["conns"]],
	[["subflows", "-i", "0.5"]],
	[["conns", "-i", "0.5"]],
	[["subflows", "-i", "1"], ["subflows", "-t", "-i", "1"]],
	[["conns", "-i", "1"]],
);
# Columns of mptcp-conns that tests/oracle looks after, and an identity that
# only the tools define.
my $OLD = "start_ns,duration_s,client,client_port,server,server_port,version," .
	"checksum,client_token,server_token,client_key,server_key,attempts," .
	"subflows,c2s_bytes,s2c_bytes,fallback,close";
my %OLD = map { $_ => 1 } "conn_id", split /,/, $OLD;
my $dir = tempdir(CLEANUP => 1);

# traffic that no capture at hand has
for my $case (glob "tests/cases/options-lost-*.case") {
	(my $file = $case) =~ s{.*/(.*)\.case}{$dir/$1.pcap};
	system("tests/craft -v 1 $case >$file") == 0 or die "$case: not crafted\n";
	push @files, $file;
}

for my $file (@files) {
	(my $name = $file) =~ s{^(\Q$captures\E|\Q$dir\E)/}{};
	to_file("$dir/extract", "$bin/mptcp-extract", $file);
	to_file("$dir/conns", "$bin/mptcp-conns", "-o", "conn,$OLD",
		"$dir/extract");
	my @tables = tables();
	for my $i (0 .. $#RUNS) {
		compare($file, $name, $tables[$i], $_) for @{ $RUNS[$i] };
	}
}
done_testing();

sub to_file
{
	my ($to, @command) = @_;
	open my $out, ">", $to or die "$to: $!\n";
	print $out map { "$_\n" } lines(@command);
	close $out or die "$to: $!\n";
}

# The tables of tests/statistics, each a list of lines.
sub tables
{
	open STDIN, "<", "$dir/extract" or die "$dir/extract: $!\n";
	my @tables = ([]);
	for (lines($^X, "tests/statistics", "-t", "$dir/conns", @WANT)) {
		$_ eq "--" ? push @tables, [] : push @{ $tables[-1] }, $_;
	}
	return @tables;
}

# -> the names, and the rows as hashes
sub rows
{
	my ($head, @lines) = @_;
	my @names = split /\t/, $head // "";
	return (\@names, map { my %row; @row{@names} = split /\t/, $_, -1;
		\%row } @lines);
}

sub key
{
	my ($row) = @_;
	return join " ", map { "$_ $row->{$_}" }
		grep { defined $row->{$_} } qw(interval_s conn stream);
}

sub compare
{
	my ($file, $name, $table, $run) = @_;
	my ($tool, @options) = @$run;
	my ($names, @want) = rows(@$table);
	@want = grep { $_->{conn} ne "" } @want if ($options[0] // "") ne "-t";
	# both forms of input have to give the same
	my $input = @options == 2 ? $file : "$dir/extract";
	my ($had, @got) = rows(lines("$bin/mptcp-$tool", @options, $input));
	my %named = map { $_ => 1 } @$names;
	my @new = grep { $named{$_} || !$OLD{$_} } @$had;
	my @report;
	push @report, columns(\@new, $names) if "@new" ne "@$names";
	my ($g, $w) = map { join "; ", map { key($_) } @$_ } \@got, \@want;
	push @report, scalar(@got) . " rows, not " . scalar(@want) .
		", or in another order" if $g ne $w;
	push @report, cells($names, \@got, \@want) if $g eq $w;
	ok(!@report, "$name: $tool @options") or diag(join "\n", @report);
}

# What is wrong with the names of the columns.
sub columns
{
	my ($got, $want) = @_;
	my %count;
	$count{$_}++ for @$got;
	$count{$_}-- for @$want;
	my @more = grep { $count{$_} > 0 } @$got;
	my @less = grep { $count{$_} < 0 } @$want;
	return "columns: also [@more], not [@less], or in another order";
}

# A line for each column that differs.
sub cells
{
	my ($names, $got, $want) = @_;
	my (%count, %first);
	for my $i (0 .. $#$want) {
		my ($g, $w) = ($got->[$i], $want->[$i]);
		for my $col (@$names) {
			my $cell = $g->{$col} // "no column";
			next if $cell eq $w->{$col};
			$count{$col}++;
			$first{$col} //= key($w) . ": '$cell', not '$w->{$col}'";
		}
	}
	return map { "$_: $count{$_} of " . @$want .
		" differ, first at $first{$_}" } grep { $count{$_} } @$names;
}
