#include "record.h"

#include <stdlib.h>

#include "conn.h"
#include "pool.h"
#include "stream.h"

struct record *record_of(struct conn *c)
{
	struct record *r = c->data;

	if (r)
		return r;
	c->data = r = pool_zero(pool_of(c), sizeof(*r));
	stall_init(&r->side[CLIENT].stall);
	stall_init(&r->side[SERVER].stall);
	return r;
}

struct record_stream *record_of_stream(struct stream *s)
{
	if (!s->data)
		s->data = pool_zero(pool_of(s), sizeof(struct record_stream));
	return s->data;
}

struct record_doubts *record_doubts_of(struct record_stream *s)
{
	if (!s->doubts)
		s->doubts = pool_zero(pool_of(s), sizeof(*s->doubts));
	return s->doubts;
}

void record_free(struct conn *c)
{
	struct record *r = c->data;

	if (!r)
		return;
	for (unsigned role = 0; role < 2; role++) {
		announced_free(&r->side[role].announced);
		stall_free(&r->side[role].stall);
	}
	free(r->held);
	pool_free(r);
	c->data = NULL;
}

void record_free_stream(struct stream *s)
{
	struct record_stream *r = s->data;

	for (unsigned end = 0; r && end < 2; end++) {
		if (r->checksum[end])
			checksum_free(r->checksum[end]);
		free(r->checksum[end]);
	}
	if (r)
		pool_free(r->doubts);
	pool_free(r);
	s->data = NULL;
}

uint64_t record_weight(const struct record *r)
{
	uint64_t n = sizeof(*r) + r->tale_bytes + (r->held ? r->held_bytes : 0);

	for (unsigned role = 0; role < 2; role++)
		n += r->side[role].announced.cap * sizeof(struct announced_addr) +
		     runs_weight(&r->side[role].stall.marks);
	return n;
}

uint64_t record_stream_weight(const struct record_stream *r)
{
	uint64_t n = sizeof(*r) + (r->doubts ? sizeof(*r->doubts) : 0);

	for (unsigned end = 0; end < 2; end++)
		if (r->checksum[end])
			n += checksum_weight(r->checksum[end]);
	return n;
}

static void merge_side(struct record_side *into, struct record_side *from)
{
	into->first_data |= from->first_data;
	into->infinite |= from->infinite;
	into->failed |= from->failed;
	into->fin_acked |= from->fin_acked;
	if (from->data_fin && !into->data_fin) {
		into->data_fin = true;
		into->fin_dsn = from->fin_dsn;
	}
	if (into->mapped < from->mapped)
		into->mapped = from->mapped;
	if (from->has_bad && !into->has_bad) {
		into->has_bad = true;
		into->bad_dsn = from->bad_dsn;
		into->bad_pkt = from->bad_pkt;
	}
	announced_merge(&into->announced, &from->announced);
	if (into->stall.sent < from->stall.sent) {
		stall_free(&into->stall);
		into->stall = from->stall;
		stall_init(&from->stall);
	}
}

void record_merge(struct record *into, struct record *from, bool flip)
{
	merge_side(&into->side[0], &from->side[flip]);
	merge_side(&into->side[1], &from->side[!flip]);
	into->echoes |= from->echoes;
	into->gaps |= from->gaps;
	into->cut |= from->cut;
	if (into->last.pkt < from->last.pkt)
		into->last = from->last;
	if (into->reset.pkt < from->reset.pkt)
		into->reset = from->reset;
}
