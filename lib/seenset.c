#include "lib/seenset.h"

#include "lib/tcpstack/bytes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FIRST_CAPACITY 1024
#define MOST_FIRST_CAPACITY (UINT64_C(1) << 22)

// An entry is the address in its own family, then the port, both as on the wire. An entry of zeros
// is an empty slot: no port is 0, so no entry is all zeros.
#define V4_ENTRY_OCTETS 8 // 4 and 2, and 2 zeros in front, for the alignment
#define V6_ENTRY_OCTETS 18

// Linear probing: entry i is in the first free slot from hash(i) on. Never full, so every search
// ends at an empty slot.
struct table {
	uint8_t *slots;
	size_t entry_octets;
	size_t capacity; // slots, a power of two; 0 until the first entry
	size_t nb_entries;
};

struct seenset {
	struct siphash_key key;
	size_t max_octets;
	bool is_exact;
	size_t first_capacity;
	struct table v4, v6;
};

static const uint8_t empty[V6_ENTRY_OCTETS];

static size_t table_octets(const struct table *table) {
	return table->capacity * table->entry_octets;
}

struct seenset *seenset_create(const struct siphash_key *key, size_t max_octets) {
	struct seenset *set = malloc(sizeof(*set));
	if (set != NULL)
		*set = (struct seenset){
			.key = *key,
			.max_octets = max_octets,
			.is_exact = true,
			.first_capacity = FIRST_CAPACITY,
			.v4 = {.entry_octets = V4_ENTRY_OCTETS},
			.v6 = {.entry_octets = V6_ENTRY_OCTETS},
		};
	return set;
}

// Zeros, in large pages if the kernel has them: each look-up is somewhere else.
static uint8_t *slots_allocate(size_t octets) {
	void *slots =
		mmap(NULL, octets, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (slots == MAP_FAILED)
		return NULL;
	madvise(slots, octets, MADV_HUGEPAGE);
	return slots;
}

static void slots_free(const struct table *table) {
	if (table->slots)
		munmap(table->slots, table_octets(table));
}

void seenset_destroy(struct seenset *set) {
	if (set == NULL)
		return;
	slots_free(&set->v4);
	slots_free(&set->v6);
	free(set);
}

void seenset_expect(struct seenset *set, uint64_t nb) {
	while (set->first_capacity < MOST_FIRST_CAPACITY && set->first_capacity / 4 * 3 < nb)
		set->first_capacity *= 2;
}

// Of an entry, by its family.
static uint64_t hash_of(const struct siphash_key *key, const uint8_t *entry, size_t entry_octets) {
	if (entry_octets == V4_ENTRY_OCTETS)
		return siphash13_short(key, get_be64(entry), V4_ENTRY_OCTETS - 2);
	return siphash13(key, entry, entry_octets);
}

static bool is_same(const uint8_t *a, const uint8_t *b, size_t entry_octets) {
	if (entry_octets != V4_ENTRY_OCTETS)
		return memcmp(a, b, V6_ENTRY_OCTETS) == 0;
	return memcmp(a, b, V4_ENTRY_OCTETS) == 0; // a constant length is no call
}

// The slot that holds the entry, or the empty one where it belongs. The table has an empty slot.
static uint8_t *slot_find(const struct table *table, uint64_t hash, const uint8_t *entry) {
	size_t mask = table->capacity - 1;
	for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
		uint8_t *slot = table->slots + i * table->entry_octets;
		if (is_same(slot, entry, table->entry_octets) ||
			is_same(slot, empty, table->entry_octets))
			return slot;
	}
}

// Double the table, if limit and kernel allow it.
static bool table_grow(struct seenset *set, struct table *table) {
	size_t capacity = table->capacity == 0 ? set->first_capacity : table->capacity * 2;
	size_t room = set->max_octets - seenset_octets(set);
	struct table grown = *table;
	while (table->capacity == 0 && capacity > FIRST_CAPACITY &&
		capacity * table->entry_octets > room)
		capacity /= 2;
	grown.capacity = capacity;
	if (table_octets(&grown) > room)
		return false;
	grown.slots = slots_allocate(table_octets(&grown));
	if (grown.slots == NULL)
		return false;

	for (size_t i = 0; i < table->capacity; i++) {
		const uint8_t *entry = table->slots + i * table->entry_octets;
		if (is_same(entry, empty, table->entry_octets))
			continue;
		uint64_t hash = hash_of(&set->key, entry, table->entry_octets);
		memcpy(slot_find(&grown, hash, entry), entry, table->entry_octets);
	}
	slots_free(table);
	*table = grown;
	return true;
}

static enum seenset_answer table_add(
	struct seenset *set, struct table *table, uint64_t hash, const uint8_t *entry) {
	uint8_t *slot = NULL;
	if (table->capacity > 0) {
		slot = slot_find(table, hash, entry);
		if (is_same(slot, entry, table->entry_octets))
			return SEENSET_SEEN;
	}
	// Three quarters: beyond, linear probing gets long. Having stopped once, the set stays
	// as it is: the reader mustn't ask the kernel for memory at every line.
	if (table->nb_entries + 1 > table->capacity / 4 * 3) {
		if (!set->is_exact || !table_grow(set, table)) {
			set->is_exact = false;
			return SEENSET_FULL;
		}
		slot = slot_find(table, hash, entry);
	}
	memcpy(slot, entry, table->entry_octets);
	table->nb_entries++;
	return SEENSET_NEW;
}

// Returns the entry's length.
static size_t entry_of(
	const struct ip_addr *addr, uint16_t port, uint8_t entry[static V6_ENTRY_OCTETS]) {
	assert(port > 0);
	if (addr_is_v4(addr)) {
		put_be16(entry, 0);
		memcpy(entry + 2, addr_v4(addr), ADDR4_OCTETS);
		put_be16(entry + 6, port);
		return V4_ENTRY_OCTETS;
	}
	memcpy(entry, addr->octets, ADDR6_OCTETS);
	put_be16(entry + ADDR6_OCTETS, port);
	return V6_ENTRY_OCTETS;
}

uint64_t seenset_prefetch(const struct seenset *set, const struct ip_addr *addr, uint16_t port) {
	uint8_t entry[V6_ENTRY_OCTETS];
	size_t octets = entry_of(addr, port, entry);
	const struct table *table = octets == V4_ENTRY_OCTETS ? &set->v4 : &set->v6;
	uint64_t hash = hash_of(&set->key, entry, octets);
	if (table->capacity > 0)
		__builtin_prefetch(table->slots + ((size_t)hash & (table->capacity - 1)) * octets);
	return hash;
}

enum seenset_answer seenset_add_hashed(
	struct seenset *set, const struct ip_addr *addr, uint16_t port, uint64_t hash) {
	uint8_t entry[V6_ENTRY_OCTETS];
	size_t octets = entry_of(addr, port, entry);
	return table_add(set, octets == V4_ENTRY_OCTETS ? &set->v4 : &set->v6, hash, entry);
}

enum seenset_answer seenset_add(struct seenset *set, const struct ip_addr *addr, uint16_t port) {
	uint8_t entry[V6_ENTRY_OCTETS];
	size_t octets = entry_of(addr, port, entry);
	return seenset_add_hashed(set, addr, port, hash_of(&set->key, entry, octets));
}

uint64_t seenset_size(const struct seenset *set) {
	return set->v4.nb_entries + set->v6.nb_entries;
}

size_t seenset_octets(const struct seenset *set) {
	return table_octets(&set->v4) + table_octets(&set->v6);
}

bool seenset_is_exact(const struct seenset *set) {
	return set->is_exact;
}
