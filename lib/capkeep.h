// The newest frames of a scan, of which those behind certain verdicts shall be written: a ring that
// forgets the oldest, and for targets that take longer, because a round of theirs has failed, a
// place apart. Memory is bounded; what had to be forgotten is known by the frames' numbers.
#pragma once

#include "lib/capring.h"

struct capkeep;

// max_octets: of the ring, and again of all that lies apart. NULL: no memory.
struct capkeep *capkeep_create(uint64_t max_octets);
void capkeep_destroy(struct capkeep *k);

// Keep a copy of an entry that belongs to a target, its octets and text behind it. One that begins
// (CAPRING_BEGINS) a target of the same number makes what came before of it forgotten.
void capkeep_add(struct capkeep *k, const struct capring_entry *e);

// nb_missing: of the target's frames, the same for all of them.
typedef void (*capkeep_frame_fn)(void *context, const struct capring_entry *e, uint32_t nb_missing);

// The verdict is there: hand out the target's frames in their order, and forget them. Returns how
// many of them are missing, and 1 if there is not one.
uint32_t capkeep_take(struct capkeep *k, uint64_t target, capkeep_frame_fn frame, void *context);

// The verdict is there, and nobody wants the frames.
void capkeep_drop(struct capkeep *k, uint64_t target);
