#!/usr/bin/env perl
# All text of the tree: no trailing blanks, no paths of one machine; shellcheck
# for shell scripts and bats files.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Find;
use Test::More;

my $top = abs_path(dirname($0) . '/..');
chdir $top or die "$top: $!";

# The directories where a checkout of this project may have been written.
my @machine = map { "/$_/" } qw(work home/[a-z]\w* root/[a-z]\w*);

# The files that belong to the project, as far as the tree alone tells.
sub files {
	my @files;
	find({ no_chdir => 1, wanted => sub {
		return $File::Find::prune = 1
			if $_ eq './.git' || $_ eq './build' ||
			$_ =~ m{^\./tests/corpus};
		push @files, s{^\./}{}r if -f && -T;
	} }, '.');
	return sort @files;
}

sub contents {
	open my $f, '<', $_[0] or die "$_[0]: $!";
	local $/;
	return scalar(<$f>) // '';
}

# The lines, as FILE:LINE, that match; `but` says which don't count.
sub lines {
	my ($file, $text, $match) = @_;
	my @lines = split /\n/, $text;
	return map { "$file:" . ($_ + 1) }
		grep { $lines[$_] =~ $match } 0 .. $#lines;
}

my (@blank, @path, @no_newline, @shell);
my $machine = join '|', @machine;
for my $file (files()) {
	my $text = contents($file);
	push @blank, lines($file, $text, qr/[ \t\r]$/) unless $file =~ /\.svg$/;	# as gnuplot wrote it
	push @path, lines($file, $text, qr/(?<![\w.])(?:$machine)/);
	push @no_newline, $file if $text ne '' && $text !~ /\n\z/;
	push @shell, [sh => $file] if $text =~ m{^#!\S+[ /](?:env )?(?:ba|da)?sh\b};
	push @shell, [bats => $file] if $text =~ m{^#!\S+[ /](?:env )?bats\b};
	push @shell, [bash => $file] if $file =~ /\.(?:sh|bash)$/ && $text !~ /^#!/;
}
is(join("\n", @blank), '', 'no line ends with a blank');
is(join("\n", @path), '', 'no path of one machine');
is(join("\n", @no_newline), '', 'every file ends with a newline');
cmp_ok(scalar @shell, '>', 0, 'there are shell scripts');

SKIP: {
	skip 'no shellcheck', scalar @shell
		if system('command -v shellcheck >/dev/null 2>&1') != 0;
	for (@shell) {
		my ($kind, $file) = @$_;
		my @dialect = $kind eq 'sh' ? () : ("-s$kind");
		open my $out, '-|', 'shellcheck', '-x', @dialect, $file or die;
		my $text = do { local $/; <$out> } // '';
		ok(close $out, "shellcheck $file") or diag($text);
	}
}

done_testing();
