/* Two prints compared: what they share, what can't be, how numbers are shifted. */
#include "addr.h"
#include "pairing.h"
#include "seq.h"

#define TIME_SLACK_NS INT64_C(2000000000)	/* clocks of two hosts are not the same */
enum { SEGMENTS_ENOUGH = 32 };

#define DSN_FAR (UINT64_C(1) << 48)	/* no connection sends so much */

static const char *const names[EVIDENCES] = {
	"time", "endpoint", "addr", "ts_range", "seq", "tsval", "isn_half", "isn",
	"dsn", "data", "addr_ids", "nonce", "nonces", "token", "key", "keys",
};

const char *evidence_name(unsigned i)
{
	return names[i];
}

/* What comparing goes by; ends are those of a. */
struct comparison {
	struct pair *pair;
	const struct print_end *a[2], *b[2];
	bool isn_differs;
	bool ts_known, ts_near;	/* TSval series in both; at least one overlaps */
};

/* Where both know a number: how many ends agree; -1 if one does not. */
static int agree(bool known0, bool same0, bool known1, bool same1)
{
	if ((known0 && !same0) || (known1 && !same1))
		return -1;
	return known0 + known1;
}

/* Keys and tokens; false if they are of two connections. */
static bool compare_hosts(struct comparison *c)
{
	const struct print_end *const *a = c->a, *const *b = c->b;
	int keys = agree(a[0]->has_key && b[0]->has_key, a[0]->key == b[0]->key,
			 a[1]->has_key && b[1]->has_key, a[1]->key == b[1]->key);
	int tokens = agree(a[0]->has_token && b[0]->has_token, a[0]->token == b[0]->token,
			   a[1]->has_token && b[1]->has_token, a[1]->token == b[1]->token);

	if (keys < 0 || tokens < 0)
		return false;
	c->pair->evidence |= (keys == 2 ? SAME_KEYS : keys ? SAME_KEY : 0) |
			     (tokens ? SAME_TOKEN : 0);
	return true;
}

/* What a handshake says of a subflow; false if it is of two. */
static bool compare_handshake(struct comparison *c)
{
	const struct print_end *const *a = c->a, *const *b = c->b;
	int nonces = agree(a[0]->has_nonce && b[0]->has_nonce, a[0]->nonce == b[0]->nonce,
			   a[1]->has_nonce && b[1]->has_nonce, a[1]->nonce == b[1]->nonce);
	int ids = agree(a[0]->has_addr_id && b[0]->has_addr_id, a[0]->addr_id == b[0]->addr_id,
			a[1]->has_addr_id && b[1]->has_addr_id, a[1]->addr_id == b[1]->addr_id);
	uint8_t x = c->pair->a->kind, y = c->pair->b->kind;

	if (nonces < 0 || (x == PRINT_INITIAL && y == PRINT_JOIN) ||
	    (x == PRINT_JOIN && y == PRINT_INITIAL))
		return false;
	c->pair->evidence |= (nonces == 2 ? SAME_NONCES : nonces ? SAME_NONCE : 0) |
			     (nonces && ids > 0 ? SAME_ADDR_ID : 0);
	return true;
}

/* False if the data can't be of one connection. */
static bool compare_dsn(struct comparison *c)
{
	bool same = false, apart = false;
	bool named = c->pair->evidence & SAME_NONCES;	/* of two, a token may have made one */

	for (unsigned i = 0; i < 2; i++) {
		const struct print_end *a = c->a[i], *b = c->b[i];

		if (!a->has_dsn || !b->has_dsn)
			continue;
		if (a->dsn - b->dsn + DSN_FAR > 2 * DSN_FAR)
			return named;
		if ((int64_t)(a->dsn_end - b->dsn) > 0 && (int64_t)(b->dsn_end - a->dsn) > 0)
			same = true;
		else
			apart = true;
	}
	if (same && !apart)
		c->pair->evidence |= SAME_DSN;
	return true;
}

static void compare_isn(struct comparison *c)
{
	unsigned same = 0, overlap = 0;

	for (unsigned i = 0; i < 2; i++) {
		const struct print_end *a = c->a[i], *b = c->b[i];
		uint32_t gap = b->base + (uint32_t)b->seq - a->base - (uint32_t)a->seq;
		bool both = a->syn && b->syn;

		same += both && a->base == b->base;
		c->isn_differs |= both && a->base != b->base;
		if (both && a->base != b->base)
			continue;
		/* raw: one begins where the other has not ended */
		overlap += a->has_seq && b->has_seq &&
			   (gap <= (uint64_t)(a->seq_end - a->seq) ||
			    -gap <= (uint64_t)(b->seq_end - b->seq));
	}
	c->pair->evidence |= same == 2 ? SAME_ISN : same ? SAME_ISN_HALF : 0;
	if (same < 2 && overlap == 2)
		c->pair->evidence |= SAME_SEQ;
}

static void compare_series(struct comparison *c)
{
	unsigned known = 0, near = 0;

	for (unsigned i = 0; i < 2; i++) {
		const struct print_end *a = c->a[i], *b = c->b[i];

		if (!a->has_ts || !b->has_ts)
			continue;
		known++;
		near += seq_ahead(a->ts_first, b->ts_last) >= 0 &&
			seq_ahead(b->ts_first, a->ts_last) >= 0;
	}
	c->ts_known = known;
	c->ts_near = near;
	if (known && near == known)
		c->pair->evidence |= SAME_TS_RANGE;
}

