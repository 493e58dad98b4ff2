/*
 * floor - the least that reading a capture can cost: a bare pcap_next_ex loop
 *
 * floor file
 *
 * Prints the number of frames.
 */
#define _DEFAULT_SOURCE	/* pcap.h wants u_int */
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *in = pcap_open_offline(argc > 1 ? argv[1] : "-", error);
	struct pcap_pkthdr *h;
	const u_char *frame;
	unsigned long n = 0;

	if (!in) {
		fprintf(stderr, "floor: %s\n", error);
		return 1;
	}
	while (pcap_next_ex(in, &h, &frame) == 1)
		n++;
	pcap_close(in);
	printf("%lu\n", n);
	return 0;
}
