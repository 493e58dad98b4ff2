/* What the unit tests share: cmocka, random numbers, bytes as an input. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "input.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/*
 * Random numbers, the same in every run (splitmix64). Each test starts from a
 * state of its own.
 */
static inline uint64_t random64(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* One of 0 … n - 1. */
static inline unsigned random_below(uint64_t *state, unsigned n)
{
	return (unsigned)(random64(state) % n);
}

/* A number of any magnitude. */
static inline uint64_t random_any(uint64_t *state)
{
	unsigned bits = random_below(state, 65);

	return bits ? random64(state) >> (64 - bits) : 0;
}

/* These bytes as an input, by way of a file that is gone at once. */
static inline struct input *input_of(const void *p, size_t n)
{
	char path[] = "/tmp/test-input-XXXXXX";
	int fd = mkstemp(path);
	struct input *in;

	assert_true(fd >= 0);
	for (size_t at = 0; at < n; ) {
		ssize_t put = write(fd, (const char *)p + at, n - at);

		assert_true(put > 0);
		at += (size_t)put;
	}
	close(fd);
	in = input_open(path, NULL, NULL);
	unlink(path);
	assert_non_null(in);
	return in;
}

#endif
