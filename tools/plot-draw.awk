# The pictures: what plot.awk knows of tables as panels of one page.

function q(text) {
	return "\047" text "\047"
}

# The series of a panel, lowest first: all ids of the table and direction.
function choose(t, d,    i, k, n, m, r, list, size, ranks) {
	split("", size)
	for (i = 1; i <= ids; i++) {
		if (of[i] != t || dir[i] != d || count[i] == 0)
			continue
		r = rank(i)
		list[r, ++size[r]] = i
	}
	n = 0
	for (r in size) {
		for (k = n++; k > 0 && ranks[k] + 0 > r + 0; k--)
			ranks[k + 1] = ranks[k]
		ranks[k + 1] = r
	}
	m = 0
	for (k = 1; k <= n; k++)
		for (i = 1; i <= size[ranks[k]]; i++)
			order[++m] = list[ranks[k], i]
	return m
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
	# distributions and sums begin with nothing
	if (cdf[t])
		printf "%.9g 0\n", X[i, 1] * fx
	else if (total[t] && unit[t] == "bytes" && base(plot[t]) ~ /put$/)
		printf "%.9f 0\n", X[i, 1] - interval(t)
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
		printf "%.9f %.9g\n", x + interval(t), y
	else if (style[t] ~ /steps/ || series[i] ~ /^(dack|edge)$|:(ack|edge)$/)
		printf "%.9f %.9g\n", cdf[t] ? to_x[t] * fx : to_x[t], y
}

# How long the intervals of rates are: as mptcp-plotdata has them unless two of a series tell.
function interval(t) {
	return t in step ? step[t] : 0.1
}

# Paths are named unless there are too many for a legend.
function crowd(n,    k, labels, had) {
	crowded = labels = 0
	split("", legend_of)
	for (k = 1; k <= n && !crowded; k++)
		if (!(legend(order[k]) in had)) {
			had[legend(order[k])] = 1
			crowded = ++labels > 24
		}
	if (crowded)
		split("", legend_of)
}

# Blocks of data, those of several connections that look the same as one.
function data(n, t,    k, i, key, one) {
	crowd(n)
	groups = 0
	one = subflows(n) < 2
	split("", group)
	for (k = 1; k <= n; k++) {
		i = order[k]
		if (one && (series[i] == "total" || series[i] == "sum"))
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

# How a group is drawn: colour and shape by subflow, the shape by the one before if
# it is about two; marks by what became of data.
function look(k, t,    i, o, c, p, d, size) {
	i = first[k]
	o = series[i] ~ />/ ? origin(series[i]) : sf[i]
	c = sf[i] == "" ? "#000000" : colour[sf[i] % 8 + 1]
	p = point[o % 8 + 1]
	d = sf[i] == "" ? "1" : dash[o % 8 + 1]
	size = size_of[k] > 2000 ? 0.35 : size_of[k] > 200 ? 0.5 : 0.8
	if (kind == "svg")	# whose points are larger
		size *= 0.7
	if (series[i] == "window" || series[i] ~ /edge$/) {
		d = "(6,6)"
		c = series[i] ~ /:/ ? c : "#777777"
	}
	if (fate[i] == "subflow" || fate[i] == "dup" || series[i] ~ />/) {
		if (fate[i] != "useful")	# hollow
			p--
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
	if (fate[i] == "lost")
		return "with points pt 2 ps 0.8 lw 1.3 lc rgb " q(darker(c))
	if (fate[i] ~ /^(retrans|reinject|dup_sf)$/ && base(plot[t]) != "reinject")
		return "with points pt " (fate[i] == "retrans" ? 2 : fate[i] == "reinject" ? 12 : 1) \
			" ps " (size_of[k] > 1000 ? 0.5 : size_of[k] > 200 ? 0.9 : 1.3) \
			" lw " (size_of[k] > 1000 ? 0.8 : 1.6) " lc rgb " q(darker(c))
	if (style[t] ~ /steps/ || series[i] ~ /^(dack|edge)$|:(ack|edge)$/)
		return "with steps lw " (series[i] == "dack" || series[i] ~ /edge$/ ? 1.3 : 1.8) \
			(d == "1" ? "" : " dt " d) " lc rgb " q(c)
	return "with points pt " p " ps " size " lc rgb " q(c)
}

# Lines where something happened, of all tables of events.
function events(    e, drawn) {
	for (e = 1; e <= marks; e++) {
		if (e == 1 || mark_x[e] - drawn > (right - left) / 1000) {
			drawn = mark_x[e]
			printf "set arrow from first %.9f, graph 0 to first %.9f, graph 1 nohead lw 0.8 dt (2,3) lc rgb %s\n", \
				drawn, drawn, q("#555555")
		}
		if (mark_text[e] != "")
			printf "set label %s at first %.9f, graph 0.97 right rotate by 90 offset 0.8,0 font %s tc rgb %s noenhanced\n", \
				q(mark_text[e]), mark_at[e], q(kind == "svg" ? ",12" : ",10"), q("#333333")
	}
}

# What is too near to be read apart is named together, behind the last of it if there
# is room.
function collect(    t, i, k, e, x, text, near, last, letters) {
	near = (right - left) / 70
	letters = (all > 1 ? 200 : 560) / 7	# as long as a panel is high
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
			if (length(mark_text[last] mark_text[e]) > letters)
				mark_text[e] = "\342\200\246"	# an ellipsis
			if (index(", " mark_text[last] ",", ", " mark_text[e] ",") == 0)
				mark_text[last] = mark_text[last] ", " mark_text[e]
			mark_text[e] = ""
		} else {
			last = e
		}
		mark_at[last] = e == marks || mark_x[e + 1] - mark_x[e] > 0.8 * near ? mark_x[e] : mark_x[last]
	}
}
