#include "lib/tfo/late.h"

#include "lib/tcpstack/bytes.h"

#define LATE_WINDOW 512

// One of the ports that the target's connections have, and a number that counts from its ISN:
// SYN, payload and FIN at most.
static bool is_of_ours(
	const struct target_rules *rules, const struct segment *seg, struct conn_numbers *numbers) {
	uint64_t target = numbers_target(&rules->numbers, &seg->src, seg->sport);
	uint32_t ordinal = ports_ordinal(&rules->ports, target, &seg->src, seg->sport, seg->dport);
	if (ordinal >= NUMBERS_MAX_CONNECTIONS)
		return false;
	*numbers = numbers_conn(target, seg->dport);
	return seg->ack - numbers->isn - 1 <= APP_PAYLOAD_MAX_OCTETS + 1;
}

static void write_timestamps(const struct segment *seg, struct segment *out, uint8_t *options) {
	struct segment_options theirs;
	segment_options_read(seg, &theirs);
	if (!theirs.has_timestamps)
		return;
	options[0] = options[1] = TCPOPT_KIND_NOP;
	options[2] = TCPOPT_KIND_TIMESTAMPS;
	options[3] = 10;
	put_be32(options + 4, theirs.tsecr + 1); // behind every TSval that they know of us
	put_be32(options + 8, theirs.tsval);
	out->options_len = CONN_TIMESTAMPS_OCTETS;
}

bool late_answer(const struct target_rules *rules, const struct segment *seg, struct segment *out,
	uint8_t *options, struct conn_numbers *numbers) {
	bool is_synack = (seg->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
	bool has_octets = seg->data_len > 0 || (seg->flags & TCP_FIN);
	bool is_plain_syn = (seg->flags & TCP_SYN) && !is_synack;
	if (!(seg->flags & TCP_ACK) || (seg->flags & TCP_RST) || is_plain_syn)
		return false;
	if (!is_synack && !has_octets)
		return false;
	if (!is_of_ours(rules, seg, numbers))
		return false;
	*out = (struct segment){
		.src = seg->dst,
		.dst = seg->src,
		.sport = seg->dport,
		.dport = seg->sport,
		.seq = seg->ack,
		.ack = seg->seq + segment_seq_len(seg),
		.window = LATE_WINDOW,
		// a connection that we gave up is acknowledged and closed in one
		.flags = (uint8_t)(TCP_ACK | (is_synack ? TCP_FIN : 0)),
		.options = options,
	};
	write_timestamps(seg, out, options);
	return true;
}
