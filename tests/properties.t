#!/usr/bin/env bats
# What must hold of the rows of any capture, whatever pipe they go through.

load helpers

@test "a tool on a capture = mptcp-extract | the tool" {
	for f in $(all_captures); do
		echo "$f"
		mptcp-extract "$f" >rows.tsv
		mptcp-conns "$f" >want
		mptcp-conns rows.tsv | cmp - want
		mptcp-conns <rows.tsv | cmp - want
		mptcp-extract rows.tsv | cmp - rows.tsv
	done
}

@test "a pipe gives what a file gives" {
	# shellcheck disable=SC2002
	cat v4.pcap | mptcp-extract | same v4.tsv
	mptcp-extract <v4.pcap | mptcp-conns >want
	mptcp-extract <v4.pcap | cat | mptcp-conns | cmp - want
	# shellcheck disable=SC2002
	cat v4.pcap | mptcp-conns | cmp - want
	mptcp-conns - <v4.pcap | cmp - want
}

@test "the same input gives the same bytes again, whatever the locale" {
	mptcp-extract v4.pcap >want
	for run in 1 2 3; do
		TZ=Asia/Tokyo LC_ALL=C.UTF-8 mptcp-extract v4.pcap | cmp - want
		mptcp-conns v4.pcap >"conns.$run"
		cmp conns.1 "conns.$run"
	done
}

@test "missing values may be written NA in the middle of a pipe" {
	mptcp-conns <v4.pcap >want
	mptcp-extract -N NA <v4.pcap >na.tsv
	grep -q NA na.tsv
	mptcp-conns <na.tsv | cmp - want
	mptcp-extract <na.tsv | same v4.tsv
}

@test "columns in another order, more and fewer of them" {
	mptcp-conns <v4.tsv >want
	columns=$(head -n 1 v4.tsv | tr "\t" "\n" | tac | paste -sd ,)
	mptcp-extract -o "$columns" <v4.tsv >reversed.tsv
	grep -q "^map_dsn" reversed.tsv
	mptcp-conns <reversed.tsv | cmp - want
	mptcp-extract <reversed.tsv | same v4.tsv
	awk -F '\t' -v OFS='\t' '{ print "x" (NR > 1), $0, "y" NR }' v4.tsv |
		mptcp-conns | cmp - want
	without rel_s iface win win_bytes sack ip_id mss tsval tsecr <v4.tsv |
		mptcp-conns | cmp - want
}

@test "the rows of one connection give the row of that connection" {
	f=$SHARED/captures/many/client.pcap.gz
	[ -e "$f" ] || skip "no capture many here"
	mptcp-extract "$f" >many.tsv
	mptcp-conns "$f" >want.all
	for conn in 0 7 199; do
		awk -F '\t' -v c="$conn" 'NR == 1 || $1 == c' want.all >want
		[ "$(wc -l <want)" -eq 2 ]
		awk -F '\t' -v c="$conn" 'NR == 1 || $6 == c' many.tsv |
			mptcp-conns | cmp - want
	done
}

@test "-m: the rows with a connection, and the same connections" {
	awk -F '\t' 'NR == 1 || $6 != ""' v4.tsv >want
	mptcp-extract -m <v4.pcap | cmp - want
	mptcp-extract -m v4.tsv | cmp - want
	mptcp-conns <v4.pcap >want
	mptcp-extract -m <v4.pcap | mptcp-conns | cmp - want
}

@test "-f: the rows of the frames that match" {
	port=$(awk -F '\t' 'NR == 2 { print $9 }' v4.tsv)
	mptcp-extract -f "tcp port $port" <v4.pcap | cut -f 7-14 >got
	awk -F '\t' -v p="$port" 'NR == 1 || $9 == p || $11 == p' v4.tsv |
		cut -f 7-14 | cmp - got
}

@test "frames lost, doubled and reordered: capture = rows, still" {
	gencap -n 30000 -k 200 -s 3 >made.pcap
	for f in v4.pcap made.pcap; do
		while read -r seed lost doubled moved; do
			echo "$f $seed $lost $doubled $moved"
			shuffle "$seed" "$lost" "$doubled" "$moved" <"$f" \
				>shuffled.pcap
			mptcp-conns shuffled.pcap >want
			mptcp-extract shuffled.pcap >rows.tsv
			mptcp-conns rows.tsv | diff want -
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
