#include "announced.h"

#include <stdlib.h>

#include "mem.h"

void announced_free(struct announced *a)
{
	free(a->at);
	*a = (struct announced){ 0 };
}

struct announced_addr *announced_find(const struct announced *a, uint8_t id)
{
	for (uint32_t i = 0; i < a->n; i++)
		if (a->at[i].id == id)
			return &a->at[i];
	return NULL;
}

bool announced_waits(const struct announced *a)
{
	for (uint32_t i = 0; i < a->n; i++)
		if (!a->at[i].echoed && !a->at[i].removed)
			return true;
	return false;
}

void announced_add(struct announced *a, uint8_t id, const struct addr *addr,
		   uint16_t port)
{
	struct announced_addr *at = announced_find(a, id);

	if (!at) {
		a->at = mem_grow32(a->at, &a->cap, a->n + 1, sizeof(*a->at));
		at = &a->at[a->n++];
	}
	*at = (struct announced_addr){ .id = id, .port = port, .addr = *addr };
}

void announced_merge(struct announced *into, struct announced *from)
{
	for (uint32_t i = 0; i < from->n; i++)
		if (!announced_find(into, from->at[i].id))
			announced_add(into, from->at[i].id, &from->at[i].addr,
				      from->at[i].port);
	announced_free(from);
}
