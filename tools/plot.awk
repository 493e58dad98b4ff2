# Tables of mptcp-plotdata to a script for gnuplot.
#
# A table is what stands behind a line of column names: a file, or a part of
# one. It becomes a panel for each direction, or, if it is one of events, lines
# in all panels. Points are kept by table, direction, connection, series and
# kind, under a number `id`; of too many, each four become their two extremes.

function die(text) {
	print "mptcp-plot: " name ": " text >"/dev/stderr"
	failed = 1
	exit 1
}

# A line of column names: which are where.
function header(    i, c) {
	split("", at)
	for (i = 1; i <= NF; i++)
		at[$i] = i
	if (!("x" in at) || !("y" in at))
		die("no column \"" ("x" in at ? "y" : "x") "\" (mptcp-plotdata prints it unless -o leaves it out)")
	tables++
	cx = at["x"]
	cy = at["y"]
	cd = at["duration_s"] + 0
	for (i = 1; i <= 4; i++)	# what makes a series; a cell behind the last is empty
		ck[i] = names[i] in at ? at[names[i]] : NF + 1
	plot[tables] = ""
}

function cell(column) {
	return column in at ? $at[column] : ""
}


# A point of a series that has none yet.
function begin_series(key,    p) {
	ids++
	id[key] = ids
	of[ids] = tables
	dir[ids] = cell("dir")
	conn[ids] = cell("conn")
	series[ids] = cell("series")
	fate[ids] = cell("kind")
	sf[ids] = cell("sf")
	path[ids] = cell("path")
	if (plot[tables] == "")
		plot[tables] = cell("plot")
	if (sf[ids] != "" && path[ids] != "" && !((tables, dir[ids], sf[ids], path[ids]) in had)) {
		had[tables, dir[ids], sf[ids], path[ids]] = 1
		path_of[tables, dir[ids], sf[ids]] = path[ids]
		users[tables, dir[ids], path[ids]]++
	}
	dirs[tables, dir[ids]] = 1
	if (!((tables, conn[ids]) in seen)) {
		seen[tables, conn[ids]] = 1
		conns[tables]++
	}
}

# Two of each four, in their order.
function thin(i,    from, to, k, low, high) {
	to = 1		# the first one stays
	for (from = 2; from + 3 < count[i]; from += 4) {
		low = high = from
		for (k = from + 1; k < from + 4; k++) {
			if (Y[i, k] < Y[i, low])
				low = k
			if (Y[i, k] >= Y[i, high])
				high = k
		}
		k = low < high ? low : high
		move(i, k, ++to)
		move(i, low + high - k, ++to)
	}
	for (; from <= count[i]; from++)
		move(i, from, ++to)
	for (k = to + 1; k <= count[i]; k++)
		delete X[i, k]
	for (k = to + 1; k <= count[i]; k++)
		delete Y[i, k]
	count[i] = to
}

function move(i, from, to) {
	X[i, to] = X[i, from]
	Y[i, to] = Y[i, from]
	if ((i, from) in Z)
		Z[i, to] = Z[i, from]
}

function add(x, y,    key, i, panel) {
	key = tables SUBSEP $ck[1] SUBSEP $ck[2] SUBSEP $ck[3] SUBSEP $ck[4]
	if (!(key in id))
		begin_series(key)
	i = id[key]
	if (count[i] >= 2 * points)
		thin(i)
	if (count[i] && x > X[i, count[i]] && (!(tables in step) || x - X[i, count[i]] < step[tables]))
		step[tables] = x - X[i, count[i]]
	count[i]++
	X[i, count[i]] = x
	Y[i, count[i]] = y
	panel = tables SUBSEP dir[i]
	if (!(panel in high_y) || y > high_y[panel])
		high_y[panel] = y
	if (!(panel in low_y) || y < low_y[panel])
		low_y[panel] = y
	if (!(panel in data_y) || (y > data_y[panel] && series[i] !~ /edge$|^window$/))
		data_y[panel] = y
	if (!(tables in any) || x < low_x[tables])
		low_x[tables] = x
	if (cd && $cd != "") {
		Z[i, count[i]] = $cd + 0
		x += $cd
	}
	if (!(tables in any) || x > high_x[tables])
		high_x[tables] = x
	any[tables] = 1
}

FNR == 1 {
	name = FILENAME == "" || FILENAME == "-" ? "<stdin>" : FILENAME
	header()
	next
}
$cx == "x" {
	header()
	next
}
# A field equals itself as a number only if it is one.
$cx == $cx + 0 && $cy == $cy + 0 {
	add($cx + 0, $cy + 0)
	next
}
# what was lost has no delay, an event no value
$cx == $cx + 0 && (cell("kind") == "lost" || cell("plot") == "events") { add($cx + 0, 0) }
