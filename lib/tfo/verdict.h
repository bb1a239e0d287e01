// The truth table: what was seen of a target's connections → conditions. docs/results.md says each
// rule in words. Nothing here looks at anything but evidence.
#pragma once

#include "lib/tfo/conditions.h"
#include "lib/tfo/evidence.h"

// The conditions of one round, as a set of CONDITION_BIT. evidence[PROBE_BASELINE] and
// evidence[PROBE_REQUEST] were made, evidence[PROBE_DATA] unless its sport is 0.
uint64_t verdict_of_round(const struct evidence evidence[NB_PROBES]);

// The conditions of a target from whose address no frame came in any connection.
uint64_t verdict_of_silence(void);

// The connectivity word alone, out of a set that holds one.
enum condition verdict_connectivity(uint64_t conditions);
