#!/bin/sh
# to-sqlite.sh DATABASE FILE ... - the tables of captures in an SQLite database
#
# Tables segments, conns, subflows and events, with the name of the file in front
# of each row; then a question that joins two of them.
set -eu

command -v sqlite3 >/dev/null || {
	echo "to-sqlite.sh: sqlite3 is not installed (Debian: apt-get install sqlite3)" >&2
	exit 1
}
[ $# -ge 2 ] || {
	echo "usage: to-sqlite.sh DATABASE FILE ..." >&2
	exit 2
}
database=$1
shift
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# table NAME COMMAND FILE...: the command on each of the files, one header
table() {
	name=$1
	command=$2
	shift 2
	first=1
	for file; do
		# shellcheck disable=SC2086
		$command "$file" | awk -v file="$(basename "$file")" -v first=$first '
			NR > 1 { print file "\t" $0 }
			NR == 1 && first { print "file\t" $0 }'
		first=0
	done >"$dir/$name.tsv"
	sqlite3 "$database" -cmd '.mode tabs' ".import $dir/$name.tsv $name"
}

rm -f "$database"
table segments 'mptcp-extract -m -o pkt,time_ns,stream,conn,dir,flags,len,mptcp,dsn,dack' "$@"
table conns mptcp-conns "$@"
table subflows mptcp-subflows "$@"
table events 'mptcp-events -o rel_s,pkt,conn,stream,dir,event,value,verified' "$@"
sqlite3 -header -separator "$(printf '\t')" "$database" '
	SELECT s.file, s.conn, s.sf, s.src, s.dst, s.state, s.c2s_new_bytes,
		(SELECT count(*) FROM events e WHERE e.file = s.file AND e.conn = s.conn
			AND e.stream = s.stream) AS events
	FROM subflows s JOIN conns c ON c.file = s.file AND c.conn = s.conn
	ORDER BY s.file, s.conn + 0, s.sf + 0'
