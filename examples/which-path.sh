#!/bin/sh
# which-path.sh FILE ... - which path carried how much of the data, each way
#
# One row per pair of addresses over all connections: how many subflows, data
# that they were the first to carry, in bytes and as a share, and the payload
# that was sent for it. If PICTURE names a file, the share of each path over time
# is drawn there.
set -eu

mptcp-subflows -H -N - -o src,dst,c2s_new_bytes,c2s_sent_bytes,s2c_new_bytes,s2c_sent_bytes "$@" |
	awk -F '\t' -v OFS='\t' '
	{
		path = $1 " > " $2
		flows[path]++
		new[path] += $3 + $5
		sent[path] += $4 + $6
		all += $3 + $5
	}
	END {
		print "path", "subflows", "data_bytes", "share", "sent_bytes"
		for (path in flows)
			print path, flows[path], new[path], all ? sprintf("%.4f", new[path] / all) : "", sent[path] | "sort -t \"\t\" -k 3,3nr"
	}'
[ -z "${PICTURE:-}" ] || mptcp-plotdata share -n 2000 "$@" | mptcp-plot -o "$PICTURE"
