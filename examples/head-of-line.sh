#!/bin/sh
# head-of-line.sh FILE ... - how long data waited at the receiver, and for which path
#
# From a capture at the receiver: how many ranges of data came before it was their
# turn, how many bytes, how long they waited, by the subflow that brought what was
# missing; `subflow`: it was missing on the subflow itself (lost or reordered
# packets), `data`: on another one, which is slower. If PICTURE names a file, the
# waits and what waited at each moment are drawn there.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mptcp-plotdata hol "$@" >"$dir/hol.tsv"
mptcp-plotdata ofo "$@" >"$dir/ofo.tsv"
awk -F '\t' -v OFS='\t' '
	NR == 1 { next }
	{
		k = $2 OFS $4 OFS $8 OFS $13
		n[k]++
		bytes[k] += $7
		sum[k] += $6
		if ($6 > most[k])
			most[k] = $6
	}
	END {
		print "conn", "dir", "gap", "path", "ranges", "bytes", "mean_s", "max_s"
		for (k in n)
			print k, n[k], bytes[k], sprintf("%.6f", sum[k] / n[k]), most[k] | "sort"
	}' "$dir/hol.tsv"
[ -z "${PICTURE:-}" ] || mptcp-plot -o "$PICTURE" "$dir/ofo.tsv" "$dir/hol.tsv"
