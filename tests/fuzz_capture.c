/*
 * A whole file, in any form that a capture can have: its connections have to
 * be the same from the capture as from its rows.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file capture = file_new(), rows = file_new();
	struct file direct = file_new(), piped = file_new();
	size_t n, piped_n;
	char *a, *b;

	file_write(&capture, data, size);
	run_conns(&capture, &direct);
	run_extract(&capture, &rows);
	run_conns(&rows, &piped);
	a = file_read(&direct, &n);
	b = file_read(&piped, &piped_n);
	if (n != piped_n || memcmp(a, b, n) != 0) {
		fprintf(stderr, "from the capture:\n%.*s\nfrom its rows:\n%.*s\n",
			(int)n, a, (int)piped_n, b);
		abort();
	}
	free(a);
	free(b);
	close(capture.fd);
	close(rows.fd);
	close(direct.fd);
	close(piped.fd);
	return 0;
}
