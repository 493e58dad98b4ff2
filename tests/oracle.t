#!/usr/bin/env perl
# mptcp-extract and mptcp-conns against tests/oracle, a slow and independent
# reading of the same captures, column by column.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;
use lib "tests";
use Tables qw(lines);

my $bin = $ENV{BIN} // ".";
my $captures = ($ENV{SHARED} // "../shared") . "/captures";
my @files = -d $captures ? glob "$captures/*/*.pcap.gz"
	: glob "{examples,tests}/*.{pcap,pcapng,pcap.gz,pcapng.gz}";
plan skip_all => "no captures in $captures, examples or tests" if !@files;
diag("no $captures: only the captures of the checkout") if !-d $captures;
# the file name or the interface; and an identity that only the tool defines
my %SKIP = (iface => 1, conn_id => 1);	# no capture here has copies, which tests/twins.t looks at

# traffic that no capture at hand has
my $dir = tempdir(CLEANUP => 1);
for my $case (glob "tests/cases/options-lost-*.case") {
	(my $file = $case) =~ s{.*/(.*)\.case}{$dir/$1.pcap};
	system("tests/craft -v 1 $case >$file") == 0 or die "$case: not crafted\n";
	push @files, $file;
}

for my $file (@files) {
	(my $name = $file) =~ s{^(\Q$captures\E|\Q$dir\E)/}{};
	SKIP: {
		my ($rows, $conns) = oracle($file);
		skip "$name: not for the oracle", 2 if !$rows;
		compare("$name: extract", $rows,
			[lines("$bin/mptcp-extract", $file)], "pkt");
		compare("$name: conns", $conns,
			[lines("$bin/mptcp-conns", $file)], "conn");
	}
}
done_testing();

# -> the lines of both tables, or nothing for a capture it cannot read
sub oracle
{
	my @all = lines($^X, "tests/oracle", "-b", $_[0]);
	return if $? != 0;
	my ($cut) = grep { $all[$_] eq "--" } 0 .. $#all;
	return ([@all[0 .. $cut - 1]], [@all[$cut + 1 .. $#all]]);
}

# Rows by their key column; the order of the keys; the names of the columns.
sub table
{
	my ($lines, $key) = @_;
	my ($head, @rest) = @$lines;
	my @names = split /\t/, $head // "";
	my (%by_key, @keys);
	for my $line (@rest) {
		my %row;
		@row{@names} = split /\t/, $line, -1;
		push @keys, $row{$key} // "?";
		$by_key{ $row{$key} // "?" } = \%row;
	}
	return (\%by_key, \@keys, \@names);
}

sub compare
{
	my ($what, $want, $got, $key) = @_;
	my ($w, $w_keys, $w_names) = table($want, $key);
	my ($g, $g_keys, $g_names) = table($got, $key);
	my (@report, %count, %first);
	# the figures of conns, behind these, are for tests/statistics.t
	my %figure = $key eq "conn" ? map { $_ => 1 } @$g_names[@$w_names .. $#$g_names] : ();
	push @report, "columns: [@$g_names], not [@$w_names]"
		if join(" ", grep { !$SKIP{$_} && !$figure{$_} } @$g_names) ne
		join(" ", grep { !$SKIP{$_} } @$w_names);
	push @report, scalar(@$g_keys) . " rows, not " . scalar(@$w_keys)
		. " or in another order" if "@$g_keys" ne "@$w_keys";
	for my $k (@$w_keys) {
		my ($a_row, $b_row) = ($g->{$k} // next, $w->{$k});
		for my $col (grep { !$SKIP{$_} } @$w_names) {
			my ($x, $y) = ($a_row->{$col} // "no column",
				$b_row->{$col});
			next if $x eq $y;
			$count{$col}++;
			$first{$col} //= "$key $k: '$x', oracle '$y'";
		}
	}
	push @report, "$_: $count{$_} differ, first $first{$_}"
		for grep { $count{$_} } @$w_names;
	ok(!@report, $what) or diag(join "\n", @report);
}
