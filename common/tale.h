/*
 * What happened to a connection, in sentences for people: made from its events
 * as they come, told when it is over.
 */
#ifndef TALE_H
#define TALE_H

#include <stdint.h>

struct conn;
struct event;
struct out;

/* Take in an event of the connection, whose `data` is a record. */
void tale_take(const struct conn *c, const struct event *e);

/* `from` was part of `into`: so are its sentences. */
void tale_merge(const struct conn *into, const struct conn *from);

/* Tell it, in one line, and forget it. */
void tale_print(struct out *o, const struct conn *c);

/* Forget it. */
void tale_free(const struct conn *c);

#endif
