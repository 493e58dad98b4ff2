#include "addr.h"

#include <arpa/inet.h>

#include "num.h"

/* The longest run of at least two zero groups, the first of equals. */
static void longest_zeros(const uint16_t *group, int *from, int *to)
{
	*from = *to = -1;
	for (int i = 0; i < 8; i++) {
		int j = i;

		while (j < 8 && group[j] == 0)
			j++;
		if (j - i >= 2 && j - i > *to - *from) {
			*from = i;
			*to = j;
		}
		if (j > i)
			i = j;
	}
}

static char *print_group(char *p, unsigned v)
{
	bool on = false;

	for (int shift = 12; shift >= 0; shift -= 4) {
		unsigned d = v >> shift & 15;

		on = on || d || shift == 0;
		if (on)
			*p++ = "0123456789abcdef"[d];
	}
	return p;
}

char *addr_print(char *p, const struct addr *a)
{
	uint16_t group[8];
	int from, to;

	if (addr_is_v4(a))
		return num_dotted(p, a->b + 12);
	for (int i = 0; i < 8; i++)
		group[i] = (uint16_t)(a->b[2 * i] << 8 | a->b[2 * i + 1]);
	longest_zeros(group, &from, &to);
	for (int i = 0; i < 8; i++) {
		if (i == from) {
			*p++ = ':';
			*p++ = ':';
			i = to - 1;
			continue;
		}
		if (i && i != to)
			*p++ = ':';
		p = print_group(p, group[i]);
	}
	return p;
}

static bool parse_v4(const char *s, const char *e, struct addr *a)
{
	uint8_t b[4];

	for (int i = 0; i < 4; i++) {
		unsigned v = 0, digits = 0;

		if (i && (s == e || *s++ != '.'))
			return false;
		for (; s < e && *s >= '0' && *s <= '9' && digits < 4; digits++)
			v = v * 10 + (unsigned)(*s++ - '0');
		if (!digits || v > 255)
			return false;
		b[i] = (uint8_t)v;
	}
	*a = addr_v4(b);
	return s == e;
}

bool addr_parse(const char *s, const char *e, struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	if (parse_v4(s, e, a))
		return true;
	if ((size_t)(e - s) >= sizeof(text))
		return false;
	memcpy(text, s, (size_t)(e - s));
	text[e - s] = '\0';
	return inet_pton(AF_INET6, text, a->b) == 1;
}
