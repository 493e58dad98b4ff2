/* libpcap's filter language, for captures whose interfaces differ in link type. */
#ifndef FILTER_H
#define FILTER_H

struct filter;
struct frame;

/* Never NULL: an expression that is good for no link type has filter_error(). */
struct filter *filter_new(const char *expression);
void filter_free(struct filter *f);

/*
 * 1 if the frame matches, 0 if not; -1, once per link type, if the expression
 * has no meaning for it, so that nothing matches: filter_error() says why.
 */
int filter_match(struct filter *f, const struct frame *frame);
/* What was wrong last, or NULL. */
const char *filter_error(const struct filter *f);

#endif
