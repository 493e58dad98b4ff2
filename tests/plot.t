#!/usr/bin/env bats
# mptcp-plot: what it makes of tables, and what it says if it can't. And the
# grammar of what mptcp-plotdata -x prints.

load helpers

need_gnuplot() {
	command -v gnuplot >/dev/null || skip "no gnuplot"
}

kinds() {
	mptcp-plotdata -h | sed '1,/^Kinds of plots:/d' | awk '{ print $1 }'
}

# points KIND: its table, of a capture that has some of it
points() {
	case $1 in
	owd) awk -F '\t' -v OFS='\t' '
		NR == 1 { print "stream", "dir", "tx_time_ns", "owd_s", "fate", "sf" }
		NR > 1 { print $5, $7, 1000000000 * NR, 0.01, "arrived", 0 }' v4.tsv |
		mptcp-plotdata "$@" ;;
	events) mptcp-plotdata events "${@:2}" v4.pcap ;;
	attr) mptcp-plotdata attr -y win_bytes "${@:2}" v4.pcap ;;
	*) mptcp-plotdata "$@" v4.pcap ;;
	esac
}

@test "every kind is drawn without a word from gnuplot" {
	need_gnuplot
	drawn=0
	for kind in $(kinds); do
		for how in "" -D -C; do
			echo "$kind $how"
			[[ $kind$how == events?* ]] && continue
			# shellcheck disable=SC2086
			points "$kind" $how >table.tsv
			[ "$kind" != events ] || points dsn >>table.tsv
			[ "$(wc -l <table.tsv)" -gt 1 ] || continue
			mptcp-plot -g table.tsv >script
			LC_ALL=C.UTF-8 gnuplot script >drawn.svg 2>words
			[ ! -s words ]
			mptcp-plot table.tsv | cmp - drawn.svg
			grep -q '<svg' drawn.svg
			grep -q '</svg>' drawn.svg
			drawn=$((drawn + 1))
		done
	done
	[ "$drawn" -ge 20 ]
}

@test "a legend by path, units, an axis of time" {
	points goodput >table.tsv
	mptcp-plot -g table.tsv >script
	path=$(awk -F '\t' 'NR > 1 && $1 == "sf0" { print $NF; exit }' table.tsv)
	grep -qF "title '${path%>*} → ${path#*>}'" script
	grep -q "set ylabel 'goodput \[[kMG]*bit/s\]'" script
	grep -q "time since the first packet of the connection \[s\]" script
	points rtt | mptcp-plot -g | grep "ylabel 'round-trip time \[\(m\|µ\|\)s\]'" >found
	points dsn | mptcp-plot -g | grep "ylabel 'data sequence number \[[kM]*B\]'" >found
	points rtt -D | mptcp-plot -g | grep "xlabel 'round-trip time \[\(m\|µ\|\)s\]'" >found
	points acksize | mptcp-plot -g | grep "set logscale y; set format y '%.0s %cB'" >found
	points interarrival -D | mptcp-plot -g | grep "set logscale x.*set format x '%.0s %cs'" >found
}

@test "distributions and sums begin with nothing" {
	for how in "rtt -D" "goodput -C" "throughput -C"; do
		# shellcheck disable=SC2086
		points $how -d c2s | mptcp-plot -g >script
		[ "$(awk '/^\$d/ { getline; print $2 }' script | sort -u)" = 0 ]
	done
}

@test "what filled gaps, of one kind and of both" {
	{
		printf 'series\tconn\tstream\tdir\tx\ty\tkind\tplot\tsf\tpath\n'
		printf 'sf0\t0\t0\tc2s\t%d\t1\tdata\thol\t0\ta>b\n' 1 2 3
		printf 'sf0\t0\t0\tc2s\t%d\t2\tsubflow\thol\t0\ta>b\n' 1 2 3
	} >hol.tsv
	mptcp-plot -g hol.tsv >script
	grep -q "'a → b filled a gap in the data'" script
	grep -q "'a → b filled a gap of its own'" script
	printf 'series\tdir\tx\ty\tplot\tsf\tpath\nsf0\tc2s\t1\t1\thol:cdf\t0\ta>b\n' |
		mptcp-plot -g | grep "'a → b filled a gap'" >found
}

