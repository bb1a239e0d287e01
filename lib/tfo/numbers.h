// Every number of ours that a stranger must not guess, and that nobody needs to remember: local
// ports, ISNs, TSval bases and DNS IDs are keyed hashes of who we talk to (as RFC 6528 and RFC 6056
// ask), under a key made of the seed and of an epoch that is new at every start of the process.
// So a late frame can be recognised without any state.
#pragma once

#include "lib/tcpstack/addr.h"
#include "lib/tcpstack/siphash.h"
#include "lib/tfo/ports.h"

struct numbers {
	struct siphash_key target_key, conn_key;
};

void numbers_init(struct numbers *n, uint64_t seed, uint64_t epoch);

// A target opens at most so many connections, controls and repeats included.
#define NUMBERS_MAX_CONNECTIONS 128
// Of these a target in one go: rounds, controls, and new ports after challenge ACKs.
#define NUMBERS_IN_ONE_GO 64

// The number at which a target goes on that has had ordinal connections.
static inline uint8_t numbers_next_ordinal(unsigned int ordinal) {
	return (uint8_t)(ordinal % (NUMBERS_MAX_CONNECTIONS - NUMBERS_IN_ONE_GO));
}

// What the ports of a target are chosen by, and its DNS ID: evenly spread over all 64 bits.
uint64_t numbers_target(const struct numbers *n, const struct ip_addr *raddr, uint16_t rport);

// The local port of the target's connection number ordinal, from 0. They differ: ports has at least
// NUMBERS_MAX_CONNECTIONS for a target.
uint16_t numbers_port(const struct numbers *n, const struct ports *ports,
	const struct ip_addr *raddr, uint16_t rport, unsigned int ordinal);

// What one connection starts with.
struct conn_numbers {
	uint32_t isn, ts_base, flow_label;
	uint16_t ip_id;
};

struct conn_numbers numbers_conn(
	const struct numbers *n, const struct ip_addr *raddr, uint16_t rport, uint16_t lport);

// Choices about a target that are no number on the wire.
enum numbers_label {
	NUMBERS_PAUSE_2 = 1, // before its second round
	NUMBERS_PAUSE_3,
	NUMBERS_PLACEBO,
};

// Evenly spread over all 32 bits.
uint32_t numbers_choice(const struct numbers *n, const struct ip_addr *raddr, uint16_t rport,
	enum numbers_label label);

// The DNS ID of the target's question, the same in all its connections.
uint16_t numbers_dns_id(const struct numbers *n, const struct ip_addr *raddr, uint16_t rport);
