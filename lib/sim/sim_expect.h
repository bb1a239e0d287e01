// What a scanner must find at an address of the simulated Internet.
#pragma once

#include "lib/sim/sim.h"

#define SIM_EXPECT_MAX_WORDS 64

// What the scanner was told to do, as far as verdicts depend on it.
struct sim_expect_rules {
	unsigned int nb_rounds; // at most, at least 1
	bool has_controls;
	bool is_tcp;	      // it looks for no answer: tcp mode
	bool has_one_message; // it looks for one message of the answer's, not for a second: http,
			      // tls
};

// Each list ends with NULL; the words are those of docs/results.md and live for ever.
struct sim_expected {
	// On a path without disturbance, and if no entry left the simulation's memory too early:
	// exactly these, each once.
	const char *words[SIM_EXPECT_MAX_WORDS];
	// On a path that loses frames these may stand there besides, or instead of some of them.
	// A word that is in neither list must not: neither a cookie nor an acknowledgement comes by
	// chance.
	const char *by_chance[SIM_EXPECT_MAX_WORDS];
};

void sim_expect(const struct sim_config *config, const struct ip_addr *addr,
	const struct sim_expect_rules *rules, struct sim_expected *out);
