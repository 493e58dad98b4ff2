# What tests share that compare tables with what else is known of a capture.
package Tables;
use strict;
use warnings;
use Exporter 'import';
use JSON::PP 'decode_json';
use Test::More;

our @EXPORT = qw(table read_truth counter);
our @EXPORT_OK = qw(lines);

# The lines that a command prints; its status is in $?.
sub lines
{
	open my $in, "-|", @_ or die "$_[0]: $!\n";
	chomp(my @lines = <$in>);
	close $in;
	diag("@_: exit status ", $? >> 8) if $?;
	return @lines;
}

# The output of a command, which has to succeed, as rows: hashes by column.
sub table
{
	my ($head, @lines) = lines(@_);
	is($?, 0, "$_[0] succeeds");
	my @names = split /\t/, $head // "";
	return map { my %row; @row{@names} = split /\t/, $_, -1; \%row } @lines;
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
