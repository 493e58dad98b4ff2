/*
 * Frames of one capture: pcap in all the forms libpcap reads, and pcapng.
 *
 * Both are read in place, without a copy. libpcap, besides, refuses pcapng whose
 * interfaces differ in link type and keeps no interface names.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input;

struct frame {
	int64_t time_ns;	/* since the epoch */
	const uint8_t *data;	/* until the next frame of this capture */
	uint32_t caplen;	/* bytes at data */
	uint32_t len;		/* bytes that the frame had on the link */
	int link;		/* link type: LINKTYPE_… or DLT_… */
	const char *iface;	/* interface name, as long as data; NULL: none given */
};

struct capture;

/* Whether these n bytes begin as a capture of a known format does. */
bool capture_magic(const uint8_t *p, size_t n);

/*
 * Read a capture from an input at its beginning; the input stays the caller's.
 * Never NULL: what is wrong with a file header is said by capture_next().
 */
struct capture *capture_open(struct input *in);
void capture_close(struct capture *c);

/* 1: *f is the next frame; 0: the end; -1: damaged here, see capture_error(). */
int capture_next(struct capture *c, struct frame *f);

/* Whether capture_next() would not have to wait, as far as can be seen. */
bool capture_ready(const struct capture *c);

/* Why capture_next() returned -1; as long as the capture is open. */
const char *capture_error(const struct capture *c);

/* Whether there is anything behind the file header: it is whole and known. */
bool capture_opened(const struct capture *c);

/* The name of a link type, or NULL. */
const char *capture_link_name(int link);

#endif
