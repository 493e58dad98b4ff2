/*
 * What a key says: token, initial DSN, and the HMACs that prove it.
 * Version 0 hashes with SHA-1 (RFC 6824 3.1, 3.2), version 1 with SHA-256
 * (RFC 8684 3.1, 3.2). Keys and nonces are the big-endian values of their bytes.
 */
#ifndef MPTCP_KEY_H
#define MPTCP_KEY_H

#include <stddef.h>
#include <stdint.h>

/* How a check came out. */
enum verdict {
	VERDICT_NONE,		/* there was nothing to check */
	VERDICT_OK, VERDICT_BAD,
	VERDICT_UNKNOWN		/* what it takes was not captured */
};

struct mptcp_digest {
	uint32_t token;		/* leftmost 32 bits of the hash of the key */
	uint64_t idsn;		/* rightmost 64 bits */
};

struct mptcp_digest mptcp_digest(unsigned version, uint64_t key);

/*
 * The HMAC of a JOIN as its sender makes it: key sender || receiver, message
 * sender's nonce || receiver's nonce. The SYN/ACK carries the first 8 bytes,
 * the ACK the first 20.
 */
void mptcp_join_hmac(unsigned version, uint64_t sender_key,
		     uint64_t receiver_key, uint32_t sender_nonce,
		     uint32_t receiver_nonce, uint8_t hmac[20]);

/*
 * The HMAC of an ADD_ADDR of version 1 (RFC 8684 3.4.1), all of it: the option
 * carries the last 8 bytes. The address has 4 or 16 bytes; port 0: none.
 */
enum { MPTCP_HMAC_MAX = 32 };
void mptcp_add_addr_hmac(uint64_t sender_key, uint64_t receiver_key, uint8_t id,
			 const uint8_t *addr, size_t addr_len, uint16_t port,
			 uint8_t hmac[MPTCP_HMAC_MAX]);

/*
 * 16 hex digits that name a connection, the same wherever it was captured:
 * the first 8 bytes of SHA-256 over a letter that says what the two numbers
 * are, and the numbers, the client's first.
 */
uint64_t mptcp_name(char what, uint64_t client, uint64_t server);

#endif
