#define _GNU_SOURCE	/* F_SETPIPE_SZ */
#include "pipe.h"

#include <fcntl.h>

void pipe_widen(int fd)
{
#ifdef F_SETPIPE_SZ
	const int wanted = 1 << 20;
	int has = fcntl(fd, F_GETPIPE_SZ);

	if (has > 0 && has < wanted)
		fcntl(fd, F_SETPIPE_SZ, wanted);
#else
	(void)fd;
#endif
}
