// What main tells the workers while they run: flags that one side writes and the other reads, each
// on its own; nothing waits for anybody.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

// A worker that is off its CPU for so long hears nothing, and may lose what comes.
#define CONTROL_PAUSE_NS UINT64_C(300000000)
// Times that it is forgiven: a machine with too few CPUs would never come to an end.
#define CONTROL_PAUSES_FORGIVEN 50
// Outages that overlap have so little between them.
#define CONTROL_OVERLAP_NS UINT64_C(5000000000)

struct control {
	atomic_bool stop_launching; // start no more targets; what is in flight ends
	atomic_bool is_ending;	    // nor repeats and controls
	atomic_bool hold_launching; // for a while: the disk is full
	atomic_uint nb_crowded;	    // workers that see a frame ring over half full: hold, too
	atomic_bool link_is_down;   // or a worker is off its CPU: not all that comes is heard
	// Counts the moments at which that began or ended: what has been under way since unheard_ns
	// is measured again, for silence says nothing about a target while nothing can be heard.
	atomic_uint outages;
	_Atomic uint64_t unheard_ns;
	atomic_uint pauses; // of workers, see CONTROL_PAUSE_NS
	atomic_uint stalls; // of their queues: as long, and the driver took no frame
	// What the user wants all workers together to send, in thousandths of a frame a second (0:
	// no limit), when it is no longer what they were made for; and how often that has changed.
	_Atomic uint64_t wanted_mpps;
	atomic_uint rate_changes;
	// Frames lost on our own side because there were too many at a time, and frames that came.
	_Atomic uint64_t nb_lost, nb_heard;
	atomic_bool quit; // leave the loop
};

static inline bool control_is(const atomic_bool *flag) {
	return atomic_load_explicit(flag, memory_order_relaxed);
}

static inline void control_set(atomic_bool *flag, bool value) {
	atomic_store_explicit(flag, value, memory_order_relaxed);
}

// From since_ns on not all was heard. Anybody may say so.
static inline void control_note_outage(struct control *c, uint64_t since_ns) {
	uint64_t old = atomic_load_explicit(&c->unheard_ns, memory_order_relaxed), value;
	do {
		bool is_part = old <= since_ns && since_ns - old < CONTROL_OVERLAP_NS;
		value = is_part ? old : since_ns;
	} while (!atomic_compare_exchange_weak(&c->unheard_ns, &old, value));
	atomic_fetch_add(&c->outages, 1);
}

static inline bool control_forgives_pauses(const struct control *c) {
	unsigned int nb = atomic_load_explicit(&c->pauses, memory_order_relaxed) +
			  atomic_load_explicit(&c->stalls, memory_order_relaxed);
	return nb <= CONTROL_PAUSES_FORGIVEN;
}
