#!/usr/bin/env perl
# mptcp-events -w: what a capture of the checkout proves is said in words, and
# a line is said of each connection.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use File::Temp 'tempdir';
use Test::More;

my $here = abs_path(dirname($0));
my $bin = abs_path($ENV{BIN} // "$here/..");
my $dir = tempdir(CLEANUP => 1);
my %SAID = (
	'abort-server-client' => qr/aborted it by MP_FASTCLOSE at packet \d+, \d/,
	'backup-client' => qr/opened by the client as a backup, \S+ -> \S+, its token and HMACs right\./,
	'csum-fail-single-client' => qr/with checksums\. .*The server sent MP_FAIL at packet \d+ .*fell back to TCP/,
	'fallback-data-client' => qr/fell back to TCP at packet \d+, sent by the server: /,
	'join-stripped-client' => qr/A JOIN failed at packet \d+, .*the SYN\/ACK has no MP_JOIN/,
	'nat-client' => qr/opened by the client, 192\.168\.2\.1:\d+ -> .*DATA_FIN of both hosts, acknowledged\.$/,
);

for my $name (sort keys %SAID) {
	my $file = "$here/../examples/$name.pcap.gz";
	my @lines = split /\n/, `$bin/mptcp-events -w $file`;
	is($?, 0, "$name: status 0");
	is(scalar @lines, 1, 'a line for the connection');
	like($lines[0], $SAID{$name}, 'it says what happened');
	is(`$bin/mptcp-extract $file | $bin/mptcp-events -w`, "$lines[0]\n",
		'the same of its rows');
}

# a SYN that is answered by a RST
sub crafted {
	my ($case) = @_;
	open my $out, '|-', "$here/craft /dev/stdin | $bin/mptcp-events -w >$dir/words"
		or die "craft: $!\n";
	print $out $case;
	close $out or die "craft: $?\n";
	open my $in, '<', "$dir/words" or die "words: $!\n";
	local $/;
	<$in>;
}

like(crafted(<<'CASE'), qr/asked 10\.0\.9\.1:80 for MPTCP .*, the server, refused it at packet 2\./, 'refused');
conn C 0102030405060708 1112131415161718
flow a C 10.0.1.1:40000 10.0.9.1:80
a > S mp_capable
a < RA
CASE
like(crafted(<<'CASE'), qr/, the server, reset its subflow at packet 5\./, 'reset later');
conn C 0102030405060708 1112131415161718
flow a C 10.0.1.1:40000 10.0.9.1:80
open a
a < RA
CASE

my $error = `$bin/mptcp-events -w -o pkt </dev/null 2>&1`;
is($? >> 8, 2, '-w and -o: usage');
like($error, qr/-o picks columns/, 'and why');
done_testing;
