/*
 * pcap, pcap-savefile(5): both byte orders, times in us or ns, Kuznetzov's form,
 * and the order of lengths before version 2.4. libpcap judges the file
 * header; records are read as it does, and with its words for what is wrong.
 */
#ifndef SAVEFILE_H
#define SAVEFILE_H

#include <stdbool.h>

struct frame;
struct input;
struct savefile;

/* An input at its first byte, of which there has to be one. Never NULL. */
struct savefile *savefile_open(struct input *in);
void savefile_close(struct savefile *s);

/* Whether the file header is whole, and of a form that libpcap reads. */
bool savefile_opened(const struct savefile *s);

/* As capture_next(): 1 frame, 0 end, -1 damaged, see savefile_error(). */
int savefile_next(struct savefile *s, struct frame *f);
const char *savefile_error(const struct savefile *s);

#endif
