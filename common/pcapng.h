/*
 * pcapng (draft-ietf-opsawg-pcapng): any number of sections of either byte
 * order and of interfaces, each with its own link type, name and time unit.
 * Enhanced, simple and the obsolete packet blocks; all others are skipped.
 */
#ifndef PCAPNG_H
#define PCAPNG_H

struct frame;
struct input;
struct pcapng;

struct pcapng *pcapng_open(struct input *in);
void pcapng_close(struct pcapng *p);

/* As capture_next(): 1 frame, 0 end, -1 damaged, see pcapng_error(). */
int pcapng_next(struct pcapng *p, struct frame *f);
const char *pcapng_error(const struct pcapng *p);

#endif
