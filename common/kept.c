#include "kept.h"

#include <stdlib.h>

#include "duet.h"
#include "mem.h"
#include "seq.h"
#include "transit.h"
#include "wire.h"

enum { BLOCK = 256 };	/* records that are written and read at once */

enum what { ROW, ABOUT, OVER };

struct kept_record {
	uint8_t what, fate, match;
	bool has_tx, has_rx, clean, c2s, from_a, has_dsn;
	uint32_t wire;		/* by number, from 1; 0: none */
	union {
		struct {
			uint32_t conn;		/* without a wire */
			uint32_t len, before;	/* bytes; of the segment sent, those before it */
			uint32_t copy;
			int64_t tx_ns, rx_ns;
			uint64_t tx_pkt, rx_pkt;
			int64_t from, dsn;
		};
		struct wire_about about;	/* of the wire, from here on */
	};
};

/* As long as its rows are kept, `data` of a wire_about. */
struct kept_wire {
	uint32_t number;
	struct wire_about about;	/* as it was written */
};

bool kept_open(struct kept *k)
{
	*k = (struct kept){ .file = tmpfile() };
	if (k->file)
		k->block = mem_resize(NULL, BLOCK * sizeof(*k->block));
	return k->file;
}

void kept_close(struct kept *k)
{
	if (k->file)
		fclose(k->file);
	free(k->block);
	*k = (struct kept){ .file = NULL };
}

static void write_block(struct kept *k)
{
	fwrite(k->block, sizeof(*k->block), k->n, k->file);
	k->n = 0;
}

bool kept_all(struct kept *k)
{
	write_block(k);
	return fflush(k->file) == 0 && !ferror(k->file);
}

static struct kept_record *put(struct kept *k)
{
	if (k->n == BLOCK)
		write_block(k);
	return &k->block[k->n++];
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

	if (w && same(&w->about, about))
		return w->number;
	if (!w) {
		about->data = w = mem_zero(sizeof(*w));
		w->number = ++k->wires;
	}
	w->about = *about;
	*put(k) = (struct kept_record){ .what = ABOUT, .wire = w->number, .about = *about };
	return w->number;
}

void kept_row(void *kept, struct duet_row *row)
{
	struct kept *k = kept;
	const struct crossing *c = row->crossing;
	uint32_t wire = row->about ? number(k, row->about) : 0;
	struct kept_record *r = put(k);

	*r = (struct kept_record){
		.what = ROW, .wire = wire, .conn = row->conn,
		.from = c->from, .len = (uint32_t)seq_minus(c->to, c->from),
		.copy = c->copy, .fate = c->fate, .match = c->match, .clean = c->clean,
		.c2s = row->c2s, .from_a = row->from_a, .has_dsn = row->has_dsn,
		.dsn = row->dsn, .has_tx = c->tx, .has_rx = c->rx,
	};
	if (c->tx) {
		r->tx_ns = c->tx->time_ns;
		r->tx_pkt = c->tx->pkt;
		r->before = (uint32_t)seq_minus(c->from, c->tx->seq);
	}
	if (c->rx) {
		r->rx_ns = c->rx->time_ns;
		r->rx_pkt = c->rx->pkt;
	}
}

void kept_over(void *kept, struct wire_about *about)
{
	struct kept_wire *w = about->data;

	if (w)
		*put(kept) = (struct kept_record){ .what = OVER, .wire = w->number };
	free(w);
}

/* The row that a record is. */
static void tell_row(const struct kept_record *r, struct wire_about *about,
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
static void take_about(struct wire_about **wire, const struct wire_about *about)
{
	void *data = *wire ? (*wire)->data : NULL;

	if (!*wire)
		*wire = mem_resize(NULL, sizeof(**wire));
	**wire = *about;
	(*wire)->data = data;
}

bool kept_tell(struct kept *k, void (*row)(void *arg, struct duet_row *row),
	       void (*over)(void *arg, struct wire_about *about), void *arg)
{
	struct wire_about **wire = mem_zero((k->wires + (size_t)1) * sizeof(*wire));

	rewind(k->file);
	while ((k->n = fread(k->block, sizeof(*k->block), BLOCK, k->file)))
		for (size_t i = 0; i < k->n; i++) {
			const struct kept_record *r = &k->block[i];

			if (r->what == ROW) {
				tell_row(r, wire[r->wire], row, arg);
			} else if (r->what == ABOUT) {
				take_about(&wire[r->wire], &r->about);
			} else {
				over(arg, wire[r->wire]);
				free(wire[r->wire]);
				wire[r->wire] = NULL;
			}
		}
	for (size_t i = 0; i <= k->wires; i++)
		free(wire[i]);	/* where the file can't be read to its end */
	free(wire);
	return !ferror(k->file);
}
