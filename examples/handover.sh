#!/bin/sh
# handover.sh FILE ... - when data stopped, on which subflow it went on, how long that took
#
# A row for each time that data was waiting for a data ACK for too long, from
# mptcp-events. If PICTURE names a file, the goodput of each path is drawn there,
# with these moments as lines.
set -eu

mptcp-events -N - -o rel_s,conn,dir,stream,event,value "$@" |
	awk -F '\t' -v OFS='\t' '
	NR == 1 { print "conn", "dir", "stalled_s", "resumed_s", "stream", "took_s"; next }
	$5 == "stall" { since[$2 " " $3] = $1 }
	$5 == "resume" && ($2 " " $3) in since {
		print $2, $3, since[$2 " " $3], $1, $4, sprintf("%.6f", $1 - since[$2 " " $3])
		delete since[$2 " " $3]
	}
	END {
		for (k in since) {
			split(k, part, " ")
			print part[1], part[2], since[k], "-", "-", "-"
		}
	}'
[ -n "${PICTURE:-}" ] || exit 0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mptcp-plotdata goodput "$@" >"$dir/goodput.tsv"
mptcp-plotdata events "$@" |
	awk -F '\t' 'NR == 1 || $1 ~ /^(stall|resume|join_syn|closed)$/' >"$dir/events.tsv"
mptcp-plot -o "$PICTURE" "$dir/goodput.tsv" "$dir/events.tsv"
