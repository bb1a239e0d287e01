// Nanoseconds since the epoch of UTC, from the TSC: read once a burst, without asking the kernel.
// It runs free from the moment it was set; over a scan of a day it may drift from a disciplined
// clock by what a crystal drifts.
#pragma once

#include <rte_cycles.h>

#include <stdint.h>
#include <time.h>

struct tsc_clock {
	uint64_t start_ns, start_tsc;
	double ns_per_tick;
};

static inline void clock_set(struct tsc_clock *c) {
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	c->start_tsc = rte_rdtsc();
	c->start_ns = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
	c->ns_per_tick = 1e9 / (double)rte_get_tsc_hz();
}

static inline uint64_t clock_now_ns(const struct tsc_clock *c) {
	return c->start_ns + (uint64_t)((double)(rte_rdtsc() - c->start_tsc) * c->ns_per_tick);
}
