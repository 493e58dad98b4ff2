/* From a frame to the TCP segment in it: link layer, IPv4 or IPv6, TCP header. */
#ifndef PACKET_H
#define PACKET_H

#include <stdint.h>

#include "addr.h"

struct frame;

struct packet {
	struct addr src, dst;
	const uint8_t *tcp;	/* the TCP header, at least 20 bytes of it */
	uint32_t tcp_caplen;	/* captured bytes from there on, padding left out */
	uint32_t tcp_len;	/* TCP header and payload, by the IP header */
	int32_t ip_id;		/* IPv4; else -1 */
	int64_t ifindex;	/* LINUX_SLL2; else -1 */
};

enum packet_kind { PACKET_TCP, PACKET_CUT, PACKET_OTHER, PACKET_UNKNOWN_LINK };

/*
 * Find the TCP segment in a frame. PACKET_OTHER: there is none, or the frame
 * holds a later fragment of one. PACKET_CUT: less than the 20 bytes of its
 * header were captured. Understands Ethernet and Linux cooked headers with VLAN
 * tags, MPLS and PPPoE, PPP, BSD loopback, and bare IP.
 */
enum packet_kind packet_decode(const struct frame *f, struct packet *p);

#endif
