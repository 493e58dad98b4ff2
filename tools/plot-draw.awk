# The pictures: what plot.awk knows of tables as panels of one page.

function q(text) {
	return "\047" text "\047"
}

# The series of a panel, lowest first: all ids of the table and direction.
function choose(t, d,    i, k, n, v) {
	n = 0
	for (i = 1; i <= ids; i++) {
		if (of[i] != t || dir[i] != d || count[i] == 0)
			continue
		for (k = n; k > 0 && rank(order[k]) > rank(i); k--)
			order[k + 1] = order[k]
		order[k + 1] = i
		n++
	}
	return n
}

# How many subflows a panel has; if it is one, all of them are it.
function subflows(n,    k, m, had) {
	m = 0
	for (k = 1; k <= n; k++)
		if (sf[order[k]] != "" && !(sf[order[k]] in had)) {
			had[sf[order[k]]] = 1
			m++
		}
	return m
}

function numbers(i, t,    k, x, y, fx, fy) {
	fx = cdf[t] ? factor : 1
	fy = cdf[t] ? 100 : factor
	for (k = 1; k <= count[i]; k++) {
		x = X[i, k] * fx
		y = Y[i, k] * fy
		if (style[t] == "bars")
			printf "%.9f %.9g %.9f\n", x, y, (i, k) in Z ? Z[i, k] : 0
		else if (cdf[t])
			printf "%.9g %.9g\n", x, y
		else
			printf "%.9f %.9g\n", x, y
	}
	# a step lasts until something happens: to the end of the picture
	if (base(plot[t]) ~ /^(throughput|goodput|share)$/ && !total[t] && !cdf[t])
		printf "%.9f %.9g\n", x + step[t], y
	else if (style[t] ~ /steps/ || series[i] ~ /^(dack|edge)$|:(ack|edge)$/)
		printf "%.9f %.9g\n", cdf[t] ? high_x[t] * fx : high_x[t], y
}

# Blocks of data, those of several connections that look the same as one.
function data(n, t,    k, i, key) {
	groups = 0
	split("", group)
	for (k = 1; k <= n; k++) {
		i = order[k]
		if ((series[i] == "total" || series[i] == "sum") && subflows(n) < 2)
			continue
		key = legend(i)
		if (!(key in group)) {
			group[key] = ++groups
			first[groups] = i
			many[groups] = 0
		}
		members[group[key], ++many[group[key]]] = i
	}
	for (k = 1; k <= groups; k++) {
		print "$d" ++blocks " << EOD"
		size_of[k] = 0
		for (i = 1; i <= many[k]; i++) {
			numbers(members[k, i], t)
			size_of[k] += count[members[k, i]]
			if (i < many[k])
				print ""
		}
		print "EOD"
	}
}

# Two thirds of a colour, to stand out from it.
function darker(c,    i, out) {
	out = "#"
	for (i = 2; i <= 6; i += 2)
		out = out sprintf("%02X", (16 * hex(substr(c, i, 1)) + hex(substr(c, i + 1, 1))) * 0.6)
	return out
}

function hex(digit) {
	return index("0123456789ABCDEF", digit) - 1
}

# How a group is drawn: colour and shape by subflow, marks by what became of data.
function look(k, t,    i, c, p, d, size) {
	i = first[k]
	c = sf[i] == "" ? "#000000" : colour[sf[i] % 8 + 1]
	p = point[sf[i] % 8 + 1]
	d = sf[i] == "" ? "1" : dash[sf[i] % 8 + 1]
	size = size_of[k] > 2000 ? 0.35 : size_of[k] > 200 ? 0.5 : 0.8
	if (kind == "svg")	# whose points are larger
		size *= 0.7
	if (series[i] == "window" || series[i] ~ /edge$/) {
		d = "(6,6)"
		c = series[i] ~ /:/ ? c : "#777777"
	}
	if (fate[i] == "subflow" || fate[i] == "dup" || series[i] ~ />/) {
		p = p == 7 ? 6 : p - 1
		size = size + 0.2
	}
	if (series[i] == "total")
		return "with steps lw 6 lc rgb " q("#cccccc")
	if (series[i] == "sum") {
		d = "(12,4)"
		c = "#666666"
	}
	if (kind == "dumb")
		d = "1"
	if (fate[i] == "useful")
		p = point[sf[i] % 8 + 1]
	if (fate[i] == "lost")
		return "with points pt 2 ps 0.8 lw 1.3 lc rgb " q(darker(c))
	if (fate[i] ~ /^(retrans|reinject|dup_sf)$/ && base(plot[t]) != "reinject")
		return "with points pt " (fate[i] == "retrans" ? 2 : fate[i] == "reinject" ? 12 : 1) \
			" ps 1.3 lw 1.6 lc rgb " q(darker(c))
	if (style[t] ~ /steps/ || series[i] ~ /^(dack|edge)$|:(ack|edge)$/)
		return "with steps lw " (series[i] == "dack" || series[i] ~ /edge$/ ? 1.3 : 1.8) \
			(d == "1" ? "" : " dt " d) " lc rgb " q(c)
	return "with points pt " p " ps " size " lc rgb " q(c)
}

