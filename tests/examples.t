#!/usr/bin/env bats
# The scripts of examples/: they answer what they say, in one table, and draw;
# and the commands of the cookbook's tables are ones that the tools know.

load helpers

setup() {
	set -o pipefail
	cd "$HERE/../examples" || return
	export PICTURE=
}

# fails STATUS COMMAND: so, with what it said in the file `said`
fails() {
	local got=0
	"${@:2}" >"$BATS_TEST_TMPDIR/said" 2>&1 || got=$?
	[ "$got" -eq "$1" ]
}

draws() {
	command -v gnuplot >/dev/null || return 0
	PICTURE=$BATS_TEST_TMPDIR/p.svg "$@" >/dev/null
	grep -q '</svg>' "$BATS_TEST_TMPDIR/p.svg"
}

@test "which-path.sh: all data is on one path or the other" {
	got=$(./which-path.sh snap96-client.pcap.gz)
	[ "$(head -n 1 <<<"$got")" = "path	subflows	data_bytes	share	sent_bytes" ]
	want=$(mptcp-conns -H -o c2s_bytes snap96-client.pcap.gz)
	[ "$(awk -F '\t' '{ n += $3 } END { print n }' <<<"$got")" -eq "$want" ]
	awk -F '\t' '{ n += $4 } END { exit n < 0.999 || n > 1.001 }' <<<"$got"
	draws ./which-path.sh snap96-client.pcap.gz
}

@test "handover.sh: the stalls of mptcp-events, and how long they took" {
	got=$(./handover.sh backup-client.pcap.gz)
	[ "$(wc -l <<<"$got")" -eq "$(($(mptcp-events -H -o event backup-client.pcap.gz |
		grep -c '^stall$') + 1))" ]
	awk -F '\t' 'NR > 1 && ($6 <= 0 || ($4 - $3 - $6) ^ 2 > 1e-9) { exit 1 }' <<<"$got"
	draws ./handover.sh backup-client.pcap.gz
}

@test "head-of-line.sh: the slow path held up the fast one" {
	got=$(./head-of-line.sh asym-hol-server.pcap.gz)
	[ "$(wc -l <<<"$got")" -eq 2 ]
	# 105 segments were in the kernel's queue
	[[ $got == *"data	10.0.2.1>10.0.1.2	105	"* ]]
	draws ./head-of-line.sh asym-hol-server.pcap.gz
}

@test "one-way-delay.sh: no path is faster than its delay" {
	got=$(./one-way-delay.sh backup-client.pcap.gz backup-server.pcap.gz)
	awk -F '\t' 'NR > 1 && $3 == "c2s" { n[$2] = $6 }
		END { exit !(n[0] > 0.0149 && n[0] < 0.03 && n[1] > 0.0399 && n[1] < 0.06) }' <<<"$got"
	draws ./one-way-delay.sh backup-client.pcap.gz backup-server.pcap.gz
	fails 2 ./one-way-delay.sh backup-client.pcap.gz
}

@test "live-share.sh: a line per second and path" {
	printf '#!/bin/sh\nexec gzip -dc "%s"\n' "$PWD/snap96-client.pcap.gz" >"$BATS_TEST_TMPDIR/dump"
	chmod +x "$BATS_TEST_TMPDIR/dump"
	got=$(TCPDUMP=$BATS_TEST_TMPDIR/dump ./live-share.sh)
	[ "$(wc -l <<<"$got")" -eq 2 ]
	grep -q '10.0.1.1>10.0.1.2 .* 97.2 %$' <<<"$got"
}

# polite SCRIPT PROGRAM: without the program it says so, in one line
polite() {
	mkdir -p "$BATS_TEST_TMPDIR/few"
	ln -sf "$(command -v sh)" "$BATS_TEST_TMPDIR/few/sh"
	fails 1 env PATH="$BATS_TEST_TMPDIR/few" "./$1" x y
	grep -q "$2 is not installed" "$BATS_TEST_TMPDIR/said"
	command -v "$3" >/dev/null || skip "no $3"
}

