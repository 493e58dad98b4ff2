#!/usr/bin/env bats
# The same packets in every form that a capture can have give the same rows.

load helpers

# untimed: standard input less the columns that hold or need a time
untimed() {
	tee table | head -n 1 | tr '\t' '\n' |
		grep -E '(_s|_ns|_bps)$' >timed
	# shellcheck disable=SC2046
	without $(cat timed) <table
}

@test "gzip = plain, of several members too" {
	mptcp-extract v4.pcap >want
	mptcp-conns v4.pcap >want.conns
	mptcp-subflows v4.pcap >want.subflows
	mptcp-subflows -i 0.1 v4.pcap >want.over_time
	mptcp-reinject -r v4.pcap >want.again
	half=$(($(wc -c <v4.pcap) / 2 + 1))
	gzip -c v4.pcap >one.gz
	{
		head -c 10 v4.pcap | gzip -c
		gzip -c </dev/null
		head -c "$half" v4.pcap | tail -c +11 | gzip -1 -c
		tail -c +$((half + 1)) v4.pcap | gzip -9 -c
	} >several.gz
	for f in one.gz several.gz; do
		cp "$f" v4.pcap.gz
		mptcp-extract v4.pcap.gz | cmp - want
		mptcp-extract <v4.pcap.gz | same v4.tsv
		mptcp-conns v4.pcap.gz | cmp - want.conns
		mptcp-subflows v4.pcap.gz | cmp - want.subflows
		mptcp-subflows -i 0.1 <v4.pcap.gz | cmp - want.over_time
		mptcp-reinject -r <v4.pcap.gz | cmp - want.again
		rm v4.pcap.gz
	done
	gzip -c v4.tsv | mptcp-extract | same v4.tsv
}

@test "pcapng = pcap" {
	ngcap v4.pcap::9 >v4.pcapng
	mptcp-extract <v4.pcapng | same v4.tsv
	ngcap -B -j -S 100 v4.pcap:eth0:9:3600 >v4.pcapng
	mptcp-extract <v4.pcapng | same v4.tsv iface
	mptcp-extract -o iface -H <v4.pcapng | sort -u | grep -qx eth0
	gzip -c v4.pcapng | mptcp-extract | same v4.tsv iface
	mptcp-extract <v4.pcapng >ng.tsv
	for tool in mptcp-conns mptcp-subflows; do
		for interval in '' '-i 0.1'; do
			echo "$tool $interval"
			# shellcheck disable=SC2086
			{
				$tool $interval <v4.pcapng >want
				$tool $interval <ng.tsv | cmp - want
				$tool $interval <v4.pcap | cmp - want
			}
		done
	done
}

@test "pcapng as editcap writes it" {
	command -v editcap >/dev/null || skip "no editcap"
	editcap -F pcapng v4.pcap - | mptcp-extract | same v4.tsv iface
}

@test "pcapng time resolutions" {
	for resol in 6 7 b20 b30; do
		ngcap "v4.pcap:x:$resol" | mptcp-extract >got
		same v4.tsv time_ns rel_s iface <got
		paste <(cut -f 2 got) <(cut -f 2 v4.tsv) |
			awk 'NR > 1 {
				d = substr($2, 8) - substr($1, 8)
				if (d < 0 || d > 1000) {
					print NR ": " $1 " for " $2
					exit 1
				}
			}'
	done
	ngcap v4.pcap | mptcp-extract >got		# the default: us
	recap -u v4.pcap | mptcp-extract | same got
}

@test "one pcapng of two link types and resolutions = the merged capture" {
	recap -f 'not net 10.0.2' -L sll v4.pcap >a.pcap
	recap -f 'net 10.0.2' -L raw v4.pcap >b.pcap
	[ "$(mptcp-extract b.pcap | wc -l)" -gt 1 ] || skip "one path only"
	ngcap -S 99 a.pcap:wlan0:9 b.pcap:lte0:b30:-9 >ab.pcapng
	mptcp-extract <ab.pcapng >got
	same v4.tsv iface time_ns rel_s <got
	awk -F '\t' 'NR > 1 && ($8 ~ /^10\.0\.2\./ || $10 ~ /^10\.0\.2\./) != \
		($4 == "lte0") { exit 1 }' got
	# The other clock cuts times, so all that is made of them is near.
	for tool in mptcp-conns mptcp-subflows; do
		"$tool" <v4.pcap | untimed >want
		"$tool" <ab.pcapng | untimed | cmp - want
	done
}

@test "files of one interface each = the merged file" {
	recap -f 'not net 10.0.2' v4.pcap >a.pcap
	recap -f 'net 10.0.2' -L sll -B v4.pcap >b.pcap
	[ "$(mptcp-extract b.pcap | wc -l)" -gt 1 ] || skip "one path only"
	mptcp-extract a.pcap b.pcap >got
	same v4.tsv iface <got
	cut -f 4 got | sort | uniq | tr '\n' ' ' | grep -x 'a.pcap b.pcap iface '
	mptcp-extract b.pcap a.pcap | same v4.tsv iface
	mptcp-extract a.pcap - <b.pcap | same v4.tsv iface
	for tool in mptcp-conns mptcp-subflows; do
		for interval in '' '-i 0.1'; do
			echo "$tool $interval"
			# shellcheck disable=SC2086
			{
				$tool $interval v4.pcap >want
				$tool $interval b.pcap a.pcap | cmp - want
			}
		done
	done
}

