/* libpcap's filter language, for captures whose interfaces differ in link type. */
#ifndef FILTER_H
#define FILTER_H

struct filter;
struct frame;

struct filter *filter_new(const char *expression);
void filter_free(struct filter *f);

/*
 * 1 if the frame matches, 0 if not, -1 if the expression can't be had for its
 * link type: filter_error() says why.
 */
int filter_match(struct filter *f, const struct frame *frame);
const char *filter_error(const struct filter *f);

#endif
