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
	cdir = column("dir")	# these make a series
	cconn = column("conn")
	cseries = column("series")
	ckind = column("kind")
	plot[tables] = ""
	last = 0
}

# Where that is; a cell behind the last is empty.
function column(name) {
	return name in at ? at[name] : NF + 1
}

function cell(name) {
	return name in at ? $at[name] : ""
}

# The series of the rows that come, until it is another.
function turn_to(d, c, s, k,    key) {
	last_dir = d
	last_conn = c
	last_series = s
	last_kind = k
	key = tables SUBSEP d SUBSEP c SUBSEP s SUBSEP k
	if (!(key in id))
		begin_series(key)
	last = id[key]
}

function begin_series(key) {
	ids++
	id[key] = ids
	width[ids] = 1
	# many series lie over each other, and have to do with few points each
	room = ids <= 16 ? 2 * points : int(32 * points / ids)
	if (room < 16)
		room = 16
	of[ids] = tables
	dir[ids] = cell("dir")
	conn[ids] = cell("conn")
	series[ids] = cell("series")
	fate[ids] = cell("kind")
	if (cell("sf") ~ /^[0-9]+$/)	# not what -N of mptcp-plotdata writes
		sf[ids] = cell("sf")
	if (cell("path") ~ />/)
		path[ids] = cell("path")
	if (!(tables in from_x)) {
		plot[tables] = cell("plot")
		rate = base(plot[tables]) ~ /^(throughput|goodput|share)$/
		from_x[tables] = to_x[tables] = $cx + 0
	}
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

# Two of each four, in their order; of those that come now, two of twice as many as
# until now.
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
	for (k = to + 1; k <= count[i]; k++) {
		delete X[i, k]
		delete Y[i, k]
		delete Z[i, k]
	}
	count[i] = to
	width[i] = width[i] > 1 ? 2 * width[i] : 4
}

function move(i, from, to) {
	X[i, to] = X[i, from]
	Y[i, to] = Y[i, from]
	if ((i, from) in Z)
		Z[i, to] = Z[i, from]
}

function keep(i, x, y, z,    n) {
	if (count[i] >= room)
		thin(i)
	n = ++count[i]
	X[i, n] = x
	Y[i, n] = y
	if (z != "")
		Z[i, n] = z
}

# The extremes of those that came last.
function keep_extremes(i) {
	if (low_at[i] < high_at[i])
		keep(i, low_x[i], low_y[i], low_z[i])
	keep(i, high_x[i], high_y[i], high_z[i])
	if (low_at[i] > high_at[i])
		keep(i, low_x[i], low_y[i], low_z[i])
	came[i] = 0
}

function add(x, y,    i, n, z) {
	if ($cseries != last_series || $cdir != last_dir || $cconn != last_conn || $ckind != last_kind || !last)
		turn_to($cdir, $cconn, $cseries, $ckind)
	i = last
	if (cd && $cd != "")
		z = $cd + 0
	if (x < from_x[tables])
		from_x[tables] = x
	if (x + z > to_x[tables])
		to_x[tables] = x + z
	if (rate) {
		if (i in before && x > before[i] && (!(tables in step) || x - before[i] < step[tables]))
			step[tables] = x - before[i]
		before[i] = x
	}
	n = ++came[i]
	if (n == 1 || y < low_y[i]) {
		low_at[i] = n
		low_x[i] = x
		low_y[i] = y
		low_z[i] = z
	}
	if (n == 1 || y >= high_y[i]) {
		high_at[i] = n
		high_x[i] = x
		high_y[i] = y
		high_z[i] = z
	}
	if (n == width[i])
		keep_extremes(i)
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
