// What a connection of somebody else's says about Fast Open: the conditions that can be told from
// its segments alone. There is no word of connectivity among them: that needs a second connection,
// without Fast Open, to compare with. docs/results.md has the rules.
#pragma once

#include "lib/tfo/flow_write.h"

// A SYN that was followed by nothing for so long has not been answered.
#define PASSIVE_SILENCE_NS UINT64_C(1000000000)

// A set of CONDITION_BIT. end_ns: until when the connection's segments would have been seen.
uint64_t passive_conditions(const struct flow *f, uint64_t end_ns);

// No line is longer.
#define PASSIVE_LINE_MAX_OCTETS 8192

// The record, LF included, no NUL behind it. buf holds PASSIVE_LINE_MAX_OCTETS. Returns its octets.
size_t passive_write(const struct flow *f, const struct flow_place *place, uint64_t conditions,
	bool seed_only, char *buf);
