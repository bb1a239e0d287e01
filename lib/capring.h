// Frames on their way from a worker to the file of a capture: a ring of octets, one writer and one
// reader, that never waits. Each entry lies in one piece, its octets and its text behind it.
//
// capring_put is for the writer, capring_first and capring_next for the reader.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CAPRING_NO_TARGET UINT64_MAX

enum capring_flag {
	CAPRING_OUTBOUND = 1 << 0,
	CAPRING_BEGINS = 1 << 1, // the first SYN of a target; its text says of which
	CAPRING_APART = 1 << 2,	 // the target takes longer than most to its verdict
};

struct capring_entry {
	uint64_t time_ns;
	uint64_t target; // its index, or CAPRING_NO_TARGET
	uint32_t size;	 // of all of it; a multiple of eight
	uint32_t number; // of the frame among the target's, from 1
	uint16_t len;	 // octets of the frame
	uint16_t text_len;
	uint32_t flags; // enum capring_flag
};

// The most that an entry can need.
#define CAPRING_MAX_ENTRY (sizeof(struct capring_entry) + 2 * (UINT16_MAX + 8u))

struct capring {
	uint8_t *octets;
	uint64_t capacity;		    // a multiple of eight
	_Alignas(64) _Atomic uint64_t head; // written, since the start
	_Alignas(64) _Atomic uint64_t tail; // read
};

// memory: capacity octets, aligned to eight, which stay the caller's. capacity is a power of two,
// at least twice CAPRING_MAX_ENTRY.
void capring_init(struct capring *r, void *memory, uint64_t capacity);

// A copy of the frame and its text. entry->size is filled here. False: there is no room.
bool capring_put(
	struct capring *r, struct capring_entry *entry, const uint8_t *octets, const char *text);

// Octets that are free; the reader may make it more at any time.
uint64_t capring_free(const struct capring *r);

// The oldest entry, or NULL. It stays until capring_next.
const struct capring_entry *capring_first(struct capring *r);
void capring_next(struct capring *r);

static inline const uint8_t *capring_octets(const struct capring_entry *e) {
	return (const uint8_t *)(e + 1);
}

static inline const char *capring_text(const struct capring_entry *e) {
	return (const char *)capring_octets(e) + e->len;
}
