#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "input.h"
#include "mem.h"
#include "msg.h"
#include "num.h"
#include "pairing.h"
#include "print.h"
#include "tsv.h"
#include "wire.h"

static struct plan_pair *add(struct plan *p, uint32_t a, uint32_t b)
{
	p->pair = mem_grow(p->pair, &p->cap, p->n + 1, sizeof(*p->pair));
	p->pair[p->n] = (struct plan_pair){ .stream = { a, b } };
	return &p->pair[p->n++];
}

static uint32_t hash(const struct map *m, uint32_t stream)
{
	return map_hash(m, &stream, sizeof(stream));
}

struct plan_pair *plan_find(const struct plan *p, unsigned which, uint32_t stream)
{
	const struct map *m = &p->at[which];
	uint32_t h = hash(m, stream);
	struct plan_pair *x;
	size_t at = 0;

	while ((x = map_next(m, h, &at)))
		if (x->stream[which] == stream)
			break;
	return x;
}

/* Of several pairs of a stream the first one holds. */
void plan_ready(struct plan *p)
{
	for (unsigned which = 0; which < 2; which++) {
		struct map *m = &p->at[which];

		map_init(m);
		for (size_t i = 0; i < p->n; i++)
			if (!plan_find(p, which, p->pair[i].stream[which]))
				map_add(m, hash(m, p->pair[i].stream[which]), &p->pair[i]);
	}
}

static void locate(struct plan_pair *x, const struct pair *pair)
{
	const struct wire_answer *a = pair->a->data, *b = pair->b->data;
	int near = a && b ? wire_nearness(a, b, pair->cross) : 0;

	x->located = near;
	x->home = near < 0;
}

/* Where A was taken, of those streams that do not say so themselves: as for most. */
static void locate_rest(struct plan *p, const struct pairing *pairing)
{
	size_t client = 0, server = 0, i = 0;

	for (size_t k = 0; k < pairing->n && i < p->n; k++) {
		const struct pair *pair = &pairing->pair[k];

		if (!pair->won || p->pair[i].stream[0] != pair->a->stream)
			continue;
		client += p->pair[i].located && p->pair[i].home == pair->a->client;
		server += p->pair[i].located && p->pair[i].home != pair->a->client;
		if (!p->pair[i].located)
			p->pair[i].home = pair->a->client;
		i++;
	}
	for (i = 0; i < p->n; i++) {
		p->pair[i].home ^= !p->pair[i].located && server > client;
		p->pair[i].located = true;
	}
}

void plan_from_pairing(struct plan *p, const struct pairing *pairing, bool plain)
{
	*p = (struct plan){ 0 };
	for (size_t k = 0; k < pairing->n; k++) {
		const struct pair *pair = &pairing->pair[k];
		struct plan_pair *x;

		if (!pair->won || (!plain && pair->a->kind == PRINT_TCP &&
				   pair->b->kind == PRINT_TCP))
			continue;
		x = add(p, pair->a->stream, pair->b->stream);
		x->cross = pair->cross;
		x->shift[0] = pair->end[0].rel_shift;
		x->shift[1] = pair->end[1].rel_shift;
		locate(x, pair);
	}
	locate_rest(p, pairing);
	plan_ready(p);
}

void plan_add_wire(struct plan *p, const struct wire *w)
{
	struct plan_pair *x = add(p, w->about.stream[0], w->about.stream[1]);

	x->cross = w->cross;
	x->shift[0] = w->shift[0];
	x->shift[1] = w->shift[1];
	x->located = w->located;
	x->home = w->home;
}

enum { STREAM_A, STREAM_B, SRC_A, SPORT_A, SRC_B, SPORT_B, SHIFT_C2S, SHIFT_S2C,
       MATCHED, CELLS };

static const char *const names[CELLS] = {
	"stream_a", "stream_b", "src_a", "sport_a", "src_b", "sport_b",
	"isn_shift_c2s", "isn_shift_s2c", "matched"
};

