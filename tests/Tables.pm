# What tests share that compare tables with what else is known of a capture.
package Tables;
use strict;
use warnings;
use Exporter 'import';
use JSON::PP 'decode_json';
use Test::More;

our @EXPORT = qw(table read_truth counter);

# The output of a command, which has to succeed, as rows: hashes by column.
sub table
{
	my @command = @_;
	open my $in, "-|", @command or die "$command[0]: $!\n";
	chomp(my $head = <$in> // "");
	my @names = split /\t/, $head;
	my @rows;
	while (my $line = <$in>) {
		chomp $line;
		my %row;
		@row{@names} = split /\t/, $line, -1;
		push @rows, \%row;
	}
	close $in;
	is($?, 0, "$command[0] succeeds");
	return @rows;
}

# truth.json of a pair of captures.
sub read_truth
{
	open my $in, "<", $_[0] or die "$_[0]: $!\n";
	local $/;
	return decode_json(<$in>);
}

# In that, a counter of the kernel at one end: MPTCP's of this name, or TCP's.
sub counter
{
	my ($truth, $end, $name) = @_;
	my $counters = $truth->{kernel_counters}{$end};
	return $counters->{"MPTcpExt$name"} // $counters->{"TcpExt$name"} // 0;
}

1;
