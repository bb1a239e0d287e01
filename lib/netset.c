#include "lib/netset.h"

#include "lib/tcpstack/bytes.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

// First and last address, each as two numbers, so that they can be compared and counted.
struct number {
	uint64_t high, low;
};

struct netrange {
	struct number first, last;
	uint64_t nb_before; // addresses of the ranges before this one
};

void netset_init(struct netset *set) {
	*set = (struct netset){0};
}

void netset_free(struct netset *set) {
	free(set->ranges);
	netset_init(set);
}

static struct number number_of(const struct ip_addr *addr) {
	return (struct number){.high = get_be64(addr->octets), .low = get_be64(addr->octets + 8)};
}

static int compare(struct number a, struct number b) {
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return a.low < b.low ? -1 : a.low > b.low;
}

int netset_add(struct netset *set, const struct ip_addr *addr, unsigned int bits) {
	unsigned int host_bits = (addr_is_v4(addr) ? 32 : 128) - bits;
	assert(host_bits <= 128 - NETSET_MIN_PREFIX6);
	if (set->nb == set->capacity) {
		size_t capacity = set->capacity == 0 ? 16 : set->capacity * 2;
		struct netrange *ranges = realloc(set->ranges, capacity * sizeof(*ranges));
		if (ranges == NULL)
			return -ENOMEM;
		set->ranges = ranges;
		set->capacity = capacity;
	}
	uint64_t hosts = (UINT64_C(1) << host_bits) - 1;
	struct number number = number_of(addr);
	set->ranges[set->nb++] = (struct netrange){
		.first = {.high = number.high, .low = number.low & ~hosts},
		.last = {.high = number.high, .low = number.low | hosts},
	};
	return 0;
}

// Of those that begin with the same address the largest comes first.
static int by_first(const void *a, const void *b) {
	const struct netrange *left = a, *right = b;
	int order = compare(left->first, right->first);
	return order != 0 ? order : compare(right->last, left->last);
}

int netset_seal(struct netset *set) {
	if (set->nb > 0)
		qsort(set->ranges, set->nb, sizeof(*set->ranges), by_first);
	size_t nb = 0;
	set->nb_addresses = 0;
	for (size_t i = 0; i < set->nb; i++) {
		const struct netrange *next = &set->ranges[i];
		struct netrange *before = nb > 0 ? &set->ranges[nb - 1] : NULL;
		// Of two networks that share an address one holds the other.
		if (before && compare(next->first, before->last) <= 0)
			continue;
		uint64_t nb_here = next->last.low - next->first.low + 1;
		if (nb_here > NETSET_MAX_ADDRESSES - set->nb_addresses)
			return -EOVERFLOW;
		set->ranges[nb] = *next;
		set->ranges[nb++].nb_before = set->nb_addresses;
		set->nb_addresses += nb_here;
	}
	set->nb = nb;
	return 0;
}

uint64_t netset_size(const struct netset *set) {
	return set->nb_addresses;
}

struct ip_addr netset_at(const struct netset *set, uint64_t i) {
	assert(i < set->nb_addresses);
	size_t low = 0, high = set->nb;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (set->ranges[middle].nb_before <= i)
			low = middle;
		else
			high = middle;
	}
	const struct netrange *range = &set->ranges[low];
	struct ip_addr addr;
	put_be64(addr.octets, range->first.high);
	put_be64(addr.octets + 8, range->first.low + (i - range->nb_before));
	return addr;
}

bool netset_covers(const struct netset *set, const struct ip_addr *addr) {
	struct number number = number_of(addr);
	size_t low = 0, high = set->nb;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct netrange *range = &set->ranges[middle];
		if (compare(number, range->first) < 0)
			high = middle;
		else if (compare(number, range->last) > 0)
			low = middle + 1;
		else
			return true;
	}
	return false;
}