@test "folder.sh: each connection of each file" {
	polite folder.sh "GNU parallel" parallel
	got=$(./folder.sh .)
	[ "$(grep -c '^file	conn	' <<<"$got")" -eq 1 ]
	for f in *.pcap.gz; do
		[ "$(grep -c "^$f	" <<<"$got")" -eq "$(mptcp-conns -H "$f" | wc -l)" ]
	done
}

@test "one-connection.sh: its packets, all of them" {
	polite one-connection.sh tcpdump tcpdump
	out=$BATS_TEST_TMPDIR/out.pcap
	for f in nat-client backup-server abort-server-client; do
		n=$(./one-connection.sh $f.pcap.gz 0 "$out")
		[ "$n" -eq "$(mptcp-extract -m -H $f.pcap.gz | wc -l)" ]
		mptcp-extract -m -o time_ns,seq,len $f.pcap.gz | cmp - <(mptcp-extract -o time_ns,seq,len "$out")
	done
	fails 1 ./one-connection.sh nat-client.pcap.gz 7 "$out"
	grep -q 'no connection 7' "$BATS_TEST_TMPDIR/said"
	fails 2 ./one-connection.sh nat-client.pcap.gz
}

@test "to-sqlite.sh: tables that can be joined" {
	polite to-sqlite.sh sqlite3 sqlite3
	fails 2 ./to-sqlite.sh "$BATS_TEST_TMPDIR/db"
	got=$(./to-sqlite.sh "$BATS_TEST_TMPDIR/db" nat-client.pcap.gz backup-client.pcap.gz)
	[ "$(wc -l <<<"$got")" -eq 5 ]
	[ "$(sqlite3 "$BATS_TEST_TMPDIR/db" 'SELECT count(*) FROM segments')" -eq \
		"$(for f in nat backup; do mptcp-extract -m -H "$f-client.pcap.gz"; done | wc -l)" ]
}

@test "to-duckdb.sh: segments of each subflow" {
	polite to-duckdb.sh duckdb sqlite3
	if ! command -v duckdb >/dev/null; then	# SQLite has all of its words but read_csv()
		bin=$BATS_TEST_TMPDIR/bin
		mkdir -p "$bin"
		cat >"$bin/duckdb" <<'END'
#!/bin/sh
sql=$(printf '%s\n' "$2" | sed "s/read_csv('\(.*\)', delim='.t', header=true)/rows/")
cat >"$0.tsv"
sqlite3 -header :memory: -cmd '.mode tabs' -cmd ".import $0.tsv rows" "$sql"
END
		chmod +x "$bin/duckdb"
		PATH=$bin:$PATH
	fi
	fails 2 ./to-duckdb.sh
	got=$(./to-duckdb.sh nat-client.pcap.gz)
	want=$(mptcp-extract -m -o stream,dir,len,dss_dsn nat-client.pcap.gz | awk -F '\t' '
		NR > 1 { k = $1 " " $2; n[k]++; bytes[k] += $3; without[k] += $3 > 0 && $4 == "" }
		END { for (k in n) print k, n[k], bytes[k], without[k] }' | sort)
	[ "$(awk 'NR > 1 { print $2, $3, $4, $5, $6 }' <<<"$got" | sort)" = "$want" ]
}

@test "the commands of the cookbook" {
	# shellcheck disable=SC2016
	want=$(grep -o '`mptcp-[a-z]* [^`]*`' COOKBOOK.md | tr -d '`' | sed 's/\\|/|/g')
	[ "$(wc -l <<<"$want")" -gt 30 ]
	work=$BATS_TEST_TMPDIR
	cp backup-client.pcap.gz "$work/a.pcap"
	cp backup-server.pcap.gz "$work/b.pcap"
	cp backup-client.pcap.gz "$work/f.pcap"
	cd "$work"
	plot() { mptcp-plot -g >drawn && [ -s drawn ]; }
	while IFS= read -r command; do
		case $command in
		*-plot\ -o*) continue ;;
		*\ -2\ *) mptcp-reinject -h | grep -q '^  -2' || continue ;;
		esac
		command=${command//COLUMN/len}
		command=$(sed 's/\([ =]\)N\( \|$\)/\10\2/g; s/== N/== 0/' <<<"$command")
		command=${command//-w 0/-w 3}
		echo "$command"
		eval "$command" >rows </dev/null
		[ -s rows ] || [ -s drawn ]
	done <<<"$want"
}
