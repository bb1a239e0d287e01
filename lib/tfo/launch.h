// A target that nobody has answered yet, in 64 octets: the compact form of struct target while only
// the SYNs of its baseline and of its request go out. The first frame that comes from the target,
// or about it, makes it a struct target (launch_expand), as if it had been one from the start.
#pragma once

#include "lib/tfo/record.h"
#include "lib/tfo/target.h"

#include <assert.h>

struct launch {
	struct ip_addr addr;
	uint64_t hash;	      // of address and port, see launch_start
	uint64_t from_ns;     // the first SYN of the baseline
	uint64_t job;	      // for the owner of the launch
	uint64_t index : 40;  // for the owner of the launch
	uint64_t nb_syns : 8; // of the probe at hand
	uint64_t probe : 1;   // PROBE_BASELINE or PROBE_REQUEST
	uint64_t is_live : 1; // false: answered, and now a struct target
	uint64_t is_void : 1; // what happened to it says nothing: it is to be begun again
	uint64_t is_v4 : 1;   // the address
	uint64_t
		first_ordinal : 8; // of the connections to the target; not 0 if it was begun before
	uint32_t stage_us;	   // the first SYN of the probe at hand, after from_ns
	uint32_t last_syn_us;	   // the last one, after that
	uint16_t port;
	uint8_t dst_mac[MAC_OCTETS];
};
#define LAUNCH_MAX_INDEX ((UINT64_C(1) << 40) - 1)
static_assert(sizeof(struct launch) == 64, "one cache line: tens of millions are in flight");

// A target that nothing was sent to.
void launch_start(struct launch *l, const struct target_rules *rules, const struct ip_addr *addr,
	uint16_t port);

// The moments of a silent target, in their order: the SYNs of both probes, then the end.
static inline unsigned int launch_nb_moments(unsigned int syn_tries) {
	return 2 * syn_tries + 1;
}

// The probe whose SYN a moment sends.
static inline enum probe launch_probe_at(unsigned int syn_tries, unsigned int moment) {
	return moment < syn_tries ? PROBE_BASELINE : PROBE_REQUEST;
}

// It is the probe's first one.
static inline bool launch_is_first(unsigned int syn_tries, unsigned int moment) {
	return moment == 0 || moment == syn_tries;
}

// The first SYN of the probe at hand.
static inline uint64_t launch_stage_ns(const struct launch *l) {
	return l->from_ns + l->stage_us * NSEC_PER_USEC;
}

static inline uint64_t launch_last_syn_ns(const struct launch *l) {
	return launch_stage_ns(l) + l->last_syn_us * NSEC_PER_USEC;
}

// When the last SYN was given up: the end of a target that stayed silent.
static inline uint64_t launch_to_ns(const struct launch *l) {
	return launch_last_syn_ns(l) + CONN_SYN_GIVE_UP_NS;
}

// When the moment comes, for a launch all whose earlier moments have passed.
static inline uint64_t launch_moment_ns(
	const struct launch *l, unsigned int syn_tries, unsigned int moment) {
	if (moment == syn_tries || moment == 2 * syn_tries)
		return launch_to_ns(l);
	return launch_stage_ns(l) +
	       conn_syn_offset_ns(moment < syn_tries ? moment : moment - syn_tries);
}

// The SYN of a moment (not the last one), as it leaves at now_ns; launch_sent notes that it did.
// options: TCPOPT_MAX_OCTETS that out points into.
void launch_syn(const struct launch *l, const struct target_rules *rules, unsigned int moment,
	uint64_t now_ns, struct segment *out, uint8_t *options, struct conn_numbers *numbers);
static inline void launch_sent(
	struct launch *l, unsigned int syn_tries, unsigned int moment, uint64_t now_ns) {
	if (launch_is_first(syn_tries, moment)) {
		l->probe = launch_probe_at(syn_tries, moment);
		l->nb_syns = 0;
		if (moment == 0)
			l->from_ns = now_ns;
		l->stage_us = (uint32_t)((now_ns - l->from_ns) / NSEC_PER_USEC);
	}
	l->last_syn_us = (uint32_t)((now_ns - launch_stage_ns(l)) / NSEC_PER_USEC);
	l->nb_syns++;
}

// The first SYN of the connection whose SYN a moment sends at now_ns.
static inline uint64_t launch_first_ns(
	const struct launch *l, unsigned int syn_tries, unsigned int moment, uint64_t now_ns) {
	return launch_is_first(syn_tries, moment) ? now_ns : launch_stage_ns(l);
}

// What the connection of a probe starts with.
static inline struct target_conn_id launch_conn_id(
	const struct launch *l, const struct target_rules *rules, enum probe probe) {
	return target_conn_id_by_hash(rules, l->hash, &l->addr, l->port,
		(unsigned int)l->first_ordinal + (unsigned int)probe);
}

// The local port of the probe at hand.
uint16_t launch_port(const struct launch *l, const struct target_rules *rules);

// The same target in full. question_octets as for target_start, flows as for target_want_flows.
void launch_expand(const struct launch *l, const struct target_rules *rules,
	const uint8_t *question_octets, uint16_t question_len, struct flow *flows,
	struct target *t);

// All its moments have passed: what comes after is too late, whether or not it was noticed.
bool launch_is_over(const struct launch *l, unsigned int syn_tries, uint64_t now_ns);

// A frame that names these ports is of the probe at hand, and comes in time: the target has
// answered.
bool launch_takes(const struct launch *l, const struct target_rules *rules, uint16_t lport,
	uint16_t rport, uint64_t now_ns);

// SYNs so far, which is the number of the next moment.
unsigned int launch_nb_sent(const struct launch *l, unsigned int syn_tries);

// The record of a target that stayed silent to its end, and its flows (NB_PROBES) unless NULL.
void launch_record(const struct launch *l, const struct target_rules *rules, struct flow *flows,
	struct record *r);
