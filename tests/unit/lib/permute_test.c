// The order of a scan: each number once, spread, and the same for the same key.
#include "lib/permute.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const struct siphash_key key = {.k0 = 1, .k1 = 2}, other_key = {.k0 = 1, .k1 = 3};

Test(permute, every_number_comes_once_whatever_their_number) {
	static bool seen[5000];
	for (uint64_t n = 1; n <= 5000; n += n < 300 ? 1 : 97) {
		struct permute p;
		permute_init(&p, &key, n);
		memset(seen, 0, sizeof(seen));
		for (uint64_t i = 0; i < n; i++) {
			uint64_t at = permute_at(&p, i);
			cr_assert_lt(at, n);
			cr_assert(
				!seen[at], "%lu of %lu twice", (unsigned long)at, (unsigned long)n);
			seen[at] = true;
		}
	}
}

Test(permute, sixteen_million_numbers_come_once) {
	const uint64_t n = (UINT64_C(1) << 24) - 3;
	uint64_t *bits = calloc(n / 64 + 1, sizeof(*bits));
	struct permute p;
	permute_init(&p, &key, n);
	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = permute_at(&p, i);
		uint64_t bit = UINT64_C(1) << (at % 64);
		cr_assert(!(bits[at / 64] & bit));
		bits[at / 64] |= bit;
	}
	free(bits);
}

Test(permute, the_largest_sets_stay_within_their_bounds) {
	static const uint64_t sizes[] = {UINT64_C(1) << 32, (UINT64_C(1) << 32) + 1,
		UINT64_C(1) << 63, (UINT64_C(1) << 63) + 1, UINT64_MAX};
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		struct permute p;
		permute_init(&p, &key, sizes[k]);
		uint64_t most = 0;
		for (uint64_t i = 0; i < 1000; i++) {
			uint64_t at = permute_at(&p, i);
			cr_expect_lt(at, sizes[k]);
			most = at > most ? at : most;
		}
		cr_expect_gt(most, sizes[k] - sizes[k] / 100, "they reach over all of it");
		cr_expect_lt(permute_at(&p, sizes[k] - 1), sizes[k]);
	}
}

Test(permute, the_same_key_is_the_same_order_and_another_key_another) {
	struct permute first, again, other;
	permute_init(&first, &key, 1000);
	permute_init(&again, &key, 1000);
	permute_init(&other, &other_key, 1000);
	int nb_same = 0;
	for (uint64_t i = 0; i < 1000; i++) {
		cr_expect_eq(permute_at(&first, i), permute_at(&again, i));
		nb_same += permute_at(&first, i) == permute_at(&other, i);
	}
	cr_expect_lt(nb_same, 10, "about one stays in its place by chance");
}

// Sixty-five thousand numbers are 256 networks of 256 addresses: in any 256 places that follow each
// other there is about one of each network, and of none a burst.
Test(permute, neighbours_do_not_stay_together) {
	struct permute p;
	permute_init(&p, &key, 65536);
	int most = 0, nb_followed = 0;
	uint64_t before = UINT64_MAX;
	for (uint64_t start = 0; start < 65536; start += 256) {
		int nb[256] = {0};
		for (uint64_t i = start; i < start + 256; i++) {
			uint64_t at = permute_at(&p, i);
			nb_followed += at == before + 1;
			before = at;
			if (++nb[at / 256] > most)
				most = nb[at / 256];
		}
	}
	cr_expect_leq(most, 11, "%d of one network in 256 places", most);
	cr_expect_lt(nb_followed, 10, "%d numbers come right behind their neighbour", nb_followed);
}

// The chi-square of where the numbers of each sixteenth go: 225 degrees of freedom.
Test(permute, small_sets_are_shuffled_evenly) {
	double chi = 0;
	int nb[16][16] = {0};
	for (uint64_t k = 0; k < 1000; k++) {
		struct permute p;
		permute_init(&p, &(struct siphash_key){.k0 = k, .k1 = 7}, 48);
		for (uint64_t i = 0; i < 48; i++)
			nb[i / 3][permute_at(&p, i) / 3]++;
	}
	const double expected = 3 * 1000 / 16.0;
	for (int i = 0; i < 16; i++)
		for (int j = 0; j < 16; j++)
			chi += (nb[i][j] - expected) * (nb[i][j] - expected) / expected;
	cr_expect_lt(chi, 330, "chi-square %.0f", chi);
}
