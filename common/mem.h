/* Allocation that never returns NULL: out of memory ends the tool, status 1. */
#ifndef MEM_H
#define MEM_H

#include <stddef.h>
#include <stdint.h>

/* `size` bytes set to 0, to be given back with free(). */
void *mem_zero(size_t size);

/* As realloc(); the new part is not set. */
void *mem_resize(void *p, size_t size);

/*
 * Room for `need` elements of `size` bytes in the array p, which has room for
 * *cap: returns p, moved if it had to grow (by half at least).
 */
void *mem_grow(void *p, size_t *cap, size_t need, size_t size);

/* How many it makes room for, of at least `need`, where there was room for `cap`. */
size_t mem_more(size_t cap, size_t need, size_t size);

/* The same for arrays that never hold 2^32 elements, whose counts are kept small. */
void *mem_grow32(void *p, uint32_t *cap, size_t need, size_t size);

/* A copy of the n bytes at s, with a 0 behind them. */
char *mem_string(const char *s, size_t n);

#endif
