/*
 * firewall - a capture as it would have been taken behind a NAT, and behind a
 * firewall that rewrites sequence numbers
 *
 * firewall [-n addr=addr]... [-p addr=shift]... [-s addr]... [-t addr]...
 *          [-k] [-b seconds] [-e seconds] [file]
 *
 * -n  an address is another one of the same family
 * -p  all ports of the host at this address are higher by shift, modulo 2^16
 * -s  the sequence numbers of what the host at this address sends are shifted, by
 *     another number for each stream (from 1 to 2^31 either way); ACKs and
 *     SACKs for it too
 * -t  so are its TSvals, and their echoes
 * -k  SYNs are left out
 * -b, -e  only frames from this second, since the first one, and up to this one
 *
 * Addresses are those of the capture read. What has no TCP header stays as it is.
 */
#include "edit.h"

#include <arpa/inet.h>
#include <unistd.h>

enum { HOSTS_MAX = 1024, SYN = 2, ACK = 16 };

/* What is done to what has this address. */
static struct host {
	bool v6, nat, shift_seq, shift_ts;
	uint8_t addr[16], to[16];
	unsigned port_shift;
} hosts[HOSTS_MAX];
static size_t n_hosts;

static struct host *host_of(const char *text, size_t n)
{
	struct host h = { .v6 = memchr(text, ':', n) };
	char addr[64] = "";

	if (n >= sizeof(addr))
		die("firewall: no address");
	memcpy(addr, text, n);
	if (inet_pton(h.v6 ? AF_INET6 : AF_INET, addr, h.addr) != 1)
		die("firewall: no address");
	for (size_t i = 0; i < n_hosts; i++)
		if (hosts[i].v6 == h.v6 && memcmp(hosts[i].addr, h.addr, 16) == 0)
			return &hosts[i];
	if (n_hosts == HOSTS_MAX)
		die("firewall: too many addresses");
	hosts[n_hosts] = h;
	return &hosts[n_hosts++];
}

static const struct host *find(const struct edit *e, size_t at)
{
	for (size_t i = 0; i < n_hosts; i++)
		if (hosts[i].v6 == e->v6 && memcmp(hosts[i].addr, e->bytes + at,
						   e->v6 ? 16 : 4) == 0)
			return &hosts[i];
	return NULL;
}

/* The same for all segments of a stream in this direction: not 0. */
static uint32_t shift_of(const struct edit *e, bool back, uint32_t seed)
{
	size_t n = e->v6 ? 16 : 4, src = e->ip_at + (e->v6 ? 8 : 12), dst = src + n;
	uint32_t x = seed;

	for (unsigned i = 0; i < 2; i++) {
		size_t addr = (i == 0) == !back ? src : dst;
		const uint8_t *port = e->bytes + e->tcp_at + ((i == 0) == !back ? 0 : 2);

		for (size_t j = 0; j < n; j++)
			x = (x ^ e->bytes[addr + j]) * 0x01000193;
		x = (x ^ get16(port)) * 0x85ebca6b;
		x ^= x >> 15;
	}
	return x ? x : 1;
}

/* Add to the 32 bits at p. */
static void add(uint8_t *p, uint32_t v)
{
	set32(p, get32(p) + v);
}

/* Options: what is seq to the sender is echoed by the other end. */
static void change_options(struct edit *e, uint32_t acked, uint32_t val, uint32_t echo)
{
	uint8_t *p = e->bytes + e->tcp_at + 20, *end = e->bytes + e->data_at;

	while (p < end && *p) {
		if (*p == 1) {
			p++;
			continue;
		}
		if (p + 1 >= end || p[1] < 2 || p + p[1] > end)
			return;
		for (unsigned i = 2; *p == 5 && i + 4 <= p[1]; i += 4)
			add(p + i, acked);
		if (*p == 8 && p[1] == 10) {
			add(p + 2, val);
			if (get32(p + 6))
				add(p + 6, echo);
		}
		p += p[1];
	}
}

static void change(struct edit *e)
{
	size_t n = e->v6 ? 16 : 4, src = e->ip_at + (e->v6 ? 8 : 12);
	const struct host *h[2] = { find(e, src), find(e, src + n) };
	uint8_t *tcp = e->bytes + e->tcp_at;
	uint32_t seq[2] = { 0, 0 }, ts[2] = { 0, 0 };

	for (unsigned i = 0; i < 2; i++) {
		if (h[i] && h[i]->shift_seq)
			seq[i] = shift_of(e, i, 1);
		if (h[i] && h[i]->shift_ts)
			ts[i] = shift_of(e, i, 2);
	}
	add(tcp + 4, seq[0]);
	if (tcp[13] & ACK)
		add(tcp + 8, seq[1]);
	change_options(e, seq[1], ts[0], ts[1]);
	for (unsigned i = 0; i < 2; i++) {
		if (!h[i])
			continue;
		set16(tcp + 2 * i, get16(tcp + 2 * i) + h[i]->port_shift);
		if (h[i]->nat)
			memcpy(e->bytes + src + i * n, h[i]->to, n);
	}
	edit_fix(e);
}

static void set_host(int option, const char *text)
{
	const char *to = strchr(text, '=');
	struct host *h = host_of(text, to ? (size_t)(to - text) : strlen(text));

	if ((option == 'n' || option == 'p') != (to != NULL))
		die("firewall: -n addr=addr, -p addr=shift, -s addr, -t addr");
	if (option == 'n') {
		h->nat = true;
		if (inet_pton(h->v6 ? AF_INET6 : AF_INET, to + 1, h->to) != 1)
			die("firewall: no address");
	} else if (option == 'p') {
		h->port_shift = (unsigned)strtoul(to + 1, NULL, 10);
	} else if (option == 's') {
		h->shift_seq = true;
	} else {
		h->shift_ts = true;
	}
}

int main(int argc, char **argv)
{
	static struct edit e;
	double begin = 0, end = 1e18, t, first = -1;
	bool no_syn = false;
	int c;

	while ((c = getopt(argc, argv, "n:p:s:t:kb:e:")) != -1) {
		switch (c) {
		case 'k': no_syn = true; break;
		case 'b': begin = strtod(optarg, NULL); break;
		case 'e': end = strtod(optarg, NULL); break;
		case '?': die("firewall: bad option");
		default: set_host(c, optarg);
		}
	}
	edit_open(argv[optind], false);
	while (edit_read(&e)) {
		t = (double)e.h.ts.tv_sec + (double)e.h.ts.tv_usec / NS_PER_S;
		first = first < 0 ? t : first;
		if (t - first < begin || t - first >= end ||
		    (e.tcp && no_syn && e.bytes[e.tcp_at + 13] & SYN))
			continue;
		if (e.tcp)
			change(&e);
		edit_write(&e);
	}
	edit_close();
	return 0;
}
