#include "lib/addrindex.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define TAG_SHIFT 26

// Never zero, so that no entry in use looks free.
static uint32_t tag_of(uint64_t hash) {
	uint32_t tag = (uint32_t)(hash >> 58);
	return tag != 0 ? tag : 1;
}

static uint32_t value_of(uint64_t hash, bool is_answered, uint32_t position) {
	return tag_of(hash) << TAG_SHIFT | (is_answered ? ADDRINDEX_MAX_POSITIONS : 0) | position;
}

static uint32_t nb_buckets(uint32_t nb_positions) {
	uint32_t n = 1;
	while ((uint64_t)n * ADDRINDEX_WAYS < (uint64_t)nb_positions * ADDRINDEX_SPARE)
		n *= 2;
	return n;
}

size_t addrindex_octets(uint32_t nb_positions) {
	return (size_t)nb_buckets(nb_positions) * ADDRINDEX_WAYS * sizeof(uint32_t);
}

void addrindex_init(struct addrindex *index, void *memory, uint32_t nb_positions,
	const struct siphash_key *key) {
	index->entries = memory;
	index->bucket_mask = nb_buckets(nb_positions) - 1;
	for (uint8_t i = 0; i < 2; i++)
		index->keys[i] = siphash13(key, &i, sizeof(i));
}

#ifdef __SSE2__
static __m128i four_equal(const uint32_t *entries, uint32_t mask, uint32_t value) {
	__m128i four = _mm_load_si128((const __m128i *)(const void *)entries);
	four = _mm_and_si128(four, _mm_set1_epi32((int)mask));
	return _mm_cmpeq_epi32(four, _mm_set1_epi32((int)value));
}

// The ways, one bit each, that are this value under the mask.
static uint32_t ways_equal(const uint32_t *bucket, uint32_t mask, uint32_t value) {
	__m128i low = _mm_packs_epi32(
		four_equal(bucket, mask, value), four_equal(bucket + 4, mask, value));
	__m128i high = _mm_packs_epi32(
		four_equal(bucket + 8, mask, value), four_equal(bucket + 12, mask, value));
	return (uint32_t)_mm_movemask_epi8(_mm_packs_epi16(low, high));
}
#else
static uint32_t ways_equal(const uint32_t *bucket, uint32_t mask, uint32_t value) {
	uint32_t ways = 0;
	for (unsigned int i = 0; i < ADDRINDEX_WAYS; i++)
		ways |= (uint32_t)((bucket[i] & mask) == value) << i;
	return ways;
}
#endif

uint32_t addrindex_candidates(const uint32_t *bucket, uint64_t hash) {
	return ways_equal(bucket, UINT32_MAX << TAG_SHIFT, tag_of(hash) << TAG_SHIFT);
}

uint32_t *addrindex_free_entry(uint32_t *bucket) {
	uint32_t ways = ways_equal(bucket, UINT32_MAX, 0);
	return ways != 0 ? &bucket[__builtin_ctz(ways)] : NULL;
}

uint32_t *addrindex_entry(uint32_t *bucket, uint64_t hash, bool is_answered, uint32_t position) {
	uint32_t ways = ways_equal(bucket, UINT32_MAX, value_of(hash, is_answered, position));
	return ways != 0 ? &bucket[__builtin_ctz(ways)] : NULL;
}

void addrindex_set(uint32_t *entry, uint64_t hash, bool is_answered, uint32_t position) {
	*entry = value_of(hash, is_answered, position);
}
