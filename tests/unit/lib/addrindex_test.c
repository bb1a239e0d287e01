#include "lib/addrindex.h"

#include <criterion/criterion.h>

#include <stdlib.h>

#define NB_POSITIONS 1024u

static struct addrindex addr_index;
static const struct siphash_key key = {.k0 = 1, .k1 = 2};

static void set_up(void) {
	size_t octets = addrindex_octets(NB_POSITIONS);
	void *memory = aligned_alloc(64, octets);
	memset(memory, 0, octets);
	addrindex_init(&addr_index, memory, NB_POSITIONS, &key);
}

static void tear_down(void) {
	free(addr_index.entries);
}

TestSuite(addrindex, .init = set_up, .fini = tear_down);

static struct ip_addr addr_number(uint32_t n) {
	uint8_t v4[4] = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
	return addr_from_v4(v4);
}

// As a worker looks an address up: candidates are compared with what is kept at their position.
static uint32_t *find(uint32_t n, const uint32_t *kept) {
	struct ip_addr addr = addr_number(n);
	uint64_t hash = addrindex_hash(&addr_index, &addr);
	uint32_t *bucket = addrindex_bucket(&addr_index, hash);
	for (uint32_t ways = addrindex_candidates(bucket, hash); ways != 0; ways &= ways - 1) {
		uint32_t *entry = &bucket[__builtin_ctz(ways)];
		if (kept[addrindex_position(*entry)] == n) {
			cr_assert_eq(entry,
				addrindex_entry(bucket, hash, false, addrindex_position(*entry)));
			return entry;
		}
	}
	return NULL;
}

static bool put(uint32_t n, uint32_t position) {
	struct ip_addr addr = addr_number(n);
	uint64_t hash = addrindex_hash(&addr_index, &addr);
	uint32_t *entry = addrindex_free_entry(addrindex_bucket(&addr_index, hash));
	if (entry)
		addrindex_set(entry, hash, false, position);
	return entry != NULL;
}

Test(addrindex, memory_holds_two_entries_a_position) {
	cr_assert_eq(addrindex_octets(1024), 1024 * 2 * sizeof(uint32_t));
	cr_assert_eq(addrindex_octets(1025), 2048 * 2 * sizeof(uint32_t));
}

Test(addrindex, what_was_put_is_found_and_nothing_else) {
	uint32_t kept[NB_POSITIONS];
	unsigned int nb = 0;
	for (uint32_t n = 0; n < NB_POSITIONS; n++) {
		kept[nb] = n;
		nb += put(n, nb);
	}
	// a full bucket is rare, even with as many in flight as there can be
	cr_assert_geq(nb, NB_POSITIONS * 97 / 100);
	for (unsigned int i = 0; i < nb; i++) {
		uint32_t *entry = find(kept[i], kept);
		cr_assert_not_null(entry);
		cr_assert_eq(addrindex_position(*entry), i);
	}
	for (uint32_t n = NB_POSITIONS; n < 2 * NB_POSITIONS; n++)
		cr_assert_null(find(n, kept));
}

Test(addrindex, an_entry_set_to_zero_is_free_again) {
	uint32_t kept[] = {5};
	cr_assert(put(5, 0));
	*find(5, kept) = 0;
	cr_assert_null(find(5, kept));
	cr_assert(put(5, 0));
}

Test(addrindex, a_bucket_takes_its_ways_and_no_more) {
	addr_index.bucket_mask = 0;
	for (uint32_t n = 0; n < ADDRINDEX_WAYS; n++)
		cr_assert(put(n, n));
	cr_assert_not(put(ADDRINDEX_WAYS, 0));
}

Test(addrindex, tier_and_largest_position_survive) {
	struct ip_addr addr = addr_number(1);
	uint64_t hash = addrindex_hash(&addr_index, &addr);
	uint32_t *entry = addrindex_free_entry(addrindex_bucket(&addr_index, hash));
	addrindex_set(entry, hash, true, ADDRINDEX_MAX_POSITIONS - 1);
	cr_assert(addrindex_is_answered(*entry));
	cr_assert_eq(addrindex_position(*entry), ADDRINDEX_MAX_POSITIONS - 1);
	addrindex_set(entry, hash, false, 0);
	cr_assert_not(addrindex_is_answered(*entry));
	cr_assert_neq(*entry, 0, "an entry in use must not look free");
}
