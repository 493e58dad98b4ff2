#include "gunzip.h"

#include <stdlib.h>
#include <zlib.h>

#include "mem.h"

struct gunzip {
	z_stream z;
	bool between;		/* after a member, before the next one */
};

bool gunzip_magic(const uint8_t *p, size_t n)
{
	return n >= 2 && p[0] == 0x1f && p[1] == 0x8b;
}

struct gunzip *gunzip_new(void)
{
	struct gunzip *g = mem_zero(sizeof(*g));

	if (inflateInit2(&g->z, 15 + 16) != Z_OK) {
		free(g);
		return NULL;
	}
	return g;
}

void gunzip_free(struct gunzip *g)
{
	if (g)
		inflateEnd(&g->z);
	free(g);
}

const char *gunzip_step(struct gunzip *g, const uint8_t **in,
			const uint8_t *in_end, uint8_t **out,
			const uint8_t *out_end)
{
	int status;

	if (g->between) {
		while (*in < in_end && **in == 0)
			++*in;
		if (*in == in_end)
			return NULL;
		if (**in != 0x1f)
			return "something that is not gzip follows the gzip data";
		g->between = false;
	}
	g->z.next_in = (Bytef *)(uintptr_t)*in;
	g->z.avail_in = (uInt)(in_end - *in);
	g->z.next_out = *out;
	g->z.avail_out = (uInt)(out_end - *out);
	status = inflate(&g->z, Z_NO_FLUSH);
	*in = g->z.next_in;
	*out = g->z.next_out;
	if (status == Z_STREAM_END) {
		inflateReset(&g->z);
		g->between = true;
		return NULL;
	}
	if (status == Z_OK || status == Z_BUF_ERROR)
		return NULL;
	return "gzip data is damaged";
}

bool gunzip_complete(const struct gunzip *g)
{
	return g->between;
}