@test "basic: the per-interface files = the merged one" {
	basic=$SHARED/captures/basic
	[ -d "$basic" ] || skip "no capture basic here"
	mptcp-extract "$basic"/client.c[01].pcap.gz | same v4.tsv iface
}

@test "time that steps back changes no order" {
	recap -f 'not net 10.0.2' v4.pcap >a.pcap
	recap -f 'net 10.0.2' v4.pcap >b.pcap
	{
		cat a.pcap
		tail -c +25 b.pcap
	} >ab.pcap
	wire=time_ns,src,sport,dst,dport,flags,seq,ack,win,len,ip_id,mptcp
	{
		mptcp-extract -o "$wire" a.pcap
		mptcp-extract -H -o "$wire" b.pcap
	} >want
	mptcp-extract -o "$wire" ab.pcap | cmp - want
}

@test "every link type and byte order gives the same rows" {
	for link in en10mb vlan qinq mpls pppoe sll sll2 raw raw12 raw14 ipv4 \
			ipv6 null null-swapped loop ppp ppp-noaddr; do
		for order in '' -B; do
			for v in v4 v6; do
				case $link in ipv[46]) [ "ip$v" = "$link" ];; esac ||
					continue
				[ -e "$v.pcap" ] || continue
				echo "$v $link $order"
				# shellcheck disable=SC2086
				recap -L "$link" $order "$v.pcap" |
					mptcp-extract | same "$v.tsv" iface
			done
		done
	done
}

@test "microseconds = nanoseconds, cut off" {
	awk -F '\t' -v OFS='\t' 'NR > 1 { sub(/...$/, "000", $2) } 1' v4.tsv |
		without rel_s >want
	recap -u v4.pcap | mptcp-extract | without rel_s | cmp - want
	recap -u -B v4.pcap | mptcp-extract | without rel_s | cmp - want
}

@test "IPv4 options, first fragments, no length: the same rows" {
	need v4
	recap -x v4.pcap | mptcp-extract | same v4.tsv
	recap -F v4.pcap | mptcp-extract | same v4.tsv
	recap -z v4.pcap | mptcp-extract | same v4.tsv
	recap -xFz -L pppoe v4.pcap | mptcp-extract | same v4.tsv
}

@test "IPv6 extension headers, first fragments, no length: the same rows" {
	need v6
	recap -x v6.pcap | mptcp-extract | same v6.tsv
	recap -F v6.pcap | mptcp-extract | same v6.tsv
	recap -xF v6.pcap | mptcp-extract | same v6.tsv
	recap -z v6.pcap | mptcp-extract | same v6.tsv
}

@test "frames without a TCP header only count" {
	awk -F '\t' -v OFS='\t' 'NR > 1 { $1 = 2 * $1 - 1 } 1' v4.tsv >want
	for link in en10mb sll2 raw null; do
		recap -j -L "$link" v4.pcap | mptcp-extract | same want iface
	done
}

@test "a frame that the link layer cannot carry only counts" {
	recap -L ipv6 v4.pcap | mptcp-extract >got
	[ "$(wc -l <got)" -eq 1 ]
}

@test "96 bytes of each frame hold all options" {
	recap -s 96 v4.pcap | mptcp-extract | same v4.tsv
}

@test "shorter snapshots: options cut, the rest of the row stands" {
	fixed=pkt,time_ns,src,sport,dst,dport,flags,seq,ack,win,len,ip_id
	options=option_error,mss,wscale,tsval,tsecr,sack,mptcp,version,mp_flags
	options=$options,send_key,recv_key,token,addr_id,backup,nonce,hmac
	options=$options,data_fin,dss_dsn,dss_ack,dss_ssn,dss_len,dss_csum
	mptcp-extract -o "$fixed" v4.pcap >want
	mptcp-extract -o "$options" v4.pcap >all
	for snap in 34 53; do		# no whole TCP header
		recap -s "$snap" v4.pcap | mptcp-extract -H >got
		[ ! -s got ]
	done
	for snap in 54 57 60 66 68 70 74 78 82 86 90; do
		recap -s "$snap" v4.pcap >snap.pcap
		mptcp-extract -o "$fixed" snap.pcap | cmp - want
		# Cells are what they were, or missing where something is cut.
		mptcp-extract -o "$options" snap.pcap >got
		paste got all | awk -F '\t' -v n="$(tr -dc , <<<"$options" |
				wc -c)" -v snap="$snap" '
			$1 == "cut" { cut++ }
			{
				for (i = 2; i <= n + 1; i++) {
					full = $(i + n + 1)
					if ($i == full || $1 == "cut" &&
					    index(full, $i) == 1)
						continue
					print snap, NR, $i " for " full
					exit bad = 1
				}
			}
			END { exit bad || snap <= 60 && !cut }'
	done
}
