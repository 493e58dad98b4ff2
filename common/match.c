#include "match.h"

#include <stddef.h>

#include "seq.h"

/*
 * PIECE_MIN: bytes that a segment is cut to at least (RFC 9293, 3.7.1).
 * TSVAL_NEAR: mostly milliseconds.
 */
enum { PIECE_MIN = 536, TSVAL_NEAR = 4 };

const char *match_name(enum match_by by)
{
	static const char *const names[] = {
		"only", "tsval", "ip_id", "ack", "causality", "order"
	};

	return names[by];
}

bool match_same_tsval(const struct passage *a, const struct passage *b)
{
	return a->has_tsval && b->has_tsval && a->tsval == b->tsval;
}

/* As far apart as what is merged without regard to it can be. */
static bool near_tsval(const struct passage *a, const struct passage *b)
{
	int32_t apart = seq_ahead(a->tsval, b->tsval);

	return a->has_tsval && b->has_tsval && apart >= -TSVAL_NEAR && apart <= TSVAL_NEAR;
}

/* Both begin where they are compared: the same. */
static bool same_ip_id(const struct passage *tx, const struct passage *rx)
{
	return tx->has_ip_id && rx->has_ip_id && tx->ip_id == rx->ip_id &&
	       tx->seq == rx->seq;
}

/*
 * Whether rx can be a part of this sending, or the reverse, as the IP
 * identification of parts counts on from that of the whole.
 */
static bool near_ip_id(const struct passage *tx, const struct passage *rx)
{
	int64_t apart = seq_minus(rx->seq, tx->seq);
	uint16_t on = (uint16_t)(apart > 0 ? rx->ip_id - tx->ip_id : tx->ip_id - rx->ip_id);

	apart = apart > 0 ? apart : -apart;
	return tx->has_ip_id && rx->has_ip_id && on && on <= apart / PIECE_MIN + 1;
}

bool match_ip_id(const struct passage *tx, const struct passage *rx)
{
	return same_ip_id(tx, rx) || near_ip_id(tx, rx);
}

static bool same_ack(const struct passage *tx, const struct passage *rx)
{
	return tx->has_ack == rx->has_ack && tx->ack == rx->ack && tx->win == rx->win;
}

typedef bool criterion(const struct passage *tx, const struct passage *rx);

/* Bring those that meet it to the front. Returns how many; n if none does. */
static unsigned sift(struct candidate *c, unsigned n, criterion *meets,
		     const struct passage *rx)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < n; i++)
		if (meets(c[i].sent, rx))
			c[kept++] = c[i];
	return kept ? kept : n;
}

/* Those that have not arrived yet, if there are any. */
static unsigned sift_new(struct candidate *c, unsigned n)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < n; i++)
		if (!c[i].arrived)
			c[kept++] = c[i];
	return kept ? kept : n;
}

/* Those sent before rx arrived, if there are any. */
static unsigned sift_causes(const struct match_path *path, struct candidate *c,
			    unsigned n, const struct passage *rx)
{
	unsigned kept = 0;

	for (unsigned i = 0; path->timed && i < n; i++)
		if (seq_minus(c[i].sent->at_ns, rx->at_ns) <= path->slack_ns)
			c[kept++] = c[i];
	return kept ? kept : n;
}

/*
 * What can't be told apart otherwise: copies that bear the same time stamp were
 * sent in a row, and come in that order; so are RSTs and ACKs that are alike. If
 * there are no time stamps, bytes, SYN and FIN are sent again when the first copy
 * is late, which most often never comes.
 */
static struct candidate *by_order(struct candidate *c, unsigned n,
				  const struct passage *rx)
{
	bool again = rx->seq < rx->end || rx->flags & (PASSAGE_SYN | PASSAGE_FIN);

	return c[0].arrived || (again && !rx->has_tsval) ? &c[n - 1] : &c[0];
}

/* An ACK, which nothing cuts or merges: the sender's capture shows only others like it. */
static bool is_stranger(const struct candidate *c, unsigned n, const struct passage *rx)
{
	if (rx->seq < rx->end || !rx->has_ip_id || !rx->ip_id || n == MATCH_MAX)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (same_ip_id(c[i].sent, rx))
			return false;
	return true;
}

struct match match_choose(struct match_path *path, struct candidate *c, unsigned n,
			  const struct passage *rx, bool merged)
{
	static const struct { criterion *meets; enum match_by by; } criteria[] = {
		{ match_same_tsval, MATCH_TSVAL }, { same_ip_id, MATCH_IP_ID },
		{ near_ip_id, MATCH_IP_ID }, { same_ack, MATCH_ACK },
	};
	unsigned left = n;
	bool any = false, near = merged;

	for (unsigned i = 0; i < n; i++) {
		any |= match_same_tsval(c[i].sent, rx);
		near |= near_tsval(c[i].sent, rx);
		path->id_kept |= same_ip_id(c[i].sent, rx) && rx->ip_id;
	}
	path->ts_kept |= any;
	if (rx->has_tsval && path->ts_kept && !any && !near)
		return (struct match){ NULL, MATCH_ONLY };
	if (path->id_kept && is_stranger(c, n, rx))
		return (struct match){ NULL, MATCH_ONLY };
	if (n == 1)
		return (struct match){ &c[0], MATCH_ONLY };
	for (unsigned i = 0; i < sizeof(criteria) / sizeof(*criteria); i++) {
		left = sift(c, left, criteria[i].meets, rx);
		if (left == 1)
			return (struct match){ &c[0], criteria[i].by };
	}
	left = sift_new(c, left);
	if (left > 1)
		left = sift_causes(path, c, left, rx);
	else
		return (struct match){ &c[0], MATCH_ORDER };
	if (left == 1)
		return (struct match){ &c[0], MATCH_CAUSALITY };
	return (struct match){ by_order(c, left, rx), MATCH_ORDER };
}