# Lines where something happened, of all tables of events.
function events(    e) {
	for (e = 1; e <= marks; e++) {
		printf "set arrow from first %.9f, graph 0 to first %.9f, graph 1 nohead lw 0.8 dt (2,3) lc rgb %s\n", \
			mark_x[e], mark_x[e], q("#555555")
		if (mark_text[e] != "")
			printf "set label %s at first %.9f, graph 0.97 right rotate by 90 offset 0.8,0 font %s tc rgb %s noenhanced\n", \
				q(mark_text[e]), mark_x[e], q(kind == "svg" ? ",12" : ",10"), q("#333333")
	}
}

# What is too near to be read apart is named together.
function collect(    t, i, k, e, x, text, near, last) {
	near = (right - left) / 70
	for (i = 1; i <= ids; i++) {
		if (style[of[i]] != "events")
			continue
		for (k = 1; k <= count[i]; k++) {
			x = X[i, k]
			text = clean(series[i])
			for (e = marks; e > 0 && mark_x[e] > x; e--) {
				mark_x[e + 1] = mark_x[e]
				mark_text[e + 1] = mark_text[e]
			}
			mark_x[e + 1] = x
			mark_text[e + 1] = text
			marks++
		}
	}
	last = 0
	for (e = 1; e <= marks; e++) {
		if (last && mark_x[e] - mark_x[last] < near) {
			if (index(", " mark_text[last] ",", ", " mark_text[e] ",") == 0 && length(mark_text[last]) < 40)
				mark_text[last] = mark_text[last] ", " mark_text[e]
			mark_text[e] = ""
		} else {
			last = e
		}
	}
}

function axes(t, d, bottom,    unit) {
	unit = units == "" ? "" : " [" units "]"
	print "unset logscale; unset arrow; unset label; set format x; set xtics auto; set yrange [*:*]"
	if (cdf[t]) {
		printf "set ylabel %s\nset yrange [0:100]\n", q("values up to that [%]")
		printf "set xlabel %s\n", q(what[t] unit)
		if (style[t] == "logsteps")
			print "set logscale x; set xrange [*:*]"
		else	# all values may be the same
			printf "set xrange [%.9g:%.9g]\n", (low_x[t] < 0 ? low_x[t] * factor : 0), \
				(high_x[t] > 0 ? high_x[t] * factor * 1.02 : 1)
		return
	}
	printf "set ylabel %s\n", q(what[t] unit)
	if (style[t] == "log" || style[t] == "bars")
		print "set logscale y"
	else if (low_y[t, d] >= 0 && base(plot[t]) ~ /^(dsn|seq|inflight)$/)	# a window may be far above
		printf "set yrange [0:%.9g]\n", 1.2 * (data_y[t, d] > 0 ? data_y[t, d] : 1) * factor
	else if (low_y[t, d] >= 0)
		print (high_y[t, d] > 0 ? "set yrange [0:*]" : "set yrange [0:1]")
	if (base(plot[t]) == "share" && !total[t])
		print "set yrange [0:105]"
	printf "set xrange [%.9f:%.9f]\n", left, right
	if (left > 100000000) {
		print "set format x \"%H:%M:%S\" timedate"
		printf "set xlabel %s\n", q(bottom ? "time [UTC]" : "")
	} else {
		printf "set xlabel %s\n", q(bottom ? "time since the first packet of the connection [s]" : "")
	}
	events()
}

