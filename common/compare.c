#include "compare.h"

#include <stdlib.h>

#include "conn.h"
#include "mem.h"
#include "pairing.h"
#include "passage.h"
#include "plan.h"
#include "print.h"
#include "segment.h"
#include "source.h"
#include "stream.h"
#include "track.h"
#include "wire.h"

struct side {
	struct pairing *pairing;
	unsigned which;
};

static void stream_gone(void *arg, struct stream *s)
{
	const struct side *side = arg;

	pairing_forget(side->pairing, side->which, s);
}

static void read_side(struct side *side, struct source *source)
{
	struct conn_hooks hooks = { .arg = side, .stream_gone = stream_gone };
	struct segment seg = { 0 };
	struct track track;

	track_init(&track, &hooks);
	while (source_next(source, &seg)) {
		struct stream *s = track_segment(&track, &seg);
		struct print *print = pairing_observe(side->pairing, side->which, s, &seg);
		struct passage p = passage_of(&seg);

		if (!print->data)
			print->data = mem_zero(2 * sizeof(struct wire_answer));
		wire_answer(print->data, &p, stream_sender(s, &seg));
	}
	pairing_end(side->pairing, side->which);
	track_end(&track);
}

void compare(struct plan *plan, struct source *a, struct source *b, bool plain)
{
	struct pairing pairing;
	struct side side[2] = { { &pairing, PAIR_A }, { &pairing, PAIR_B } };

	pairing_init(&pairing, false);
	read_side(&side[0], a);
	read_side(&side[1], b);
	pairing_finish(&pairing);
	plan_from_pairing(plan, &pairing, plain);
	for (unsigned i = 0; i < 2; i++)
		for (struct print *p = pairing.prints[i].first; p; p = p->next)
			free(p->data);
	pairing_free(&pairing);
}
