/* mptcp-conns: one row per MPTCP connection. See mptcp-conns(1). */
#include <stdlib.h>

#include "../common/cli.h"
#include "../common/mem.h"
#include "../common/ranges.h"
#include "../common/segment.h"
#include "../common/seq.h"
#include "../common/track.h"

enum {
	CONN, CONN_ID, START_NS, DURATION_S, CLIENT_ADDR, CLIENT_PORT,
	SERVER_ADDR, SERVER_PORT, VERSION, CHECKSUM, CLIENT_TOKEN, SERVER_TOKEN,
	CLIENT_KEY, SERVER_KEY, ATTEMPTS, SUBFLOWS, C2S_BYTES, S2C_BYTES,
	FALLBACK, CLOSE, CONN_COLUMNS
};

static const char *column_name(size_t i)
{
	static const char *const name[CONN_COLUMNS] = {
		"conn", "conn_id", "start_ns", "duration_s", "client",
		"client_port", "server", "server_port", "version", "checksum",
		"client_token", "server_token", "client_key", "server_key",
		"attempts", "subflows", "c2s_bytes", "s2c_bytes", "fallback",
		"close",
	};

	return name[i];
}

/* Per direction, the data that is known to have been sent, in relative DSNs. */
struct data {
	struct ranges sent[2];
	int64_t floor[2];	/* 0, or the lowest data ACK where it is below */
};

static struct data *data_of(struct conn *c)
{
	if (!c->data)
		c->data = mem_zero(sizeof(struct data));
	return c->data;
}

static void sent(void *arg, struct conn *c, unsigned role, int64_t from, int64_t to)
{
	(void)arg;
	ranges_add(&data_of(c)->sent[role], from, to);
}

/* Acknowledged data was sent, though the capture may have missed it. */
static void acked(void *arg, struct conn *c, unsigned role, int64_t dack)
{
	struct data *d = data_of(c);
	struct ranges *r = &d->sent[role];

	(void)arg;
	/* below 0 there is data only where the capture began in its midst */
	if (dack < d->floor[role] && !c->side[role].has_key)
		d->floor[role] = dack;
	if (r->n == 0 || r->range[0].from > d->floor[role] || r->range[0].to < dack)
		ranges_add(r, d->floor[role], dack);
}

static void renumbered(void *arg, struct conn *c, unsigned role, int64_t by)
{
	struct data *d = data_of(c);

	(void)arg;
	d->floor[role] = 0;
	ranges_shift(&d->sent[role], by);
}

static void free_data(struct conn *c)
{
	struct data *d = c->data;

	if (d) {
		ranges_free(&d->sent[0]);
		ranges_free(&d->sent[1]);
	}
	free(d);
	c->data = NULL;
}

static void absorbed(void *arg, struct conn *into, struct conn *from, bool flip)
{
	(void)arg;
	for (unsigned role = 0; role < 2; role++) {
		const struct ranges *r = &data_of(from)->sent[role];

		for (size_t i = 0; i < r->n; i++)
			ranges_add(&data_of(into)->sent[role ^ flip],
				   r->range[i].from, r->range[i].to);
	}
	free_data(from);
}

/* Distinct bytes; the DATA_FIN takes a number but is no byte. */
static uint64_t bytes(struct conn *c, unsigned role)
{
	const struct conn_side *side = &c->side[role];
	struct ranges *r = &data_of(c)->sent[role];

	if (side->fin)
		ranges_remove(r, side->fin_dsn, side->fin_dsn + 1);
	return ranges_count(r, INT64_MIN, INT64_MAX);
}

static void print_side(struct rows *r, const struct conn_side *s,
		       size_t address, size_t token, size_t key)
{
	rows_addr(r, address, &s->addr);
	rows_u64(r, address + 1, s->port);
	if (s->has_token)
		rows_hex(r, token, s->token, 8);
	if (s->has_key)
		rows_hex(r, key, s->key, 16);
}

static void gone(void *arg, struct conn *c)
{
	struct rows *r = arg;

	rows_u64(r, CONN, c->index);
	rows_digits(r, CONN_ID, conn_id(c));
	rows_i64(r, START_NS, c->first_ns);
	rows_seconds(r, DURATION_S, seq_minus(c->last_ns, c->first_ns));
	print_side(r, &c->side[CLIENT], CLIENT_ADDR, CLIENT_TOKEN, CLIENT_KEY);
	print_side(r, &c->side[SERVER], SERVER_ADDR, SERVER_TOKEN, SERVER_KEY);
	if (c->has_version)
		rows_u64(r, VERSION, c->version);
	if (c->checksum >= 0 && !c->plain)
		rows_u64(r, CHECKSUM, (uint64_t)c->checksum);
	rows_u64(r, ATTEMPTS, c->attempts);
	rows_u64(r, SUBFLOWS, c->established);
	rows_u64(r, C2S_BYTES, bytes(c, CLIENT));
	rows_u64(r, S2C_BYTES, bytes(c, SERVER));
	rows_text(r, FALLBACK, conn_fallback(c));
	rows_text(r, CLOSE, conn_close(c));
	rows_end(r);
	free_data(c);
}

int main(int argc, char **argv)
{
	static struct segment seg;
	struct cli c = {
		.name = "mptcp-conns",
		.summary = "Prints a row for each MPTCP connection.",
		.column = column_name, .columns = CONN_COLUMNS,
		.wanted = track_columns(), .later = track_columns_later(),
		.needed = track_columns(),
	};
	struct conn_hooks hooks = {
		.arg = &c.rows, .sent = sent, .acked = acked,
		.renumbered = renumbered, .absorbed = absorbed, .gone = gone,
	};
	struct track track;

	cli_start(&c, argc, argv);
	track_init(&track, &hooks);
	while (!c.out.failed && source_next(c.source, &seg))
		track_segment(&track, &seg);
	track_end(&track);
	return cli_end(&c);
}
