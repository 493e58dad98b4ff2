#include "column.h"

#include <string.h>

#include "segment.h"

#define SEGMENT(member) offsetof(struct segment, member), 0, 0
#define TCP(member) offsetof(struct segment, opt.member), 0, 0
#define OPTION(member, field, carriers) \
	offsetof(struct mptcp_option, member), field, carriers
#define NOWHERE 0, 0, 0

enum {
	CAPABLE = 1 << MP_CAPABLE, JOIN = 1 << MP_JOIN, DSS = 1 << MP_DSS,
	ADD = 1 << MP_ADD_ADDR, REMOVE = 1 << MP_REMOVE_ADDR, PRIO = 1 << MP_PRIO,
	FAIL = 1 << MP_FAIL, FASTCLOSE = 1 << MP_FASTCLOSE, TCPRST = 1 << MP_TCPRST
};

const struct column_info column_info[COLUMNS] = {
[COL_PKT] = { "pkt", KIND_U64, SEGMENT(pkt), "integer",
	"Frame number in the capture, from 1, as Wireshark counts: frames that are not TCP count and have no row." },
[COL_TIME_NS] = { "time_ns", KIND_I64, SEGMENT(time_ns), "integer, ns",
	"Time of the frame since the epoch, as captured." },
[COL_REL_S] = { "rel_s", KIND_SECONDS, SEGMENT(rel_ns), "decimal, s",
	"time_ns less that of frame 1, with 9 decimals." },
[COL_IFACE] = { "iface", KIND_TEXT, SEGMENT(iface), "text",
	"Interface: its pcapng name; else, of LINUX_SLL2, its index; else the name of the file, without directory and .gz." },
[COL_STREAM] = { "stream", KIND_U32, SEGMENT(stream), "integer",
	"TCP stream, from 0 in order of appearance, as Wireshark's tcp.stream; a 4-tuple used again is a new one." },
[COL_CONN] = { "conn", KIND_U32, SEGMENT(conn), "integer",
	"MPTCP connection, from 0 in order of appearance; missing on plain TCP. A number may end when it turns out that its subflow belongs to another connection." },
[COL_DIR] = { "dir", KIND_DIR, SEGMENT(dir), "c2s or s2c",
	"Direction. The client sent the first MP_CAPABLE SYN of the connection; on plain TCP, the SYN; when neither was captured it is the side with the higher port." },
[COL_SRC] = { "src", KIND_ADDR, SEGMENT(src), "IP address", "Source." },
[COL_SPORT] = { "sport", KIND_U16, SEGMENT(sport), "integer", "Source port." },
[COL_DST] = { "dst", KIND_ADDR, SEGMENT(dst), "IP address", "Destination." },
[COL_DPORT] = { "dport", KIND_U16, SEGMENT(dport), "integer", "Destination port." },
[COL_FLAGS] = { "flags", KIND_FLAGS, SEGMENT(flags), "letters",
	"TCP flags, in this order: F FIN, S SYN, R RST, P PSH, A ACK, U URG, E ECE, C CWR." },
[COL_SEQ] = { "seq", KIND_U32, SEGMENT(seq), "integer", "Sequence number as on the wire." },
[COL_ACK] = { "ack", KIND_U32, SEGMENT(ack), "integer",
	"Acknowledgment number as on the wire; missing without the ACK flag." },
[COL_WIN] = { "win", KIND_U16, SEGMENT(win), "integer", "Window as on the wire, not scaled." },
[COL_LEN] = { "len", KIND_U32, SEGMENT(len), "integer, bytes",
	"Payload, by the IP header, or by the frame where that says 0 (TSO, jumbograms); however much of it was captured." },
[COL_REL_SEQ] = { "rel_seq", KIND_I64, SEGMENT(rel_seq), "integer",
	"seq less the initial sequence number of its direction, unwrapped to 64 bits: a SYN is 0, the first byte 1. Without a captured SYN the first byte seen is 1." },
[COL_REL_ACK] = { "rel_ack", KIND_I64, SEGMENT(rel_ack), "integer",
	"ack less the initial sequence number of the other direction, unwrapped." },
[COL_WIN_BYTES] = { "win_bytes", KIND_U32, SEGMENT(win_bytes), "integer, bytes",
	"win shifted by the window scale of its sender; missing when the handshake was not captured." },
[COL_MSS] = { "mss", KIND_U16, TCP(mss), "integer, bytes", "Maximum segment size option." },
[COL_WSCALE] = { "wscale", KIND_U8, TCP(wscale), "integer, bits", "Window scale option." },
[COL_TSVAL] = { "tsval", KIND_U32, TCP(tsval), "integer", "Timestamp option: value." },
[COL_TSECR] = { "tsecr", KIND_U32, TCP(tsecr), "integer", "Timestamp option: echo reply." },
[COL_SACK] = { "sack", KIND_SACK, TCP(sack), "list of left-right",
	"SACK blocks in wire order, sequence numbers as on the wire." },
[COL_IP_ID] = { "ip_id", KIND_U16, SEGMENT(ip_id), "integer", "IPv4 identification." },
[COL_MPTCP] = { "mptcp", KIND_SUBTYPES, TCP(mptcp), "list of names",
	"Subtypes of the MPTCP options in wire order: mp_capable, mp_join, dss, add_addr, remove_addr, mp_prio, mp_fail, mp_fastclose, mp_tcprst, or unknown_N." },
[COL_VERSION] = { "version", KIND_U8, OPTION(version, HAS_VERSION, CAPABLE), "integer",
	"MP_CAPABLE: protocol version, 0 (RFC 6824) or 1 (RFC 8684)." },
[COL_MP_FLAGS] = { "mp_flags", KIND_HEX8, OPTION(mp_flags, HAS_MP_FLAGS, CAPABLE), "hex",
	"MP_CAPABLE: flags; 0x80 checksums required, 0x20 no joins to this address, 0x01 HMAC." },
[COL_SEND_KEY] = { "send_key", KIND_HEX64, OPTION(send_key, HAS_SEND_KEY, CAPABLE), "hex",
	"MP_CAPABLE: the sender's key." },
[COL_RECV_KEY] = { "recv_key", KIND_HEX64, OPTION(recv_key, HAS_RECV_KEY, CAPABLE | FASTCLOSE), "hex",
	"MP_CAPABLE, MP_FASTCLOSE: the receiver's key." },
[COL_TOKEN] = { "token", KIND_HEX32, OPTION(token, HAS_TOKEN, JOIN), "hex",
	"MP_JOIN SYN: the token of its receiver." },
[COL_ADDR_ID] = { "addr_id", KIND_U8, OPTION(addr_id, HAS_ADDR_ID, JOIN | ADD | PRIO), "integer",
	"MP_JOIN SYN and SYN/ACK, ADD_ADDR: id of the sender's address; MP_PRIO of version 0: of the address meant." },
[COL_BACKUP] = { "backup", KIND_U8, OPTION(backup, HAS_BACKUP, JOIN | PRIO), "0 or 1",
	"MP_JOIN SYN and SYN/ACK, MP_PRIO: 1 asks to use the path as a backup." },
[COL_NONCE] = { "nonce", KIND_HEX32, OPTION(nonce, HAS_NONCE, JOIN), "hex",
	"MP_JOIN SYN and SYN/ACK: the sender's nonce." },
[COL_HMAC] = { "hmac", KIND_HMAC, OPTION(hmac, HAS_HMAC, JOIN | ADD), "hex",
	"MP_JOIN SYN/ACK (8 bytes) and ACK (20 bytes), ADD_ADDR of version 1 (8 bytes): the HMAC." },
[COL_DATA_FIN] = { "data_fin", KIND_U8, OPTION(data_fin, HAS_DATA_FIN, DSS), "0 or 1",
	"DSS: whether the mapping ends with a DATA_FIN." },
[COL_DSS_DSN] = { "dss_dsn", KIND_DSN, OPTION(dsn, HAS_DSN, DSS), "hex",
	"DSS: data sequence number as on the wire, 8 or 16 digits as it had 4 or 8 bytes." },
[COL_DSS_ACK] = { "dss_ack", KIND_DATA_ACK, OPTION(data_ack, HAS_DATA_ACK, DSS), "hex",
	"DSS: data ACK as on the wire, 8 or 16 digits." },
[COL_DSS_SSN] = { "dss_ssn", KIND_U32, OPTION(ssn, HAS_SSN, DSS), "integer",
	"DSS: subflow sequence number as on the wire, which is relative to the ISN." },
[COL_DSS_LEN] = { "dss_len", KIND_U16, OPTION(data_len, HAS_DATA_LEN, DSS | CAPABLE), "integer, bytes",
	"DSS, MP_CAPABLE with data: data-level length as on the wire; it counts a DATA_FIN." },
[COL_DSS_CSUM] = { "dss_csum", KIND_HEX16, OPTION(csum, HAS_CSUM, DSS | CAPABLE), "hex",
	"DSS, MP_CAPABLE with data: checksum." },
[COL_DSN] = { "dsn", KIND_I64, SEGMENT(dsn), "integer",
	"Data sequence number of the first payload byte, relative to the first byte of data (IDSN + 1), from whichever mapping covers it: map_dsn + (rel_seq - map_seq). Missing when no mapping seen so far does. Without keys: relative to the first DSN or data ACK seen of that direction. After a fallback the mapping goes on without end." },
[COL_DACK] = { "dack", KIND_I64, SEGMENT(dack), "integer",
	"DSS: data ACK, relative to the first byte of the other direction's data, unwrapped; 0 before any." },
[COL_ADD_ADDR] = { "add_addr", KIND_ADDR, OPTION(address, HAS_ADDRESS, ADD), "IP address",
	"ADD_ADDR: the address." },
[COL_ADD_PORT] = { "add_port", KIND_U16, OPTION(port, HAS_PORT, ADD), "integer",
	"ADD_ADDR: the port, if it has one." },
[COL_ADD_ECHO] = { "add_echo", KIND_U8, OPTION(echo, HAS_ECHO, ADD), "0 or 1",
	"ADD_ADDR of version 1: whether it is an echo." },
[COL_RM_ADDR_IDS] = { "rm_addr_ids", KIND_IDS, OPTION(id, HAS_IDS, REMOVE), "list of integers",
	"REMOVE_ADDR: the address ids." },
[COL_FAIL_DSN] = { "fail_dsn", KIND_HEX64, OPTION(fail_dsn, HAS_FAIL_DSN, FAIL), "hex",
	"MP_FAIL: data sequence number as on the wire." },
[COL_RST_REASON] = { "rst_reason", KIND_U8, OPTION(rst_reason, HAS_REASON, TCPRST), "integer",
	"MP_TCPRST: reason (RFC 8684 3.6)." },
[COL_RST_TRANSIENT] = { "rst_transient", KIND_U8, OPTION(transient, HAS_TRANSIENT, TCPRST), "0 or 1",
	"MP_TCPRST: whether the condition is said to be transient." },
[COL_OPTION_ERROR] = { "option_error", KIND_ERRORS, TCP(errors), "list of names",
	"What is wrong with the options: cut (by the snapshot length), bad_length, bad_version (of MP_CAPABLE)." },
[COL_MAP_SEQ] = { "map_seq", KIND_I64, OPTION(map_seq, HAS_MAP_SEQ, DSS | CAPABLE), "integer",
	"DSS, MP_CAPABLE with data: where the mapping begins, as rel_seq; missing where that can't be told, and for a DATA_FIN without data." },
[COL_MAP_DSN] = { "map_dsn", KIND_I64, OPTION(map_dsn, HAS_MAP_DSN, DSS | CAPABLE), "integer",
	"DSS, MP_CAPABLE with data: the relative DSN with which the mapping begins." },
[COL_OPTION_BYTES] = { "option_bytes", KIND_U8, TCP(mptcp_bytes), "integer, bytes",
	"All MPTCP options of the segment, kind and length included, by their own lengths; of one that the snapshot cuts, if its length was captured." },
[COL_PAYLOAD_SUM] = { "payload_sum", KIND_HEX16, SEGMENT(payload_sum), "hex",
	"Ones' complement sum of the payload in 16-bit words, the last byte padded with 0 (RFC 1071). Only where the connection uses DSS checksums and all of the payload was captured." },
[COL_COPY_OF] = { "copy_of", KIND_U64, SEGMENT(copy_of), "integer",
	"Frame number of the same segment as it was captured at another interface (iface) at most 1 s before: same addresses, ports and TCP header, sizes, timestamps and IP identification. All other tools pass over such a row." },
};

int column_find(const char *name, size_t n)
{
	for (int i = 0; i < COLUMNS; i++)
		if (strncmp(column_info[i].name, name, n) == 0 &&
		    column_info[i].name[n] == '\0')
			return i;
	return -1;
}
