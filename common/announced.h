/* The addresses that a host has announced by ADD_ADDR, and not withdrawn (RFC 8684 3.4). */
#ifndef ANNOUNCED_H
#define ANNOUNCED_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"

struct announced_addr {
	uint8_t id;
	bool removed;		/* by REMOVE_ADDR */
	bool echoed;		/* the other host said that it knows */
	uint16_t port;		/* 0: that of the connection */
	struct addr addr;
};

/* One for each id at most. All 0 is none. */
struct announced {
	struct announced_addr *at;	/* n of them */
	uint32_t n, cap;
};

void announced_free(struct announced *a);

/* The one with this id, removed or not; or NULL. */
struct announced_addr *announced_find(const struct announced *a, uint8_t id);

/* Whether one of them waits for its echo. */
bool announced_waits(const struct announced *a);

/* Announce one; it takes the place of another with its id. */
void announced_add(struct announced *a, uint8_t id, const struct addr *addr,
		   uint16_t port);

/* All of `from`, which is emptied, unless there is one with its id. */
void announced_merge(struct announced *into, struct announced *from);

#endif
