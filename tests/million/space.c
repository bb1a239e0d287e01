// Walks over a whole network of IPv4 as eight machines would that have a shard each, and counts:
// every address once, each shard about an eighth. All of IPv4 takes some minutes and 512 MiB.
//
//	space [NETWORK]         default: 0.0.0.0/0
#include "lib/shard.h"
#include "lib/tcpstack/bytes.h"
#include "lib/visit.h"

#include <stdio.h>
#include <stdlib.h>

#define NB_SHARDS 8u

static const struct siphash_key shard_key = {.k0 = 1, .k1 = 2};
static uint64_t nb_of[NB_SHARDS], nb_twice;

static void count(uint64_t *seen, const struct ip_addr *addr) {
	uint32_t v4 = get_be32(addr_v4(addr));
	uint64_t bit = UINT64_C(1) << (v4 % 64);
	nb_of[shard_of(&shard_key, addr, 53, NB_SHARDS)]++;
	nb_twice += (seen[v4 / 64] & bit) != 0;
	seen[v4 / 64] |= bit;
}

static uint64_t nb_seen(const uint64_t *seen) {
	uint64_t nb = 0;
	for (size_t i = 0; i < (UINT64_C(1) << 32) / 64; i++)
		nb += (uint64_t)__builtin_popcountll(seen[i]);
	return nb;
}

static bool is_even(uint64_t nb_all) {
	for (unsigned int i = 0; i < NB_SHARDS; i++) {
		double share = (double)nb_of[i] * NB_SHARDS / (double)nb_all;
		printf("shard %u: %llu\n", i, (unsigned long long)nb_of[i]);
		if (share < 0.99 || share > 1.01)
			return false;
	}
	return true;
}

int main(int argc, char **argv) {
	const char *network = argc > 1 ? argv[1] : "0.0.0.0/0", *failed;
	struct visit_config config = {.arguments = &network, .nb_arguments = 1, .seed = 1};
	struct visit_target targets[VISIT_BURST];
	struct visit *visit;
	uint64_t *seen = calloc((UINT64_C(1) << 32) / 64, sizeof(*seen));
	if (!seen || visit_create(&config, &visit, &failed) != 0 ||
		visit_probe(visit, 0) != VISIT_FOUND)
		return EXIT_FAILURE;
	size_t nb;
	while (visit_draw(visit, 0, targets, &nb) == VISIT_FOUND) {
		for (size_t i = 0; i < nb; i++)
			count(seen, &targets[i].job.addr);
	}
	uint64_t nb_all = visit_nb(visit) - visit_nb_lines(visit);
	bool is_good = nb_seen(seen) == nb_all && nb_twice == 0 && is_even(nb_all);
	printf("%s: %llu addresses, %llu of them visited, %llu twice\n", network,
		(unsigned long long)nb_all, (unsigned long long)nb_seen(seen),
		(unsigned long long)nb_twice);
	visit_destroy(visit);
	free(seen);
	return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
