#include "packet.h"

#include <string.h>

#include "bytes.h"
#include "capture.h"

/* https://www.tcpdump.org/linktypes.html; 12 and 14 are what BSDs wrote for RAW. */
enum {
	LINK_NULL = 0, LINK_ETHERNET = 1, LINK_PPP = 9, LINK_RAW_12 = 12,
	LINK_RAW_14 = 14, LINK_PPP_HDLC = 50, LINK_PPP_ETHER = 51,
	LINK_RAW = 101, LINK_LOOP = 108, LINK_LINUX_SLL = 113,
	LINK_IPV4 = 228, LINK_IPV6 = 229, LINK_LINUX_SLL2 = 276
};

enum { ETHER_IPV4 = 0x0800, ETHER_IPV6 = 0x86dd };
enum { PROTO_HOP_BY_HOP = 0, PROTO_TCP = 6, PROTO_ROUTING = 43,
       PROTO_FRAGMENT = 44, PROTO_AUTH = 51, PROTO_DESTINATION = 60 };

/* What is left of a frame while its headers are taken off. */
struct rest {
	struct bytes b;
	uint32_t missing;	/* bytes on the link behind b that were not captured */
};

static inline const uint8_t *take(struct rest *r, size_t n)
{
	return bytes_take(&r->b, n);
}

/* PPP (RFC 1661), the protocol field maybe compressed to one byte. */
static unsigned ppp_type(struct rest *r)
{
	const uint8_t *p = take(r, 1);
	unsigned proto;

	if (!p)
		return 0;
	proto = *p;
	if (!(proto & 1)) {
		if (!(p = take(r, 1)))
			return 0;
		proto = proto << 8 | *p;
	}
	return proto == 0x21 ? ETHER_IPV4 : proto == 0x57 ? ETHER_IPV6 : 0;
}

static unsigned ppp_hdlc_type(struct rest *r)
{
	if (bytes_left(&r->b) >= 2 && be16(r->b.at) == 0xff03)
		take(r, 2);
	return ppp_type(r);
}

/* The first nibble of an IP header says its version. */
static unsigned raw_type(const struct rest *r)
{
	if (!bytes_left(&r->b))
		return 0;
	switch (*r->b.at >> 4) {
	case 4: return ETHER_IPV4;
	case 6: return ETHER_IPV6;
	default: return 0;
	}
}

/* MPLS (RFC 3032): labels up to the bottom of the stack, then IP. */
static unsigned mpls_type(struct rest *r)
{
	const uint8_t *label;

	do
		label = take(r, 4);
	while (label && !(label[2] & 1));
	return label ? raw_type(r) : 0;
}

/* Take off what may stand between an Ethernet type and IP. */
static inline unsigned inner_type(struct rest *r, unsigned type)
{
	const uint8_t *p;

	while (type != ETHER_IPV4 && type != ETHER_IPV6) {
		switch (type) {
		case 0x8100: case 0x88a8: case 0x9100: case 0x9200:
			if (!(p = take(r, 4)))
				return 0;
			type = be16(p + 2);
			break;
		case 0x8847: case 0x8848:
			return mpls_type(r);
		case 0x8864:		/* PPPoE session, RFC 2516 */
			return take(r, 6) ? ppp_type(r) : 0;
		default:
			return 0;
		}
	}
	return type;
}

