#!/bin/sh
# one-connection.sh FILE N OUT - the packets of connection N as a capture
#
# All subflows of it, failed attempts too, for programs that take captures. Says
# how many packets went into OUT.
set -eu

command -v tcpdump >/dev/null || {
	echo "one-connection.sh: tcpdump is not installed (Debian: apt-get install tcpdump)" >&2
	exit 1
}
[ $# -eq 3 ] || {
	echo "usage: one-connection.sh FILE N OUT" >&2
	exit 2
}
filter=$(mptcp-subflows -H -c "$2" -o src,sport,dst,dport "$1" | awk -F '\t' '
	{ printf "%s(host %s and port %s and host %s and port %s)", or, $1, $2, $3, $4; or = " or " }')
[ -n "$filter" ] || {
	echo "one-connection.sh: $1: no connection $2" >&2
	exit 1
}
gzip -dcf "$1" | tcpdump --time-stamp-precision=nano -r - -w "$3" "$filter" 2>/dev/null
mptcp-extract -H -o pkt "$3" | wc -l
