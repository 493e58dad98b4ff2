#!/usr/bin/env bats
# What an open connection takes of memory, both ends sending: so much more is
# the peak where there are ten times as many of them.

load helpers

FEW=1000 MANY=10000 EACH=30	# packets
LIMIT=2048 TURNS=2400	# bytes; and where two subflows took turns for long

setup() {
	set -o pipefail
	cd "$BATS_FILE_TMPDIR" || return
}

# peak TOOL SUBFLOWS CONNECTIONS: peak memory, KiB
# shellcheck disable=SC2086
peak() {
	rm -f took
	gencap -n $((EACH * $3)) -k 0 -s "$2" -c "$3" | cpu took $1 >/dev/null	# a tool and its options
	awk '{ print $3 }' took
}

# within_limit TOOL SUBFLOWS [LIMIT]
within_limit() {
	local few many each limit=${3:-$LIMIT}
	few=$(peak "$1" "$2" $FEW)
	many=$(peak "$1" "$2" $MANY)
	each=$(((many - few) * 1024 / (MANY - FEW)))
	echo "$1, subflows: $2: $each bytes"
	# there are as many as was meant
	[ "$each" -gt $((limit / 8)) ] && [ "$each" -le "$limit" ]
}

@test "an open connection takes 2 KiB at most, with two subflows too" {
	! sanitized || skip "not of sanitizers"
	# what -w keeps is by choice
	for tool in mptcp-extract mptcp-conns mptcp-subflows 'mptcp-reinject -w 1' mptcp-events; do
		within_limit "$tool" 1
		within_limit "$tool" 2
	done
}

@test "after 200 packets of each too, and more where subflows take turns" {
	! sanitized || skip "not of sanitizers"
	FEW=500 MANY=5000 EACH=200
	for tool in mptcp-conns mptcp-subflows mptcp-events; do
		within_limit $tool 1
	done
	within_limit mptcp-events 2
	for tool in mptcp-conns mptcp-subflows 'mptcp-reinject -w 1'; do
		within_limit "$tool" 2 $TURNS
	done
}
