#!/usr/bin/env bats
# Every tool when what is before or behind it in a pipe goes away, or the disk is
# full: what could be had is written, and at most one line says what is wrong.

load helpers

setup() {
	set -o pipefail
	cd "$BATS_FILE_TMPDIR" || return
	gzip -dc "$HERE/../examples/backup-client.pcap.gz" >near.pcap
	gzip -dc "$HERE/../examples/backup-server.pcap.gz" >far.pcap
	mptcp-plotdata dsn near.pcap >dsn.tsv
}

# The tools, with captures in place of FILE; to be run by sh.
tools() {
	cat <<-'END'
		mptcp-extract FILE
		mptcp-conns FILE
		mptcp-conns -S FILE
		mptcp-conns -i 0.01 FILE
		mptcp-subflows FILE
		mptcp-reinject FILE
		mptcp-events FILE
		mptcp-events -w FILE
		mptcp-plotdata dsn FILE
		mptcp-map FILE far.pcap
		mptcp-owd FILE far.pcap
		mptcp-owd -s FILE far.pcap
	END
	! command -v gnuplot >/dev/null || echo 'mptcp-plot dsn.tsv'
}

# on FILE PROGRAM [ARGUMENT...]: the program with each tool's command, as
# arguments of sh; its message and status into err and status
on() {
	local file=$1 command
	shift
	while read -r command; do
		status=0
		"$@" sh -c "exec ${command//FILE/$file}" >out 2>err </dev/null || status=$?
		echo "$command: status $status, stderr: $(cat err)"
		check "${command%% *}" || return
	done < <(tools)
}

@test "a full disk: one line, status 1" {
	check() {
		[ "$status" -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] &&
			grep -q "^$1: .*No space left" err
	}
	full() {
		"$@" >/dev/full
	}
	on near.pcap full
}

@test "a full disk: the help and the version say so, too" {
	local tool how status
	for tool in $(tools | cut -d ' ' -f 1 | grep -vx mptcp-plot | sort -u); do
		for how in -h -V $([ "$tool" = mptcp-extract ] && echo -C); do
			status=0
			"$tool" "$how" >/dev/full 2>err || status=$?
			echo "$tool $how: status $status, stderr: $(cat err)"
			[ "$status" -eq 1 ]
			[ "$(wc -l <err)" -eq 1 ]
			grep -q "^$tool: .*No space left" err
		done
	done
}

@test "nobody reads: silent, killed by the signal or, if that is ignored, status 0" {
	local unread='pipe R, W; close R; open STDOUT, ">&", *W;'
	check() {
		[ "$status" -eq 141 ] && [ ! -s err ]
	}
	on near.pcap perl -e "$unread exec @ARGV"
	check() {
		[ "$status" -eq 0 ] && [ ! -s err ]
	}
	on near.pcap perl -e "\$SIG{PIPE} = 'IGNORE'; $unread exec @ARGV"
}

@test "a capture or its rows broken off: the rows, one line, status 1" {
	head -c $(($(wc -c <near.pcap) * 2 / 3)) near.pcap >cut.pcap
	mptcp-extract near.pcap >near.tsv
	head -c $(($(wc -c <near.tsv) * 2 / 3)) near.tsv >cut.tsv
	check() {
		[ "$1" = mptcp-plot ] ||
			{ [ "$status" -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] &&
				grep -q "^$1: cut\..*: " err && [ "$(wc -l <out)" -ge 1 ]; }
	}
	on cut.pcap env
	on cut.tsv env
}

@test "pipes to and from a tool hold many rows" {
	# pipe(7): Linux alone can tell and change it
	[ "$(cat /proc/sys/fs/pipe-max-size)" -ge 1048576 ] || skip "no room for that here"
	# shellcheck disable=SC2016
	local holds='sub holds { fcntl($_[0], 1032, 0) }	# F_GETPIPE_SZ'
	[ "$(mptcp-extract near.pcap |
		perl -e "$holds"'
			read STDIN, $_, 1; print holds(*STDIN)')" -ge 1048576 ]
	perl -e "$holds"'
		open my $in, "|-", "mptcp-conns" or die;
		for (1 .. 100) {
			exit 0 if holds($in) >= 1048576;
			select undef, undef, undef, 0.1;
		}
		exit 1' >out 2>err
}
