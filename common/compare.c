#include "compare.h"


#include "conn.h"
#include "budget.h"
#include "mem.h"
#include "pairing.h"
#include "passage.h"
#include "plan.h"
#include "print.h"
#include "segment.h"
#include "seq.h"
#include "source.h"
#include "stream.h"
#include "track.h"
#include "wire.h"

enum { HEAD = 4096 };	/* segments */

struct side {
	struct pairing *pairing;
	unsigned which;
};

static void stream_gone(void *arg, struct stream *s)
{
	const struct side *side = arg;

	pairing_forget(side->pairing, side->which, s);
}

/* At most `limit` segments. */
static void read_side(struct side *side, struct source *source, uint64_t limit,
		      struct budget *budget)
{
	struct conn_hooks hooks = { .arg = side, .stream_gone = stream_gone };
	struct segment seg = { 0 };
	struct budget part = budget_of_capture(budget);
	struct track track;

	track_init(&track, &hooks, &part);
	while (limit-- && source_next(source, &seg)) {
		struct stream *s = track_segment(&track, &seg);
		struct print *print = pairing_observe(side->pairing, side->which, s, &seg);
		struct passage p;

		if (!print->data)
			print->data = mem_zero(2 * sizeof(struct wire_answer));
		if (!(seg.has & COLUMN(REL_SEQ)))
			continue;
		p = passage_of(&seg);
		wire_answer(print->data, &p, stream_sender(s, &seg));
	}
	pairing_end(side->pairing, side->which);
	track_end(&track);
}

static void compare_all(struct pairing *p, struct source *a, struct source *b,
			uint64_t limit, struct budget *budget)
{
	struct side side[2] = { { p, PAIR_A }, { p, PAIR_B } };

	pairing_init(p, false);
	if (budget)
		pairing_limit(p, budget);
	read_side(&side[0], a, limit, budget);
	read_side(&side[1], b, limit, budget);
	pairing_finish(p);
	pairing_tell(p, budget);
}

void compare(struct plan *plan, struct source *a, struct source *b, bool plain,
	     struct budget *budget)
{
	struct pairing pairing;

	compare_all(&pairing, a, b, UINT64_MAX, budget);
	plan_from_pairing(plan, &pairing, plain);
	pairing_free(&pairing);
}

bool compare_heads(struct source *a, struct source *b, int64_t *ahead_ns,
		   struct budget *budget)
{
	struct pairing p;
	bool found = false;

	compare_all(&p, a, b, HEAD, budget);
	for (size_t i = 0; i < p.n && !found; i++) {
		found = p.pair[i].won && p.pair[i].evidence & SAME_ISN;
		if (found)
			*ahead_ns = seq_minus(p.pair[i].b->first_ns, p.pair[i].a->first_ns);
	}
	pairing_free(&p);
	return found;
}
