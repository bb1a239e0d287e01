// Every number of ours that a stranger must not guess, and that nobody needs to remember: local
// ports, ISNs, TSval bases and DNS IDs are keyed hashes of who we talk to (as RFC 6528 and RFC 6056
// ask), under a key made of the seed and of an epoch that is new at every start of the process.
// So a late frame can be recognised without any state.
//
// One hash a target, and the rest is drawn from it: who knows it, or any number drawn from it, can
// foretell our numbers to this target's port, and to no other. Only the target can know.
#pragma once

#include "lib/tcpstack/addr.h"
#include "lib/tcpstack/siphash.h"
#include "lib/tfo/ports.h"

struct numbers {
	struct siphash_key key;
};

void numbers_init(struct numbers *n, uint64_t seed, uint64_t epoch);

// The target's hash, evenly spread over all 64 bits, that all else is drawn from.
uint64_t numbers_target(const struct numbers *n, const struct ip_addr *raddr, uint16_t rport);

// A target opens at most so many connections, controls and repeats included.
#define NUMBERS_MAX_CONNECTIONS 128
// Of these a target in one go: rounds, controls, and new ports after challenge ACKs.
#define NUMBERS_IN_ONE_GO 64

// The number at which a target goes on that has had ordinal connections.
static inline uint8_t numbers_next_ordinal(unsigned int ordinal) {
	return (uint8_t)(ordinal % (NUMBERS_MAX_CONNECTIONS - NUMBERS_IN_ONE_GO));
}

// What one connection starts with.
struct conn_numbers {
	uint32_t isn, ts_base, flow_label;
	uint16_t ip_id;
};

static inline struct conn_numbers numbers_conn(uint64_t target, uint16_t lport) {
	uint64_t mixed = target ^ lport * UINT64_C(0xff51afd7ed558ccd);
	mixed ^= mixed >> 32;
	mixed *= UINT64_C(0xc4ceb9fe1a85ec53);
	mixed ^= mixed >> 29;
	uint64_t spread = mixed * UINT64_C(0x9e3779b97f4a7c15);
	return (struct conn_numbers){
		.isn = (uint32_t)mixed,
		.ts_base = (uint32_t)(mixed >> 32),
		.ip_id = (uint16_t)(spread >> 16),
		.flow_label = (uint32_t)(spread >> 40) & 0xfffff,
	};
}

// The DNS ID of the target's question, the same in all its connections.
static inline uint16_t numbers_dns_id(uint64_t target) {
	return (uint16_t)target;
}

// Choices about a target that are no number on the wire.
enum numbers_label {
	NUMBERS_PAUSE_2 = 1, // before its second round
	NUMBERS_PAUSE_3,
	NUMBERS_PLACEBO,
};

// Evenly spread over all 32 bits.
uint32_t numbers_choice(const struct numbers *n, const struct ip_addr *raddr, uint16_t rport,
	enum numbers_label label);
