#include "lib/addrset.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64
#define BITS4 32u
#define BITS6 128u
// The index has more entries than there are ranges, up to a limit (4 MiB). IPv6 addresses in use
// have their first bits in common, so it takes more of them.
#define MIN_INDEX_BITS 1u
#define MAX_INDEX_BITS 20u
#define MORE_BITS6 3u

static void family_free(struct addrset_family *family) {
	free(family->ranges);
	free(family->starts);
}

void addrset_free(struct addrset *set) {
	family_free(&set->v4);
	family_free(&set->v6);
	*set = (struct addrset){0};
}

int addrset_add(struct addrset *set, bool is_v4, addrset_number first, addrset_number last) {
	assert(!set->is_sealed && first <= last);
	struct addrset_family *family = is_v4 ? &set->v4 : &set->v6;
	if (family->nb == family->room) {
		size_t room = family->room == 0 ? FIRST_ROOM : family->room * 2;
		struct addrset_range *ranges =
			realloc(family->ranges, room * sizeof(family->ranges[0]));
		if (!ranges)
			return -ENOMEM;
		family->ranges = ranges;
		family->room = room;
	}
	family->ranges[family->nb++] = (struct addrset_range){.first = first, .last = last};
	return 0;
}

static int range_compare(const void *left, const void *right) {
	const struct addrset_range *a = left, *b = right;
	return (a->first > b->first) - (a->first < b->first);
}

static void merge(struct addrset_family *family) {
	if (family->nb == 0)
		return;
	qsort(family->ranges, family->nb, sizeof(family->ranges[0]), range_compare);
	struct addrset_range *merged = family->ranges; // the last one that is done
	for (size_t i = 1; i < family->nb; i++) {
		const struct addrset_range *next = &family->ranges[i];
		if (next->first <= merged->last || next->first - 1 == merged->last) {
			if (next->last > merged->last)
				merged->last = next->last;
		} else {
			*++merged = *next;
		}
	}
	family->nb = (size_t)(merged - family->ranges) + 1;
}

static int build_index(struct addrset_family *family, unsigned int bits, unsigned int more_bits) {
	unsigned int index_bits = MIN_INDEX_BITS + more_bits;
	while (index_bits < MAX_INDEX_BITS && (size_t)1 << index_bits < family->nb << more_bits)
		index_bits++;
	size_t nb_entries = ((size_t)1 << index_bits) + 1;
	family->shift = bits - index_bits;
	family->starts = malloc(nb_entries * sizeof(family->starts[0]));
	if (!family->starts)
		return -ENOMEM;
	size_t range = 0;
	for (size_t entry = 0; entry < nb_entries; entry++) {
		while (range < family->nb && family->ranges[range].first >> family->shift < entry)
			range++;
		family->starts[entry] = (uint32_t)range;
	}
	return 0;
}

int addrset_seal(struct addrset *set) {
	merge(&set->v4);
	merge(&set->v6);
	if (build_index(&set->v4, BITS4, 0) < 0 || build_index(&set->v6, BITS6, MORE_BITS6) < 0)
		return -ENOMEM;
	set->is_sealed = true;
	return 0;
}

static bool family_covers(const struct addrset_family *family, addrset_number address) {
	size_t entry = (size_t)(address >> family->shift);
	// the first range that begins behind the address
	size_t low = family->starts[entry], high = family->starts[entry + 1];
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (family->ranges[middle].first <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && address <= family->ranges[low - 1].last;
}

static addrset_number number6(const uint8_t octets[static ADDR6_OCTETS]) {
	uint64_t high, low;
	memcpy(&high, octets, sizeof(high));
	memcpy(&low, octets + sizeof(high), sizeof(low));
	return (addrset_number)__builtin_bswap64(high) << 64 | __builtin_bswap64(low);
}

static uint32_t number4(const uint8_t octets[static ADDR4_OCTETS]) {
	uint32_t number;
	memcpy(&number, octets, sizeof(number));
	return __builtin_bswap32(number);
}

bool addrset_covers(const struct addrset *set, const struct ip_addr *addr) {
	assert(set->is_sealed);
	if (addr_is_v4(addr))
		return family_covers(&set->v4, number4(addr_v4(addr)));
	return family_covers(&set->v6, number6(addr->octets));
}

uint64_t addrset_nb_ipv4(const struct addrset *set) {
	assert(set->is_sealed);
	uint64_t nb = 0;
	for (size_t i = 0; i < set->v4.nb; i++)
		nb += (uint64_t)(set->v4.ranges[i].last - set->v4.ranges[i].first) + 1;
	return nb;
}

bool addrset_is_empty(const struct addrset *set) {
	return set->v4.nb == 0 && set->v6.nb == 0;
}

// ---- networks

static struct ip_addr address_of(addrset_number number, bool is_v4) {
	uint8_t octets[ADDR6_OCTETS];
	unsigned int nb = is_v4 ? ADDR4_OCTETS : ADDR6_OCTETS;
	for (unsigned int i = 0; i < nb; i++)
		octets[i] = (uint8_t)(number >> 8 * (nb - 1 - i));
	return is_v4 ? addr_from_v4(octets) : addr_from_v6(octets);
}

// In two shifts, as all 128 bits may be host bits.
static addrset_number mask_of(unsigned int nb_host_bits) {
	return nb_host_bits == 0 ? 0 : ~(~(addrset_number)0 << (nb_host_bits - 1) << 1);
}

// Host bits of the largest network that begins at first and ends no later than last.
static unsigned int host_bits(addrset_number first, addrset_number last, unsigned int bits) {
	unsigned int nb = 0;
	while (nb < bits && (first >> nb & 1) == 0 && mask_of(nb + 1) <= last - first)
		nb++;
	return nb;
}

bool addrset_network(const struct addrset *set, struct addrset_walk *walk, struct ip_addr *addr,
	unsigned int *bits) {
	assert(set->is_sealed);
	if (!walk->is_in_v6 && walk->range == set->v4.nb)
		*walk = (struct addrset_walk){.is_in_v6 = true};
	const struct addrset_family *family = walk->is_in_v6 ? &set->v6 : &set->v4;
	unsigned int family_bits = walk->is_in_v6 ? BITS6 : BITS4;
	if (walk->range == family->nb)
		return false;
	const struct addrset_range *range = &family->ranges[walk->range];
	addrset_number first = range->first + walk->done;
	unsigned int nb_host_bits = host_bits(first, range->last, family_bits);
	addrset_number last = first | mask_of(nb_host_bits);
	*addr = address_of(first, !walk->is_in_v6);
	*bits = family_bits - nb_host_bits;
	walk->done += last - first + 1;
	if (last == range->last) {
		walk->range++;
		walk->done = 0;
	}
	return true;
}
