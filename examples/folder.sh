#!/bin/sh
# folder.sh DIRECTORY - all captures below a directory as one table of connections
#
# On all processors, by GNU parallel; a row per connection with the name of its
# file in front, in the order of the names.
set -eu

command -v parallel >/dev/null || {
	echo "folder.sh: GNU parallel is not installed (Debian: apt-get install parallel)" >&2
	exit 1
}
find "${1:-.}" -type f \( -name '*.pcap' -o -name '*.pcapng' -o -name '*.pcap.gz' \) -print0 | sort -z |
	parallel -0 -k --will-cite --tagstring '{/}' mptcp-conns '{}' |
	awk -F '\t' '
	$2 == "conn" && had++ { next }	# one header of all
	$2 == "conn" { sub(/^[^\t]*/, "file") }
	{ print }'
