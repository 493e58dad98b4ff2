#!/usr/bin/env perl
# mptcp-events -w: what a capture of the checkout proves is said in words, and
# a line is said of each connection.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename 'dirname';
use Test::More;

my $here = abs_path(dirname($0));
my $bin = abs_path($ENV{BIN} // "$here/..");
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
done_testing;
