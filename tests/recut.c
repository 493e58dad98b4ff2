/*
 * recut - a capture with the same bytes in other TCP segments
 *
 * recut [-c bytes] [-m bytes [-gF] [-w seconds]] [file]
 *
 * -c cuts each segment with more payload than this, as TSO does: the options
 * stand on each part, and so does its time.
 *
 * -m merges segments of one direction of a stream that follow each other
 * without a gap into one of so many bytes at most, if all come within -w
 * (0.001) seconds and have the same MPTCP options, or the later ones none: the
 * first one's header stays, the last one's time and ACK; -F keeps the first one's
 * time. -g merges as Linux's GRO does: only if all options and the ACK are
 * the same and no segment before the last has PSH or another size.
 *
 * -m comes before -c.  Frames go out in order of time.
 */
#include "edit.h"

#include <unistd.h>

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, URG = 32, CWR = 128, HELD_MAX = 256 };

static size_t cut, merge;
static bool gro, keep_first;
static int64_t window = NS_PER_S / 1000;

/* Merged segments that more may follow. */
static struct held {
	struct edit *e;
	int64_t since;
	size_t part;		/* payload of its first segment */
	uint32_t end;		/* sequence number behind it */
	bool closed;
} held[HELD_MAX];
static size_t n_held;

/* All that goes out. */
static struct {
	struct out {
		int64_t time;
		size_t order;
		struct edit *e;	/* only as long as the frame */
	} *at;
	size_t n, cap;
} done;

static int64_t time_of(const struct edit *e)
{
	return (int64_t)e->h.ts.tv_sec * NS_PER_S + e->h.ts.tv_usec;
}

static void put(const struct edit *e)
{
	size_t size = offsetof(struct edit, bytes) + FRAME_MAX;
	struct out *o;

	if (done.n == done.cap) {
		done.cap = done.cap ? 2 * done.cap : 1024;
		done.at = realloc(done.at, done.cap * sizeof(*done.at));
		if (!done.at)
			die("recut: out of memory");
	}
	o = &done.at[done.n];
	size = offsetof(struct edit, bytes) + e->h.caplen;
	*o = (struct out){ time_of(e), done.n++, malloc(size) };
	if (!o->e)
		die("recut: out of memory");
	memcpy(o->e, e, size);
}

/* Bytes [at, at + n) of the segment's payload as one of their own. */
static void put_part(const struct edit *e, size_t at, size_t n, unsigned number)
{
	static struct edit part;
	uint8_t *tcp, *ip;
	bool last = at + n == e->len;

	memcpy(&part, e, offsetof(struct edit, bytes) + e->data_at);
	tcp = part.bytes + part.tcp_at;
	ip = part.bytes + part.ip_at;
	memcpy(part.bytes + part.data_at, e->bytes + e->data_at + at, n);
	part.len = n;
	set32(tcp + 4, get32(tcp + 4) + (uint32_t)at);
	if (!last)
		tcp[13] &= (uint8_t)~(FIN | PSH);
	if (number)
		tcp[13] &= (uint8_t)~CWR;
	if (!part.v6)
		set16(ip + 4, get16(ip + 4) + number);
	edit_fix(&part);
	put(&part);
}

static void put_cut(const struct edit *e)
{
	unsigned number = 0;

	if (!cut || !e->tcp || !e->whole || e->len <= cut) {
		put(e);
		return;
	}
	for (size_t at = 0; at < e->len; at += cut)
		put_part(e, at, e->len - at < cut ? e->len - at : cut, number++);
}

/* The MPTCP options of a segment, one behind the other. */
static size_t mptcp_options(const struct edit *e, uint8_t to[40])
{
	const uint8_t *p = e->bytes + e->tcp_at + 20, *end = e->bytes + e->data_at;
	size_t n = 0;

	while (p < end && *p) {
		if (*p == 1) {
			p++;
			continue;
		}
		if (p + 1 >= end || p[1] < 2 || p + p[1] > end)
			break;
		if (*p == 30) {
			memcpy(to + n, p, p[1]);
			n += p[1];
		}
		p += p[1];
	}
	return n;
}

