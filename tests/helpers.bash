# shellcheck shell=bash
# What the bats files share: where things are, captures to start from.

setup_file() {
	export LC_ALL=C
	HERE=$(cd "$BATS_TEST_DIRNAME" && pwd)
	BIN=$(cd "${BIN:-$HERE/..}" && pwd)
	SHARED=${SHARED:-$HERE/../../shared}
	export HERE BIN SHARED PATH="$BIN:$HERE:$PATH"
	cd "$BATS_FILE_TMPDIR" || return
	capture v4 basic/client && capture v6 ipv6/client
	[ -e v4.pcap ] || any_example
}

setup() {
	set -o pipefail
	cd "$BATS_FILE_TMPDIR" || return
	[ -e v4.pcap ] || skip "no capture here"
}

# capture NAME FOLDER/FILE: unpack a capture to NAME.pcap and its rows to
# NAME.tsv; where the captures are not at hand, the smallest example of that
# folder.
capture() {
	local f=$SHARED/captures/$2.pcap.gz
	if [ ! -e "$f" ]; then
		f=$(examples "${2%%/*}" | head -n 1)
		[ -n "$f" ] || return 0
	fi
	gzip -dc "$f" >"$1.pcap" && mptcp-extract <"$1.pcap" >"$1.tsv"
}

# Whether the tools were built with sanitizers, whose memory is not the tools'. All
# of what nm prints is read: with pipefail its SIGPIPE would be the answer.
sanitized() {
	nm "$BIN/mptcp-conns" 2>&1 | grep __asan_init >/dev/null
}

# The examples whose name begins so, smallest first.
examples() {
	# They have plain names.
	# shellcheck disable=SC2012
	ls -Sr "$HERE/../examples/$1"*.pcap.gz 2>/dev/null || true
}

# Any example will do for IPv4, but best the first with two paths.
any_example() {
	local f
	for f in $(examples ""); do
		gzip -dc "$f" >v4.pcap
		mptcp-extract <v4.pcap >v4.tsv
		grep -qF 10.0.2. v4.tsv && return
	done
	return 0
}

need() {
	[ -e "$1.pcap" ] || skip "no capture for $1 here"
}

# The captures at hand, large and small.
all_captures() {
	find -L "$SHARED/captures" "$HERE/../examples" -name '*.pcap*.gz' \
		2>/dev/null | sort
}

# without COLUMN...: standard input less these columns
without() {
	awk -F '\t' -v OFS='\t' -v drop="$*" '
	NR == 1 {
		n = split(drop, d, " ")
		for (i = 1; i <= n; i++)
			dropped[d[i]] = 1
		for (i = 1; i <= NF; i++)
			if (!($i in dropped))
				keep[++kept] = i
	}
	{
		for (i = 1; i <= kept; i++)
			printf "%s%s", $keep[i], i < kept ? OFS : "\n"
	}'
}

# same FILE [DROPPED-COLUMN...]: standard input is FILE, these columns aside
same() {
	local want=$1
	shift
	if [ $# -eq 0 ]; then
		cmp - "$want"
	else
		without "$@" >same.got
		without "$@" <"$want" | cmp - same.got
	fi
}

