# What kinds of plots and series are called, and in which units values are.

# What a kind of plot is called and measured in, and how its points are drawn.
function kinds(    list, n, i, part) {
	n = split("dsn|Data sequence numbers|data sequence number|bytes|points;" \
		"seq|Sequence numbers of subflows|sequence number|bytes|points;" \
		"ack|ACKs of subflows|acknowledgment number|bytes|steps;" \
		"win|Windows|window|bytes|steps;" \
		"attr|Attribute|value|count|points;" \
		"rtt|Round-trip times|round-trip time|seconds|points;" \
		"data_rtt|Time from sending data to its data ACK|time to data ACK|seconds|points;" \
		"inflight|In flight|in flight|bytes|steps;" \
		"throughput|Throughput, what is sent again included|throughput|bps|steps;" \
		"goodput|Goodput|goodput|bps|steps;" \
		"share|Share of the new data|share|percent|steps;" \
		"reinject|Data sent again on another subflow|time since sent first|seconds|points;" \
		"owd|One-way delays|one-way delay|seconds|points;" \
		"ofo|Waiting beyond a gap|waiting|bytes|steps;" \
		"hol|Head-of-line blocking|time waited|seconds|points;" \
		"interarrival|Time between new data|time between|seconds|log;" \
		"acksize|Data acknowledged by each data ACK|newly acknowledged|bytes|log;" \
		"blocks|Runs of data on one subflow|size of the run|bytes|bars;" \
		"events|Events||count|events", list, ";")
	for (i = 1; i <= n; i++) {
		split(list[i], part, "|")
		heading[part[1]] = part[2]
		label[part[1]] = part[3]
		measure[part[1]] = part[4]
		shape[part[1]] = part[5]
	}
	split("#0072B2 #E69F00 #009E73 #CC79A7 #56B4E9 #D55E00 #8C6D31 #5B5B5B", colour, " ")
	split("7 5 9 13 11 15 7 5", point, " ")
	split("1|(12,4)|(3,3)|(12,3,3,3)|(20,6)|(6,6)|(2,5)|(12,3,3,3,3,3)", dash, "|")
}

function base(t) {
	sub(/:.*/, "", t)
	return t
}

# What is drawn is a value over time, or a distribution or a sum of such.
function describe(t,    p) {
	p = base(plot[t])
	cdf[t] = plot[t] ~ /:cdf/
	total[t] = plot[t] ~ /:sum/
	head[t] = p in heading ? heading[p] : "Values"
	what[t] = p in label ? label[p] : "value"
	if (p == "attr") {
		head[t] = plot[t]
		gsub(/^attr:|:sum|:cdf/, "", head[t])
		what[t] = head[t]
	}
	style[t] = p in shape ? shape[p] : "points"
	unit[t] = p in measure ? measure[p] : "count"
	if (p == "attr" && plot[t] ~ /_s(:|$)/)
		unit[t] = "seconds"
	if (p == "attr" && plot[t] ~ /(len|bytes)(:|$)/)
		unit[t] = "bytes"
	if (total[t]) {
		if (unit[t] == "bps")
			unit[t] = "bytes"
		what[t] = what[t] ", sum"
		style[t] = "steps"
		if (p == "goodput" || p == "throughput") {
			head[t] = p == "goodput" ? "Data transferred" : "Payload sent"
			what[t] = p == "goodput" ? "new data" : "payload"
		}
	}
	if (cdf[t])
		style[t] = style[t] == "log" ? "logsteps" : "steps"
}

# By how much values of a panel are multiplied, and the unit that they have then.
function scale(unit, high,    n, names, i) {
	factor = 1
	units = ""
	if (unit == "percent") {
		factor = 100
		units = "%"
	} else if (unit == "seconds") {
		n = split("s ms us", names, " ")
		for (i = 1; i < n && high * factor < 1.5; i++)
			factor *= 1000
		units = names[i] == "us" ? "\302\265s" : names[i]
	} else if (unit != "count") {
		n = unit == "bps" ? split("bit/s kbit/s Mbit/s Gbit/s", names, " ") : \
			split("B kB MB GB TB", names, " ")
		for (i = 1; i < n && high * factor >= 2000; i++)
			factor /= 1000
		units = names[i]
	}
}

# Text for a legend: an arrow between addresses, nothing that gnuplot takes for its own.
function clean(text) {
	gsub(/[\\"\001-\037]/, " ", text)
	gsub(/\047/, "\342\200\231", text)
	return text
}

function arrow(text) {
	sub(/>/, " \342\206\222 ", text)
	return clean(text)
}

function legend(i) {
	if (!(i in legend_of))
		legend_of[i] = describe_series(i)
	return legend_of[i]
}

function describe_series(i,    t, p, text, s) {
	t = of[i]
	p = base(plot[t])
	s = series[i]
	text = path[i] != "" ? arrow(path[i]) : s
	if (sf[i] != "" && (crowded || path[i] == ""))
		text = "subflow " sf[i]
	else if (path[i] != "" && sf[i] != "" && users[t, dir[i], path[i]] > 1)	# not told by addresses
		text = text " (subflow " sf[i] ")"
	if (s ~ />/) {
		text = text " after " subflow_name(i, origin(s))
	} else if (s == "dack") {
		text = "data ACK"
	} else if (s == "edge") {
		text = "data ACK + window"
	} else if (s ~ /:ack$/ || s == "tcp:ack") {
		text = text ": ACK"
	} else if (s ~ /:edge$/) {
		text = text ": ACK + window"
	} else if (s == "total") {
		text = "all subflows"
	} else if (s == "sum") {
		text = "sum of the subflows"
	} else if (s == "data") {
		text = p == "ofo" ? "in the queue of the data (MPTCP)" : "data, by data ACKs"
	} else if (s == "window") {
		text = "receive window"
	}
	if (p == "ofo" && sf[i] != "")
		text = text ", in its own queue (TCP)"
	if (p == "reinject")
		return clean(text (fate[i] ~ /^(useful|redundant|lost)$/ ? ", " fate[i] : ""))
	if (fate[i] == "retrans")
		text = text ", retransmitted"
	else if (fate[i] == "reinject")
		text = text ", reinjected"
	else if (fate[i] == "dup_sf")
		text = text ", sent again"
	else if (p == "hol")
		text = text " filled a gap" (fate[i] == "data" ? " in the data" : fate[i] == "subflow" ? " of its own" : "")
	else if (p == "owd" && fate[i] != "" && fate[i] != "arrived")
		text = text ", " fate[i]
	return clean(text)
}

# Of a series like sf0>sf1, what stands first.
function origin(s) {
	sub(/>.*/, "", s)
	sub(/^sf/, "", s)
	return s
}

# That subflow beside the one that a series is about.
function subflow_name(i, n,    p) {
	p = path_of[of[i], dir[i], n]
	if (crowded || p == "")
		return "subflow " n
	return arrow(p) (users[of[i], dir[i], p] > 1 ? " (subflow " n ")" : "")
}

# Where it comes in the legend, and what lies over what: all subflows, then marks.
function rank(i,    r) {
	if (series[i] == "total")	# lies below its parts
		return -1
	r = sf[i] == "" ? 900 : sf[i] + 0
	if (series[i] ~ /:(ack|edge)$/)
		r += 500
	if (fate[i] ~ /^(retrans|reinject|dup_sf|lost)$/)
		r += 2000
	if (series[i] == "window" || series[i] == "edge")
		r += 50
	return r
}

