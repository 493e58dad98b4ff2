/* flow: what is kept of a stream that is forgotten. */
#include "test.h"

#include "flow.h"
#include "pool.h"
#include "segment.h"
#include "stream.h"

/* Of what was in flight, only the figures. */
static void settled(void **state)
{
	struct pool pool = { 0 };
	struct stream *stream = pool_zero(&pool, sizeof(*stream));
	struct flow *f = flow_new(stream, true, false);
	struct segment seg = {
		.has = COLUMN(REL_SEQ), .flags = TCP_ACK, .len = 10,
	};

	(void)state;
	stream->index = 7;
	for (int i = 0; i < 1000; i++) {
		seg.time_ns = i;
		seg.rel_seq = 1 + 20 * i;	/* with gaps */
		flow_observe_path(f, &seg, 0);
		assert_int_equal(flow_observe(f, &seg, 0), 0);
	}
	assert_non_null(f->side[0].data->path->waiting.runs.room);
	assert_non_null(f->side[0].data->seen.rest);
	flow_settle(f);
	assert_null(f->side[0].data->path->waiting.runs.room);
	assert_null(f->side[0].data->seen.rest);
	assert_int_equal(flow_path(f, 0)->pkts, 1000);
	assert_int_equal(flow_data(f, 0)->sent_bytes, 10000);
	assert_int_equal(flow_data(f, 0)->last_ns, 999);
	assert_int_equal(flow_identify(f).stream, 7);
	flow_reset(f);
	assert_int_equal(flow_data(f, 0)->sent_bytes, 0);
	flow_free(f);
	pool_free(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settled),
	};

	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