@test "what is missing may be written as anything" {
	for kind in "dsn -k" inflight goodput blocks events; do
		echo "$kind"
		# shellcheck disable=SC2086
		points $kind >table.tsv
		# shellcheck disable=SC2086
		points $kind -N NA >missing.tsv
		[ "$kind" != events ] || points dsn | tee -a table.tsv >>missing.tsv
		mptcp-plot -g table.tsv >script
		mptcp-plot -g missing.tsv | cmp - script
	done
}

@test "a subflow has the same colour in all kinds" {
	for kind in dsn seq rtt goodput inflight; do
		echo "$kind"
		points "$kind" | mptcp-plot -g >script
		grep -q "lc rgb '#0072B2'" script
	done
}

@test "events are lines in the panels of others" {
	points dsn >dsn.tsv
	points events | mptcp-plot -g dsn.tsv - >script
	[ "$(grep -c '^plot ' script)" -eq "$(mptcp-plot -g dsn.tsv | grep -c '^plot ')" ]
	grep -q "^set arrow from first" script
	grep -q "^set label 'syn_capable" script
}

@test "pairs of subflows are told apart" {
	for how in "" :cdf; do
		for pair in "0>2" "1>2" "2>1"; do
			printf 'series\tdir\tx\ty\tplot\tsf\tpath\n'
			printf 'sf%s\tc2s\t%d\t0.5\treinject%s\t%s\ta>b\n' "${pair/>/>sf}" 1 "$how" \
				"${pair#*>}" "${pair/>/>sf}" 2 "$how" "${pair#*>}"
		done | sed '1!{/^series/d}' | mptcp-plot -g >script
		grep ' with .* notitle' script | sed 's/.* with //' | sort -u >looks
		[ "$(wc -l <looks)" -eq 3 ]
	done
}

# Lines at 20 ms and right behind are one, at 50 ms another.
@test "events that are too near have one line, and one label that fits" {
	{
		printf 'series\tconn\tdir\tx\ty\tkind\tplot\n'
		for i in $(seq 10 99); do
			printf 'event_%d\t0\tc2s\t0.0200%d\t\tevent_%d\tevents\n' "$i" "$i" "$i"
		done
		printf 'last\t0\tc2s\t0.05\t\tlast\tevents\n'
		printf 'series\tconn\tdir\tx\ty\tkind\tplot\n'
		printf 'sf0\t0\tc2s\t%d\t1\t\trtt\n' 0 1
	} | mptcp-plot -g >script
	[ "$(grep -c '^set arrow' script)" -eq 2 ]
	grep "^set label" script | cut -d "'" -f 2 >labels
	[ "$(wc -l <labels)" -eq 2 ]
	[ "$(wc -L <labels)" -lt 90 ]
	grep -q '^event_10, event_11, .*…$' labels
	grep -qx last labels
}

# numbers SCRIPT: the points in it, as y
numbers() {
	awk '/^\$d/ { in_data = 1; next } /^EOD/ { in_data = 0 } in_data && NF' "$1"
}

@test "the points are those of the table, scaled; of many the extremes stay" {
	points rtt -d c2s >table.tsv
	mptcp-plot -g table.tsv >script
	numbers script >all
	[ "$(wc -l <all)" -eq "$(($(wc -l <table.tsv) - 1))" ]
	mptcp-plot -n 16 -g table.tsv >script
	numbers script >few
	[ "$(wc -l <few)" -lt "$(wc -l <all)" ]
	for sort in "-g" "-gr"; do
		cut -d ' ' -f 2 all | sort $sort >sorted
		sed 1q sorted >want
		cut -d ' ' -f 2 few | sort $sort >sorted
		sed 1q sorted | cmp - want
	done
	sort all >all.sorted
	[ -z "$(sort few | comm -23 - all.sorted)" ]
}

