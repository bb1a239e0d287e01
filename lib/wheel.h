// A timer wheel: who is to be asked next. One timer an item, items are numbers; a tick is a
// millisecond, and a timer further ahead than the wheel is round fires early, at its horizon (who
// is asked then says when to be asked again). Setting, cancelling and firing cost the same however
// many timers there are. The memory is the caller's; one thread at a time.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WHEEL_TICKS 16384u // a power of two; 16 s
#define WHEEL_NONE UINT32_MAX

struct wheel_node {
	uint32_t next, prev;
	uint32_t tick; // WHEEL_NONE: not set
};

struct wheel {
	struct wheel_node *nodes; // one an item
	uint64_t start_ns;
	uint64_t now_tick; // all before it have fired
	uint32_t heads[WHEEL_TICKS];
};

void wheel_init(struct wheel *w, struct wheel_node *nodes, uint32_t nb_items, uint64_t now_ns);

// Set, or move, the item's timer. It fires at at_ns or up to a tick later, never before.
void wheel_set(struct wheel *w, uint32_t item, uint64_t at_ns);
void wheel_cancel(struct wheel *w, uint32_t item);

// The same, but a timer that is set for earlier stays: it costs less to be asked once too often
// than to move a timer at each frame.
void wheel_set_at_latest(struct wheel *w, uint32_t item, uint64_t at_ns);

static inline bool wheel_is_set(const struct wheel *w, uint32_t item) {
	return w->nodes[item].tick != WHEEL_NONE;
}

// Begin at now_ns, in place of firing all that has passed meanwhile; only while no timer is set.
void wheel_restart(struct wheel *w, uint64_t now_ns);

// Take one item whose time has come at now_ns, or WHEEL_NONE. To be called until it says so.
uint32_t wheel_expired(struct wheel *w, uint64_t now_ns);
