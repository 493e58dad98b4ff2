#!/bin/sh
# live-share.sh [INTERFACE [EXPRESSION]] - the share of each path, second by second
#
# While tcpdump runs: a line per second, connection, direction and path, with its
# share of the new data. Ends with the capture, or by Ctrl-C. TCPDUMP may name
# another command that writes a capture to standard output.
set -eu

${TCPDUMP:-tcpdump -i "${1:-any}" -s 128 -U -w -} "${2:-tcp}" |
	mptcp-plotdata share -l -b 1 -o x,conn,dir,path,y |
	awk -F '\t' 'NR > 1 {
		printf "%6.0f s  connection %s %s  %-40s %5.1f %%\n", $1, $2, $3, $4, 100 * $5
		fflush()
	}'
