#include "twins.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "segment.h"
#include "seq.h"

enum { SETS = 1 << 10, WAYS = 4 };	/* by hash; of a set the oldest goes */

static const int64_t apart_max_ns = 1000000000;

/* The first frame of a segment. */
struct twin {
	uint64_t hash;
	uint64_t pkt;		/* 0: none */
	uint64_t iface;
	int64_t time_ns;
};

void twins_free(struct twins *t)
{
	free(t->slot);
}

static uint64_t mix(uint64_t hash, uint64_t v)
{
	hash = (hash ^ v) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static uint64_t mix_addr(uint64_t hash, const struct addr *a)
{
	uint64_t half[2];

	memcpy(half, a->b, sizeof(half));
	return mix(mix(hash, half[0]), half[1]);
}

/* All that stays the same from one interface of a host to the next. */
static uint64_t hash_segment(const struct segment *s)
{
	const struct tcp_options *o = &s->opt;
	bool stamped = o->has & HAS_TS;
	uint64_t hash = mix_addr(mix_addr(0, &s->src), &s->dst);

	hash = mix(hash, (uint64_t)s->seq << 32 | s->ack);
	hash = mix(hash, (uint64_t)s->sport << 48 | (uint64_t)s->dport << 32 | s->len);
	hash = mix(hash, (uint64_t)(s->has & COLUMN(IP_ID) ? s->ip_id : 0) << 48 |
		   (uint64_t)s->win << 16 | (uint64_t)s->flags << 8 | o->mptcp_bytes);
	return mix(hash, stamped ? (uint64_t)o->tsval << 32 | o->tsecr : 0);
}

static uint64_t hash_iface(const struct segment *s)
{
	uint64_t hash = 0;

	for (uint32_t i = 0; i < s->iface_len; i++)
		hash = mix(hash, (uint8_t)s->iface[i]);
	return hash;
}

static bool is_twin(const struct twin *t, const struct twin *me)
{
	int64_t apart = seq_minus(me->time_ns, t->time_ns);

	return t->pkt && t->hash == me->hash && t->iface != me->iface &&
	       apart >= -apart_max_ns && apart <= apart_max_ns;
}

void twins_mark(struct twins *t, struct segment *seg)
{
	struct twin me = {
		hash_segment(seg), seg->pkt, hash_iface(seg), seg->time_ns
	};
	struct twin *set;

	if (!t->slot)
		t->slot = mem_zero(SETS * WAYS * sizeof(*t->slot));
	set = t->slot + me.hash % SETS * WAYS;
	for (unsigned i = 0; i < WAYS; i++) {
		if (!is_twin(set + i, &me))
			continue;
		seg->copy_of = set[i].pkt;
		seg->has |= COLUMN(COPY_OF);
		return;
	}
	memmove(set + 1, set, (WAYS - 1) * sizeof(*set));
	*set = me;
}
