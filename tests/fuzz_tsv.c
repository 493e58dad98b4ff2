/*
 * Rows to segments, and to rows again: these, read once more, have to stay as
 * they are. A leading 0 stands for the line of names that extract writes.
 */
#include "fuzz.h"

#include "column.h"
#include "msg.h"
#include "segment.h"

static void write_names(const struct file *f)
{
	char names[2048], *p = names;

	for (int i = 0; i < COLUMNS; i++)
		p += sprintf(p, "%s%c", column_info[i].name,
			     i + 1 < COLUMNS ? '\t' : '\n');
	file_write(f, names, (size_t)(p - names));
}

static const struct view views[] = {
	{ conns_main, { NULL } }, { conns_main, { "-S" } },
	{ conns_main, { "-i", "0.1" } }, { conns_main, { "-L", "0.5" } },
	{ subflows_main, { "-t" } }, { subflows_main, { "-t", "-i", "0.1" } },
	{ subflows_main, { "-i", "9223372036" } }, { subflows_main, { "-L", "0.5", "-t" } },
	{ events_main, { "-v", "-T", "0.1" } },
	{ reinject_main, { "-r" } }, { reinject_main, { "-r", "-w", "2" } },
	{ reinject_main, { "-m", "-r" } }, { reinject_main, { "-s", "-L", "0.5" } },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file in = file_new(), once = file_new(), twice = file_new();

	if (size && *data == '0') {
		write_names(&in);
		file_write(&in, data + 1, size - 1);
	} else {
		file_write(&in, data, size);
	}
	run_extract(&in, &once);
	CHECK(run_extract(&once, &twice) == STATUS_OK);
	same(&once, &twice, "extract");
	for (size_t i = 0; i < sizeof(views) / sizeof(*views); i++) {
		struct file out = file_new();

		view_run(&views[i], &in, &out);
		file_close(&out);
	}
	for (size_t i = any_of(data, size) % 2; i < TWOS; i += 2) {
		struct file out = file_new();

		two_run(twos[i].main, twos[i].options, &once, &in, &out);
		file_close(&out);
	}
	file_close(&in);
	file_close(&once);
	file_close(&twice);
	return 0;
}
