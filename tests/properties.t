#!/usr/bin/env bats
# What must hold of the rows of any capture, whatever pipe they go through.

load helpers

# tables FUNCTION [ARGUMENT...]: call it with each command line that makes a
# table of segments, or a text, behind the arguments; stop at one that fails
tables() {
	while read -ra line; do
		"$@" "${line[@]}" </dev/null && continue
		echo "$*: ${line[*]}"
		return 1
	done <<-END
		mptcp-conns
		mptcp-conns -i 0.1
		mptcp-conns -S
		mptcp-conns -c 0
		mptcp-conns -L 0.5
		mptcp-subflows
		mptcp-subflows -t
		mptcp-subflows -i 0.1
		mptcp-subflows -t -i 0.1
		mptcp-subflows -c 0 -i 0.01
		mptcp-subflows -L 0.5
		mptcp-events
		mptcp-events -v -T 0.01
		mptcp-events -c 0
		mptcp-events -L 0.5
		mptcp-reinject
		mptcp-reinject -r -w 20
		mptcp-reinject -r -m
		mptcp-reinject -s -L 0.5
		mptcp-plotdata dsn -k -n 100
		mptcp-plotdata inflight -t
		mptcp-plotdata hol -D
		mptcp-plotdata goodput -w 3
		mptcp-plotdata events
	END
}

# expect INPUT COMMAND: what it prints is what others are compared with
expect() {
	"${@:2}" <"$1" >"want ${*:2}"
}

# gives_same INPUT COMMAND: it prints the same, of input in another form
gives_same() {
	"${@:2}" <"$1" | cmp - "want ${*:2}"
}

# both_same CAPTURE COMMAND: it prints the same of the rows, rows.tsv
both_same() {
	"${@:2}" "$1" >want && "${@:2}" <rows.tsv | cmp - want
}

@test "a tool on a capture = mptcp-extract | the tool" {
	for f in $(all_captures); do
		echo "$f"
		mptcp-extract "$f" >rows.tsv
		tables both_same "$f"
		mptcp-conns rows.tsv >want
		mptcp-conns <rows.tsv | cmp - want
		mptcp-extract rows.tsv | cmp - rows.tsv
	done
}

# broken_same FILE COMMAND: both_same, of as much of it as is a capture
broken_same() {
	"${@:2}" "$1" >want || [ $? -eq 1 ]
	"${@:2}" <rows.tsv | cmp - want
}

# rtt_samples ARGUMENT...: how many there are in all rows
rtt_samples() {
	mptcp-subflows -H -o c2s_rtt_samples,s2c_rtt_samples "$@" |
		awk '{ n += $1 + $2 } END { print n + 0 }'
}

