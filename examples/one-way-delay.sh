#!/bin/sh
# one-way-delay.sh A B - how long packets take on each path, each way
#
# From a capture at each end, whose clocks need not agree: loss, quantiles of the
# delay and its variation for each subflow and direction. If PICTURE names a file,
# each delay is drawn there, over when it was sent; what was lost is a cross.
set -eu

[ $# -eq 2 ] || {
	echo "usage: one-way-delay.sh A B" >&2
	exit 2
}
mptcp-owd -s -N - -o conn,sf,dir,sent,lost,owd_min_s,owd_p50_s,owd_p99_s,jitter_s "$1" "$2"
[ -z "${PICTURE:-}" ] || mptcp-plotdata owd -n 4000 -2 "$2" "$1" | mptcp-plot -o "$PICTURE"
