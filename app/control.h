// What main tells the workers while they run: flags that one side writes and the other reads, each
// on its own; nothing waits for anybody.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

struct control {
	atomic_bool stop_launching; // start no more targets; what is in flight ends
	atomic_bool is_ending;	    // nor repeats and controls
	atomic_bool hold_launching; // for a while: the disk is full
	atomic_bool link_is_down;   // or a worker is off its CPU: not all that comes is heard
	// Counts the moments at which that began or ended: what is in flight then is
	// measured again, for silence says nothing about a target while nothing can be heard.
	atomic_uint outages;
	atomic_bool quit; // leave the loop
};

static inline bool control_is(const atomic_bool *flag) {
	return atomic_load_explicit(flag, memory_order_relaxed);
}

static inline void control_set(atomic_bool *flag, bool value) {
	atomic_store_explicit(flag, value, memory_order_relaxed);
}
