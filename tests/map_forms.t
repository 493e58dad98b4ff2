#!/usr/bin/env bats
# mptcp-map on the same two captures in other forms; and the programs of the
# tests that make them.

# The awk programs in single quotes are meant so.
# shellcheck disable=SC2016
load helpers

# Both ends of traffic with a NAT between.
setup_file() {
	load helpers
	export LC_ALL=C
	HERE=$(cd "$BATS_TEST_DIRNAME" && pwd)
	BIN=$(cd "${BIN:-$HERE/..}" && pwd)
	export HERE BIN PATH="$BIN:$HERE:$PATH"
	cd "$BATS_FILE_TMPDIR" || return
	for end in client server; do
		gzip -dc "$HERE/../examples/nat-$end.pcap.gz" >$end.pcap
		mptcp-extract $end.pcap >$end.tsv
	done
	mptcp-map -a client.pcap server.pcap >want
}

setup() {
	set -o pipefail
	cd "$BATS_FILE_TMPDIR" || return
}

# told: what a table says apart from scores and evidence
told() {
	cut -f 1-5,8-18 "$@"
}

@test "captures or rows of them, files or a pipe" {
	[ "$(wc -l <want)" -gt 2 ]
	mptcp-map -a client.tsv server.pcap | cmp - want
	mptcp-map -a client.pcap server.tsv | cmp - want
	mptcp-map -a client.tsv server.tsv | cmp - want
	mptcp-map -a - server.tsv <client.pcap | cmp - want
	gzip -c server.tsv | mptcp-map -a client.tsv - | cmp - want
	ngcap server.pcap:eth0:9 | mptcp-map -a client.pcap - | cmp - want
	mptcp-extract -N NA server.pcap | mptcp-map -a -N NA client.pcap - |
		sed 's/NA//g' | cmp - want
}

@test "options" {
	mptcp-map -a -H client.pcap server.pcap | cmp - <(tail -n +2 want)
	mptcp-map -o stream_b,nat client.pcap server.pcap >got
	mptcp-map client.pcap server.pcap | cut -f 5,16 | cmp - got
	mptcp-map -f 'tcp port 5201' -a client.pcap server.pcap | cmp - want
	run mptcp-map -f 'tcp port 1' client.pcap server.pcap
	[ "$status" -eq 1 ]
	for operands in '' 'client.pcap' 'client.pcap server.pcap client.pcap' '- -'; do
		# shellcheck disable=SC2086
		run mptcp-map $operands
		[ "$status" -eq 2 ]
		[ "${#lines[@]}" -eq 1 ]
	done
	run mptcp-map client.pcap nothing.pcap
	[ "$status" -eq 1 ]
	[[ ${lines[*]} == *'nothing.pcap: No such file'* ]]
}

@test "a capture that is cut short has rows all the same" {
	head -c -1000 server.pcap >short.pcap
	status=0
	mptcp-map client.pcap short.pcap >got 2>err || status=$?
	[ "$status" -eq 1 ]
	[ "$(wc -l <err)" -eq 1 ]
	told got | sort | cmp - <(mptcp-map client.pcap server.pcap | told | sort)
}

@test "B and A = A and B, the other way round" {
	mptcp-map -a server.pcap client.pcap |
		awk 'BEGIN { FS = OFS = "\t" }
			NR > 1 {
				for (i = 17; i <= 18; i++)
					if ($i)
						$i = -$i
				print $2, $1, $3, $5, $4, $6, $7, $12, $13, $14, $15,
					$8, $9, $10, $11, $16, $17, $18, $19
			}' | sort >got
	tail -n +2 want | sort | cmp - got
	firewall -s 10.0.1.1 -s 10.0.1.2 server.pcap >fw.pcap
	mptcp-map -H -o isn_shift_c2s,isn_shift_s2c client.pcap fw.pcap >there
	mptcp-map -H -o isn_shift_c2s,isn_shift_s2c fw.pcap client.pcap |
		awk -v OFS='\t' '{ print -$1, -$2 }' | cmp - there
	[ "$(awk '$1 && $2' there | wc -l)" -eq 1 ]
}

