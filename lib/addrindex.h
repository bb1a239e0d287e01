// Address → where its target is kept. One index for both tiers of a worker, the launch ring and the
// answered table, so that a received frame needs one look-up, and that no address is probed twice
// at a time.
//
// Buckets of four 32-bit entries: six bits of the hash, one bit for the tier, 25 bits of position.
// An entry is a hint: the caller compares the address that is kept at the position. The memory is
// the caller's. One thread at a time.
#pragma once

#include "lib/tcpstack/addr.h"
#include "lib/tcpstack/siphash.h"

#include <stddef.h>
#include <stdint.h>

#define ADDRINDEX_MAX_POSITIONS (1u << 25)
#define ADDRINDEX_WAYS 4

struct addrindex {
	uint32_t *entries; // 0: free
	uint32_t bucket_mask;
	struct siphash_key key;
};

// Octets of memory, all zero at the start, for so many targets in flight: four times as many
// entries, so that a full bucket is rare.
size_t addrindex_octets(uint32_t nb_positions);
void addrindex_init(struct addrindex *index, void *memory, uint32_t nb_positions,
	const struct siphash_key *key);

uint64_t addrindex_hash(const struct addrindex *index, const struct ip_addr *addr);

// The entries of an address with this hash will be asked for soon.
void addrindex_prefetch(const struct addrindex *index, uint64_t hash);

// The next entry that may be of an address with this hash, or NULL. *way starts at 0.
uint32_t *addrindex_candidate(const struct addrindex *index, uint64_t hash, unsigned int *way);

// A free entry for an address with this hash, or NULL: the bucket is full, the target has to wait.
uint32_t *addrindex_free_entry(const struct addrindex *index, uint64_t hash);

static inline uint32_t addrindex_position(uint32_t entry) {
	return entry & (ADDRINDEX_MAX_POSITIONS - 1);
}

static inline bool addrindex_is_answered(uint32_t entry) {
	return entry & ADDRINDEX_MAX_POSITIONS;
}

void addrindex_set(uint32_t *entry, uint64_t hash, bool is_answered, uint32_t position);
