#!/usr/bin/env bats
# Bad input, bad output, bad usage: one clear line on standard error, the
# right exit status, and the rows that could be had.

# The awk programs in single quotes are meant so.
# shellcheck disable=SC2016
load helpers

TOOLS="mptcp-extract mptcp-conns"

# try STATUS REGEX COMMAND...: standard error is one line that matches REGEX,
# or empty if REGEX is; standard output goes to the file out
try() {
	local want=$1 regex=$2 status=0
	shift 2
	timeout 60 "$@" >out 2>err || status=$?
	echo "status $status, stderr: $(cat err)"
	[ "$status" -eq "$want" ]
	if [ -z "$regex" ]; then
		[ ! -s err ]
	else
		[ "$(wc -l <err)" -eq 1 ]
		grep -qE "$regex" err
	fi
}

# misuse REGEX COMMAND...: status 2, and messages that say how to do better
misuse() {
	local regex=$1 status=0
	shift
	timeout 60 "$@" >out 2>err || status=$?
	echo "status $status, stderr: $(cat err)"
	[ "$status" -eq 2 ]
	[ ! -s out ]
	head -n 1 err | grep -qE "$regex"
}

# The first rows of v4.tsv, and at least N of them.
rows_kept() {
	[ "$(wc -l <out)" -gt "$1" ]
	head -n "$(wc -l <out)" v4.tsv | cmp - out
}

# link_type N: v4.pcap with another link type in its header
link_type() {
	head -c 20 v4.pcap
	# shellcheck disable=SC2059
	printf "\\x$(printf %02x "$1")\\0\\0\\0"
	tail -c +25 v4.pcap
}

@test "an empty file" {
	: >empty
	for tool in $TOOLS; do
		try 1 "^$tool: empty: " "$tool" empty
		try 1 "^$tool: <stdin>: " "$tool" <empty
		try 1 "^$tool: <stdin>: " "$tool" - <empty
		gzip -c empty >empty.gz
		try 1 "^$tool: empty.gz: " "$tool" empty.gz
	done
}

@test "a missing file, a directory, a file that cannot be read" {
	for tool in $TOOLS; do
		try 1 "^$tool: nowhere: No such file" "$tool" nowhere
		mkdir -p dir
		try 1 "^$tool: dir: .*directory" "$tool" dir
		try 1 "^$tool: v4.pcap/x: Not a dir" "$tool" v4.pcap/x
	done
}

@test "a text file, random bytes, a short file" {
	for tool in $TOOLS; do
		try 1 "^$tool: .*helpers.bash: " "$tool" "$HERE/helpers.bash"
		head -c 5000 v4.pcap | tail -c 3000 >middle
		try 1 "^$tool: middle: " "$tool" middle
		for n in 1 2 3 4 23; do
			head -c "$n" v4.pcap >short
			try 1 "^$tool: short: " "$tool" short
		done
		printf '\037\213' >short
		try 1 "^$tool: short: " "$tool" short
		head -c 100000 /dev/zero | tr '\0' '\377' >ones
		try 1 "^$tool: ones: " "$tool" ones
		head -c 100000 /dev/zero >zeros
		try 1 "^$tool: zeros: " "$tool" zeros
	done
}

@test "a capture of a link type that cannot be read: its name" {
	for tool in $TOOLS; do
		link_type 127 >radio
		try 1 "^$tool: radio: .*(RADIOTAP|IEEE802_11_RADIO|radiotap)" \
			"$tool" radio
		ngcap radio:wlan0 >radio.pcapng
		try 1 "^$tool: radio.pcapng: .*(IEEE802_11_RADIO|radiotap)" \
			"$tool" radio.pcapng
		link_type 249 >usb
		try 1 "^$tool: usb: .*USB" "$tool" usb
		link_type 255 >unknown		# nobody has a name for some
		try 1 "^$tool: unknown: .*" "$tool" unknown
	done
}

@test "a truncated gzip: the rows so far" {
	gzip -c v4.pcap >whole.gz
	size=$(wc -c <whole.gz)
	head -c $((size / 2)) whole.gz >half.gz
	try 1 '^mptcp-extract: <stdin>: ' mptcp-extract <half.gz
	rows_kept 100
	try 1 '^mptcp-conns: half.gz: ' mptcp-conns half.gz
	[ "$(wc -l <out)" -gt 1 ]
	# Only the checksum is missing: all rows.
	head -c $((size - 8)) whole.gz >nearly.gz
	try 1 '^mptcp-extract: <stdin>: ' mptcp-extract <nearly.gz
	cmp out v4.tsv
}

