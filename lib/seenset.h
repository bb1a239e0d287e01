// The set of (address, port) that were seen, exact, for dropping duplicates of a target list.
//
// Two tables with open addressing, IPv4 packed into 8 octets an entry, IPv6 into 18. Both double as
// they fill. The caller's key makes the places unpredictable, so no list, however hostile, makes
// a look-up long. Memory has a limit: at it (or when the kernel gives no more) no table doubles any
// more, what doesn't fit is not taken in, what is in is still found, and seenset_is_exact turns
// false. While a table doubles the old and the new one count, so a third to two thirds of the limit
// is used in the end.
//
// One thread at a time.
#pragma once

#include "lib/tcpstack/addr.h"
#include "lib/tcpstack/siphash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum seenset_answer {
	SEENSET_NEW,  // was not there, now it is
	SEENSET_SEEN, // was there: a duplicate
	SEENSET_FULL, // is not there and could not be taken in: it may come again unnoticed
};

struct seenset;

// NULL: no memory. max_octets counts the tables; the first entry of a family takes 1,024 slots.
struct seenset *seenset_create(const struct siphash_key *key, size_t max_octets);
void seenset_destroy(struct seenset *set); // NULL is fine

// So many will come, at a guess: the tables begin with room for them, as far as that is some 64
// MiB, and need not double so often. Before the first one.
void seenset_expect(struct seenset *set, uint64_t nb);

// port is 1 to 65535: the caller has put in the default where a line gives none.
enum seenset_answer seenset_add(struct seenset *set, const struct ip_addr *addr, uint16_t port);

// The same in two steps, for who adds many: what the second one needs is on its way from memory
// after the first one.
uint64_t seenset_prefetch(const struct seenset *set, const struct ip_addr *addr, uint16_t port);
enum seenset_answer seenset_add_hashed(
	struct seenset *set, const struct ip_addr *addr, uint16_t port, uint64_t hash);

uint64_t seenset_size(const struct seenset *set);
size_t seenset_octets(const struct seenset *set);
bool seenset_is_exact(const struct seenset *set);