static void compare_places(struct comparison *c)
{
	const struct print *a = c->pair->a, *b = c->pair->b;
	unsigned same = 0;

	for (unsigned i = 0; i < 2; i++)
		same += c->a[i]->port == c->b[i]->port &&
			addr_cmp(&c->a[i]->addr, &c->b[i]->addr) == 0;
	c->pair->evidence |= same == 2 ? SAME_ADDR : same ? SAME_ENDPOINT : 0;
	if (seq_minus(a->first_ns, b->last_ns) <= TIME_SLACK_NS &&
	    seq_minus(b->first_ns, a->last_ns) <= TIME_SLACK_NS)
		c->pair->evidence |= SAME_TIME;
}

/*
 * Keys that are used again, and addresses and ports: nothing else agrees. A
 * firewall changes sequence numbers, but neither TSvals nor the time.
 */
static bool is_another(const struct comparison *c)
{
	uint32_t e = c->pair->evidence;

	if (!c->isn_differs || e & (SAME_NONCE | SAME_NONCES))
		return false;
	if (c->ts_known)
		return !c->ts_near && !(e & SAME_TIME && e & (SAME_KEYS | SAME_KEY));
	return !(e & (SAME_TIME | SAME_KEYS));
}

static bool is_sufficient(const struct comparison *c)
{
	uint32_t e = c->pair->evidence;

	if (e & (SAME_NONCES | SAME_NONCE | SAME_DATA | SAME_ISN | SAME_TSVAL))
		return true;
	if (e & SAME_SEQ && c->pair->stamps)
		return true;
	if (e & (SAME_KEYS | SAME_KEY) && c->pair->a->kind == PRINT_INITIAL &&
	    c->pair->b->kind == PRINT_INITIAL)
		return true;
	if (e & SAME_ISN_HALF)
		return e & (SAME_ADDR | SAME_TS_RANGE) ||
		       (e & SAME_ENDPOINT && e & SAME_TIME);
	if (e & (SAME_KEYS | SAME_KEY | SAME_TOKEN | SAME_DSN) &&
	    e & (SAME_ADDR | SAME_SEQ | SAME_TS_RANGE))
		return true;
	return e & SAME_ADDR && (e & (SAME_SEQ | SAME_TS_RANGE) ||
				 (e & SAME_TIME && (c->ts_near || !c->ts_known)));
}

/* Whether marks would have told by now how numbers are shifted. */
static bool seen_enough(const struct print *p)
{
	return !p->live || p->segments >= SEGMENTS_ENOUGH;
}

/* Handshakes say best how numbers are shifted; marks did; else they aren't if they overlap. */
static void find_shift(struct comparison *c, unsigned end)
{
	const struct print_end *a = c->a[end], *b = c->b[end];
	struct pair_end *s = &c->pair->end[end];
	uint32_t base = b->base - a->base;

	if (a->syn && b->syn) {
		s->rel_shift = 0;
		s->shifted = true;
	} else if (!s->shifted && c->pair->evidence & SAME_SEQ &&
		   seen_enough(c->pair->a) && seen_enough(c->pair->b)) {
		s->rel_shift = -(int64_t)(int32_t)base;
		s->shifted = true;
	}
	s->shifted = s->shifted && a->has_base && b->has_base;
	if (s->shifted)
		s->isn_shift = (int32_t)(base + (uint32_t)s->rel_shift);
}

static bool compare(struct print *a, struct print *b, bool cross, struct pair *pair)
{
	struct comparison c = { .pair = pair };
	bool one;

	*pair = (struct pair){ .a = a, .b = b, .cross = cross };
	for (unsigned i = 0; i < 2; i++) {
		c.a[i] = &a->end[i];
		c.b[i] = &b->end[pair_end_b(pair, i)];
	}
	if (!compare_hosts(&c))
		return false;
	one = compare_handshake(&c);
	if (!compare_dsn(&c))
		return false;
	pair->same_conn = pair->evidence;
	if (!one)
		return pair->same_conn;
	pair_compare_marks(pair);
	compare_isn(&c);
	compare_series(&c);
	compare_places(&c);
	pair->evidence |= pair->maps ? SAME_DATA : 0;
	if (pair->stamps)
		pair->evidence |= c.ts_known ? SAME_TSVAL : SAME_SEQ;
	pair->another = is_another(&c);
	pair->sufficient = !pair->another && is_sufficient(&c);
	for (unsigned i = 0; i < 2; i++)
		find_shift(&c, i);
	return pair->evidence & ~(uint32_t)(SAME_TIME | SAME_ENDPOINT);
}

bool pair_compare(struct print *a, struct print *b, struct pair *pair)
{
	struct pair crossed;
	bool cross = a->client != b->client, found = compare(a, b, cross, pair);

	if (a->client_sure && b->client_sure)
		return found;
	if (compare(a, b, !cross, &crossed) && (!found || pair_better(&crossed, pair))) {
		*pair = crossed;
		return true;
	}
	return found;
}

/* How far apart in time they began. */
static uint64_t distance(const struct pair *x)
{
	int64_t d = seq_minus(x->a->first_ns, x->b->first_ns);

	return d < 0 ? -(uint64_t)d : (uint64_t)d;
}

bool pair_better(const struct pair *x, const struct pair *y)
{
	if (x->evidence != y->evidence)
		return x->evidence > y->evidence;
	if (pair_marks(x) != pair_marks(y))
		return pair_marks(x) > pair_marks(y);
	if (distance(x) != distance(y))
		return distance(x) < distance(y);
	if (x->a->stream != y->a->stream)
		return x->a->stream < y->a->stream;
	return x->b->stream < y->b->stream;
}
