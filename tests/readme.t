#!/usr/bin/env perl
# The commands of README.md: in fenced blocks tagged
#	sh start	install packages, build, show; run in a copy of the sources
#	sh check	install packages, run the tests: what it runs is looked at
#	sh run		run here
#	sh		only looked at: the syntax
# A block `text` behind one of them is what it prints, the last of it for start.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use Test::More;

my $top = abs_path(dirname($0) . '/..');
my $bin = abs_path($ENV{BIN} // $top);
chdir $top or die "$top: $!";
my $dir = tempdir(CLEANUP => 1);

# What `make check` tells its children is not for a make that a user types.
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES BIN BUILD)};
$ENV{LC_ALL} = 'C';

# Blocks as { tag, command, shown }.
sub blocks {
	open my $f, '<', 'README.md' or die "README.md: $!";
	my @blocks;
	my $text = do { local $/; <$f> };
	while ($text =~ /^```(\w+)( \w+)?\n(.*?)^```\n/msg) {
		my ($language, $tag, $body) = ($1, $2 // '', $3);
		push @blocks, { tag => $tag =~ s/ //r, command => $body }
			if $language eq 'sh';
		$blocks[-1]{shown} = $body if $language eq 'text';
	}
	return @blocks;
}

# Output and status of a command as it would be pasted, there.
sub run {
	my ($where, $path, $command) = @_;
	open my $f, '>', "$dir/command" or die;
	print $f $command;
	close $f or die;
	my $text = `cd '$where' && PATH='$path:$ENV{PATH}' sh '$dir/command' </dev/null 2>'$dir/stderr'`;
	return ($text, $?);
}

sub read_file {
	open my $f, '<', $_[0] or return '';
	local $/;
	return <$f> // '';
}

# Programs that only note how they were called; `id` and `sudo` make a user.
sub stub {
	my ($path, %program) = @_;
	mkdir $path or die "$path: $!";
	for my $name (keys %program) {
		open my $f, '>', "$path/$name" or die;
		print $f "#!/bin/sh\n$program{$name}\n";
		close $f or die;
		chmod 0755, "$path/$name" or die;
	}
	return $path;
}

my $note = qq{echo "\${0##*/} \$* [\$DEBIAN_FRONTEND]" >>'$dir/called'};
my %apt = ('apt-get' => $note);
my $root = stub("$dir/root", %apt, id => 'echo 0');
my $user = stub("$dir/user", %apt, id => 'echo 1000',
	sudo => qq{$note\nexec "\$@"});
my $root_make = stub("$dir/root_make", %apt, id => 'echo 0', make => $note);

# The lines that the stubs noted since the last time.
sub called {
	my @lines = split /\n/, read_file("$dir/called");
	unlink "$dir/called";
	return @lines;
}

# The packages of the one `apt-get install` among these calls.
sub packages {
	my ($name, @calls) = @_;
	my @install = grep { /^apt-get install/ } @calls;
	is(scalar @install, 1, "$name installs once");
	my ($rest) = ($install[0] // '') =~
		/^apt-get install -y --no-install-recommends (.*) \[noninteractive\]$/;
	ok(defined $rest, "$name asks nothing and installs no more than it names");
	return split ' ', $rest // '';
}

sub ends_with {
	my ($text, $end, $name) = @_;
	is(substr($text, -length $end), $end, $name);
}

my @blocks = blocks();
my ($start) = my @start = grep { $_->{tag} eq 'start' } @blocks;
my ($check) = my @check = grep { $_->{tag} eq 'check' } @blocks;
is(scalar @start, 1, 'README.md has a command to start with');
is(scalar @check, 1, 'README.md has a command that runs the tests');

for my $block (@blocks) {
	my ($first) = $block->{command} =~ /(.{1,50})/;
	open my $sh, '|-', "sh -n 2>'$dir/stderr'" or die;
	print $sh $block->{command};
	ok(close $sh, "syntax: $first") or diag(read_file("$dir/stderr"));
	next if $block->{tag} ne 'run';
	my ($text, $status) = run($top, $bin, $block->{command});
	is($status, 0, "status: $first") or diag(read_file("$dir/stderr"));
	is($text, $block->{shown} // '', "output: $first");
}

# The first command, from the sources alone, as root without sudo and as a user.
mkdir "$dir/clone" or die;
system("tar -c --exclude=./build --exclude='./mptcp-*' --exclude=./.git . | tar -x -C '$dir/clone'") == 0
	or die "can't copy the sources";
my ($text, $status) = run("$dir/clone", $root, $start->{command});
is($status, 0, 'start, as root') or diag(read_file("$dir/stderr"));
ends_with($text, $start->{shown}, 'start shows what README.md says');
my @calls = called();
is(scalar(grep { /^sudo/ } @calls), 0, 'start needs no sudo as root');
my @needed = packages('start', @calls);

($text, $status) = run("$dir/clone", $user, $start->{command});
is($status, 0, 'start, as a user') or diag(read_file("$dir/stderr"));
ends_with($text, $start->{shown}, 'start shows the same');
@calls = called();
is(scalar(grep { /^sudo/ } @calls), 1, 'start takes sudo as a user');
is(join(' ', packages('start', @calls)), join(' ', @needed), 'for the same');

# The second one would come back here.
($text, $status) = run($top, $root_make, $check->{command});
is($status, 0, 'check') or diag(read_file("$dir/stderr"));
@calls = called();
my %has = map { $_ => 1 } packages('check', @calls);
is(join(' ', grep { !$has{$_} } @needed), '', 'check installs what start does');
like($calls[-1] // '', qr/^make check \[/, 'check ends with make check');

done_testing();