# Each is in the middle of all others that are no extreme.
@test "of a long table the extremes stay, and it is short; of many series too" {
	awk 'BEGIN {
		OFS = "\t"
		print "series", "dir", "x", "y", "plot"
		for (i = 0; i < 50000; i++)
			print "sf0", "c2s", i, i == 33333 ? -5 : i == 40001 ? 7 : i % 3, "rtt"
	}' >long.tsv
	mptcp-plot -n 100 -g long.tsv >script
	numbers script >few
	[ "$(wc -l <few)" -le 200 ]
	[ "$(wc -l <few)" -ge 90 ]
	cut -d ' ' -f 2 few | sort -g | sed -n '1p;$p' | tr '\n' ' ' | grep -qx -e '-5 7 '
	sed -n '1p;$p' few | cut -d . -f 1 | tr '\n' ' ' | grep -q '^0 4999[0-9] $'
	sort -cg few
	awk 'BEGIN {
		OFS = "\t"
		print "series", "conn", "dir", "x", "y", "plot"
		for (i = 0; i < 200000; i++)
			print "sf0", i % 500, "c2s", i, i, "rtt"
	}' | mptcp-plot -n 100 -g >script
	[ "$(numbers script | wc -l)" -le 20000 ]
}

@test "tables one behind the other, and operands, are one page" {
	points dsn >dsn.tsv
	points goodput >goodput.tsv
	mptcp-plot -g dsn.tsv goodput.tsv >script
	cat dsn.tsv goodput.tsv | mptcp-plot -g | cmp - script
	mptcp-plot -g dsn.tsv - <goodput.tsv | cmp - script
	[ "$(grep -c '^plot ' script)" -ge 2 ]
	grep -q '^set multiplot layout' script
}

# shellcheck disable=SC2016
@test "cells can't be commands for gnuplot, nor end its data" {
	need_gnuplot
	{
		printf 'series\tconn\tstream\tdir\tx\ty\tkind\tplot\tsf\tpath\n'
		printf "sf0\t0\t0\tc2s\t1\t2\t\tdsn\t0\t1'.system('touch hit').'>2\n"
		printf 'sf1\t0\t0\tc2s\t1\nEOD\t2\t\tdsn\t1\t"`touch hit`">\\\n'
		printf 'sf1\t0\t0\tc2s\t1;system\t2\t\tdsn\t1\tx\n'
		printf 'sf1\t0\t0\tc2s\tNaN\t2\t\tdsn\t1\tx\n'
		printf 'sf1\t0\t0\tc2s\t3\t4\t\tdsn\t1\t"`touch hit`">\\\n'
	} >bad.tsv
	mptcp-plot -t "a'.system('touch hit').'\"\`touch hit\`" bad.tsv >bad.svg
	[ ! -e hit ]
}

@test "files by their names, the terminal" {
	need_gnuplot
	points share >share.tsv
	for kind in svg png pdf; do
		mptcp-plot -o "out.$kind" share.tsv
		[ -s "out.$kind" ]
	done
	odd="o'.system('touch hit').'\\n.svg"
	mptcp-plot -o "$odd" -t 'C:\new' share.tsv
	grep -q '</svg>' "$odd"
	grep -qF 'C: new' "$odd"
	[ ! -e hit ]
	head -c 8 out.png | od -An -c | grep -q 'P   N   G'
	head -c 5 out.pdf | grep -q '%PDF'
	mptcp-plot share.tsv -T --size=70x20 >characters
	[ "$(wc -L <characters)" -le 70 ]
	grep -q 'client to server' characters
}

# says STATUS WORDS COMMAND: one line on stderr, with these words
says() {
	local got=0
	"${@:3}" </dev/null >said 2>words || got=$?
	cat words
	[ "$got" -eq "$1" ] && [ ! -s said ] && [ "$(wc -l <words)" -eq 1 ] &&
		grep -q "^mptcp-plot: .*$2" words
}

