/* Where the tabs of a line are. */
#include "tsv.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include "bytes.h"

/* One bit per byte of the 16 at p: whether it is a tab; lowest bit first. */
#ifdef __SSE2__
static inline uint64_t tabs_of_16(const char *p)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);

	return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('\t')));
}
#else
static inline uint64_t tabs_of_8(const char *p)
{
	const uint64_t low = EACH_BYTE(0x7f);
	uint64_t v = le64(p) ^ EACH_BYTE('\t');

	v = ~(((v & low) + low) | v | low);
	return (v >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static inline uint64_t tabs_of_16(const char *p)
{
	return tabs_of_8(p) | tabs_of_8(p + 8) << 8;
}
#endif

/* One bit per byte of the 64 at p. */
static inline uint64_t tabs_of_64(const char *p)
{
	return tabs_of_16(p) | tabs_of_16(p + 16) << 16 |
	       tabs_of_16(p + 32) << 32 | tabs_of_16(p + 48) << 48;
}

/* Which bit is the lowest that is set; any if none is. */
static inline uint64_t lowest(uint64_t bits)
{
	return (uint64_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
}

/* A cell begins behind the first of these tabs, which is taken off; anywhere if there is none. */
static inline uint64_t take_tab(uint64_t tabs, size_t at, uint64_t first(uint64_t),
				uint32_t *start)
{
	*start = (uint32_t)(at + 1 + first(tabs));
	return tabs & (tabs - 1);
}

/*
 * TSV_TABS a step are written whether there are as many or not, so that nothing
 * hangs on guessing how many; a line is mostly tabs.
 */
static inline __attribute__((always_inline)) size_t
find_tabs(const struct tsv *t, const char *line, size_t len,
	  uint64_t tabs_of(const char *), uint64_t first(uint64_t))
{
	size_t n = 0;

	for (size_t at = 0; at < len && n <= t->last; at += 64) {
		uint64_t tabs = tabs_of(line + at);
		uint32_t *start = t->start + n + 1, *end;

		if (len - at < 64)
			tabs &= (UINT64_C(1) << (len - at)) - 1;
		n += (unsigned)__builtin_popcountll(tabs);
		end = t->start + (n <= t->last ? n : t->last + 1);
		for (; start <= end; start += TSV_TABS) {
			tabs = take_tab(tabs, at, first, start);
			tabs = take_tab(tabs, at, first, start + 1);
			tabs = take_tab(tabs, at, first, start + 2);
			tabs = take_tab(tabs, at, first, start + 3);
		}
	}
	return n;
}

size_t tsv_find_anywhere(const struct tsv *t, const char *line, size_t len)
{
	return find_tabs(t, line, len, tabs_of_64, lowest);
}

/* The same with what x86 has had since 2013, where it is there. */
#ifdef __x86_64__
#define NEWER __attribute__((target("avx2,bmi,popcnt")))

static inline NEWER uint64_t newer_tabs_of_32(const char *p)
{
	__m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);

	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('\t')));
}

static inline NEWER uint64_t newer_tabs_of_64(const char *p)
{
	return newer_tabs_of_32(p) | newer_tabs_of_32(p + 32) << 32;
}

static inline NEWER uint64_t newer_lowest(uint64_t bits)
{
	return _tzcnt_u64(bits);
}

static NEWER size_t find_newer(const struct tsv *t, const char *line, size_t len)
{
	return find_tabs(t, line, len, newer_tabs_of_64, newer_lowest);
}
#endif

tsv_find_tabs *tsv_finder(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
	    __builtin_cpu_supports("popcnt"))
		return find_newer;
#endif
	return tsv_find_anywhere;
}
