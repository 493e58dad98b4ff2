/*
 * Rows to segments, and to rows again: these, read once more, have to stay as
 * they are. A leading 0 stands for the line of names that extract writes.
 */
#include "fuzz.h"

static void write_names(const struct file *f)
{
	char names[2048], *p = names;

	for (int i = 0; i < COLUMNS; i++)
		p += sprintf(p, "%s%c", column_info[i].name,
			     i + 1 < COLUMNS ? '\t' : '\n');
	file_write(f, names, (size_t)(p - names));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file in = file_new(), once = file_new(), twice = file_new();
	struct file conns = file_new();
	size_t n, m;
	char *a, *b;

	if (size && *data == '0') {
		write_names(&in);
		file_write(&in, data + 1, size - 1);
	} else {
		file_write(&in, data, size);
	}
	run_conns(&in, &conns);
	run_extract(&in, &once);
	CHECK(run_extract(&once, &twice) == STATUS_OK);
	a = file_read(&once, &n);
	b = file_read(&twice, &m);
	if (n != m || memcmp(a, b, n) != 0) {
		fprintf(stderr, "once:\n%.*s\ntwice:\n%.*s\n", (int)n, a, (int)m, b);
		abort();
	}
	free(a);
	free(b);
	close(in.fd);
	close(once.fd);
	close(twice.fd);
	close(conns.fd);
	return 0;
}
