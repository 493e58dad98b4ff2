#include "resent.h"

#include <stdlib.h>

#include "flow.h"

struct resent resent_of(const struct books_copy *c)
{
	const struct ledger_copy *copy = c->copy;
	struct resent r = {
		.data = copy->data, .conn = books_index(c->books),
		.role = (uint8_t)c->role, .way = (uint8_t)c->way,
		.acked = copy->acked,
		.has_acked = books_data(c->books, c->role)->ledger.has_ack,
		.has_first = copy->first, .copy = copy->count, .sent = *c->sent,
	};

	if (copy->first)
		r.first = *copy->first;
	return r;
}

struct matrix_cell *resent_count(struct books *b, const struct resent *r)
{
	uint64_t size = (uint64_t)(r->data.to - r->data.from);
	struct matrix_cell *cell;

	if (!b->user)
		b->user = matrix_new();
	cell = matrix_cell(b->user, r->role, r->has_first ? &r->first.stream : NULL,
			   r->sent.stream);
	cell->bytes += size;
	cell->after_ack_bytes += r->acked ? size : 0;
	cell->count += !cell->count || cell->pkt != r->sent.pkt;
	cell->pkt = r->sent.pkt;
	return cell;
}

uint64_t resent_weigh(void *arg, const void *matrix)
{
	(void)arg;
	return matrix_weight(matrix);
}

void resent_absorb(void *arg, struct books *into, struct books *from, bool flip)
{
	(void)arg;
	if (!from->user)
		return;
	if (!into->user)
		into->user = matrix_new();
	matrix_merge(into->user, from->user, flip);
	from->user = NULL;
}

static int by_stream(const void *a, const void *b)
{
	uint32_t m = flow_identify(*(struct flow *const *)a).stream;
	uint32_t n = flow_identify(*(struct flow *const *)b).stream;

	return (m > n) - (m < n);
}

/* The number of a stream among the subflows, n of them; false if it is none any more. */
static bool number(struct flow *const *flows, size_t n, uint32_t stream, uint32_t *sf)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (flow_identify(flows[mid]).stream < stream)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == n || flow_identify(flows[low]).stream != stream)
		return false;
	*sf = flow_number(flows[low]);
	return true;
}

static void number_cells(const struct books *b, struct matrix *m)
{
	struct flow **flows = NULL;
	size_t cap = 0, n = books_flows(b, &flows, &cap);

	if (n)
		qsort(flows, n, sizeof(struct flow *), by_stream);
	for (size_t i = 0; i < m->n; i++) {
		struct matrix_cell *c = m->cell[i];

		c->has_sf = number(flows, n, c->stream, &c->sf);
		c->has_orig_sf = c->has_orig && number(flows, n, c->orig, &c->orig_sf);
	}
	free(flows);
}

static struct resent_side close_side(const struct books *b, unsigned role)
{
	struct flow_load s = books_load(b, role);

	return (struct resent_side){
		.has_acked = books_data(b, role)->ledger.has_ack,
		.unseen = books_unseen(b, role),
		.unmapped = flow_unmapped(&s), .has_new = s.new_bytes,
		.bytes = books_bytes(b, role), .acked = books_acked(b, role),
		.reinject = s.reinject_bytes, .dup_sf = s.dup_sf_bytes,
		.retrans = s.retrans_bytes, .after_ack = s.after_ack_bytes,
	};
}

struct resent_conn resent_close(struct books *b)
{
	struct resent_conn c = {
		.index = books_index(b), .id = books_id(b), .matrix = b->user,
		.side = { close_side(b, 0), close_side(b, 1) },
	};

	b->user = NULL;
	if (c.matrix) {
		number_cells(b, c.matrix);
		matrix_sort(c.matrix);
	}
	return c;
}

void resent_sum(const struct resent_conn *c, unsigned role, uint64_t sum[VERDICTS])
{
	const struct matrix *m = c->matrix;

	for (unsigned k = 0; k < VERDICTS; k++) {
		sum[k] = 0;
		for (size_t i = 0; m && i < m->n; i++)
			sum[k] += m->cell[i]->role == role ? m->cell[i]->verdict[k] : 0;
	}
}
