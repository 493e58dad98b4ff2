/*
 * Which connection a stream belongs to: by its handshake, the token of a JOIN,
 * a key, or data sequence numbers that continue each other.
 */
#ifndef BIND_H
#define BIND_H

struct conns;
struct segment;
struct stream;
struct subflow;

/*
 * The subflow that the stream of a segment is, sent by its end `from`; NULL as
 * long as nothing says that it is one. Rows of TSV are bound as the capture
 * was that they are from.
 */
struct subflow *bind_segment(struct conns *t, struct stream *s,
			     struct segment *seg, unsigned from);

/*
 * TSV has the last word on connection and direction. All rows of a capture
 * lead where the capture itself does; of some rows, it may be elsewhere.
 */
void bind_correct(struct conns *t, struct subflow *f,
		  const struct segment *seg, unsigned from);

#endif
