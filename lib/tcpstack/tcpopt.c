#include "lib/tcpstack/tcpopt.h"

#define KIND_AND_LEN_OCTETS 2

struct tcpopt_iter tcpopt_begin(const uint8_t *options, size_t len_octets) {
	// no options may be no pointer, to which C adds nothing, not even 0
	const uint8_t *end = len_octets > 0 ? options + len_octets : options;
	return (struct tcpopt_iter){.pos = options, .end = end};
}

enum tcpopt_step tcpopt_next(struct tcpopt_iter *it, struct tcpopt *opt) {
	while (it->pos < it->end && *it->pos == TCPOPT_KIND_NOP)
		it->pos++;
	if (it->pos == it->end || *it->pos == TCPOPT_KIND_EOL)
		return TCPOPT_END;

	size_t room = (size_t)(it->end - it->pos);
	*opt = (struct tcpopt){.kind = it->pos[0]};
	if (room < KIND_AND_LEN_OCTETS)
		return TCPOPT_BROKEN;

	uint8_t total = it->pos[1];
	if (total < KIND_AND_LEN_OCTETS || total > room)
		return TCPOPT_BROKEN;

	opt->len_octets = (uint8_t)(total - KIND_AND_LEN_OCTETS);
	opt->value = it->pos + KIND_AND_LEN_OCTETS;
	it->pos += total;
	return TCPOPT_FOUND;
}
