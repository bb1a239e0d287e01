// Address → where its target is kept. One index for both tiers of a worker, the launch ring and the
// answered table, so that a received frame needs one look-up, and that no address is probed twice
// at a time.
//
// Buckets of sixteen 32-bit entries, a cache line: six bits of the hash, one bit for the tier, 25
// bits of position. An entry is a hint: the caller compares the address that is kept at the
// position. The memory is the caller's. One thread at a time.
#pragma once

#include "lib/tcpstack/addr.h"
#include "lib/tcpstack/siphash.h"

#include <stddef.h>
#include <stdint.h>

#define ADDRINDEX_MAX_POSITIONS (1u << 25)
#define ADDRINDEX_WAYS 16
// Entries for each position.
#define ADDRINDEX_SPARE 2

struct addrindex {
	uint32_t *entries; // 0: free
	uint32_t bucket_mask;
	uint64_t keys[2];
};

// Octets of memory, all zero at the start, aligned to a cache line, for so many targets in flight.
// A bucket is full for one target in a hundred when as many are in flight, and hardly ever for half
// of these.
size_t addrindex_octets(uint32_t nb_positions);
void addrindex_init(struct addrindex *index, void *memory, uint32_t nb_positions,
	const struct siphash_key *key);

// Not for the eyes of others, but whoever chooses addresses can't foretell it without the key.
static inline uint64_t addrindex_hash(const struct addrindex *index, const struct ip_addr *addr) {
	uint64_t words[2];
	memcpy(words, addr->octets, sizeof(words));
	unsigned __int128 product =
		(unsigned __int128)(words[0] ^ index->keys[0]) * (words[1] ^ index->keys[1]);
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// Its bucket.
static inline uint32_t *addrindex_bucket(const struct addrindex *index, uint64_t hash) {
	return index->entries + (size_t)((uint32_t)hash & index->bucket_mask) * ADDRINDEX_WAYS;
}

// The entries of an address with this hash will be asked for soon.
static inline void addrindex_prefetch(const struct addrindex *index, uint64_t hash) {
	__builtin_prefetch(addrindex_bucket(index, hash));
}

// The ways of the bucket, one bit each, that may be of an address with this hash.
uint32_t addrindex_candidates(const uint32_t *bucket, uint64_t hash);

// A free entry, or NULL: the bucket is full, the target has to wait.
uint32_t *addrindex_free_entry(uint32_t *bucket);

// The entry that addrindex_set has made so, or NULL.
uint32_t *addrindex_entry(uint32_t *bucket, uint64_t hash, bool is_answered, uint32_t position);

static inline uint32_t addrindex_position(uint32_t entry) {
	return entry & (ADDRINDEX_MAX_POSITIONS - 1);
}

static inline bool addrindex_is_answered(uint32_t entry) {
	return entry & ADDRINDEX_MAX_POSITIONS;
}

void addrindex_set(uint32_t *entry, uint64_t hash, bool is_answered, uint32_t position);
