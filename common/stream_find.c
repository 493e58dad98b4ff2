/* Which stream a segment is of. */
#include "column.h"
#include "segment.h"
#include "seq.h"
#include "stream.h"

/*
 * Most segments are of a stream found a moment ago. What tells streams apart, their
 * ends, in whichever order, or their indices, leads to a place of `near`, where it is
 * kept besides: most of those that are others' are known by it, without a look at
 * the stream.
 */
static uint32_t mix_ends(const struct addr *a, uint16_t a_port,
			 const struct addr *b, uint16_t b_port)
{
	uint32_t x, y;

	memcpy(&x, a->b + 12, 4);
	memcpy(&y, b->b + 12, 4);
	return ((x ^ y) + ((uint32_t)a_port ^ b_port)) * UINT32_C(0x9e3779b1);
}

static uint32_t mix_index(uint32_t index)
{
	return index * UINT32_C(0x9e3779b1);
}

static uint32_t mix_of(const struct stream *s)
{
	return s->row ? mix_index(s->index) :
	       mix_ends(&s->addr[0], s->port[0], &s->addr[1], s->port[1]);
}

static struct stream_near *near_of(struct streams *t, uint32_t mix)
{
	return &t->near[mix / (UINT32_MAX / STREAMS_NEAR + 1)];
}

static struct stream *find_near(struct streams *t, uint32_t mix)
{
	const struct stream_near *n = near_of(t, mix);

	return n->mix == mix ? n->stream : NULL;
}

/* The hash of a 4-tuple, the smaller end first. */
static uint32_t hash_tuple(const struct map *m, const struct addr *a, uint16_t a_port,
			   const struct addr *b, uint16_t b_port)
{
	uint8_t key[36];

	memcpy(key, a->b, 16);
	memcpy(key + 16, b->b, 16);
	memcpy(key + 32, &a_port, 2);
	memcpy(key + 34, &b_port, 2);
	return map_hash(m, key, sizeof(key));
}

static uint32_t hash_index(const struct map *m, uint32_t index)
{
	return map_hash(m, &index, sizeof(index));
}

/* Under which a stream is in the table. */
static uint32_t hash_of(const struct map *m, const struct stream *s)
{
	return s->row ? hash_index(m, s->index) :
	       hash_tuple(m, &s->addr[0], s->port[0], &s->addr[1], s->port[1]);
}

void stream_unlist(struct streams *t, struct stream *s)
{
	struct stream_near *n = near_of(t, mix_of(s));

	if (s->listed)
		map_remove(&t->map, hash_of(&t->map, s), s);
	s->listed = false;
	if (t->recent == s)
		t->recent = NULL;
	if (n->stream == s)
		n->stream = NULL;
}

/* Whether the source is the smaller end. */
static bool source_first(const struct segment *seg)
{
	int order = addr_cmp(&seg->src, &seg->dst);

	return order < 0 || (order == 0 && seg->sport <= seg->dport);
}

static bool same_tuple(const struct stream *s, const struct segment *seg)
{
	unsigned from = stream_sender(s, seg);

	return seg->sport == s->port[from] && seg->dport == s->port[!from] &&
	       addr_cmp(&seg->src, &s->addr[from]) == 0 &&
	       addr_cmp(&seg->dst, &s->addr[!from]) == 0;
}

/*
 * Whether a SYN opens a new stream on a 4-tuple already seen: as for Wireshark, if
 * its ISN is not what numbers count from so far. The same one is a retransmission,
 * even after RST or FIN, or late, behind what followed it.
 */
static bool opens_anew(const struct stream *s, const struct segment *seg)
{
	const struct stream_side *side = &s->side[stream_sender(s, seg)];

	return side->known && side->base != seg->seq;
}

static struct stream *stream_new(struct streams *t, struct segment *seg)
{
	struct stream *s = pool_zero(&t->pool, sizeof(*s));
	bool first = source_first(seg);

	s->addr[0] = first ? seg->src : seg->dst;
	s->addr[1] = first ? seg->dst : seg->src;
	s->port[0] = first ? seg->sport : seg->dport;
	s->port[1] = first ? seg->dport : seg->sport;
	/* the higher port is the client's; of equal ones, the first sender's */
	s->client = s->port[0] == s->port[1] ? !first : s->port[0] < s->port[1];
	s->index = seg->tracked ? seg->stream : t->count++;
	s->row = seg->tracked;
	s->listed = true;
	map_add(&t->map, hash_of(&t->map, s), s);
	stream_enqueue(t, s, QUEUE_SYN, t->now_ns);
	return s;
}

/* NULL: there is none. */
static struct stream *find_index(struct streams *t, uint32_t index)
{
	struct stream *s = t->recent;
	size_t at = 0;
	uint32_t hash;

	if (s && s->index == index)
		return s;
	s = find_near(t, mix_index(index));
	if (s && s->index == index)
		return s;
	hash = hash_index(&t->map, index);
	while ((s = map_next(&t->map, hash, &at)))
		if (s->index == index)
			break;
	return s;
}

static struct stream *find_tuple(struct streams *t, const struct segment *seg)
{
	struct stream *s = t->recent;
	size_t at = 0;
	uint32_t hash;

	if (s && same_tuple(s, seg))
		return s;
	s = find_near(t, mix_ends(&seg->src, seg->sport, &seg->dst, seg->dport));
	if (s && same_tuple(s, seg))
		return s;
	hash = source_first(seg) ?
	       hash_tuple(&t->map, &seg->src, seg->sport, &seg->dst, seg->dport) :
	       hash_tuple(&t->map, &seg->dst, seg->dport, &seg->src, seg->sport);
	while ((s = map_next(&t->map, hash, &at)))
		if (same_tuple(s, seg))
			break;
	return s;
}

static void set_recent(struct streams *t, struct stream *s)
{
	uint32_t mix = mix_of(s);

	t->recent = s;
	*near_of(t, mix) = (struct stream_near){ s, mix };
}

struct stream *stream_find(struct streams *t, struct segment *seg)
{
	struct stream *s = seg->tracked ? find_index(t, seg->stream) : find_tuple(t, seg);

	if (s && !seg->tracked && (seg->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN &&
	    opens_anew(s, seg)) {
		stream_unlist(t, s);
		s = NULL;
	}
	if (!s || seg->flags & TCP_SYN || s->port[0] == s->port[1])
		column_fetch(seg, STREAM_COLUMNS);
	if (!s)
		s = stream_new(t, seg);
	if (s != t->recent)
		set_recent(t, s);
	s->last_ns = t->now_ns;
	if (s->queue == QUEUE_CLOSED)	/* it lingers from its last segment on, and no longer */
		stream_requeue(t, s);
	if (++s->segments == 0)
		s->segments = 1 << 15;
	seg->stream = s->index;
	seg->has |= COLUMN(STREAM);
	return s;
}
