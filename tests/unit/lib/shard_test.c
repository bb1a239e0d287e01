// The parts of a scan: disjoint, complete, even.
#include "lib/shard.h"

#include "lib/netset.h"
#include "lib/permute.h"
#include "lib/tcpstack/bytes.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const struct siphash_key key = {.k0 = 11, .k1 = 12}, order = {.k0 = 13, .k1 = 14};

static struct ip_addr v4(uint32_t number) {
	uint8_t octets[ADDR4_OCTETS];
	put_be32(octets, number);
	return addr_from_v4(octets);
}

Test(shard, one_shard_has_all) {
	for (uint32_t i = 0; i < 1000; i++) {
		struct ip_addr addr = v4(i * 77777);
		cr_expect_eq(shard_of(&key, &addr, 53, 1), 0);
	}
}

Test(shard, parts_are_even_also_if_their_number_is_odd) {
	static const unsigned int numbers[] = {2, 3, 7, 8, 1000};
	for (size_t k = 0; k < 5; k++) {
		int nb[1000] = {0};
		unsigned int nb_shards = numbers[k];
		for (uint32_t i = 0; i < 1000 * nb_shards; i++) {
			struct ip_addr addr = v4(0x0a000000 + i);
			unsigned int shard = shard_of(&key, &addr, 53, nb_shards);
			cr_assert_lt(shard, nb_shards);
			nb[shard]++;
		}
		for (unsigned int i = 0; i < nb_shards; i++)
			cr_expect(nb[i] > 850 && nb[i] < 1150, "%d in shard %u of %u", nb[i], i,
				nb_shards);
	}
}

Test(shard, port_and_family_count) {
	int nb_port = 0, nb_v6 = 0;
	for (uint32_t i = 0; i < 1000; i++) {
		struct ip_addr addr = v4(i), v6 = {{0x20, 1}};
		put_be32(v6.octets + 12, i);
		nb_port += shard_of(&key, &addr, 53, 8) == shard_of(&key, &addr, 80, 8);
		nb_v6 += shard_of(&key, &v6, 53, 8) == shard_of(&key, &v6, 80, 8);
	}
	cr_expect(nb_port > 80 && nb_port < 180, "an eighth by chance, not %d", nb_port);
	cr_expect(nb_v6 > 80 && nb_v6 < 180, "an eighth by chance, not %d", nb_v6);
}

// Each of eight machines walks over all of 10.0.0.0/8 and takes what is its own.
Test(shard, eight_shards_of_a_network_of_16_million_have_every_address_once, .timeout = 110) {
	struct netset set;
	struct ip_addr network = v4(0x0a000000);
	netset_init(&set);
	cr_assert_eq(netset_add(&set, &network, 8), 0);
	cr_assert_eq(netset_seal(&set), 0);
	struct permute p;
	permute_init(&p, &order, netset_size(&set));
	uint64_t *seen = calloc(netset_size(&set) / 64, sizeof(*seen)), nb_all = 0;
	unsigned int nb_of[8] = {0};
	for (uint64_t i = 0; i < netset_size(&set); i++) {
		struct ip_addr addr = netset_at(&set, permute_at(&p, i));
		unsigned int shard = shard_of(&key, &addr, 53, 8);
		cr_assert_lt(shard, 8);
		uint32_t at = get_be32(addr_v4(&addr)) - 0x0a000000;
		uint64_t bit = UINT64_C(1) << (at % 64);
		cr_assert_lt(at, 1u << 24);
		cr_assert(!(seen[at / 64] & bit), "twice");
		seen[at / 64] |= bit;
		nb_of[shard]++;
		nb_all++;
	}
	for (unsigned int shard = 0; shard < 8; shard++)
		cr_expect(nb_of[shard] > (1 << 21) - 20000 && nb_of[shard] < (1 << 21) + 20000,
			"shard %u has %u", shard, nb_of[shard]);
	cr_expect_eq(nb_all, 1 << 24);
	free(seen);
	netset_free(&set);
}