/* Where the columns are; `matched` may be missing. */
static bool find_columns(struct tsv *t, size_t *at, struct input *in, struct msg *msg)
{
	for (unsigned k = 0; k < CELLS; k++) {
		for (at[k] = 0; at[k] < t->n; at[k]++) {
			const struct cell *c = &t->name[at[k]];

			if ((size_t)(c->to - c->from) == strlen(names[k]) &&
			    memcmp(c->from, names[k], strlen(names[k])) == 0)
				break;
		}
		if (at[k] < t->n) {
			tsv_want(t, at[k]);
		} else if (k < MATCHED) {
			msg_error(msg, in->name, 0, "no column \"%s\" (mptcp-map "
				  "prints it unless -o leaves it out)", names[k]);
			return false;
		}
	}
	return true;
}

static bool is_cell(const struct cell *c, const char *text)
{
	return (size_t)(c->to - c->from) == strlen(text) &&
	       memcmp(c->from, text, strlen(text)) == 0;
}

/* A row; false if it can't be read, and then true in *skip if that is in order. */
static bool read_row(struct plan *p, const struct tsv *t, const size_t *at,
		     const char *na, bool *skip)
{
	static const char yes[] = "1";	/* what a missing column stands for */
	struct plan_pair x = { .named = true };
	uint64_t v[2], port[2];
	struct cell c[CELLS];

	for (unsigned k = 0; k < CELLS; k++)
		c[k] = at[k] < t->n ? tsv_cell(t, at[k]) : (struct cell){ yes, yes + 1 };
	*skip = c[STREAM_A].from == c[STREAM_A].to || is_cell(&c[STREAM_A], na) ||
		!is_cell(&c[MATCHED], yes);
	for (unsigned i = 0; i < 2; i++) {
		const struct cell *shift = &c[SHIFT_C2S + i];

		if (!num_parse_u64(c[STREAM_A + i].from, c[STREAM_A + i].to,
				   UINT32_MAX - 1, &v[i]) ||
		    !num_parse_u64(c[SPORT_A + 2 * i].from, c[SPORT_A + 2 * i].to,
				   UINT16_MAX, &port[i]) ||
		    !addr_parse(c[SRC_A + 2 * i].from, c[SRC_A + 2 * i].to, &x.client[i]))
			return false;
		x.port[i] = (uint16_t)port[i];
		if (shift->from < shift->to && !is_cell(shift, na) &&
		    !num_cell_i64(shift->from, shift->to, &x.shift[i]))
			return false;
	}
	if (!*skip) {
		struct plan_pair *pair = add(p, (uint32_t)v[0], (uint32_t)v[1]);

		x.stream[0] = pair->stream[0];
		x.stream[1] = pair->stream[1];
		*pair = x;
	}
	return true;
}

bool plan_read(struct plan *p, struct input *in, struct msg *msg, const char *na)
{
	struct tsv *t = tsv_open(in);
	size_t at[CELLS];
	bool good, skip;
	int got;

	*p = (struct plan){ 0 };
	good = t && find_columns(t, at, in, msg);
	if (!t)
		msg_error(msg, in->name, 0, "is not a table of mptcp-map");
	while (good && (got = tsv_next(t)))
		if (got < 0 || (!read_row(p, t, at, na, &skip) && !skip)) {
			msg_error(msg, in->name, 0, "line %llu can't be read",
				  (unsigned long long)t->line);
			good = false;
		}
	tsv_close(t);
	plan_ready(p);
	return good;
}

void plan_free(struct plan *p)
{
	free(p->pair);
	map_free(&p->at[0]);
	map_free(&p->at[1]);
	*p = (struct plan){ 0 };
}

uint64_t plan_weight(const struct plan *p)
{
	return p->cap * sizeof(*p->pair) + 2 * p->n * MAP_PLACE;
}

void plan_rewind(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		p->pair[i].half[0] = p->pair[i].half[1] = NULL;
		p->pair[i].wire = NULL;
		p->pair[i].given_up = false;
	}
}
