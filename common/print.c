#include "print.h"

#include <stdlib.h>

#include "budget.h"
#include "column.h"
#include "conn.h"
#include "mem.h"
#include "seq.h"
#include "stream.h"

enum {
	LOOKS = 64,	/* prints looked at to find one that may be dropped */
	ROOMS = 4,	/* that may be dropped for one */
	OVER = 8	/* more than `most` by such a part of it is too much */
};

enum {
	KEY_BYTES = 64,		/* that one takes in the print and in the index */
	DATA_BYTES = 64,	/* the user's */
	GROWS = 128, WEIGH_EVERY = 16	/* so many segments, and each so many of these */
};

/* Options that tell what print_update() is to look at. */
#define NAMING (HAS_VERSION | HAS_TOKEN | HAS_NONCE | HAS_HMAC | HAS_RECV_KEY)

void prints_free(struct prints *t)
{
	while (t->first)
		prints_drop(t, t->first);
}

/*
 * Whether those that may be dropped are not enough: there were none since the first
 * was looked at, or more come than these make room for.
 */
static bool lacks_room(const struct prints *t)
{
	return t->longer && (!t->found || t->weight > t->most + t->most / OVER);
}

/*
 * Drop the print of a stream that is forgotten and had few segments: at first of
 * one, then, when those are not enough, of more. A few are looked at each time.
 * Returns whether one was.
 */
static bool make_room(struct prints *t)
{
	for (unsigned i = 0; i < LOOKS; i++) {
		struct print *p = t->next ? t->next : t->first;

		if (p == t->first) {
			t->few += !t->few || lacks_room(t) ? t->few + 1 : 0;
			t->found = t->longer = false;
		}
		t->next = p->next;
		t->longer |= !p->live && p->segments > t->few;
		if (p->live || p->segments > t->few)
			continue;
		prints_drop(t, p);
		t->dropped++;
		t->found = true;
		return true;
	}
	return false;
}

static struct print *print_new(struct prints *t, struct stream *s,
			       const struct segment *seg)
{
	struct print *p = mem_zero(sizeof(*p));

	p->stream = s->index;
	p->live = s;
	p->first_ns = p->last_ns = seg->time_ns;
	for (unsigned i = 0; i < 2; i++) {
		p->end[i].addr = s->addr[i];
		p->end[i].port = s->port[i];
	}
	for (unsigned i = 0; i < ROOMS && t->most && t->weight > t->most; i++)
		if (!make_room(t))
			break;
	t->n++;
	p->prev = t->last;
	*(t->last ? &t->last->next : &t->first) = p;
	t->last = p;
	s->print = p;
	return p;
}

void prints_drop(struct prints *t, struct print *p)
{
	if (p->live)
		p->live->print = NULL;
	if (t->next == p)
		t->next = p->next;
	t->n--;
	t->weight -= p->weight;
	*(p->prev ? &p->prev->next : &t->first) = p->next;
	*(p->next ? &p->next->prev : &t->last) = p->prev;
	for (unsigned i = 0; i < 2; i++) {
		sketch_free(&p->end[i].stamps);
		sketch_free(&p->end[i].maps);
	}
	free(p->key);
	free(p->data);
	free(p);
}

struct print *prints_forget(struct stream *s)
{
	struct print *p = s->print;

	if (!p)
		return NULL;
	print_update(p);
	p->live = NULL;
	s->print = NULL;
	return p;
}

static void update_host(struct print_end *e, const struct conn_side *side)
{
	int64_t reached = side_reached(side);

	e->has_key = side->has_key;
	e->key = side->key;
	e->has_token = side->has_token;
	e->token = side->token;
	e->has_dsn = side->based && side->base_wide;
	e->dsn = side->base;
	e->dsn_end = side->base + (reached > 0 ? (uint64_t)reached : 1);
}

/* Whether what the connection is called stays: a name costs a hash. */
static bool is_named(const struct print *p, const struct subflow *f)
{
	bool same = p->conn_id && !f->conn->fallback;

	for (unsigned i = 0; i < 2; i++) {
		const struct conn_side *side = &f->conn->side[subflow_role(f, i)];

		same &= p->end[i].has_key && side->has_key && p->end[i].key == side->key;
	}
	return same;
}

static void update_subflow(struct print *p, const struct subflow *f)
{
	static const uint8_t kind[] = {
		[SUBFLOW_UNKNOWN] = PRINT_UNKNOWN,
		[SUBFLOW_INITIAL] = PRINT_INITIAL, [SUBFLOW_JOIN] = PRINT_JOIN,
	};

	p->kind = kind[f->kind];
	p->conn = f->conn->index;
	if (!is_named(p, f))
		p->conn_id = conn_id(f->conn);
	p->client = f->client;
	p->client_sure = !conn_is_guess(f->conn);
	for (unsigned i = 0; i < 2; i++) {
		struct print_end *e = &p->end[i];

		update_host(e, &f->conn->side[subflow_role(f, i)]);
		e->has_nonce = f->has_nonce >> i & 1;
		e->nonce = f->nonce[i];
		e->has_addr_id = f->has_addr_id >> i & 1;
		e->addr_id = f->addr_id[i];
	}
}

