#!/usr/bin/env perl
# What a release needs: one version, a tarball that is the same wherever it is
# made, and an installation that has everything and can be taken back.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Find;
use File::Temp 'tempdir';
use Test::More;

my $top = abs_path(dirname($0) . '/..');
my $bin = abs_path($ENV{BIN} // $top);
my $build = $ENV{BUILD} // 'build';
chdir $top or die "$top: $!";
my $dir = tempdir(CLEANUP => 1);

# What `make check` tells its children is not for these.
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES BIN BUILD SOURCE_DATE_EPOCH)};

sub contents {
	open my $f, '<', $_[0] or die "$_[0]: $!";
	local $/;
	return scalar(<$f>) // '';
}

sub run {
	my ($command) = @_;
	my $text = `{ $command; } 2>'$dir/stderr' </dev/null`;
	is($?, 0, "status: $command") or diag(contents("$dir/stderr"));
	return $text;
}

# Files and links below a directory, with their mode if executable.
sub tree {
	my ($root) = @_;
	my @files;
	find({ no_chdir => 1, wanted => sub {
		push @files, s{^\Q$root\E/}{}r . (-l || !-x ? '' : '*') if -l || -f;
	} }, $root) if -d $root;
	return join "\n", sort @files;
}

my ($tools) = contents('Makefile') =~ /^TOOLS = ((?:.*\\\n)*.*)$/m;
my @tools = grep { /^mptcp-/ } split /[\s\\]+/, $tools;
cmp_ok(scalar @tools, '>', 4, 'the Makefile has tools');

my ($version) = contents('common/version.h') =~ /"(.*)"/;
like($version, qr/^\d+(?:\.\d+)+$/, 'there is a version');
is((split /[\s,]+/, contents('NEWS'))[0], $version, 'NEWS begins with it');
is(`'$bin/$_' -V`, "$_ $version\n", "$_ -V has it") for @tools;

my $name = "mptcp-tools-$version";
run("make -s dist BUILD='$dir/one'");
my @members = split /\n/, `tar -tzf '$dir/one/$name.tar.gz'`;
is(scalar(grep { !m{^\Q$name\E/} } @members), 0, "all of it is in $name/");
SKIP: {
	skip 'no clone', 1 if !-e '.git';
	is(join("\n", sort map { s{^[^/]*/}{}r } grep { !m{/$} } @members),
		join("\n", sort split /\n/, `git ls-tree -r --name-only HEAD`),
		'it has the files of the last commit');
}

# The tree that came out of it, built in by someone else.
run("tar -xzf '$dir/one/$name.tar.gz' -C '$dir'");
my $before = tree("$dir/$name");
mkdir "$dir/$name/build" or die;
my @programs = grep { !/^(?:test|fuzz)_/ } map { m{(\w+)\.c$} } glob "$dir/$name/tests/*.c";
for ("build/x.o", @tools, map { "tests/$_" } @programs) {
	open my $f, '>', "$dir/$name/$_" or die "$_: $!";
}
run("cd '$dir/$name' && umask 077 && LC_ALL=C TZ=Asia/Tokyo make -s dist");
is(`cmp '$dir/one/$name.tar.gz' '$dir/$name/build/$name.tar.gz' 2>&1`, '',
	'from the tarball comes the same tarball');

# Installation: what is there by rule, wherever it goes.
my $share = 'usr/share';
my $doc = "$share/doc/mptcp-tools";
my @pages = map { s{.*/}{}r } glob "$build/man/*.[1-9]";
my $make = "DESTDIR='$dir/the root' PREFIX=/usr BIN='$bin' BUILD='$build'";
run("umask 077 && make -s install $make");
is(tree("$dir/the root"), join("\n", sort(
	(map { "usr/bin/$_*" } @tools),
	(map { /\.(\d)$/ ? "$share/man/man$1/$_" : () } @pages),
	(map { "$share/bash-completion/completions/$_" } @tools, 'mptcp-tools'),
	"$share/zsh/site-functions/_mptcp-tools",
	(map { "$doc/$_" } qw(LICENSE NEWS README.md)),
	(map { "$doc/examples/$_" } split /\n/, tree('examples')))),
	'what is installed');
my %page = map { $_ => 1 } @pages;
is(join(' ', grep { !$page{"$_.1"} } @tools), '', 'each tool has a page');
is(join(' ', grep { !$page{$_} } qw(mptcp-tsv.5 mptcp-tools.7)), '', 'and all together');
is((stat "$dir/the root/$doc/examples")[2] & 0777, 0755, 'for everyone to read');
run("make -s install $make");
run("make -s uninstall $make");
is(tree("$dir/the root"), '', 'nothing of it is left');
run("make -s uninstall $make");

done_testing();
