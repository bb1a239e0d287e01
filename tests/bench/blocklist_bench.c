// How long it takes to find out whether an address is on a blocklist: lists of scattered networks,
// addresses at random among them, one after the other as the reader asks.
//
//	blocklist_bench [NETWORKS [ADDRESSES]]
//
// Prints nanoseconds an address for each family, how long the list took to be read, and its memory.
#include "lib/blocklist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NB_NETWORKS 100000
#define NB_ADDRESSES 10000000
#define LINE_OCTETS 64

static uint64_t state = 1;

static uint32_t random32(void) {
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32);
}

// Of this thread: what others do meanwhile does not count.
static double now_ns(void) {
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

// As they are given out: in these few parts of the whole space.
static uint32_t first_bits6(void) {
	static const uint16_t parts[] = {0x2001, 0x2400, 0x2600, 0x2800, 0x2a00, 0x2c00};
	uint32_t r = random32();
	return (uint32_t)(parts[r % 6] + (r >> 8 & 15)) << 16 | r >> 16;
}

static struct ip_addr random_address(bool is_v4) {
	uint8_t octets[ADDR6_OCTETS];
	for (size_t i = 0; i < sizeof(octets); i += sizeof(uint32_t)) {
		uint32_t r = i == 0 && !is_v4 ? __builtin_bswap32(first_bits6()) : random32();
		memcpy(octets + i, &r, sizeof(r));
	}
	return is_v4 ? addr_from_v4(octets) : addr_from_v6(octets);
}

static char *text_of(bool is_v4, unsigned long nb, size_t *len) {
	char *text = malloc(nb * LINE_OCTETS), *end = text;
	if (!text)
		exit(1);
	for (unsigned long i = 0; i < nb; i++) {
		uint32_t r = random32(), high = first_bits6();
		if (is_v4)
			end += sprintf(end, "%u.%u.%u.%u/%u # opt-out\n", r >> 24, r >> 16 & 255,
				r >> 8 & 255, r & 255, 20 + random32() % 13);
		else
			end += sprintf(end, "%x:%x:%x::/%u\n", high >> 16, high & 0xffff,
				r & 0xffff, 32 + random32() % 17);
	}
	*len = (size_t)(end - text);
	return text;
}

static void measure(bool is_v4, unsigned long nb_networks, unsigned long nb_addresses) {
	size_t len;
	char *text = text_of(is_v4, nb_networks, &len);
	struct blocklist_error error;
	struct blocklist *list = blocklist_create();
	double start = now_ns();
	if (!list || blocklist_add_text(list, "bench", text, len, &error) < 0 ||
		blocklist_seal(list) < 0)
		exit(1);
	double read_ms = (now_ns() - start) / 1e6;
	unsigned long nb_kept = 1 << 20, nb_covered = 0;
	struct ip_addr *addresses = malloc(nb_kept * sizeof(*addresses));
	if (!addresses)
		exit(1);
	for (unsigned long i = 0; i < nb_kept; i++)
		addresses[i] = random_address(is_v4);
	start = now_ns();
	for (unsigned long i = 0; i < nb_addresses; i++)
		nb_covered += blocklist_covers(list, &addresses[i & (nb_kept - 1)]);
	double ns = (now_ns() - start) / (double)nb_addresses;
	const struct addrset *set = blocklist_set(list);
	const struct addrset_family *family = is_v4 ? &set->v4 : &set->v6;
	printf("%s: %lu networks, read in %.0f ms; %.1f ns an address, %.1f %% of them covered; "
	       "%zu ranges\n",
		is_v4 ? "IPv4" : "IPv6", nb_networks, read_ms, ns,
		100.0 * (double)nb_covered / (double)nb_addresses, family->nb);
	blocklist_destroy(list);
	free(addresses);
	free(text);
}

int main(int argc, char **argv) {
	unsigned long nb_networks = argc > 1 ? strtoul(argv[1], NULL, 10) : NB_NETWORKS;
	unsigned long nb_addresses = argc > 2 ? strtoul(argv[2], NULL, 10) : NB_ADDRESSES;
	measure(true, nb_networks, nb_addresses);
	measure(false, nb_networks, nb_addresses);
	return 0;
}
