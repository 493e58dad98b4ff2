/*
 * Segments captured at two interfaces of a host, as `-i any` does where one
 * interface lies on another (bridge, bond, VLAN, tunnel) or packets are routed:
 * one segment, two frames.
 *
 * At one interface the same segment twice is the network's doing, and no twin.
 */
#ifndef TWINS_H
#define TWINS_H

struct segment;
struct twin;

/* All 0 to begin with: the last few thousand segments. */
struct twins {
	struct twin *slot;
};

void twins_free(struct twins *t);

/*
 * Set copy_of if the same segment was captured at another interface at most a
 * second before. All that a frame says must be set, and its interface.
 */
void twins_mark(struct twins *t, struct segment *seg);

#endif