static unsigned null_type(struct rest *r)
{
	const uint8_t *p = take(r, 4);
	uint32_t family;

	if (!p)
		return 0;
	/* NULL is in the byte order of its host, and small either way */
	family = be32(p);
	if (family > 0xffff)
		family = (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
			 (uint32_t)p[1] << 8 | p[0];
	switch (family) {
	case 2: return ETHER_IPV4;
	case 10: case 24: case 28: case 30: return ETHER_IPV6;
	default: return 0;
	}
}

static unsigned sll2_type(struct rest *r, struct packet *p)
{
	const uint8_t *h = take(r, 20);

	if (!h)
		return 0;
	p->ifindex = be32(h + 4);
	return inner_type(r, be16(h));
}

/* Take the link layer off: the Ethernet type of what follows, 0 for none. */
static unsigned link_type(int link, struct rest *r, struct packet *p, bool *known)
{
	const uint8_t *h;

	switch (link) {
	case LINK_ETHERNET:
		return (h = take(r, 14)) ? inner_type(r, be16(h + 12)) : 0;
	case LINK_LINUX_SLL:
		return (h = take(r, 16)) ? inner_type(r, be16(h + 14)) : 0;
	case LINK_LINUX_SLL2:
		return sll2_type(r, p);
	case LINK_RAW: case LINK_RAW_12: case LINK_RAW_14:
	case LINK_IPV4: case LINK_IPV6:
		return raw_type(r);
	case LINK_NULL: case LINK_LOOP:
		return null_type(r);
	case LINK_PPP: case LINK_PPP_HDLC:
		return ppp_hdlc_type(r);
	case LINK_PPP_ETHER:
		return take(r, 6) ? ppp_type(r) : 0;
	default:
		*known = false;
		return 0;
	}
}

/* Cut the padding off behind n bytes that an IP header counts. */
static void limit(struct rest *r, uint32_t n)
{
	size_t left = bytes_left(&r->b);

	r->missing = n > left ? n - (uint32_t)left : 0;
	if (n < left)
		r->b.end = r->b.at + n;
}

/* IPv4 (RFC 791): whether TCP follows. A total length of 0 comes with TSO. */
static bool ipv4_header(struct rest *r, struct packet *p)
{
	const uint8_t *h = bytes_left(&r->b) >= 20 ? r->b.at : NULL;
	uint32_t head, total;

	if (!h || h[0] >> 4 != 4)
		return false;
	head = (h[0] & 15u) * 4;
	total = be16(h + 2);
	if (total == 0)
		total = (uint32_t)bytes_left(&r->b) + r->missing;
	if (head < 20 || total < head)
		return false;
	limit(r, total);
	if (!take(r, head))
		return false;
	p->src = addr_v4(h + 12);
	p->dst = addr_v4(h + 16);
	p->ip_id = be16(h + 4);
	return h[9] == PROTO_TCP && (be16(h + 6) & 0x1fff) == 0;
}

/* One IPv6 extension header (RFC 8200, 4): the next protocol, -1 for none. */
static int ipv6_extension(struct rest *r, int proto)
{
	const uint8_t *h = bytes_left(&r->b) >= 8 ? r->b.at : NULL;
	uint32_t len;

	if (!h)
		return -1;
	len = proto == PROTO_FRAGMENT ? 8 :
	      proto == PROTO_AUTH ? (h[1] + 2u) * 4 : (h[1] + 1u) * 8;
	if (proto == PROTO_FRAGMENT && be16(h + 2) & 0xfff8)
		return -1;
	return take(r, len) ? h[0] : -1;
}

/* IPv6: whether TCP follows. A payload length of 0 is a jumbogram's (RFC 2675). */
static bool ipv6_header(struct rest *r, struct packet *p)
{
	const uint8_t *h = take(r, 40);
	int proto;

	if (!h || h[0] >> 4 != 6)
		return false;
	p->src = addr_v6(h + 8);
	p->dst = addr_v6(h + 24);
	if (be16(h + 4))
		limit(r, be16(h + 4));
	for (proto = h[6]; proto >= 0 && proto != PROTO_TCP; ) {
		if (proto != PROTO_HOP_BY_HOP && proto != PROTO_ROUTING &&
		    proto != PROTO_FRAGMENT && proto != PROTO_DESTINATION &&
		    proto != PROTO_AUTH)
			return false;
		proto = ipv6_extension(r, proto);
	}
	return proto == PROTO_TCP;
}

enum packet_kind packet_decode(const struct frame *f, struct packet *p)
{
	struct rest r = {
		{ f->data, f->data + f->caplen },
		f->len > f->caplen ? f->len - f->caplen : 0
	};
	bool known = true, tcp = false;
	unsigned type;

	p->ip_id = -1;
	p->ifindex = -1;
	type = link_type(f->link, &r, p, &known);
	if (!known)
		return PACKET_UNKNOWN_LINK;
	if (type == ETHER_IPV4)
		tcp = ipv4_header(&r, p);
	else if (type == ETHER_IPV6)
		tcp = ipv6_header(&r, p);
	p->tcp = r.b.at;
	p->tcp_caplen = (uint32_t)bytes_left(&r.b);
	p->tcp_len = p->tcp_caplen + r.missing;
	if (!tcp || p->tcp_len < 20)
		return PACKET_OTHER;
	return p->tcp_caplen < 20 ? PACKET_CUT : PACKET_TCP;
}
