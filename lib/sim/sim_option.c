#include "lib/sim/sim_option.h"

#include "lib/tcpstack/bytes.h"

#define KIND_AND_LEN_OCTETS 2
#define EXPERIMENT 0xf989 // RFC 6994: of Fast Open before it had a kind
#define EXPERIMENT_OCTETS 2

struct sim_option sim_option_find(const struct segment *seg, uint8_t ignored_kind) {
	struct sim_option found = {0};
	struct tcpopt_iter it = tcpopt_begin(seg->options, seg->options_len);
	struct tcpopt opt;
	while (tcpopt_next(&it, &opt) == TCPOPT_FOUND) {
		if (opt.kind == ignored_kind)
			continue;
		uint8_t skip = opt.kind == TCPOPT_KIND_EXPERIMENT_2 ? EXPERIMENT_OCTETS : 0;
		if (opt.kind != TCPOPT_KIND_FASTOPEN && skip == 0)
			continue;
		if (opt.len_octets < skip || (skip > 0 && get_be16(opt.value) != EXPERIMENT))
			continue;
		found = (struct sim_option){.kind = opt.kind,
			.cookie_octets = (uint8_t)(opt.len_octets - skip),
			.cookie = opt.value + skip};
	}
	return found;
}

bool sim_option_is_odd(const struct segment *seg) {
	struct tcpopt_iter it = tcpopt_begin(seg->options, seg->options_len);
	struct tcpopt opt;
	while (tcpopt_next(&it, &opt) == TCPOPT_FOUND) {
		if (opt.kind == TCPOPT_KIND_FASTOPEN || opt.kind == TCPOPT_KIND_EXPERIMENT_2)
			return true;
	}
	return false;
}

bool sim_option_is_there(const struct segment *seg) {
	return sim_option_find(seg, SIM_OPTION_NONE).kind != SIM_OPTION_NONE;
}

void sim_option_strip(struct segment *seg, uint8_t *options, uint8_t kind) {
	struct tcpopt_iter it = tcpopt_begin(options, seg->options_len);
	struct tcpopt opt;
	while (tcpopt_next(&it, &opt) == TCPOPT_FOUND) {
		if (opt.kind == kind)
			memset(options + (opt.value - options) - KIND_AND_LEN_OCTETS,
				TCPOPT_KIND_NOP, opt.len_octets + KIND_AND_LEN_OCTETS);
	}
}

void sim_option_put(
	struct sim_reply *reply, uint8_t kind, const uint8_t *cookie, uint8_t cookie_octets) {
	uint8_t skip = kind == TCPOPT_KIND_EXPERIMENT_2 ? EXPERIMENT_OCTETS : 0;
	uint8_t total = (uint8_t)(KIND_AND_LEN_OCTETS + skip + cookie_octets);
	assert(reply->option_len + total <= TCPOPT_MAX_OCTETS);
	uint8_t *p = reply->option + reply->option_len;
	p[0] = kind;
	p[1] = total;
	if (skip > 0)
		put_be16(p + KIND_AND_LEN_OCTETS, EXPERIMENT);
	if (cookie_octets > 0)
		memcpy(p + KIND_AND_LEN_OCTETS + skip, cookie, cookie_octets);
	reply->option_len = (uint8_t)(reply->option_len + total);
}