@test "what is wrong is said in one line" {
	points rtt | sed 1q >none.tsv || true
	printf 'a\tb\n1\t2\n' >other.tsv
	says 1 "no points to draw" mptcp-plot none.tsv
	points events >events.tsv
	says 1 "events are drawn over other kinds" mptcp-plot events.tsv
	says 1 'no column "x"' mptcp-plot other.tsv
	says 1 "there is none" mptcp-plot "there is none"
	says 2 "-o" mptcp-plot -o picture.gif none.tsv
	says 2 "-n" mptcp-plot -n 3
	says 2 "-s" mptcp-plot -s 10
	says 2 "-s" mptcp-plot -s 0x10
	says 2 "control" mptcp-plot -o "$(printf 'a\nb.svg')" none.tsv
	points rtt >rtt.tsv
	says 1 "none/x.svg: can't be written" mptcp-plot -o none/x.svg rtt.tsv
	says 1 "no points to draw" mptcp-plot
	says 2 "lacks its value" mptcp-plot none.tsv -t
	says 2 "unknown" mptcp-plot -q
	mkdir -p empty
	for program in awk cat env sh mktemp rm; do
		ln -sf "$(command -v $program)" empty/
	done
	says 1 "apt-get install gnuplot-nox" env PATH="$PWD/empty" "$BIN/mptcp-plot" none.tsv
}

# What tcptrace(1) and mptcpplot write, and xplot and jPlot read: types of both
# axes; texts; colours; commands with one place or two, with a colour or
# without; go.
xplot_grammar() {
	awk '
	BEGIN {
		n = split("white yellow blue orange purple pink magenta green red", c, " ")
		for (i = 1; i <= n; i++)
			colour[c[i]] = 1
		n = split("dot darrow uarrow", c, " ")
		for (i = 1; i <= n; i++)
			places[c[i]] = 1
		places["line"] = 2
	}
	function bad() { print NR ": " $0; exit failed = 1 }
	function number(s) { return s ~ /^-?[0-9]+(\.[0-9]+)?$/ }
	over { bad() }
	NR == 1 { if ($0 !~ /^(timeval|dtime|double) double$/) bad(); next }
	text { text = ""; next }
	/^(title|xlabel|ylabel)$/ { text = 1; next }
	$1 == "atext" {
		if (NF != 3 || !number($2) || !number($3)) bad()
		text = 1
		next
	}
	$1 in colour { if (NF != 1) bad(); next }
	$1 == "go" { over = 1; next }
	!($1 in places) { bad() }
	{
		n = 2 * places[$1]
		if (NF != n + 1 && !(NF == n + 2 && $NF in colour)) bad()
		for (i = 2; i <= n + 1; i++)
			if (!number($i)) bad()
	}
	END { exit failed || !over }'
}

@test "-x is what xplot reads" {
	for kind in $(kinds); do
		for how in "" -D "-A -n 50"; do
			echo "$kind $how"
			# shellcheck disable=SC2086
			[[ $kind$how == events-D ]] || points "$kind" -x $how | xplot_grammar
		done
	done
	points dsn -k -x >dsn.xpl
	xplot_grammar <dsn.xpl
	grep -q '^darrow' dsn.xpl
	bars=$(grep -c '^uarrow' dsn.xpl)
	[ "$bars" -eq "$(($(points dsn | wc -l) - 1))" ]
	grep -q -x JOIN dsn.xpl
}

@test "a signal ends a pipe, and what came is drawn" {
	# more than a pipe holds: once it is written, some was read
	points dsn >table.tsv
	while [ "$(wc -c <table.tsv)" -lt 200000 ]; do
		points dsn -H >>table.tsv
	done
	mptcp-plot -g table.tsv >want
	mkfifo pipe
	for often in 1 2; do
		mptcp-plot -g <pipe >got 2>err &
		plot=$!
		exec 9>pipe
		cat table.tsv >&9
		sleep 0.5
		kill -TERM $plot
		sleep 0.5
		# nobody is left to write to after the second one
		[ $often = 1 ] && head -n 1 table.tsv >&9 || kill -TERM $plot
		status=0
		wait $plot || status=$?
		exec 9>&-
		echo "status $status, stderr: $(cat err)"
		[ "$status" -eq 0 ]
		[ ! -s err ]
		cmp got want
	done
}
