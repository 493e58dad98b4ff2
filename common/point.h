/* What is drawn: a point of a series, and the units of its value. */
#ifndef POINT_H
#define POINT_H

#include <stdbool.h>
#include <stdint.h>

enum unit {
	UNIT_COUNT,	/* integer; bytes and positions too */
	UNIT_BPS,	/* bits per second */
	UNIT_SECONDS,	/* in ns */
	UNIT_RATIO	/* in millionths */
};

enum { RATIO_ONE = 1000000 };

struct point {
	int64_t time_ns;	/* since the epoch */
	int64_t y;		/* unless no_y */
	int64_t dsn;		/* relative DSN of its data, if has_dsn */
	int64_t duration_ns;	/* if has_duration */
	uint64_t len;		/* bytes that it is about, if has_len */
	uint64_t pkt;		/* frame that it is about; 0: none */
	const char *kind;	/* what becomes of it, for the eye; or NULL; not owned */
	uint32_t stream;	/* TCP stream it was seen on, if has_stream */
	bool has_dsn, has_duration, has_len, has_stream, no_y;
};

#endif