@test "another clock" {
	for clock in '-o 1.234567 -p 80' '-o -3600.5 -p -35' '-a 0.2 -s 0.25' -u; do
		# shellcheck disable=SC2086
		restamp $clock server.pcap >s.pcap
		mptcp-map client.pcap s.pcap | told | cmp - <(mptcp-map client.pcap server.pcap | told)
	done
}

@test "other segments" {
	for cuts in '-c 536' '-c 700' '-m 9000' '-m 60000 -g' '-m 9000 -c 700'; do
		# shellcheck disable=SC2086
		recut $cuts server.pcap >s.pcap
		mptcp-map client.pcap s.pcap | told | cmp - <(mptcp-map client.pcap server.pcap | told)
		# late in the transfer, with nothing of the handshake
		firewall -k -b 0.3 s.pcap >late.pcap
		mptcp-map -H -o stream_a,isn_shift_c2s,isn_shift_s2c client.pcap late.pcap |
			grep -qx '0.0.0'
	done
}

@test "restamp: times" {
	mptcp-extract -H -o time_ns server.pcap >before
	restamp -o 1.5 -p 100 -a 0.5 -s -0.25 server.pcap |
		mptcp-extract -H -o time_ns >got
	# in integers: awk has no numbers so large
	perl -e '
		use integer;
		open my $b, "<", "before" or die;
		open my $g, "<", "got" or die;
		my $first;
		while (defined(my $t = <$b>)) {
			chomp $t;
			$first //= $t;
			my $d = $t - $first;
			my $want = $t + 1500000000 + ($d + 5000) / 10000 -
				($d >= 500000000 ? 250000000 : 0);
			my $wrong = <$g> - $want;
			die "$t: $wrong\n" if $wrong < -1 || $wrong > 1;
		}
		die "more\n" if <$g>;'
	restamp server.pcap | cmp - server.pcap
}

@test "recut: the same bytes, mapped alike, in other segments" {
	columns=c2s_bytes,s2c_bytes,c2s_sent_bytes,s2c_sent_bytes,close
	for cuts in '-c 536' '-c 1000' '-m 9000' '-m 9000 -F' '-m 60000 -g' '-m 9000 -c 700'; do
		# shellcheck disable=SC2086
		recut $cuts server.pcap >cut.pcap
		mptcp-conns -o $columns cut.pcap | cmp - <(mptcp-conns -o $columns server.pcap)
		mptcp-extract -H -o len cut.pcap | sort -n | tail -n 1 >longest
		case $cuts in
		*-c*) [ "$(cat longest)" -le "${cuts##* }" ] ;;
		*) [ "$(cat longest)" -gt 3000 ] ;;
		esac
	done
	recut -c 70000 server.pcap | cmp - server.pcap
}

@test "recut and firewall: checksums are right" {
	command -v tshark >/dev/null || skip "no tshark"
	bad='tcp.checksum.status == 0 || ip.checksum.status == 0'
	check='-o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE'
	recut -m 9000 -c 700 server.pcap >1.pcap
	firewall -n 10.0.1.1=192.0.2.1 -p 10.0.1.1=77 -s 10.0.1.1 -t 10.0.1.2 server.pcap >2.pcap
	for f in 1.pcap 2.pcap; do
		# shellcheck disable=SC2086
		tshark -r $f $check -Y "$bad" 2>err >wrong
		[ ! -s wrong ]
		# a byte of the last segment's payload or header
		perl -pe 'BEGIN { undef $/ } substr($_, -30, 1) ^= "\1"' $f >damaged.pcap
		# shellcheck disable=SC2086
		[ "$(tshark -r damaged.pcap $check -Y "$bad" 2>err | wc -l)" -eq 1 ]
	done
}
