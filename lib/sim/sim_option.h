// Fast Open options in the SYNs that reach the simulated Internet, and in the answers to them.
#pragma once

#include "lib/sim/sim_behaviour.h"

#define SIM_OPTION_NONE 0
#define SIM_OPTION_COOKIE_MAX_OCTETS 16

struct sim_option {
	uint8_t kind;	       // TCPOPT_KIND_FASTOPEN, TCPOPT_KIND_EXPERIMENT_2, SIM_OPTION_NONE
	uint8_t cookie_octets; // 0: a request
	const uint8_t *cookie; // in the segment's options
};

// The last Fast Open option that is not of the ignored kind: of several, Linux takes the last.
struct sim_option sim_option_find(const struct segment *seg, uint8_t ignored_kind);

// Any option of kind 34 or 254, whatever is in it; the same of Fast Open alone.
bool sim_option_is_odd(const struct segment *seg);
bool sim_option_is_there(const struct segment *seg);

// Overwrite the options of a kind by NOPs.
void sim_option_strip(struct segment *seg, uint8_t *options, uint8_t kind);

// Add an option of a kind to the answer; of kind 254 with the experiment's ID before the cookie.
void sim_option_put(
	struct sim_reply *reply, uint8_t kind, const uint8_t *cookie, uint8_t cookie_octets);
