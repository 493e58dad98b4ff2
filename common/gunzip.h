/*
 * gzip (RFC 1952), undone piece by piece with zlib's inflate(), so that a live
 * pipe gives what it holds; any number of members, zero padding between them.
 */
#ifndef GUNZIP_H
#define GUNZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gunzip;

/* Whether these n bytes begin as a gzip file does. */
bool gunzip_magic(const uint8_t *p, size_t n);

struct gunzip *gunzip_new(void);
void gunzip_free(struct gunzip *g);

/*
 * Turn bytes at *in (up to in_end) into bytes at *out (up to out_end) and move
 * both pointers. Returns NULL, or what is wrong with the data.
 */
const char *gunzip_step(struct gunzip *g, const uint8_t **in,
			const uint8_t *in_end, uint8_t **out,
			const uint8_t *out_end);

/* Whether the data may end here: between two members. */
bool gunzip_complete(const struct gunzip *g);

#endif
