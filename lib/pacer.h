// The pacer: a token bucket kept as the time at which it will be full again (GCRA). Whoever may
// wait asks pacer_may_send; every frame, asked for or not, is charged: what is sent without asking
// is owed, and paid back before the next one that asks.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// A bucket this deep makes good for a worker that another thread kept from its CPU.
#define PACER_DEPTH_NS UINT64_C(5000000)

struct pacer {
	uint64_t start_ns;
	uint64_t interval_ps; // a frame; 0: no limit
	uint64_t paid_until_ps;
};

// frames_per_s 0: no limit.
static inline void pacer_init(struct pacer *p, double frames_per_s, uint64_t now_ns) {
	p->start_ns = now_ns;
	p->interval_ps = frames_per_s > 0 ? (uint64_t)(1e12 / frames_per_s) : 0;
	p->paid_until_ps = 0;
}

static inline uint64_t pacer_now_ps(const struct pacer *p, uint64_t now_ns) {
	return (now_ns - p->start_ns) * 1000;
}

// What is owed stays so many frames.
static inline void pacer_set_rate(struct pacer *p, double frames_per_s, uint64_t now_ns) {
	uint64_t interval_ps = (uint64_t)(1e12 / frames_per_s), now_ps = pacer_now_ps(p, now_ns);
	if (p->paid_until_ps > now_ps && p->interval_ps > 0) {
		double nb_owed = (double)(p->paid_until_ps - now_ps) / (double)p->interval_ps;
		p->paid_until_ps = now_ps + (uint64_t)(nb_owed * (double)interval_ps);
	}
	p->interval_ps = interval_ps;
}

static inline bool pacer_may_send(const struct pacer *p, uint64_t now_ns) {
	return p->paid_until_ps <= pacer_now_ps(p, now_ns);
}

static inline void pacer_charge(struct pacer *p, uint64_t now_ns, unsigned int nb_frames) {
	uint64_t now_ps = pacer_now_ps(p, now_ns);
	uint64_t oldest_ps = now_ps > PACER_DEPTH_NS * 1000 ? now_ps - PACER_DEPTH_NS * 1000 : 0;
	if (p->paid_until_ps < oldest_ps)
		p->paid_until_ps = oldest_ps;
	p->paid_until_ps += nb_frames * p->interval_ps;
}