@test "a damaged gzip: the rows so far" {
	gzip -c v4.pcap >whole.gz
	size=$(wc -c <whole.gz)
	{
		head -c $((size / 2)) whole.gz
		head -c 100 /dev/zero | tr '\0' '\377'
		tail -c +$((size / 2 + 101)) whole.gz
	} >bad.gz
	try 1 '^mptcp-extract: <stdin>: ' mptcp-extract <bad.gz
	[ "$(wc -l <out)" -gt 100 ]
	{
		head -c $((size - 8)) whole.gz
		printf 'xxxxxxxx'
	} >sum.gz
	try 1 '^mptcp-extract: <stdin>: ' mptcp-extract <sum.gz
	cmp out v4.tsv
}

@test "a capture cut short: the packet is named, the rows so far" {
	head -c 20000 v4.pcap >cut.pcap
	try 1 '^mptcp-extract: <stdin>: packet [0-9]+: ' mptcp-extract <cut.pcap
	rows_kept 10
	packet=$(grep -oE 'packet [0-9]+' err | cut -d ' ' -f 2)
	[ "$packet" -eq "$(wc -l <out)" ] ||
		[ "$packet" -eq $(($(wc -l <out) - 1)) ]
	try 1 '^mptcp-conns: cut.pcap: packet [0-9]+: ' mptcp-conns cut.pcap
	[ "$(wc -l <out)" -gt 1 ]
}

@test "a capture with a length that cannot be: the rows so far" {
	head -c 20000 v4.pcap >cut.pcap
	{
		mptcp-extract <cut.pcap 2>/dev/null >rows || true
		frames=$(($(wc -l <rows) - 1))
		perl -e '
			my ($n, $at) = ($ARGV[0], 24);
			read STDIN, my $pcap, 1 << 24;
			$at += 16 + unpack "V", substr $pcap, $at + 8
				while --$n;
			substr($pcap, $at + 8, 8) = "\xff" x 8;
			print $pcap;
		' "$frames" <v4.pcap >bad
	}
	try 1 "^mptcp-extract: <stdin>: packet ($frames|$((frames - 1))): " \
		mptcp-extract <bad
	[ "$(wc -l <out)" -eq "$frames" ]
	head -n "$frames" v4.tsv | cmp - out
}

@test "several files, one of them bad: the rows of the others" {
	for tool in $TOOLS; do
		head -c 20000 v4.pcap >cut.pcap
		try 1 "^$tool: cut.pcap: packet [0-9]+: " "$tool" v4.pcap cut.pcap
		[ "$(wc -l <out)" -gt 1 ]
		try 1 "^$tool: nowhere: No such file" "$tool" v4.pcap nowhere
	done
}

@test "TSV without a needed column: its name" {
	without conn <v4.tsv >no_conn.tsv
	try 1 '^mptcp-conns: no_conn.tsv: no column "conn"' \
		mptcp-conns no_conn.tsv
	without time_ns <v4.tsv >no_time.tsv
	try 1 '^mptcp-conns: <stdin>: no column "time_ns"' \
		mptcp-conns <no_time.tsv
	try 1 '^mptcp-extract: <stdin>: no column "map_dsn"' \
		mptcp-extract -o pkt,map_dsn <<-END
		pkt	time_ns	mptcp
		1	2	dss
		END
}

@test "TSV with a cell that cannot be: the line is named, the rows so far" {
	damage() {
		awk -F '\t' -v OFS='\t' "NR == 20 { $1 } 1" v4.tsv >damaged.tsv
		try 1 '^mptcp-extract: <stdin>: line 20[: ]' mptcp-extract \
			<damaged.tsv
		head -n 19 v4.tsv >want
		head -n 19 out | cmp - want
	}
	damage '$1 = "one"'
	damage '$2 = "1e9"'
	damage '$6 = "0x"'
	damage '$8 = "10.0.0.256"'
	damage '$12 = "SAX"'
	damage '$16 = "99999999999999999999"'
	damage 'NF = 5'
	damage '$0 = ""'
	damage '$0 = "\001\377"'
}

@test "TSV cut in a line" {
	head -n 20 v4.tsv | head -c -30 >cut.tsv
	try 1 '^mptcp-extract: cut.tsv: ' mptcp-extract cut.tsv
	head -n 19 v4.tsv | cmp - out
}

@test "no room on the device" {
	for tool in $TOOLS; do
		status=0
		"$tool" v4.pcap >/dev/full 2>err || status=$?
		cat err
		[ "$status" -eq 1 ]
		[ "$(wc -l <err)" -eq 1 ]
		grep -qE "^$tool: .*No space left" err
	done
}

