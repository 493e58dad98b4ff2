/*
 * A whole file, in any form that a capture can have: its figures have to be
 * the same from the capture as from its rows, and to add up.
 */
#include "fuzz_figures.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file capture = file_new();

	file_write(&capture, data, size);
	check_capture(&capture, data, size);
	file_close(&capture);
	return 0;
}

/*
 * Bytes changed at random are mostly frames that say nothing any more. So
 * whole frames of a pcap are taken out, sent twice or moved as well, and bits
 * of their TCP headers change.
 */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned seed);

enum { FILE_HEAD = 24, FRAME_HEAD = 16, FRAMES_MAX = 200, TO_TCP = 34 };

/* Where frames begin, and where the last one ends. Returns how many there are. */
static size_t find_frames(const uint8_t *data, size_t size, size_t *at)
{
	static const uint8_t magic[] = { 0xd4, 0xc3, 0xb2, 0xa1 };
	size_t n = 0;
	uint32_t caplen;

	if (size < FILE_HEAD || memcmp(data, magic, sizeof(magic)) != 0)
		return 0;
	at[0] = FILE_HEAD;
	while (n < FRAMES_MAX && size - at[n] >= FRAME_HEAD) {
		const uint8_t *p = data + at[n] + 8;

		caplen = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
			 (uint32_t)p[3] << 24;
		if (caplen > size - at[n] - FRAME_HEAD)
			break;
		at[n + 1] = at[n] + FRAME_HEAD + caplen;
		n++;
	}
	return n;
}

static void flip(uint8_t *frame, size_t len, unsigned seed)
{
	size_t i = FRAME_HEAD + TO_TCP + seed % 60;

	if (i < len)
		frame[i] ^= (uint8_t)(1u << seed / 60 % 8);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned seed)
{
	size_t at[FRAMES_MAX + 1], n = find_frames(data, size, at), from, to, len;
	uint8_t *frame;

	if (n < 2 || seed % 5 == 0)
		return LLVMFuzzerMutate(data, size, max);
	from = at[seed / 5 % n];
	len = at[seed / 5 % n + 1] - from;
	to = at[seed / 5 / n % (n + 1)];
	if (seed % 5 == 1) {
		flip(data + from, len, seed / 5 / (unsigned)n);
		return size;
	}
	if (seed % 5 == 2 && size + len > max)
		return size;
	frame = malloc(len);
	memcpy(frame, data + from, len);
	if (seed % 5 != 2) {		/* not sent twice */
		memmove(data + from, data + from + len, size - from - len);
		size -= len;
		to -= to > from ? len : 0;
	}
	if (seed % 5 != 3) {		/* not lost */
		memmove(data + to + len, data + to, size - to);
		memcpy(data + to, frame, len);
		size += len;
	}
	free(frame);
	return size;
}