static bool same_options(const struct edit *a, const struct edit *b)
{
	uint8_t x[40], y[40];
	size_t n = mptcp_options(a, x), m = mptcp_options(b, y);

	if (gro)
		return a->data_at == b->data_at &&
		       memcmp(a->bytes + a->tcp_at + 20, b->bytes + b->tcp_at + 20,
			      a->data_at - a->tcp_at - 20) == 0;
	return m == 0 || (n == m && memcmp(x, y, n) == 0);
}

static bool same_flow(const struct edit *a, const struct edit *b)
{
	size_t from = a->v6 ? 8 : 12, n = a->v6 ? 32 : 8;

	return a->v6 == b->v6 &&
	       memcmp(a->bytes + a->ip_at + from, b->bytes + b->ip_at + from, n) == 0 &&
	       memcmp(a->bytes + a->tcp_at, b->bytes + b->tcp_at, 4) == 0;
}

static bool follows(const struct held *h, const struct edit *e)
{
	const uint8_t *a = h->e->bytes + h->e->tcp_at, *b = e->bytes + e->tcp_at;

	return !h->closed && h->end == get32(b + 4) && h->e->len + e->len <= merge &&
	       time_of(e) - h->since <= window && !(b[13] & ~(16u | PSH)) &&
	       same_options(h->e, e) &&
	       (!gro || (get32(a + 8) == get32(b + 8) && !(a[13] & PSH) &&
			 e->len <= h->part));
}

static void release(size_t i)
{
	edit_fix(held[i].e);
	put_cut(held[i].e);
	free(held[i].e);
	held[i] = held[--n_held];
}

static void append(struct held *h, const struct edit *e)
{
	uint8_t *a = h->e->bytes + h->e->tcp_at;
	const uint8_t *b = e->bytes + e->tcp_at;

	memcpy(h->e->bytes + h->e->data_at + h->e->len, e->bytes + e->data_at, e->len);
	h->e->len += e->len;
	h->end += (uint32_t)e->len;
	a[13] |= b[13] & PSH;
	memcpy(a + 8, b + 8, 4);
	memcpy(a + 14, b + 14, 2);
	if (!keep_first)
		h->e->h.ts = e->h.ts;
	h->closed = gro && e->len < h->part;
}

static void hold(const struct edit *e)
{
	const uint8_t *tcp = e->bytes + e->tcp_at;

	if (n_held == HELD_MAX)
		release(0);
	held[n_held] = (struct held){ malloc(sizeof(*e)), time_of(e), e->len,
		get32(tcp + 4) + (uint32_t)e->len, false };
	if (!held[n_held].e)
		die("recut: out of memory");
	memcpy(held[n_held++].e, e, offsetof(struct edit, bytes) + e->h.caplen);
}

static void take(const struct edit *e)
{
	size_t i = 0;

	while (i < n_held) {
		if (time_of(e) - held[i].since > window)
			release(i);
		else
			i++;
	}
	if (!merge || !e->tcp || !e->whole) {
		put_cut(e);
		return;
	}
	for (i = 0; i < n_held && !same_flow(held[i].e, e); i++)
		;
	if (i < n_held && e->len && follows(&held[i], e)) {
		append(&held[i], e);
		return;
	}
	if (i < n_held)
		release(i);
	if (e->len && !(e->bytes[e->tcp_at + 13] & (FIN | SYN | RST | URG)))
		hold(e);
	else
		put_cut(e);
}

static int by_time(const void *x, const void *y)
{
	const struct out *a = x, *b = y;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

int main(int argc, char **argv)
{
	static struct edit e;
	int c;

	while ((c = getopt(argc, argv, "c:m:w:gF")) != -1) {
		switch (c) {
		case 'c': cut = strtoul(optarg, NULL, 10); break;
		case 'm': merge = strtoul(optarg, NULL, 10); break;
		case 'w': window = (int64_t)(strtod(optarg, NULL) * NS_PER_S); break;
		case 'g': gro = true; break;
		case 'F': keep_first = true; break;
		default: die("recut: bad option");
		}
	}
	if (merge > 65000)
		die("recut: no packet is so large");
	edit_open(argv[optind], false);
	while (edit_read(&e))
		take(&e);
	while (n_held)
		release(0);
	if (done.n)
		qsort(done.at, done.n, sizeof(*done.at), by_time);
	for (size_t i = 0; i < done.n; i++) {
		edit_write(done.at[i].e);
		free(done.at[i].e);
	}
	free(done.at);
	edit_close();
	return 0;
}
