#!/usr/bin/env perl
# common/README says which modules there are and what each may include: the
# code has to agree. No state in variables; no long files and functions.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use Test::More;

use constant { FILE_MAX => 300, FUNCTION_MAX => 40, MAIN_MAX => 60 };

my $top = abs_path(dirname($0) . '/..');
chdir $top or die "$top: $!";
my $build = $ENV{BUILD} // 'build';

sub lines_of {
	open my $f, '<', $_[0] or die "$_[0]: $!\n";
	chomp(my @lines = <$f>);
	return @lines;
}

# Says nothing is wrong, or what is, a line each.
sub none {
	my ($name, @wrong) = @_;
	ok(!@wrong, $name) or diag(join "\n", @wrong);
}

# The modules in their order, and of each its layer, place, files' names and
# what it may include.
my (@order, %module, %owner, @readme);
for (lines_of('common/README')) {
	next unless /^\d/;
	unless (/^(\d+) (\w+)(?: \((\w+(?:, \w+)*)\))?: (.+?)(?:; may include (\w+(?: \w+)*))?$/) {
		push @readme, "can't read: $_";
		next;
	}
	my ($layer, $name, $files, $may) = ($1, $2, $3 // '', $5 // '');
	push @readme, "$name stands there twice" if $module{$name};
	push @readme, "$name stands below a higher layer"
		if @order && $layer < $module{$order[-1]}{layer};
	for (split / /, $may) {
		push @readme, "$name: $_ does not stand above it" unless $module{$_};
	}
	$module{$name} = { layer => $layer, may => { map { $_ => 0 } split / /, $may } };
	$owner{$_} = $name for $name, split /, /, $files;
	push @order, $name;
}
cmp_ok(scalar @order, '>', 0, 'common/README lists modules');
none('its lines are in order', @readme);

# The module that a file belongs to; the longest name that fits is meant.
sub module_of {
	my ($stem) = $_[0] =~ m{^(?:common/)?(\w+)\.[ch]$} or return;
	for (; $stem ne ''; $stem =~ s/_?[^_]*$//) {
		return $owner{$stem} if $owner{$stem};
	}
	return;
}

my @files = glob 'common/*.[ch]';
none('each file belongs to a module', grep { !module_of($_) } @files);
none('each module has a header', grep { !-e "common/$_.h" } @order);
none('nothing else is in common/', grep { !-f || !m{/(?:README|\w+\.[ch])$} } glob 'common/*');

my @includes;
for my $file (@files) {
	my $own = module_of($file) // next;
	for (lines_of($file)) {
		next unless /^\s*#\s*include\s*"(.*)"/;
		my $other = module_of($1);
		if (!defined $other || !-e "common/$1") {
			push @includes, "$file: $1 is no header of common/";
		} elsif ($other ne $own) {
			push @includes, "$file: $1, which $own may not include"
				unless exists $module{$own}{may}{$other};
			$module{$own}{may}{$other}++;
		}
	}
}
none('modules include what they may', @includes);
none('and all of what they may', map {
	my $name = $_;
	map { "$name does not include $_" }
		grep { !$module{$name}{may}{$_} } sort keys %{$module{$name}{may}};
} @order);

my @tools = glob 'tools/*.[ch]';
none('tools include only what is in common/', map {
	my $file = $_;
	map { /^\s*#\s*include\s*"(.*)"/ && !($1 =~ m{^\.\./(common/\w+\.h)$} && -e $1) ?
		"$file: $1" : () } lines_of($file);
} @tools);

# The lengths of a file without its tables, and of its functions between their
# braces, in a style where all begin and end in the first column.
sub measure {
	my ($file, $functions) = @_;
	my ($n, $length, $head, $table) = (0, 0, 0, 0);
	my $brace = 0;
	for (lines_of($file)) {
		$n++;
		$table = 1 if /^\S.*=\s*\{$/;
		$length++ unless $table;
		$table = 0 if /^\};$/;
		$head = $n if /^[a-z].*\(/;	# it may go over several lines
		$brace = $n if /^\{$/;
		push @$functions, [$file, $head, $n - $brace - 1]
			if /^\}$/ && $brace > $head;
	}
	return $length;
}

my (@long_files, @functions);
for (@files, @tools) {
	my $length = measure($_, \@functions);
	push @long_files, "$_: $length lines" if $length > FILE_MAX;
}
none('files have at most ' . FILE_MAX . ' lines, tables aside', @long_files);
cmp_ok(scalar @functions, '>', 100, 'functions are found');
none('functions have at most ' . FUNCTION_MAX . ', a tool\'s main ' . MAIN_MAX, map {
	my ($file, $at, $length) = @$_;
	my $main = $file =~ m{^tools/} && (lines_of($file))[$at - 1] =~ /^int main\(/;
	$length > ($main ? MAIN_MAX : FUNCTION_MAX) ? "$file:$at: $length lines" : ();
} @functions);

# Sections that can be written to after the program has started.
SKIP: {
	my @objects = grep { -e } map { m{/(\w+)\.c$} ? "$build/$1.o" : () } @files;
	skip "no objects in $build", 1 unless @objects;
	my @symbols = `objdump -t @objects 2>/dev/null`;	# nm would read gcc's own of -flto
	skip 'no objdump', 1 if $? || !@symbols;
	skip 'sanitizers have variables of their own', 1 if grep { / __(?:asan|ubsan)_/ } @symbols;
	my ($object, @state) = '';
	for (@symbols) {
		$object = $1 if /^(\S+):\s+file format/;
		my ($flags, $section, $name) = /^[[:xdigit:]]+ (.{7}) (\S+)\t\S+ (.*)$/ or next;
		push @state, "$object: $name"
			if $flags !~ /[df]/ && $section !~ /^\.data\.rel\.ro/ &&
				$section =~ /^(?:\.t?(?:data|bss)\b|\*COM\*)/;
	}
	none('no variables that last', @state);
}

done_testing();
