# What tests share that run tools through pipes, and talk to them while they run.
package Running;
use strict;
use warnings;
use Exporter 'import';
use IO::Select;

our @EXPORT = qw(PATIENCE output more rest read_until unread waits);

use constant PATIENCE => 60;	# s, for what has to come
use constant FIONREAD => 0x541b;	# of Linux

# All that a command prints; it has to succeed.
sub output
{
	my ($command) = @_;
	open my $f, '-|:raw', $command or die "$command: $!\n";
	my $all = do { local $/; <$f> } // '';
	close $f or die "$command: status $?\n";
	return $all;
}

# Whether something comes, or the end.
sub readable
{
	my ($from) = @_;
	return scalar(() = IO::Select->new($from)->can_read(PATIENCE));
}

# More of what a tool prints, '' at its end, which of a terminal is an error.
sub more
{
	my ($from) = @_;
	readable($from) or die "a tool says nothing\n";
	my $got = sysread $from, my $some, 1 << 16;
	defined $got or $!{EIO} or die "read: $!\n";
	return $got ? $some : '';
}

sub rest
{
	my ($from) = @_;
	my ($all, $some) = ('');
	$all .= $some while ($some = more($from)) ne '';
	return $all;
}

# Into a text until it is so; whether that came, and in time.
sub read_until
{
	my ($from, $text, $is_so) = @_;
	while (!$is_so->()) {
		my $some = readable($from) ? more($from) : '';
		return 0 if $some eq '';
		$$text .= $some;
	}
	return 1;
}

# How many bytes in a pipe nobody has read yet.
sub unread
{
	my ($pipe) = @_;
	my $bytes = pack 'i', 0;
	ioctl $pipe, FIONREAD, $bytes if $pipe;
	return unpack 'i', $bytes;
}

# Until a tool, the process or a child of it, has read all that is in the pipe and
# waits, for more or for who reads what it writes.
sub waits
{
	my ($pid, $pipe) = @_;
	for (1 .. PATIENCE * 20) {
		for my $stat (glob '/proc/[1-9]*/stat') {
			open my $f, '<', $stat or next;
			my ($tool, $parent) = (<$f> // '') =~ /^(\d+) \(mptcp-.*\) S (\d+)/ or next;
			return if ($tool == $pid || $parent == $pid) && !unread($pipe);
		}
		select undef, undef, undef, 0.05;
	}
	die "a tool does not wait\n";
}

1;
