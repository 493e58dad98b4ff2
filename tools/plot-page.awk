# The page: its panels, their axes, the file or terminal it is for.

function axes(t, d, bottom,    unit) {
	unit = units == "" ? "" : " [" units "]"
	print "unset logscale; unset arrow; unset label; set format; set xtics auto; set yrange [*:*]"
	if (cdf[t]) {
		printf "set ylabel %s\nset yrange [0:100]\n", q("values up to that [%]")
		printf "set xlabel %s\n", q(what[t] unit)
		if (logarithmic(t))
			printf "set logscale x; set xrange [*:*]; set format x %s\n", q(engineering(t))
		else	# all values may be the same
			printf "set xrange [%.9g:%.9g]\n", (from_x[t] < 0 ? from_x[t] * factor : 0), \
				(to_x[t] > 0 ? to_x[t] * factor * 1.02 : 1)
		return
	}
	printf "set ylabel %s\n", q(what[t] unit)
	if (logarithmic(t))
		printf "set logscale y; set format y %s\n", q(engineering(t))
	else if (low_y_of[t, d] >= 0 && base(plot[t]) ~ /^(dsn|seq|inflight)$/)	# a window may be far above
		printf "set yrange [0:%.9g]\n", 1.2 * (data_y[t, d] > 0 ? data_y[t, d] : 1) * factor
	else if (low_y_of[t, d] >= 0)
		print (high_y_of[t, d] > 0 ? "set yrange [0:*]" : "set yrange [0:1]")
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

function logarithmic(t) {
	return style[t] ~ /^(log|logsteps|bars)$/
}

# Numbers of many sizes: 10 us, 1 ms, 100 ms, as gnuplot writes them.
function engineering(t) {
	return "%.0s %c" (unit[t] == "seconds" ? "s" : unit[t] == "bytes" ? "B" : "")
}

function panel(t, d, bottom,    n, k, text, comma, i, how) {
	n = choose(t, d)
	scale(logarithmic(t) ? "count" : unit[t], cdf[t] ? to_x[t] : data_y[t, d])
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

# How many points its panel has, and how high they are.
function measure_series(i,    k, p) {
	if (came[i])
		keep_extremes(i)
	p = of[i] SUBSEP dir[i]
	points_of[p] += count[i]
	for (k = 1; k <= count[i]; k++) {
		if (!(p in low_y_of) || Y[i, k] < low_y_of[p])
			low_y_of[p] = Y[i, k]
		if (!(p in high_y_of) || Y[i, k] > high_y_of[p])
			high_y_of[p] = Y[i, k]
		if (series[i] !~ /edge$|^window$/ && (!(p in data_y) || Y[i, k] > data_y[p]))
			data_y[p] = Y[i, k]
	}
}

# A direction with next to nothing, beside one that has a lot, is only mentioned.
function panels(    t, d, n, i, other) {
	for (i = 1; i <= ids; i++)
		measure_series(i)
	for (t = 1; t <= tables; t++) {
		describe(t)
		if (style[t] == "events")
			eventful = 1
		if (style[t] == "events" || !(t in from_x))
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
			if (!spanned || from_x[t] < left)
				left = from_x[t]
			if (!spanned || to_x[t] > right)
				right = to_x[t]
			spanned = 1
		}
	}
	# events alone are drawn over nothing
	if (left > 0 && left < 100000000)
		left = 0
	for (t = 1; t <= tables; t++)
		if (unit[t] == "bps" || unit[t] == "percent")
			right += to_x[t] + interval(t) > right ? interval(t) : 0
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
	if (output != "" && kind != "dumb") {
		gsub(/\047/, "&&", output)	# as gnuplot has it within quotes
		printf "set output %s\n", q(output)
	}
}

BEGIN {	# what the user wrote: a value of -v would have its backslashes read
	output = ENVIRON["PLOT_OUTPUT"]
	title = ENVIRON["PLOT_TITLE"]
	name = ARGC > 1 && ARGV[1] != "-" ? ARGV[1] : "<stdin>"
	kinds()
}

END {
	if (failed)
		exit 1
	panels()
	if (!all)
		die(eventful ? "events are drawn over other kinds, and there is none" : "no points to draw")
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