void print_update(struct print *p)
{
	if (!p->live)
		return;
	if (p->live->subflow) {
		update_subflow(p, p->live->subflow);
		return;
	}
	if (p->kind != PRINT_TCP)
		return;		/* its connection is gone, and was known */
	p->client = p->live->client;
	p->client_sure = p->live->client_known;
}

void prints_update(struct prints *t)
{
	for (struct print *p = t->first; p; p = p->next)
		print_update(p);
}

/* The raw number of rel_seq 0; what was numbered from another moves with it. */
static void set_base(struct print *p, unsigned end, uint32_t base, bool syn)
{
	struct print_end *e = &p->end[end], *other = &p->end[!end];
	int64_t by = e->has_base ? seq_ahead(base, e->base) : 0;

	p->news |= syn && !e->syn;
	e->has_base = true;
	e->syn |= syn;
	e->base = base;
	if (!by)
		return;
	e->seq = seq_plus(e->seq, by);
	e->seq_end = seq_plus(e->seq_end, by);
	sketch_shift(&e->stamps, by, 0);
	sketch_shift(&e->maps, by, 0);
	sketch_shift(&other->stamps, 0, by);
	sketch_shift(&other->maps, 0, by);
}

/* Rows of TSV give relative numbers alone once there was no SYN. */
static void observe_bases(struct print *p, const struct stream *s,
			  struct segment *seg, unsigned from)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct stream_side *side = &s->side[i];
		struct print_end *e = &p->end[i];

		if (side->syn && (!e->syn || e->base != side->base))
			set_base(p, i, side->base, true);
	}
	if (!p->end[from].has_base && seg->has & COLUMN(REL_SEQ)) {
		column_fetch(seg, COLUMN(SEQ));
		set_base(p, from, seg->seq - (uint32_t)seg->rel_seq, false);
	}
	if (!p->end[!from].has_base && seg->has & COLUMN(REL_ACK)) {
		column_fetch(seg, COLUMN(ACK));
		set_base(p, !from, seg->ack - (uint32_t)seg->rel_ack, false);
	}
}

static void observe_seq(struct print_end *e, const struct segment *seg)
{
	int64_t end = segment_end(seg);

	if (!e->has_seq || e->seq > seg->rel_seq)
		e->seq = seg->rel_seq;
	if (!e->has_seq || e->seq_end < end)
		e->seq_end = end;
	e->has_seq = true;
}

/* Under how many keys pairing.h looks for what it has, about. */
static uint32_t keys_of(const struct print_end *e)
{
	uint64_t blocks = e->has_dsn ? ((e->dsn_end - 1) >> 32) - (e->dsn >> 32) + 1 : 0;

	return (uint32_t)e->has_key + e->has_token + e->has_nonce + e->syn +
	       (e->maps.n < PRINT_MARKS_INDEXED ? e->maps.n : PRINT_MARKS_INDEXED) +
	       (e->stamps.n < PRINT_MARKS_INDEXED ? e->stamps.n : PRINT_MARKS_INDEXED) +
	       (uint32_t)(blocks < PRINT_DSN_BLOCKS ? blocks : PRINT_DSN_BLOCKS);
}

static void weigh(struct prints *t, struct print *p)
{
	uint32_t now = sizeof(*p) + DATA_BYTES + KEY_BYTES;	/* that of the addresses */

	if (!t->most)
		return;
	for (unsigned i = 0; i < 2; i++) {
		const struct print_end *e = &p->end[i];

		now += KEY_BYTES * keys_of(e) +
		       (uint32_t)((e->maps.cap + e->stamps.cap) * sizeof(struct mark));
	}
	now += now / 8;		/* the allocator's */
	t->weight = t->weight - p->weight + now;	/* which may be less */
	p->weight = now;
}

struct print *prints_observe(struct prints *t, struct stream *s, struct segment *seg)
{
	unsigned from = stream_sender(s, seg);
	struct print *p = s->print ? s->print : print_new(t, s, seg);

	p->segments++;
	if (p->first_ns > seg->time_ns)
		p->first_ns = seg->time_ns;
	if (p->last_ns < seg->time_ns)
		p->last_ns = seg->time_ns;
	observe_bases(p, s, seg, from);
	if (seg->has & COLUMN(REL_SEQ))
		observe_seq(&p->end[from], seg);
	print_observe_marks(p, from, seg);
	if (seg->flags & TCP_SYN || seg->opt.mptcp_has & NAMING ||
	    (p->segments & (p->segments - 1)) == 0) {
		print_update(p);
		weigh(t, p);
		p->news = true;
	} else if (p->segments % WEIGH_EVERY == 0 && p->segments <= GROWS) {
		weigh(t, p);
	}
	return p;
}
