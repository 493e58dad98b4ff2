#!/usr/bin/env perl
# The manual pages against the tools: columns, options, exit statuses, mdoc.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use Test::More;

my $top = abs_path(dirname($0) . '/..');
my $bin = abs_path($ENV{BIN} // $top);
chdir $top or die "$top: $!";
my $man = ($ENV{BUILD} // 'build') . '/man';
my %page = map { $_ => page("$man/$_") }
	qw(mptcp-extract.1 mptcp-conns.1 mptcp-subflows.1 mptcp-reinject.1 mptcp-map.1
	mptcp-owd.1 mptcp-events.1 mptcp-plotdata.1 mptcp-plot.1 mptcp-tsv.5 mptcp-tools.7);

sub page {
	my ($path) = @_;
	open my $f, '<', $path or die "$path: $!";
	local $/;
	return scalar <$f>;
}

# Output and exit status of a shell command.
sub run {
	my $text = `$_[0]`;
	return ($text, $? >> 8);
}

# The lines of a page's section.
sub section {
	my ($name, $section) = @_;
	my ($text) = $page{$name} =~ /^\.Sh \Q$section\E\n(.*?)(?=^\.Sh |\z)/ms;
	die "$name has no $section" if !defined $text;
	return split /\n/, $text;
}

# The names in `.It Sy name [name|, name ...] [Pq type]`, in the order of the
# table. That has all columns of one direction before those of the other, where
# the page has an item for both: items `.It Sy c2s_a , s2c_a` one after the other
# stand for c2s_a c2s_b ... s2c_a s2c_b ... `.It Sy c2s_X , s2c_X` stands for one
# of these with each name in the `.Sy` lines below it.
sub named_columns {
	my (@names, @c2s, @s2c, $each);
	my $flush = sub {
		push @names, splice(@c2s), splice(@s2c);
	};
	for (section(@_)) {
		if ($each && /^\.Sy (.*)/) {
			my @each = grep { /\w/ } split ' ', $1;
			push @c2s, map { "c2s_$_" } @each;
			push @s2c, map { "s2c_$_" } @each;
		} elsif (/^\.It Sy c2s_(\w+) , s2c_\1(?: Pq .*)?$/) {
			$each = $1 eq 'X';
			push @c2s, "c2s_$1" if !$each;
			push @s2c, "s2c_$1" if !$each;
		} elsif (/^\.It Sy (.*?)(?: Pq .*)?$/) {
			$flush->();
			push @names, grep { /\w/ } split ' ', $1;
		}
		$each &&= !/^\.(?:El|It Sy (?!c2s_X))/;
	}
	$flush->();
	return @names;
}

# What to read for tools that take more than one operand.
my %operands = ('mptcp-plotdata' => 'dsn -',
	map { $_ => '- /dev/null' } qw(mptcp-map mptcp-owd));

# A command with nothing to read.
sub empty {
	my ($tool) = split ' ', $_[0];
	return "$bin/$_[0] " . ($operands{$tool} // '') . ' </dev/null';
}

# The names in the first line of what a command prints.
sub header {
	my ($tool, $kind) = split ' ', $_[0], 2;
	my $command = defined $kind && $tool eq 'mptcp-plotdata' ?
		"$bin/$tool $kind - </dev/null" : empty($_[0]);
	my ($text) = run($command . ' 2>/dev/null | head -n 1');
	chomp $text;
	return split /\t/, $text;
}

sub options_of_help {
	my ($text) = run("$bin/$_[0] -h");
	return map { /^  -(\w), --([\w-]+)(?: (\S+))?  / ?
		"-$1 --$2" . (defined $3 ? ' value' : '') : () } split /\n/, $text;
}

sub options_of_page {
	return map { /^\.It Fl (\w)( Ar \w+)? , Fl Fl ([\w-]+)( Ar \w+)?$/ ?
		"-$1 --$3" . ($2 && $4 ? ' value' : '') : () }
		split /\n/, $page{$_[0]};
}

# Letters in the synopsis: `.Op Fl Hhl` and `.Op Fl f Ar expr`.
sub letters_of_synopsis {
	return sort map { /^\.Op Fl (\w+)/ ? split(//, $1) : () }
		section($_[0], 'SYNOPSIS');
}

# The columns that -h lists: of all kinds of plots.
sub columns_of_help {
	my ($text) = run("$bin/$_[0] -h");
	my ($columns) = $text =~ /^Columns:\n((?:  .*\n)+)/m;
	return split ' ', $columns // '';
}

for my $tool (qw(mptcp-extract mptcp-conns mptcp-subflows mptcp-reinject mptcp-map
		mptcp-owd mptcp-events mptcp-plotdata)) {
	my @options = sort(options_of_help($tool));
	my @columns = $tool eq 'mptcp-plotdata' ? columns_of_help($tool) : header($tool);

	is(join(' ', named_columns("$tool.1", 'COLUMNS')), join(' ', @columns),
		"$tool.1 has the columns of the tool, in order");
	cmp_ok(scalar @options, '>', 6, "$tool -h lists options");
	is(join("\n", sort(options_of_page("$tool.1"))), join("\n", @options),
		"$tool.1 has the options of -h");
	is(join('', letters_of_synopsis("$tool.1")),
		join('', sort map { substr $_, 1, 1 } @options),
		"$tool.1: its synopsis too");
	my @status = section("$tool.1", 'EXIT STATUS');
	is(join(' ', map { /^\.It (\d+)$/ ? $1 : () } @status), '0 1 2',
		"$tool.1 has the exit statuses");
	my %signal = map { /^\.Dv (SIG\w+)/ ? ($1 => 1) : () } @status;
	is(join(' ', sort keys %signal), 'SIGHUP SIGINT SIGTERM',
		"$tool.1 has the signals that end the input");

	is((run("$bin/$tool -h"))[1], 0, "$tool -h: 0");
	is((run("$bin/$tool -V"))[1], 0, "$tool -V: 0");
	is((run(empty($tool) . ' 2>&1'))[1], 1, "$tool, empty input: 1");
	is((run(empty("$tool -o nothing") . ' 2>&1'))[1], 2,
		"$tool, a column that there is not: 2");
	is((run("$bin/$tool -\@ 2>&1"))[1], 2,
		"$tool, an option that there is not: 2");
}

for my $tool (qw(mptcp-conns mptcp-subflows)) {
	is(join(' ', named_columns("$tool.1", 'INTERVALS')),
		join(' ', header("$tool -i 1")),
		"$tool.1 has the columns of -i, in order");
	is((run("$bin/$tool -i 0 </dev/null 2>&1"))[1], 2,
		"$tool, an interval of no length: 2");
}

is(join(' ', named_columns('mptcp-owd.1', 'SUMMARY')), join(' ', header('mptcp-owd -s')),
	'mptcp-owd.1 has the columns of -s, in order');
for my $bad ('-C fast', '-O 1.5', '-P x', '-c -1', '-M /nowhere') {
	is((run(empty("mptcp-owd $bad") . ' 2>&1'))[1], 2, "mptcp-owd $bad: 2");
}
for (['-m', 'THE MATRIX'], ['-s', 'THE SUMMARY']) {
	my ($option, $section) = @$_;

	is(join(' ', named_columns('mptcp-reinject.1', $section)),
		join(' ', header("mptcp-reinject $option")),
		"mptcp-reinject.1 has the columns of $option, in order");
}
is((run("$bin/mptcp-reinject -w 0 </dev/null 2>&1"))[1], 2,
	'mptcp-reinject, no history: 2');
is((run("$bin/mptcp-reinject -m -s </dev/null 2>&1"))[1], 2,
	'mptcp-reinject, two tables: 2');

my ($help) = run("$bin/mptcp-plotdata -h");
my ($kinds) = $help =~ /^Kinds of plots:\n(.*)\z/ms;
is(join(' ', sort map { /^\.It Cm (\w+)$/ ? $1 : () } section('mptcp-plotdata.1', 'KINDS')),
	join(' ', sort $kinds =~ /^  (\w+)/mg), 'mptcp-plotdata.1 has the kinds of -h');
for (split ' ', join ' ', $kinds =~ /^  (\w+)/mg) {
	my $kind = $_ eq 'attr' ? 'attr -y len' : $_;
	like(join(' ', header("mptcp-plotdata $kind")), qr/^series conn stream dir x y .*plot sf path$/,
		"mptcp-plotdata $kind: the columns of all kinds");
}
is((run("$bin/mptcp-plotdata 2>&1"))[1], 2, 'mptcp-plotdata, no kind: 2');
is((run("$bin/mptcp-plotdata no_kind 2>&1"))[1], 2, 'mptcp-plotdata, no such kind: 2');
is((run("$bin/mptcp-plotdata attr </dev/null 2>&1"))[1], 2, 'mptcp-plotdata attr without -y: 2');
is((run("$bin/mptcp-plotdata rtt -y len </dev/null 2>&1"))[1], 2, 'mptcp-plotdata rtt -y: 2');
is((run("$bin/mptcp-plotdata attr -y token </dev/null 2>&1"))[1], 2,
	'mptcp-plotdata attr -y, no numbers: 2');

is(join("\n", sort(options_of_page('mptcp-plot.1'))), join("\n", sort(options_of_help('mptcp-plot'))),
	'mptcp-plot.1 has the options of -h');
is(join('', letters_of_synopsis('mptcp-plot.1')),
	join('', sort map { substr $_, 1, 1 } options_of_help('mptcp-plot')),
	'mptcp-plot.1: its synopsis too');

my ($list) = run("$bin/mptcp-extract --list-columns");
my ($first, @rows) = map { [split /\t/] } split /\n/, $list;
is(join(' ', @$first), 'column type meaning', '--list-columns: header');
is(join(' ', map { $_->[0] } @rows), join(' ', header('mptcp-extract')),
	'--list-columns: every column, in order');
is(scalar(grep { @$_ != 3 || grep { $_ eq '' } @$_ } @rows), 0,
	'--list-columns: no cell is empty');
is(join(' ', named_columns('mptcp-tsv.5', 'COLUMNS')),
	join(' ', map { $_->[0] } @rows),
	'mptcp-tsv.5 has each column, in order');
unlike($page{'mptcp-tsv.5'}, qr/\@COLUMNS\@/, 'mptcp-tsv.5 is complete');
unlike($page{'mptcp-tsv.5'}, qr/[^\0-\x7f]/, 'mptcp-tsv.5 is ASCII');

SKIP: {
	skip 'no mandoc', scalar keys %page
		if system('command -v mandoc >/dev/null 2>&1') != 0;
	for my $name (sort keys %page) {
		# but for pages of others, which may not be installed
		my @wrong = grep { !/referenced manual not found|outdated mandoc\.db/ }
			split /\n/, (run("mandoc -T lint $man/$name 2>&1"))[0];
		is(join("\n", @wrong), '', "$name: mandoc finds nothing wrong");
	}
}

# What is shown to be pasted has to stay ASCII in every formatter, which takes
# bare quotes, tildes and minuses for typography, and has to be shell.
sub displays {
	my @displays = $page{$_[0]} =~ /^\.Bd -literal.*?\n(.*?)^\.Ed/msg;
	return @displays;
}

my %plain = ('-' => '-', '(aq' => "'", '(ti' => '~', 'e' => '\\');
for my $name (sort keys %page) {
	my @displays = displays($name);
	cmp_ok(scalar @displays, '>', 0, "$name has examples");
	is(join("\n", grep { /(?<!\\)-|['`~^]/ } map { split /\n/ } @displays),
		'', "$name: minus, quote and tilde are escaped in examples");
	for (@displays) {
		my ($first) = split /\n/;
		s{\\(-|\(..|e)}{$plain{$1} // die "$name: $_"}ge;
		open my $sh, '|-', 'sh -n' or die;
		print $sh $_;
		ok(close $sh, "$name: syntax of $first");
	}
}

done_testing();
