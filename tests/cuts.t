#!/usr/bin/env bats
# A capture cut anywhere gives a prefix of its rows.

load helpers

# first N: so many frames of a little-endian pcap
first() {
	perl -e '
		local $/;
		my ($n, $pcap, $at) = ($ARGV[0], <STDIN>, 24);
		$at += 16 + unpack("V", substr($pcap, $at + 8)) while $n--;
		print substr($pcap, 0, $at);
	' "$1"
}

every_byte() {
	seq 0 $(($(wc -c <"$1") - 1))
}

# some_bytes FILE N: N random offsets into FILE, the same ones each time
some_bytes() {
	perl -e 'srand 1; print int(rand -s $ARGV[0]), "\n" for 1 .. $ARGV[1]' \
		"$1" "$2"
}

@test "a capture cut at any byte gives a prefix of the rows" {
	recap -s 96 v4.pcap | first 12 >small.pcap
	# shellcheck disable=SC2046
	cuts mptcp-extract small.pcap $(every_byte small.pcap)
	# shellcheck disable=SC2046
	cuts mptcp-conns small.pcap $(every_byte small.pcap)
}

@test "a gzipped capture cut at any byte gives a prefix of the rows" {
	recap -s 96 v4.pcap | first 12 | gzip -c >small.gz
	# shellcheck disable=SC2046
	cuts mptcp-extract small.gz $(every_byte small.gz)
}

@test "a pcapng cut at any byte gives a prefix of the rows" {
	recap -s 96 v4.pcap | first 8 >small.pcap
	ngcap -j -S 4 small.pcap:eth0:9 >small.pcapng
	# shellcheck disable=SC2046
	cuts mptcp-extract small.pcapng $(every_byte small.pcapng)
}

@test "rows cut at any byte give a prefix of the rows" {
	head -n 6 v4.tsv >small.tsv
	# shellcheck disable=SC2046
	cuts mptcp-extract small.tsv $(every_byte small.tsv)
}

@test "large captures cut at random bytes" {
	for f in $(all_captures | awk 'NR % 10 == 1'); do
		echo "$f"
		# shellcheck disable=SC2046
		cuts mptcp-extract "$f" $(some_bytes "$f" 5)
		gzip -dc "$f" >plain
		# shellcheck disable=SC2046
		cuts mptcp-extract plain $(some_bytes plain 5)
		# shellcheck disable=SC2046
		cuts mptcp-conns plain $(some_bytes plain 2)
	done
}
