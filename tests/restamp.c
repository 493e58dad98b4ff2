/*
 * restamp - a capture as another clock would have stamped it
 *
 * restamp [-u] [-o offset] [-p ppm] [-a at -s step] [-z zero] [file]
 *
 * A frame at time t is at t + offset + ppm / 10^6 * (t - zero), and later by
 * step from zero + at on: all in seconds with decimals, but zero, ns since the
 * epoch and by default the first frame's time.  -u writes us, not ns.
 */
#include "edit.h"

#include <math.h>
#include <unistd.h>

static struct edit e;

static int64_t seconds(const char *text)
{
	return llroundl(strtold(text, NULL) * NS_PER_S);
}

int main(int argc, char **argv)
{
	int64_t offset = 0, at = 0, step = 0, zero = 0, t;
	long double ppm = 0;
	bool micro = false, has_zero = false;
	int c;

	while ((c = getopt(argc, argv, "uo:p:a:s:z:")) != -1) {
		switch (c) {
		case 'u': micro = true; break;
		case 'o': offset = seconds(optarg); break;
		case 'p': ppm = strtold(optarg, NULL); break;
		case 'a': at = seconds(optarg); break;
		case 's': step = seconds(optarg); break;
		case 'z':
			zero = strtoll(optarg, NULL, 10);
			has_zero = true;
			break;
		default: die("restamp: bad option");
		}
	}
	edit_open(argv[optind], micro);
	while (edit_read(&e)) {
		t = (int64_t)e.h.ts.tv_sec * NS_PER_S + e.h.ts.tv_usec;
		if (!has_zero)
			zero = t;
		has_zero = true;
		t += offset + llroundl(ppm * (long double)(t - zero) / 1000000) +
		     (t - zero >= at ? step : 0);
		if (t < 0)
			die("restamp: before 1970");
		e.h.ts.tv_sec = t / NS_PER_S;
		e.h.ts.tv_usec = t % NS_PER_S / (micro ? 1000 : 1);
		edit_write(&e);
	}
	edit_close();
	return 0;
}
