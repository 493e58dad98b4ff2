#!/bin/sh
# which-path.sh FILE ... - which path carried how much of the data, each way
#
# One row per pair of addresses over all connections: how many subflows, data
# that they were the first to carry, in bytes and as a share, and the payload
# that was sent for it. Plots the shares over time too, into share.svg, if
# gnuplot is there and PICTURE names a file.
set -eu

mptcp-subflows -H -N - -o src,dst,state,c2s_new_bytes,c2s_sent_bytes,s2c_new_bytes,s2c_sent_bytes "$@" |
	awk -F '\t' -v OFS='\t' '
	{
		path = $1 " > " $2
		flows[path]++
		up += $3 == "established"
		new[path] += $4 + $6
		sent[path] += $5 + $7
		all += $4 + $6
	}
	END {
		print "path", "subflows", "data_bytes", "share", "sent_bytes"
		for (path in flows)
			print path, flows[path], new[path], all ? sprintf("%.4f", new[path] / all) : "", sent[path] | "sort -t \"\t\" -k 3,3nr"
	}'
[ -z "${PICTURE:-}" ] || mptcp-plotdata share -n 2000 "$@" | mptcp-plot -o "$PICTURE"
