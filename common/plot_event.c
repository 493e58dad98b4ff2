/* The plot that is not tally's: the log of events. */
#include "conn.h"
#include "event.h"
#include "mem.h"
#include "plot.h"
#include "seq.h"
#include "watch.h"

/* An event is a series of its own: nothing of it has to be remembered. */
static void event(void *arg, const struct conn *c, const struct event *e)
{
	struct plot *p = arg;
	struct series *s;
	struct point q = {
		.time_ns = e->at.time_ns, .pkt = e->at.pkt, .kind = event_name(e->kind),
		.stream = e->stream, .has_stream = e->has_stream, .no_y = true
	};

	if (p->only_conn && !(e->has_conn && e->conn == p->conn))
		return;
	s = series_new(event_name(e->kind), "");
	s->has_conn = e->has_conn;
	s->conn = e->conn;
	s->dir = e->dir;
	if (!p->epoch)
		s->origin_ns = c ? c->first_ns : seq_minus(e->at.time_ns, e->at.rel_ns);
	plot_put(p, s, &q);
	series_end(&p->sink, s);
}

void plot_events_init(struct plot *p)
{
	p->watch = mem_zero(sizeof(*p->watch));
	watch_init(p->watch, &(struct watch_options){
		.arg = p, .event = event, .linger_ns = p->linger_ns,
		.budget = p->budget
	});
}

const struct plot_kind plot_events = {
	.name = "events", .text = "mptcp-events as marks, to lay over other plots",
	.unit = UNIT_COUNT, .table = TABLE_PACKET,
};
