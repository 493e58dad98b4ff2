/*
 * Any bytes as a file: pcap, pcapng, gzip or rows, damaged or not. All of it is
 * read; and the same bytes within gzip are the same input.
 */
#include "fuzz.h"

#include <zlib.h>

/* In members of any size, as files put together have. */
static void zip(const struct file *to, const uint8_t *data, size_t size)
{
	size_t part = size / 3 + 1, n;
	uint8_t out[512];

	for (size_t at = 0; at < size || at == 0; at += part) {
		z_stream z = { .next_in = (uint8_t *)data + at };

		z.avail_in = (uInt)(size - at < part ? size - at : part);
		CHECK(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_FIXED) == Z_OK);
		do {
			z.next_out = out;
			z.avail_out = sizeof(out);
			deflate(&z, Z_FINISH);
			n = sizeof(out) - z.avail_out;
			file_write(to, out, n);
		} while (n == sizeof(out));
		deflateEnd(&z);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file in = file_new(), direct = file_new(), undone = file_new();
	int status;

	file_write(&in, data, size);
	status = run_extract(&in, &direct);
	if (size < 2 || data[0] != 0x1f || data[1] != 0x8b) {
		/* in the same place, as rows name their file */
		CHECK(ftruncate(in.fd, 0) == 0 && lseek(in.fd, 0, SEEK_SET) == 0);
		zip(&in, data, size);
		CHECK(run_extract(&in, &undone) == status);
		same(&direct, &undone, "within gzip");
	}
	file_close(&in);
	file_close(&direct);
	file_close(&undone);
	return 0;
}