@test "what fuzzers found: the same of the rows, and figures that add up" {
	for f in "$HERE"/corpus/capture/* "$HERE"/corpus/file/*; do
		echo "$f"
		mptcp-extract "$f" >rows.tsv || [ $? -eq 1 ]
		tables broken_same "$f"
		for d in c2s s2c; do
			mptcp-subflows -H -o "$(printf ",${d}_%s" unique_bytes new_bytes \
				reinject_bytes dup_sf_bytes | cut -c 2-)" rows.tsv |
				awk -F '\t' '$2 + $3 + $4 > $1 + 0 { print; exit 1 }'
		done
		[ "$(rtt_samples rows.tsv)" = "$(rtt_samples -i 0.01 rows.tsv)" ]
	done
}

a_pipe_same() {
	# shellcheck disable=SC2002
	cat "$1" | "${@:2}" | cmp - "want ${*:2}" &&
		"${@:2}" - <"$1" | cmp - "want ${*:2}" &&
		mptcp-extract "$1" | cat | "${@:2}" | cmp - "want ${*:2}"
}

@test "a pipe gives what a file gives" {
	# shellcheck disable=SC2002
	cat v4.pcap | mptcp-extract | same v4.tsv
	tables expect v4.pcap
	tables a_pipe_same v4.pcap
}

abroad_same() {
	TZ=Asia/Tokyo LC_ALL=C.UTF-8 gives_same "$@"
}

@test "the same input gives the same bytes again, whatever the locale" {
	mptcp-extract v4.pcap >want
	tables expect v4.pcap
	for run in 1 2 3; do
		echo "$run"
		TZ=Asia/Tokyo LC_ALL=C.UTF-8 mptcp-extract v4.pcap | cmp - want
		tables gives_same v4.pcap
		tables abroad_same v4.pcap
	done
}

@test "missing values may be written NA in the middle of a pipe" {
	tables expect v4.pcap
	mptcp-extract -N NA <v4.pcap >na.tsv
	grep -q NA na.tsv
	tables gives_same na.tsv
	mptcp-extract <na.tsv | same v4.tsv
}

# fewer_same COMMAND: without the columns that it does not print or look at
fewer_same() {
	case $1 in
	mptcp-events | mptcp-plotdata | mptcp-reinject) without iface sack ip_id <v4.tsv >few.tsv &&
		gives_same few.tsv "$@" ;;
	*) gives_same fewer.tsv "$@" ;;
	esac
}

@test "columns in another order, more and fewer of them" {
	tables expect v4.tsv
	columns=$(head -n 1 v4.tsv | tr "\t" "\n" | tac | paste -sd ,)
	mptcp-extract -o "$columns" <v4.tsv >reversed.tsv
	head -n 1 reversed.tsv | grep -q "map_dsn.*pkt$"
	tables gives_same reversed.tsv
	mptcp-extract <reversed.tsv | same v4.tsv
	awk -F '\t' -v OFS='\t' '{ print "x" (NR > 1), $0, "y" NR }' v4.tsv \
		>more.tsv
	tables gives_same more.tsv
	without pkt iface sack ip_id <v4.tsv >fewer.tsv
	tables fewer_same
}

# picks COMMAND: -o gives the columns of the table, in that order
picks() {
	case $* in *-S*) return ;; esac
	"$@" v4.pcap | awk -F '\t' -v OFS='\t' '{ print $NF, $5, $1, $9 }' >want
	"$@" -o "$(head -n 1 want | tr '\t' ,)" v4.pcap | cmp - want &&
		"$@" -H v4.pcap >all &&
		"$@" v4.pcap | tail -n +2 | cmp - all &&
		"$@" -H -N NA v4.pcap |
			awk -F '\t' -v OFS='\t' '
				{ for (i = 1; i <= NF; i++) sub(/^NA$/, "", $i) } 1' |
			cmp - all
}

@test "-o, -H and -N change how a table is written, not what is in it" {
	tables picks
}

# one_conn COMMAND: of the rows of one connection it makes that one's rows
one_conn() {
	"$@" many.tsv >want.all || return
	for conn in 0 7 199; do
		awk -F '\t' -v c="$conn" '
			NR == 1 { for (i = 1; i <= NF; i++) if ($i == "conn") at = i }
			NR == 1 || $at == c' want.all >want
		[ "$(wc -l <want)" -gt 1 ] || return
		awk -F '\t' -v c="$conn" 'NR == 1 || $6 == c' many.tsv |
			"$@" | cmp - want || return
		"$@" -c "$conn" many.tsv | cmp - want || return
	done
}

@test "the rows of one connection give the rows of that connection, as -c" {
	f=$SHARED/captures/many/client.pcap.gz
	[ -e "$f" ] || skip "no capture many here"
	mptcp-extract "$f" >many.tsv
	one_conn mptcp-conns
	one_conn mptcp-conns -i 0.1
	one_conn mptcp-subflows
	one_conn mptcp-subflows -i 0.1
	one_conn mptcp-events
	one_conn mptcp-reinject -s
}

# without_tcp COMMAND: rows without a connection make no difference
without_tcp() {
	case $* in *-t*) return ;; esac
	gives_same mptcp.tsv "$@"
}

@test "-m: the rows with a connection, and the same connections" {
	awk -F '\t' 'NR == 1 || $6 != ""' v4.tsv >want
	mptcp-extract -m <v4.pcap | cmp - want
	mptcp-extract -m v4.tsv | cmp - want
	tables expect v4.pcap
	mptcp-extract -m <v4.pcap >mptcp.tsv
	tables without_tcp
}

@test "-f: the rows of the frames that match" {
	port=$(awk -F '\t' 'NR == 2 { print $9 }' v4.tsv)
	mptcp-extract -f "tcp port $port" <v4.pcap | cut -f 7-14 >got
	awk -F '\t' -v p="$port" 'NR == 1 || $9 == p || $11 == p' v4.tsv |
		cut -f 7-14 | cmp - got
}

@test "frames lost, doubled and reordered: capture = rows, still" {
	gencap -n 10000 -k 200 -s 3 >made.pcap
	gencap -n 10000 -c 3 -k 1500 -s 3 -w 30 -x 5 >in-flight.pcap
	gencap -n 10000 -c 3 -k 1500 -s 3 -w 30 -x 5 -o >held-up.pcap
	for f in v4.pcap made.pcap in-flight.pcap held-up.pcap; do
		while read -r seed lost doubled moved; do
			echo "$f $seed $lost $doubled $moved"
			shuffle "$seed" "$lost" "$doubled" "$moved" <"$f" \
				>shuffled.pcap
			mptcp-extract shuffled.pcap >rows.tsv
			tables both_same shuffled.pcap
			[ "$(cut -f 1 rows.tsv | wc -l)" -eq \
				"$(($(floor shuffled.pcap) + 1))" ]
		done <<-END
			1 0.3 0 0
			2 0.9 0 0
			3 0.98 0 0
			4 0 0.1 0.3
			5 0.5 0.1 0.5
			6 0.01 0.01 0.01
		END
	done
}
