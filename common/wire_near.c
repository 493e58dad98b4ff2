/* Which host a capture was taken at. */
#include "seq.h"
#include "wire.h"

/* ANSWERS_MIN: without a handshake. TELLING_NS: what stamps may be late by. */
enum { ANSWERS_MIN = 16, TELLING_NS = 20000 };

static int64_t end_of(const struct passage *p)
{
	return p->end + (p->flags & PASSAGE_FIN ? 1 : 0);
}

void wire_answer(struct wire_answer a[2], const struct passage *p, unsigned from)
{
	struct wire_answer *own = &a[from], *other = &a[!from];
	int64_t took = seq_minus(p->time_ns, other->since_ns);

	if (p->has_ack && other->waits && p->ack >= other->seq) {
		other->waits = false;
		if (other->awaits_syn && p->flags & PASSAGE_SYN && p->ack == other->seq &&
		    took > 0)
			other->shook_ns = took;
		other->syn |= other->awaits_syn;
		other->n++;
		if (took >= 0 && (!other->known || other->best_ns > took)) {
			other->best_ns = took;
			other->known = true;
		}
	}
	if (!own->waits && (p->end > p->seq || p->flags & (PASSAGE_SYN | PASSAGE_FIN)) &&
	    (!own->known || end_of(p) > own->seq)) {
		own->waits = true;
		own->awaits_syn = p->flags & PASSAGE_SYN;
		own->seq = end_of(p);
		own->since_ns = p->time_ns;
	}
}

/*
 * How much longer x took than y, if that is more than stamps may be late by and,
 * unless both are of the same two segments, than the answering may differ by.
 */
static int64_t longer(const struct wire_answer *x, const struct wire_answer *y)
{
	bool same = x->shook_ns && y->shook_ns;
	int64_t x_ns = same ? x->shook_ns : x->best_ns;
	int64_t y_ns = same ? y->shook_ns : y->best_ns;
	int64_t more = seq_minus(x_ns, y_ns), size = more > 0 ? more : -more;
	int64_t least = more > 0 ? y_ns : x_ns;

	if (!x->known || !y->known || size < TELLING_NS || (!same && size < least / 2))
		return 0;
	return more;
}

/*
 * What end 0 sends is answered by end 1: the longer that takes, the farther is
 * end 1, and the nearer end 0.
 */
int wire_nearness(const struct wire_answer a[2], const struct wire_answer b[2],
		  bool cross)
{
	int64_t nearer = seq_minus(longer(&a[0], &b[cross]), longer(&a[1], &b[!cross]));

	return (nearer > 0) - (nearer < 0);
}

bool wire_answered(const struct wire_answer a[2], const struct wire_answer b[2],
		   bool cross)
{
	for (unsigned end = 0; end < 2; end++) {
		const struct wire_answer *x = &a[end], *y = &b[end ^ cross];

		if ((x->syn && y->syn) || (x->n >= ANSWERS_MIN && y->n >= ANSWERS_MIN))
			return true;
	}
	return false;
}
