// Iterator over the options of a TCP header (RFC 9293 section 3.1). The one place where option
// octets are walked: every reader of options goes through it.
//
//	struct tcpopt_iter it = tcpopt_begin(options, len);
//	struct tcpopt opt;
//	while (tcpopt_next(&it, &opt) == TCPOPT_FOUND)
//		...
//
// The octets are the wire's and belong to the caller; opt.value points into them.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define TCPOPT_MAX_OCTETS 40
#define TCPOPT_HEAD_OCTETS 2 // kind and length

enum tcpopt_kind {
	TCPOPT_KIND_EOL = 0,
	TCPOPT_KIND_NOP = 1,
	TCPOPT_KIND_MSS = 2,
	TCPOPT_KIND_WSCALE = 3,
	TCPOPT_KIND_SACK_PERMITTED = 4,
	TCPOPT_KIND_TIMESTAMPS = 8,
	TCPOPT_KIND_FASTOPEN = 34,	// RFC 7413
	TCPOPT_KIND_EXPERIMENT_1 = 253, // RFC 4727, RFC 6994
	TCPOPT_KIND_EXPERIMENT_2 = 254,
};

enum tcpopt_step {
	TCPOPT_FOUND,  // *opt holds an option
	TCPOPT_END,    // EOL, or no octet left
	TCPOPT_BROKEN, // the length octet is missing, below two, or beyond the header
};

struct tcpopt {
	uint8_t kind;
	uint8_t len_octets; // of value; the two octets kind and length are not counted
	const uint8_t *value;
};

struct tcpopt_iter {
	const uint8_t *pos;
	const uint8_t *end;
};

static inline struct tcpopt_iter tcpopt_begin(const uint8_t *options, size_t len_octets) {
	// no options may be no pointer, to which C adds nothing, not even 0
	const uint8_t *end = len_octets > 0 ? options + len_octets : options;
	return (struct tcpopt_iter){.pos = options, .end = end};
}

// Step to the next option; NOPs are skipped, EOL ends the list. After TCPOPT_END or TCPOPT_BROKEN
// every further call answers the same. When TCPOPT_BROKEN, opt->kind is the kind of the broken
// option and opt->len_octets is 0.
static inline enum tcpopt_step tcpopt_next(struct tcpopt_iter *it, struct tcpopt *opt) {
	while (it->pos < it->end && *it->pos == TCPOPT_KIND_NOP)
		it->pos++;
	if (it->pos == it->end || *it->pos == TCPOPT_KIND_EOL)
		return TCPOPT_END;

	size_t room = (size_t)(it->end - it->pos);
	*opt = (struct tcpopt){.kind = it->pos[0]};
	if (room < TCPOPT_HEAD_OCTETS)
		return TCPOPT_BROKEN;

	uint8_t total = it->pos[1];
	if (total < TCPOPT_HEAD_OCTETS || total > room)
		return TCPOPT_BROKEN;

	opt->len_octets = (uint8_t)(total - TCPOPT_HEAD_OCTETS);
	opt->value = it->pos + TCPOPT_HEAD_OCTETS;
	it->pos += total;
	return TCPOPT_FOUND;
}
