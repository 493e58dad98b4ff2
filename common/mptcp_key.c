#include "mptcp_key.h"

#include <nettle/hmac.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <string.h>

#include "bytes.h"

static void put64(uint8_t *p, uint64_t v)
{
	for (int i = 8; i-- > 0; v >>= 8)
		p[i] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 4; i-- > 0; v >>= 8)
		p[i] = (uint8_t)v;
}

struct mptcp_digest mptcp_digest(unsigned version, uint64_t key)
{
	uint8_t bytes[8], hash[SHA256_DIGEST_SIZE];
	size_t size = version == 0 ? SHA1_DIGEST_SIZE : SHA256_DIGEST_SIZE;

	put64(bytes, key);
	if (version == 0) {
		struct sha1_ctx sha1;

		sha1_init(&sha1);
		sha1_update(&sha1, sizeof(bytes), bytes);
		sha1_digest(&sha1, size, hash);
	} else {
		struct sha256_ctx sha256;

		sha256_init(&sha256);
		sha256_update(&sha256, sizeof(bytes), bytes);
		sha256_digest(&sha256, size, hash);
	}
	return (struct mptcp_digest){ be32(hash), be64(hash + size - 8) };
}

void mptcp_join_hmac(unsigned version, uint64_t sender_key,
		     uint64_t receiver_key, uint32_t sender_nonce,
		     uint32_t receiver_nonce, uint8_t hmac[20])
{
	uint8_t key[16], message[8];

	put64(key, sender_key);
	put64(key + 8, receiver_key);
	put32(message, sender_nonce);
	put32(message + 4, receiver_nonce);
	if (version == 0) {
		struct hmac_sha1_ctx sha1;

		hmac_sha1_set_key(&sha1, sizeof(key), key);
		hmac_sha1_update(&sha1, sizeof(message), message);
		hmac_sha1_digest(&sha1, 20, hmac);
	} else {
		struct hmac_sha256_ctx sha256;

		hmac_sha256_set_key(&sha256, sizeof(key), key);
		hmac_sha256_update(&sha256, sizeof(message), message);
		hmac_sha256_digest(&sha256, 20, hmac);
	}
}

void mptcp_add_addr_hmac(uint64_t sender_key, uint64_t receiver_key, uint8_t id,
			 const uint8_t *addr, size_t addr_len, uint16_t port,
			 uint8_t hmac[MPTCP_HMAC_MAX])
{
	uint8_t key[16], number[2] = { (uint8_t)(port >> 8), (uint8_t)port };
	struct hmac_sha256_ctx sha256;

	put64(key, sender_key);
	put64(key + 8, receiver_key);
	hmac_sha256_set_key(&sha256, sizeof(key), key);
	hmac_sha256_update(&sha256, 1, &id);
	hmac_sha256_update(&sha256, addr_len, addr);
	hmac_sha256_update(&sha256, sizeof(number), number);
	hmac_sha256_digest(&sha256, MPTCP_HMAC_MAX, hmac);
}

uint64_t mptcp_name(char what, uint64_t client, uint64_t server)
{
	uint8_t bytes[17], hash[SHA256_DIGEST_SIZE];
	struct sha256_ctx sha256;

	bytes[0] = (uint8_t)what;
	put64(bytes + 1, client);
	put64(bytes + 9, server);
	sha256_init(&sha256);
	sha256_update(&sha256, sizeof(bytes), bytes);
	sha256_digest(&sha256, sizeof(hash), hash);
	return be64(hash);
}
