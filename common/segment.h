/*
 * The record that everything above works on: one TCP segment with its MPTCP
 * fields and where it belongs. Below, bytes become segments; above, nothing
 * knows a capture from TSV.
 *
 * One table of columns (column.c) says how each member is named, written,
 * read and documented. A member is set only if its column's bit is in `has`.
 */
#ifndef SEGMENT_H
#define SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "tcp_option.h"

struct column_reader;
struct frame;
struct packet;

/* The columns, in the order in which mptcp-extract prints them. */
enum column {
	COL_PKT, COL_TIME_NS, COL_REL_S, COL_IFACE, COL_STREAM, COL_CONN,
	COL_DIR, COL_SRC, COL_SPORT, COL_DST, COL_DPORT, COL_FLAGS, COL_SEQ,
	COL_ACK, COL_WIN, COL_LEN, COL_REL_SEQ, COL_REL_ACK, COL_WIN_BYTES,
	COL_MSS, COL_WSCALE, COL_TSVAL, COL_TSECR, COL_SACK, COL_IP_ID,
	COL_MPTCP, COL_VERSION, COL_MP_FLAGS, COL_SEND_KEY, COL_RECV_KEY,
	COL_TOKEN, COL_ADDR_ID, COL_BACKUP, COL_NONCE, COL_HMAC, COL_DATA_FIN,
	COL_DSS_DSN, COL_DSS_ACK, COL_DSS_SSN, COL_DSS_LEN, COL_DSS_CSUM,
	COL_DSN, COL_DACK, COL_ADD_ADDR, COL_ADD_PORT, COL_ADD_ECHO,
	COL_RM_ADDR_IDS, COL_FAIL_DSN, COL_RST_REASON, COL_RST_TRANSIENT,
	COL_OPTION_ERROR, COL_MAP_SEQ, COL_MAP_DSN, COL_OPTION_BYTES,
	COL_PAYLOAD_SUM, COL_COPY_OF,
	COLUMNS
};

#define COLUMN(name) (UINT64_C(1) << COL_##name)

enum { DIR_C2S = 0, DIR_S2C = 1 };

enum tcp_flag { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8,
		TCP_ACK = 16, TCP_URG = 32, TCP_ECE = 64, TCP_CWR = 128 };

struct segment {
	uint64_t has;		/* COLUMN() bits: which members are set */
	bool tracked;		/* from TSV: what tracking says is there already */
	const struct column_reader *reader;	/* of the row, see column_fetch(); or NULL */

	uint64_t pkt;		/* frame number in the capture, from 1; of rows without: which row */
	int64_t time_ns;	/* since the epoch */
	int64_t rel_ns;		/* since the first frame (column rel_s) */
	const char *iface;	/* not owned, no 0 at its end, TSV-escaped */
	uint32_t iface_len;
	uint32_t stream;	/* TCP stream index, from 0 */
	uint32_t conn;		/* MPTCP connection index, from 0 */
	uint64_t copy_of;	/* the frame with the same segment, see twins.h */
	uint8_t dir;		/* DIR_C2S or DIR_S2C */
	uint8_t flags;		/* enum tcp_flag */
	uint16_t sport, dport;
	struct addr src, dst;
	uint32_t seq, ack;	/* as on the wire */
	uint16_t win;		/* as on the wire */
	uint16_t ip_id;		/* IPv4 identification */
	uint32_t len;		/* payload bytes, by the IP header */
	uint32_t win_bytes;	/* window, scaled */
	int64_t rel_seq;	/* from the ISN, unwrapped; SYN is 0 */
	int64_t rel_ack;	/* the same of the other direction */
	int64_t dsn;		/* relative DSN of the first payload byte */
	int64_t dack;		/* relative data ACK, of the other direction's data */
	uint16_t payload_sum;	/* ones' complement sum of the payload, see sum.h */
	const uint8_t *payload;	/* `len` bytes, not owned; NULL: cut, or not from a capture */
	struct tcp_options opt;
};

/*
 * Fill in what the packet and its frame alone say: addresses, TCP header and
 * options. pkt, rel_ns, iface and all that tracking knows are left out.
 * Returns false if it is no TCP segment after all (header length damaged).
 */
bool segment_decode(struct segment *s, const struct frame *f,
		    const struct packet *p);

/* Bring `has` in line with the MPTCP options' own `has`. */
void segment_update_has(struct segment *s);

/* The segment takes part in the sequence space of its direction up to here. */
static inline int64_t segment_end(const struct segment *s)
{
	return s->rel_seq + s->len + ((s->flags & TCP_SYN) != 0) +
	       ((s->flags & TCP_FIN) != 0);
}

/* Where its payload begins, as rel_seq: a SYN takes a number before it. */
static inline int64_t segment_payload(const struct segment *s)
{
	return s->rel_seq + ((s->flags & TCP_SYN) != 0);
}

#endif
