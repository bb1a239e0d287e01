#include "lib/addrindex.h"

#define TAG_SHIFT 26

// Never zero, so that no entry in use looks free.
static uint32_t tag_of(uint64_t hash) {
	return (uint32_t)(hash >> 58) % 63 + 1;
}

static uint32_t nb_buckets(uint32_t nb_positions) {
	uint32_t n = 1;
	while (n < nb_positions)
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
	index->key = *key;
}

uint64_t addrindex_hash(const struct addrindex *index, const struct ip_addr *addr) {
	return siphash13(&index->key, addr->octets, sizeof(addr->octets));
}

static uint32_t *bucket_of(const struct addrindex *index, uint64_t hash) {
	return index->entries + (size_t)((uint32_t)hash & index->bucket_mask) * ADDRINDEX_WAYS;
}

void addrindex_prefetch(const struct addrindex *index, uint64_t hash) {
	__builtin_prefetch(bucket_of(index, hash));
}

uint32_t *addrindex_candidate(const struct addrindex *index, uint64_t hash, unsigned int *way) {
	uint32_t *bucket = bucket_of(index, hash);
	while (*way < ADDRINDEX_WAYS) {
		uint32_t *entry = &bucket[(*way)++];
		if (*entry >> TAG_SHIFT == tag_of(hash))
			return entry;
	}
	return NULL;
}

uint32_t *addrindex_free_entry(const struct addrindex *index, uint64_t hash) {
	uint32_t *bucket = bucket_of(index, hash);
	for (unsigned int way = 0; way < ADDRINDEX_WAYS; way++) {
		if (bucket[way] == 0)
			return &bucket[way];
	}
	return NULL;
}

void addrindex_set(uint32_t *entry, uint64_t hash, bool is_answered, uint32_t position) {
	*entry = tag_of(hash) << TAG_SHIFT | (is_answered ? ADDRINDEX_MAX_POSITIONS : 0) | position;
}
