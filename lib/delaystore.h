// Things that wait for their time: each comes out at the time it was given or after, never before,
// in the order of their times, and those of one time in the order in which they came in. Room is
// for a fixed number. A wheel: adding and taking cost the same however many wait, as long as few
// of them fall into the same 2 µs.
//
// The memory is the caller's; one thread at a time; times are nanoseconds, and those of
// delaystore_due the same or later in every call.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct delaystore_node {
	uint64_t at_ns;
	void *item;
	uint32_t next, prev;
};

struct delaystore_slot {
	uint32_t first, last;
};

struct delaystore {
	struct delaystore_node *nodes;
	struct delaystore_slot *slots;
	uint32_t free; // a list through next
	uint32_t nb, capacity;
	uint64_t now_tick; // all before it is out
};

// Octets of memory for so many items, 2^31 at most.
size_t delaystore_octets(uint32_t capacity);

// memory: delaystore_octets(capacity) octets, aligned to 8.
void delaystore_init(struct delaystore *d, void *memory, uint32_t capacity, uint64_t now_ns);

// False: there is no room, and nothing happened. The item is not NULL, and stays the caller's.
bool delaystore_add(struct delaystore *d, uint64_t at_ns, void *item);

// Take the first item whose time has come, or NULL. To be called until it says so.
void *delaystore_due(struct delaystore *d, uint64_t now_ns);

// Take the first item of all, whenever its time is, or NULL: for the end.
void *delaystore_drain(struct delaystore *d);
