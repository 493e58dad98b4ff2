#include "kept.h"

#include <stdlib.h>

#include "duet.h"
#include "mem.h"
#include "seq.h"
#include "transit.h"
#include "wire.h"

enum what { ROW, ABOUT, OVER };

/* What follows one that says ABOUT is the struct wire_about of its wire. */
struct record {
	int64_t tx_ns, rx_ns;
	uint64_t tx_pkt, rx_pkt;
	int64_t from, dsn;
	uint32_t len, before;	/* bytes; of the segment sent, those before it */
	uint32_t copy;
	uint32_t wire;		/* by number, from 1; 0: none, */
	uint32_t conn;		/* but this */
	uint8_t what, fate, match;
	bool has_tx, has_rx, clean, c2s, from_a, has_dsn;
};

/* As long as its rows are kept, `data` of a wire_about. */
struct kept_wire {
	uint32_t number;
	struct wire_about about;	/* as it was written */
};

bool kept_open(struct kept *k)
{
	*k = (struct kept){ .file = tmpfile() };
	return k->file;
}

void kept_close(struct kept *k)
{
	if (k->file)
		fclose(k->file);
	k->file = NULL;
}

bool kept_all(const struct kept *k)
{
	return fflush(k->file) == 0 && !ferror(k->file);
}

static void put(struct kept *k, const struct record *r)
{
	fwrite(r, sizeof(*r), 1, k->file);
}

static bool same(const struct wire_about *x, const struct wire_about *y)
{
	return x->has_conn == y->has_conn && x->conn == y->conn &&
	       x->number == y->number && x->client == y->client &&
	       x->first_ns == y->first_ns;
}

/* The number of a wire: what there is to be said of it is written when that changes. */
static uint32_t number(struct kept *k, struct wire_about *about)
{
	struct kept_wire *w = about->data;
	struct record r = { .what = ABOUT };

	if (w && same(&w->about, about))
		return w->number;
	if (!w) {
		about->data = w = mem_zero(sizeof(*w));
		w->number = ++k->wires;
	}
	r.wire = w->number;
	w->about = *about;
	put(k, &r);
	fwrite(&w->about, sizeof(w->about), 1, k->file);
	return w->number;
}

void kept_row(void *kept, struct duet_row *row)
{
	struct kept *k = kept;
	const struct crossing *c = row->crossing;
	struct record r = {
		.what = ROW, .from = c->from, .len = (uint32_t)seq_minus(c->to, c->from),
		.copy = c->copy, .fate = c->fate, .match = c->match, .clean = c->clean,
		.conn = row->conn, .c2s = row->c2s, .from_a = row->from_a,
		.has_dsn = row->has_dsn, .dsn = row->dsn, .has_tx = c->tx, .has_rx = c->rx,
	};

	if (row->about)
		r.wire = number(k, row->about);
	if (c->tx) {
		r.tx_ns = c->tx->time_ns;
		r.tx_pkt = c->tx->pkt;
		r.before = (uint32_t)seq_minus(c->from, c->tx->seq);
	}
	if (c->rx) {
		r.rx_ns = c->rx->time_ns;
		r.rx_pkt = c->rx->pkt;
	}
	put(k, &r);
}

void kept_over(void *kept, struct wire_about *about)
{
	struct kept *k = kept;
	struct kept_wire *w = about->data;

	if (w)
		put(k, &(struct record){ .what = OVER, .wire = w->number });
	free(w);
}

/* The row that a record is. */
static void tell(const struct record *r, struct wire_about *about,
		 void (*row)(void *arg, struct duet_row *row), void *arg)
{
	struct passage tx = { .time_ns = r->tx_ns, .pkt = r->tx_pkt,
			      .seq = seq_minus(r->from, r->before) };
	struct passage rx = { .time_ns = r->rx_ns, .pkt = r->rx_pkt };
	struct crossing c = {
		.tx = r->has_tx ? &tx : NULL, .rx = r->has_rx ? &rx : NULL,
		.from = r->from, .to = seq_plus(r->from, r->len), .copy = r->copy,
		.fate = r->fate, .match = r->match, .clean = r->clean,
	};

	row(arg, &(struct duet_row){
		.about = about, .conn = r->conn, .crossing = &c, .c2s = r->c2s,
		.from_a = r->from_a, .has_delay = r->has_tx && r->has_rx,
		.has_dsn = r->has_dsn, .dsn = r->dsn,
	});
}

/* What is said of a wire, which the rows of it share. */
static void read_about(struct kept *k, struct wire_about **wire)
{
	void *data = *wire ? (*wire)->data : NULL;

	if (!*wire)
		*wire = mem_zero(sizeof(**wire));
	if (fread(*wire, sizeof(**wire), 1, k->file) != 1)
		**wire = (struct wire_about){ .data = NULL };
	(*wire)->data = data;
}

bool kept_tell(struct kept *k, void (*row)(void *arg, struct duet_row *row),
	       void (*over)(void *arg, struct wire_about *about), void *arg)
{
	struct wire_about **wire = mem_zero((k->wires + (size_t)1) * sizeof(*wire));
	struct record r;

	rewind(k->file);
	while (fread(&r, sizeof(r), 1, k->file) == 1) {
		if (r.what == ROW) {
			tell(&r, wire[r.wire], row, arg);
		} else if (r.what == ABOUT) {
			read_about(k, &wire[r.wire]);
		} else {
			if (over)
				over(arg, wire[r.wire]);
			free(wire[r.wire]);
			wire[r.wire] = NULL;
		}
	}
	free(wire);
	return !ferror(k->file);
}