@test "a closed pipe ends it silently" {
	for tool in $TOOLS; do
		for f in v4.pcap v4.tsv; do
			set +o pipefail
			{ "$tool" "$f" 2>err; } | head -n 1 >out
			set -o pipefail
			[ "$(wc -l <out)" -eq 1 ]
			[ ! -s err ]
		done
	done
}

@test "usage" {
	for tool in $TOOLS; do
		misuse "^$tool: " "$tool" -Z
		misuse "^$tool: " "$tool" --no-such-option
		misuse "^$tool: " "$tool" -o
		misuse "^$tool: .*nonesuch" "$tool" -o nonesuch v4.pcap
		misuse "^$tool: " "$tool" -o '' v4.pcap
		for mib in 0 -1 1.5 x '' 99999999999999999999; do
			misuse "^$tool: -B: " "$tool" -B "$mib" v4.pcap
		done
		try 0 '' "$tool" -h
		grep -q "$tool" out
		try 0 '' "$tool" --help
		try 0 '' "$tool" -V
		grep -qE "^$tool .*[0-9]" out
		try 0 '' "$tool" --version
	done
}

@test "filters that cannot be" {
	for tool in $TOOLS; do
		misuse "^$tool: .*(filter|syntax)" "$tool" -f 'tcp port' v4.pcap
		misuse "^$tool: .*filter" "$tool" -f 'nonsense at all' v4.pcap
		misuse "^$tool: .*filter" "$tool" -f "wlan type mgt" v4.pcap
	done
}

@test "messages have no control characters of what they name" {
	awk -F '\t' -v OFS='\t' 'NR == 20 { $2 = "\033]0;x\007" } 1' v4.tsv >damaged.tsv
	try 1 'line 20: .*"[?]]0;x[?]"$' mptcp-extract damaged.tsv
	try 1 '^mptcp-extract: a[?]\[2Jb: No such' mptcp-extract $'a\033[2Jb'
}

@test "names in a filter" {
	getent hosts localhost >/dev/null || skip "no name is known here"
	for tool in $TOOLS; do
		try 0 '' "$tool" v4.pcap
		mv out all
		try 0 '' "$tool" -f 'tcp or host localhost' v4.pcap
		cmp out all
	done
}

@test "a filter that matches nothing: no row, no error" {
	for tool in $TOOLS; do
		try 0 '' "$tool" -f 'udp port 9' v4.pcap
		[ "$(wc -l <out)" -eq 1 ]
	done
}

@test "a capture without frames: no row, no error" {
	for tool in $TOOLS; do
		head -c 24 v4.pcap >none
		try 0 '' "$tool" none
		[ "$(wc -l <out)" -eq 1 ]
		try 0 '' "$tool" -H none
		[ ! -s out ]
		head -n 1 v4.tsv >none.tsv
		try 0 '' "$tool" none.tsv
		[ "$(wc -l <out)" -eq 1 ]
	done
}

@test "standard input closed, standard output closed" {
	for tool in $TOOLS; do
		status=0
		timeout 60 "$tool" <&- >out 2>err || status=$?
		[ "$status" -eq 1 ]
		[ "$(wc -l <err)" -eq 1 ]
		status=0
		timeout 60 "$tool" v4.pcap >&- 2>err || status=$?
		[ "$status" -eq 1 ]
		[ "$(wc -l <err)" -eq 1 ]
	done
}

@test "a column picked thousands of times" {
	columns=$(awk 'BEGIN { for (i = 0; i < 8000; i++) printf "time_ns,"; print "hmac" }')
	mptcp-extract -o "$columns" v4.pcap | awk -F '\t' 'NF != 8001 { exit 1 }'
}

@test "the header is there before the input is" {
	(sleep 2) | mptcp-extract >slow.tsv 2>/dev/null &
	for _ in 1 2 3 4 5 6 7 8; do
		sleep 0.1
		[ -s slow.tsv ] && break
	done
	[ -s slow.tsv ]
	wait
}

@test "what fuzzers found: read to an end" {
	for f in "$HERE"/corpus/*/*; do
		for tool in "$BIN"/mptcp-*; do
			case ${tool##*/} in
			mptcp-plot | *.*) continue ;;	# what make left there
			esac
			set -- "$tool"
			case $tool in
			*-map | *-owd) set -- "$@" "$f" ;;
			*-reinject) set -- "$@" -2 "$f" ;;
			*-plotdata) set -- "$@" dsn ;;
			esac
			status=0
			# SIGTERM would only end the input
			timeout -s KILL 60 "$@" "$f" >out 2>err || status=$?
			echo "$*, $f: status $status, stderr: $(tail -n 3 err)"
			[ "$status" -le 1 ]
		done
	done
}
