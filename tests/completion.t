#!/usr/bin/env perl
# Completion in bash and zsh against what the tools say: every tool of the
# Makefile, and one made up that has what tools can have.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use Test::More;

my $here = abs_path(dirname($0));
my $bin = abs_path($ENV{BIN} // "$here/..");
my $dir = tempdir(CLEANUP => 1);
$ENV{LC_ALL} = 'C';
$ENV{PATH} = "$dir/bin:$bin:$ENV{PATH}";
chdir $dir or die "$dir: $!";

sub contents {
	open my $f, '<', $_[0] or die "$_[0]: $!";
	local $/;
	return scalar <$f>;
}

sub write_file {
	my ($path, $text) = @_;
	open my $f, '>', $path or die "$path: $!";
	print $f $text;
	close $f or die "$path: $!";
}

my ($tools) = contents("$here/../Makefile") =~ /^TOOLS = ((?:.*\\\n)*.*)$/m;
my @tools = grep { /^mptcp-/ } split /[\s\\]+/, $tools;
cmp_ok(scalar @tools, '>', 4, 'the Makefile has tools');

mkdir 'bin' and mkdir 'zsh' or die;
write_file('bin/mptcp-made-up', <<'END');
#!/bin/sh
[ "$*" = "-h" ] || [ "$*" = "-i 2 -h" ] || { echo "$*" >>called; exit 2; }
cat <<HELP
usage: mptcp-made-up KIND [options] A B
Prints nothing. The next line is no option:
  it says: --nothing, -x

  -C, --clock MODE           how it goes: none, auto, piecewise (auto)
  -c, --conn N               only connection N
  -d, --direction DIR        only c2s or s2c
  -h, --help                 print this: all
  -i, --interval SECONDS     a row [for] each
  -s, --size WxH             of it
  -T, --clock-table FILE     write it there
  -y, --attribute COLUMN     the column of mptcp-extract
  -o, --columns A,B,C        print these columns, in this order

Columns:
  alpha beta $([ $# = 1 ] && echo gamma || echo delta)
  alpine

Kinds of plots:
  dsn            where data stands
  data_rtt       how long it took
HELP
END
chmod 0755, 'bin/mptcp-made-up' or die;
for my $shell (qw(bash zsh)) {
	my $text = contents("$here/../tools/completion.$shell");
	$text =~ s/\@TOOLS\@/@tools mptcp-made-up/ or die;
	write_file("zsh/_mptcp-$shell", $text);
}
my @examples = sort map { s{.*/}{}r } glob "$here/../examples/*-client.pcap.gz";
symlink "$here/../examples/$_", $_ or die for @examples;
write_file('a note', 'none');
my ($first, $second) = @examples;

# What a shell offers for each command line, whose last word is completed.
sub bash {
	my @lines = @_;
	write_file('lines', join '', map { s/=/\t=\t/r =~ s/ /\t/gr . "\n" } @lines);
	write_file('drive', <<'END');
source zsh/_mptcp-bash
while IFS= read -r line; do
	words=()
	while [[ $line == *$'\t'* ]]; do
		words+=("${line%%$'\t'*}")
		line=${line#*$'\t'}
	done
	COMP_WORDS=("${words[@]}" "$line")
	COMP_CWORD=${#words[@]}
	_mptcp_tools "${words[0]}" "$line" "${words[-1]}"
	echo "${COMPREPLY[*]}"
done <lines
END
	my @got = `bash drive 2>&1`;
	return map { join ' ', sort split ' ' } @got;
}

sub zsh {
	my @lines = @_;
	write_file('drive', <<'END');
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PROMPT= RPROMPT= PS2=; stty -echo
fpath=($PWD/zsh $fpath); autoload -Uz compinit; compinit -u -D
compadd() {
	local -a hits
	case " ${@[1,(i)(-|--)]} " in
	*" -"[OAD]" "*) builtin compadd "$@"; return ;;
	esac
	builtin compadd -A hits "$@"
	local r
	builtin compadd "$@"; r=$?
	print -r -- "HIT $hits"
	return r
}
offer() { zle complete-word; print "END"; BUFFER=; }
zle -N offer; bindkey "^I" offer; print READY'
zpty -r z out '*READY*'
while IFS= read -r line; do
	zpty -w -n z "$line"$'\t'
	zpty -r z out '*END*'
	print -r -- "$out"
	print NEXT
done <lines
END
	write_file('lines', join '', map { "$_\n" } @lines);
	open my $f, '-|', 'timeout 60 zsh -f drive 2>&1 </dev/null' or die;
	my $text = do { local $/; <$f> } // '';
	return map { join ' ', sort map { split ' ' } /HIT (.*?)\r?$/mg } split /^NEXT$/m, $text;
}

# Command lines, what has to be offered, and how zsh has that, if not the same.
my @cases = (
	['mptcp-made-up ', 'data_rtt dsn'],
	['mptcp-made-up ds', 'dsn'],
	['mptcp-made-up dsn a', '"a note" ' . join(' ', grep { /^a/ } @examples)],
	['mptcp-made-up -C ', 'auto none piecewise'],
	['mptcp-made-up --clock=p', 'piecewise'],
	['mptcp-made-up -d ', 'c2s s2c'],
	['mptcp-made-up -i ', ''],
	['mptcp-made-up -s ', ''],
	['mptcp-made-up -o ', 'alpha alpine beta gamma'],
	['mptcp-made-up -T there -i 2 -o alpha,', 'alpha,alpine alpha,beta alpha,delta',
		'alpine beta delta'],
	['mptcp-made-up -i 3 -o g', 'gamma'],
	['mptcp-made-up --columns=beta,alp', 'beta,alpha beta,alpine', 'alpha alpine'],
	['mptcp-made-up -y map_', 'map_dsn map_seq'],
	["mptcp-made-up dsn $first $second -c ", '0'],
	["mptcp-conns $first $second -c ", '0 1'],
	["mptcp-conns $first --conn=", '0'],
	['mptcp-conns -c ', ''],
	["mptcp-conns -", undef],
	["mptcp-conns " . substr($first, 0, 4), $first],
);
$cases[2][1] =~ s/"a note" //;	# there are captures that begin so

# All tools: their options and columns as -h has them.
for my $tool (@tools) {
	my $help = `$tool -h`;
	my @long = $help =~ /^  -\w, (--[\w-]+)/mg;
	push @cases, ["$tool --", join ' ', @long];
	next if $help !~ /^  -o, --columns A,B,C /m;
	my ($columns) = $help =~ /^Columns:\n((?:  .*\n)+)/m;
	my %seen;
	push @cases, ["$tool -o ", join ' ', grep { !$seen{$_}++ } split ' ', $columns];
	my ($kinds) = $help =~ /^Kinds.*:\n((?:  .*\n)+)/m;
	push @cases, ["$tool ", join ' ', $kinds =~ /^  (\S+)/mg] if $kinds;
}

sub compare {
	my ($shell, $column, @got) = @_;
	for my $i (0 .. $#cases) {
		my ($line, @want) = @{$cases[$i]};
		next if !defined $want[0];
		my $want = join ' ', sort split ' ', $want[$column] // $want[0];
		is($got[$i] // 'nothing', $want, "$shell: $line");
	}
}

SKIP: {
	skip 'no bash', 1 if system('command -v bash >/dev/null') != 0;
	compare('bash', 0, bash(map { $_->[0] } @cases));
	symlink "$here/../examples/$first", 'two words.pcap.gz' or die;
	write_file('behind', <<'END');
source zsh/_mptcp-bash
COMP_WORDS=(mptcp-conns -c '' "$1") COMP_CWORD=2
_mptcp_tools mptcp-conns '' -c
echo "${COMPREPLY[*]}"
END
	for my $word ('"two words.pcap.gz"', 'two\ words.pcap.gz') {
		is(qx(bash behind '$word'), "0\n", "bash: $word behind the cursor");
	}
	ok(!-e 'called' || contents('called') !~ /there/, 'no file is named to a tool that would write it');
}
SKIP: {
	skip 'no zsh', 1 if system('command -v zsh >/dev/null') != 0;
	compare('zsh', 1, zsh(map { $_->[0] } @cases));
	ok(!-e 'called' || contents('called') !~ /there/, 'nor by zsh');
}

done_testing();
