#include "mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *p)
{
	if (p)
		return p;
	fputs("out of memory\n", stderr);
	exit(1);
}

void *mem_zero(size_t size)
{
	return checked(calloc(1, size ? size : 1));
}

void *mem_resize(void *p, size_t size)
{
	size += !size;
	return checked(p ? realloc(p, size) : malloc(size));
}

size_t mem_more(size_t cap, size_t need, size_t size)
{
	size_t n = cap + cap / 2 + cap % 2;

	if (n < need)
		n = need;
	if (n > SIZE_MAX / 2 / size)
		checked(NULL);
	return n;
}

void *mem_grow(void *p, size_t *cap, size_t need, size_t size)
{
	if (need <= *cap)
		return p;
	*cap = mem_more(*cap, need, size);
	return mem_resize(p, *cap * size);
}

void *mem_grow32(void *p, uint32_t *cap, size_t need, size_t size)
{
	size_t n = *cap;

	if (need <= n)
		return p;
	if (need > UINT32_MAX / 2)
		checked(NULL);
	p = mem_grow(p, &n, need, size);
	*cap = (uint32_t)n;
	return p;
}

char *mem_string(const char *s, size_t n)
{
	char *copy = mem_resize(NULL, n + 1);

	memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}
