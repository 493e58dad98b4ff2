# shellcheck shell=sh disable=SC2034
# bench.sh - what tests/bench and tests/shapes share; to be sourced by them
#
# Works in a new directory, the tools and test programs in the path. $BIN: where
# the tools are, default the top of the checkout; $RUNS: how often each command
# is measured.
set -eu
export LC_ALL=C

here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "${BIN:-$here/..}" && pwd)
runs=${RUNS:-5}
PATH=$bin:$here:$PATH
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
cd "$dir"

median='function median(a, n,    i, j, t) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && a[j - 1] > a[j]; j--) {
			t = a[j]; a[j] = a[j - 1]; a[j - 1] = t
		}
	return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
}'

# measure NAME COMMAND...: its time, wall time and peak memory into file NAME
measure() {
	name=$1
	shift
	cpu "$name" "$@" >/dev/null || {
		echo "bench: failed: $*" >&2
		exit 1
	}
}
