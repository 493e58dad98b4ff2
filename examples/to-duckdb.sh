#!/bin/sh
# to-duckdb.sh FILE - rows of a capture asked by DuckDB, without a database
#
# Segments and payload of each subflow, and how many carried no mapping of their
# own.
set -eu

command -v duckdb >/dev/null || {
	echo "to-duckdb.sh: duckdb is not installed (https://duckdb.org)" >&2
	exit 1
}
[ $# -eq 1 ] || {
	echo "usage: to-duckdb.sh FILE" >&2
	exit 2
}
mptcp-extract -m "$1" | duckdb -c "
	SELECT conn, stream, dir, count(*) AS segments, sum(len) AS bytes,
		count(*) FILTER (WHERE len > 0 AND coalesce(dss_dsn, '') = '') AS without_mapping
	FROM read_csv('/dev/stdin', delim='\t', header=true)
	GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
