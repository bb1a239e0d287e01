// The record of a target: what a worker hands to the collector. record_writer.h makes a line of it.
#pragma once

#include "lib/tfo/target.h"
#include "lib/tfo/verdict.h"

#include <assert.h>

struct record {
	struct ip_addr addr;
	uint64_t from_ns, to_ns; // since the epoch of UTC
	uint64_t job, index;	 // as the launch had them
	uint64_t conditions;	 // set of CONDITION_BIT
	uint16_t port;
	uint8_t rounds;
	uint8_t first_round; // enum condition: the connectivity word of the first round
	bool is_silent;	     // no frame came: the line is short
	bool is_placebo;     // no line at all: its words are counted
	bool keeps_job;	     // another record of the same job follows, a placebo's
	bool is_blocked;     // no record at all: its job is to be forgotten
	struct evidence evidence[NB_PROBES]; // of a silent target only if flows are wanted
};

// What goes from a worker to the collector of a target that answered, and of each if flows are
// wanted; without them the record alone.
struct record_with_flows {
	struct record record;
	struct flow flows[NB_PROBES];
};

// All there is to say of a target from which no frame came: what goes to the collector unless flows
// are wanted.
struct record_short {
	struct ip_addr addr;
	uint64_t from_ns, to_ns;
	uint64_t job, index;
	uint16_t port;
	bool is_blocked; // no record: its job is to be forgotten
};
static_assert(sizeof(struct record_short) <= 64, "98 of 100 records are short");

// Once the target is done.
void record_of_target(const struct target *t, const struct target_rules *rules, struct record *r);
void record_of_silence(const struct ip_addr *addr, uint16_t port, uint64_t from_ns, uint64_t to_ns,
	struct record *r);
void record_of_short(const struct record_short *s, struct record *r);

// The members that a job brought, joined by commas, without braces; no text for a plain address.
struct record_job {
	const char *text;
	uint16_t text_len;
	bool has_dip, has_dp, has_domain;
};

// No line is longer, and none without flows than the first.
#define RECORD_PLAIN_MAX_OCTETS 8192
#define RECORD_LINE_MAX_OCTETS (RECORD_PLAIN_MAX_OCTETS + 4096)
