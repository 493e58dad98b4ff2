/*
 * An IP address of either family: 16 bytes, IPv4 as ::ffff:a.b.c.d
 * (RFC 4291, 2.5.5.2), so that both compare and hash alike.
 */
#ifndef ADDR_H
#define ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { ADDR_TEXT_MAX = 48 };	/* room for any address */

struct addr {
	uint8_t b[16];
};

/* From 4 or 16 bytes as they stand in a packet. */
static inline struct addr addr_v4(const uint8_t *p)
{
	struct addr a = { .b = { [10] = 0xff, [11] = 0xff } };

	memcpy(a.b + 12, p, 4);
	return a;
}

static inline struct addr addr_v6(const uint8_t *p)
{
	struct addr a;

	memcpy(a.b, p, 16);
	return a;
}

static inline bool addr_is_v4(const struct addr *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(a->b, mapped, sizeof(mapped)) == 0;
}

static inline int addr_cmp(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

/* Text at p (dotted quad, or RFC 5952); returns one past it, ends with no 0. */
char *addr_print(char *p, const struct addr *a);

/* All of [s, e) as an address of either family; false if it is none. */
bool addr_parse(const char *s, const char *e, struct addr *a);

#endif
