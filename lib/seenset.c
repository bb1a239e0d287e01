#include "lib/seenset.h"

#include "lib/tcpstack/bytes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 1024

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
			.v4 = {.entry_octets = V4_ENTRY_OCTETS},
			.v6 = {.entry_octets = V6_ENTRY_OCTETS},
		};
	return set;
}

void seenset_destroy(struct seenset *set) {
	if (set == NULL)
		return;
	free(set->v4.slots);
	free(set->v6.slots);
	free(set);
}

// The slot that holds the entry, or the empty one where it belongs. The table has an empty slot.
static uint8_t *slot_find(
	const struct table *table, const struct siphash_key *key, const uint8_t *entry) {
	size_t mask = table->capacity - 1;
	size_t i = (size_t)siphash13(key, entry, table->entry_octets) & mask;
	for (;; i = (i + 1) & mask) {
		uint8_t *slot = table->slots + i * table->entry_octets;
		if (memcmp(slot, entry, table->entry_octets) == 0 ||
			memcmp(slot, empty, table->entry_octets) == 0)
			return slot;
	}
}

// Double the table, if limit and kernel allow it.
static bool table_grow(struct seenset *set, struct table *table) {
	size_t capacity = table->capacity == 0 ? FIRST_CAPACITY : table->capacity * 2;
	struct table grown = *table;
	grown.capacity = capacity;
	if (table_octets(&grown) > set->max_octets - seenset_octets(set))
		return false;
	grown.slots = calloc(capacity, table->entry_octets);
	if (grown.slots == NULL)
		return false;

	for (size_t i = 0; i < table->capacity; i++) {
		const uint8_t *entry = table->slots + i * table->entry_octets;
		if (memcmp(entry, empty, table->entry_octets) != 0)
			memcpy(slot_find(&grown, &set->key, entry), entry, table->entry_octets);
	}
	free(table->slots);
	*table = grown;
	return true;
}

static enum seenset_answer table_add(
	struct seenset *set, struct table *table, const uint8_t *entry) {
	uint8_t *slot = NULL;
	if (table->capacity > 0) {
		slot = slot_find(table, &set->key, entry);
		if (memcmp(slot, entry, table->entry_octets) == 0)
			return SEENSET_SEEN;
	}
	// Three quarters: beyond, linear probing gets long. Having stopped once, the set stays
	// as it is: the reader mustn't ask the kernel for memory at every line.
	if (table->nb_entries + 1 > table->capacity / 4 * 3) {
		if (!set->is_exact || !table_grow(set, table)) {
			set->is_exact = false;
			return SEENSET_FULL;
		}
		slot = slot_find(table, &set->key, entry);
	}
	memcpy(slot, entry, table->entry_octets);
	table->nb_entries++;
	return SEENSET_NEW;
}

enum seenset_answer seenset_add(struct seenset *set, const struct ip_addr *addr, uint16_t port) {
	assert(port > 0);
	uint8_t entry[V6_ENTRY_OCTETS] = {0};
	if (addr_is_v4(addr)) {
		memcpy(entry + 2, addr_v4(addr), ADDR4_OCTETS);
		put_be16(entry + 6, port);
		return table_add(set, &set->v4, entry);
	}
	memcpy(entry, addr->octets, ADDR6_OCTETS);
	put_be16(entry + ADDR6_OCTETS, port);
	return table_add(set, &set->v6, entry);
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