function panel(t, d, bottom,    n, k, text, comma, i, how) {
	n = choose(t, d)
	scale(unit[t], cdf[t] ? high_x[t] : data_y[t, d])
	data(n, t)
	axes(t, d, bottom)
	text = head[t] ", " (d == "c2s" ? "client to server" : d == "s2c" ? "server to client" : d)
	if (conns[t] > 1)
		text = text ", " conns[t] " connections"
	if (dropped[t] != "")
		text = text " (" dropped[t] ")"
	printf "set key title %s left noenhanced\n", q(clean(text))
	printf "plot "
	for (k = 1; k <= groups; k++) {
		i = blocks - groups + k
		how = look(k, t)
		printf "%s\\\n\t$d%d using 1:2 %s", comma, i, how
		if (kind == "dumb") {
			printf " title %s", q(legend(first[k]))
		} else {	# points that are large enough in the legend
			sub(/ ps [0-9.]+/, " ps 1.2", how)
			sub(/steps/, "lines", how)
			printf " notitle,\\\n\tNaN %s title %s", how, q(legend(first[k]))
		}
		comma = ","
		if (style[t] == "bars")
			printf ",\\\n\t$d%d using 1:2:3:(0) with vectors nohead lw 3 lc rgb %s notitle", \
				i, q(colour[sf[first[k]] % 8 + 1])
	}
	print groups ? "" : "NaN notitle"
}

# A direction with next to nothing, beside one that has a lot, is only mentioned.
function panels(    t, d, n, i, other) {
	for (i = 1; i <= ids; i++)
		points_of[of[i], dir[i]] += count[i]
	for (t = 1; t <= tables; t++) {
		describe(t)
		if (style[t] == "events" || !any[t])
			continue
		for (n = 1; n <= 3; n++) {
			d = n == 1 ? "c2s" : n == 2 ? "s2c" : ""
			other = n == 1 ? "s2c" : "c2s"
			if (!((t, d) in dirs))
				continue
			if (n < 3 && points_of[t, d] < 4 && points_of[t, other] > 40) {
				dropped[t] = points_of[t, d] (points_of[t, d] > 1 ? " points " : " point ") \
					(n == 1 ? "from client to server" : "from server to client") " not drawn"
				continue
			}
			panel_t[++all] = t
			panel_d[all] = d
		}
		if (!cdf[t]) {
			if (!spanned || low_x[t] < left)
				left = low_x[t]
			if (!spanned || high_x[t] > right)
				right = high_x[t]
			spanned = 1
		}
	}
	# events alone are drawn over nothing
	if (left > 0 && left < 100000000)
		left = 0
	for (t = 1; t <= tables; t++)
		if (unit[t] == "bps" || unit[t] == "percent")
			right += high_x[t] + step[t] > right ? step[t] : 0
	right += right > left ? (right - left) * 0.01 : 1
}

function terminal(    w, h, part) {
	w = 1200
	h = all > 2 ? 350 * all : 700
	if (kind == "dumb") {
		w = 79
		h = 24 * all
	}
	if (size != "") {
		split(size, part, "x")
		w = part[1]
		h = part[2]
	}
	print "set encoding utf8"
	if (kind == "dumb")
		printf "set terminal dumb size %d,%d noenhanced\n", w, h
	else if (kind == "pdf")
		printf "set terminal pdfcairo size %.2fin,%.2fin font %s noenhanced\n", w / 100, h / 100, q("Sans,10")
	else if (kind == "png")
		printf "set terminal pngcairo size %d,%d font %s noenhanced\n", w, h, q("Sans,11")
	else
		printf "set terminal svg size %d,%d font %s noenhanced background %s\n", w, h, q("Sans,14"), q("#ffffff")
	if (output != "" && kind != "dumb")
		printf "set output %s\n", q(output)
}

BEGIN {
	name = ARGC > 1 && ARGV[1] != "-" ? ARGV[1] : "<stdin>"
	kinds()
}

END {
	if (failed)
		exit 1
	panels()
	if (!all)
		die("no points to draw")
	collect()
	terminal()
	print "set key outside above left Left reverse horizontal maxrows 3 samplen 2 spacing 1.1 noenhanced"
	print "set grid lc rgb \047#d0d0d0\047 lw 0.8; set border 3; set tics nomirror out; set lmargin 11; set rmargin 4"
	print "set style line 100 lw 1"
	if (all > 1 || title != "")
		printf "set multiplot layout %d,1 title %s noenhanced\n", all, q(clean(title))
	for (i = 1; i <= all; i++)
		panel(panel_t[i], panel_d[i], i == all || cdf[panel_t[i]] || cdf[panel_t[i + 1]])
	if (all > 1 || title != "")
		print "unset multiplot"
}
