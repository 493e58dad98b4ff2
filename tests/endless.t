#!/usr/bin/env bats
# A link without an end: captures again and again, later each time, through a
# pipe. Memory doesn't grow, and each round gives the same rows.

bats_require_minimum_version 1.5.0	# run !
load helpers

ROUND_S=1000	# longer than a closed connection is remembered

setup() {
	set -o pipefail
	cd "$BATS_FILE_TMPDIR" || return
	local f n=0
	# a connection that closes, one that never does, and one that falls back
	for f in backup join-stripped fallback-data; do
		f=$(examples $f | head -n 1)
		[ -n "$f" ] || continue
		gzip -dc "$f" >part$n.pcap
		n=$((n + 1))
	done
	[ "$n" -gt 0 ] || skip "no capture here"
}

# laps N: the captures N times, one after the other
laps() {
	local i f
	head -c 24 <(restamp part0.pcap)
	for ((i = 0; i < $1; i++)); do
		for f in part*.pcap; do
			restamp -o $((i * ROUND_S)) "$f" | tail -c +25
		done
	done
}

# peak N COMMAND...: peak memory, KiB, over so many laps
peak() {
	local n=$1
	shift
	rm -f took
	laps "$n" | cpu took "$@" >/dev/null
	awk '{ print $3 }' took
}

@test "memory stays as it is" {
	! sanitized || skip "not of sanitizers"
	laps 1 >other.pcap
	while read -r tool; do
		# shellcheck disable=SC2086
		few=$(peak 5 $tool)
		# shellcheck disable=SC2086
		many=$(peak 30 $tool)
		echo "$tool: $few KiB, later $many KiB"
		# how much of a program's file is mapped varies by hundreds of KiB;
		# 1 MiB is 8 bytes for each of the packets in between
		[ "$many" -lt $((few + 1024)) ]
	done <<-'EOF'
		mptcp-extract
		mptcp-conns
		mptcp-conns -i 1
		mptcp-subflows -t
		mptcp-subflows -i 1
		mptcp-reinject -r
		mptcp-events
		mptcp-map - other.pcap
		mptcp-owd -C none - other.pcap
		mptcp-plotdata dsn -k -n 100
		mptcp-plotdata rtt -D
	EOF
}

@test "each round gives the same rows" {
	laps 1 | mptcp-conns -o conn_id,fallback,close,c2s_bytes,s2c_bytes,c2s_sent_bytes >once
	laps 6 | mptcp-conns -H -o conn_id,fallback,close,c2s_bytes,s2c_bytes,c2s_sent_bytes |
		sort | uniq -c | awk '{ n = $1; $1 = ""; print n, $0 }' >often
	cat often
	[ "$(wc -l <often)" -eq $(($(wc -l <once) - 1)) ]
	run ! grep -v '^6 ' often
}
