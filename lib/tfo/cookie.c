#include "lib/tfo/cookie.h"

#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/tcpopt.h"

#include <string.h>

#define EXID_FASTOPEN 0xf989
#define EXID_FOREIGN 0xa10d
#define EXID_OCTETS 2

static void take(struct cookie_offer *offer, enum cookie_option option, const uint8_t *value,
	uint8_t len_octets) {
	bool had_one = offer->option != COOKIE_OPTION_NONE;
	if (len_octets % 2 != 0 && offer->cookie.len_octets > 0) {
		// of two the last one counts, but Linux passes over odd lengths
		offer->is_duplicate = offer->is_malformed = true;
		return;
	}
	*offer = (struct cookie_offer){
		.option = (uint8_t)option,
		.is_duplicate = had_one,
		.raw_octets = len_octets,
		.is_empty = len_octets == 0,
	};
	if (len_octets == 0)
		return;
	if (len_octets % 2 != 0 || len_octets < COOKIE_MIN_OCTETS ||
		len_octets > COOKIE_MAX_OCTETS) {
		offer->is_malformed = true;
		return;
	}
	offer->cookie.len_octets = len_octets;
	memcpy(offer->cookie.octets, value, len_octets);
}

// The option that the header ends in, or whose length octet is no length.
static void take_broken(struct cookie_offer *offer, const uint8_t *octets, size_t room) {
	enum cookie_option option = COOKIE_OPTION_NONE;
	if (octets[0] == TCPOPT_KIND_FASTOPEN)
		option = COOKIE_OPTION_KIND34;
	else if (octets[0] == TCPOPT_KIND_EXPERIMENT_2 && room >= 2 + EXID_OCTETS &&
		 get_be16(octets + 2) == EXID_FASTOPEN)
		option = COOKIE_OPTION_KIND254;
	if (option == COOKIE_OPTION_NONE)
		return;
	bool had_one = offer->option != COOKIE_OPTION_NONE;
	*offer = (struct cookie_offer){
		.option = (uint8_t)option, .is_malformed = true, .is_duplicate = had_one};
}

void cookie_read(const uint8_t *options, size_t len_octets, struct cookie_offer *offer) {
	*offer = (struct cookie_offer){0};
	struct tcpopt_iter it = tcpopt_begin(options, len_octets);
	struct tcpopt opt;
	enum tcpopt_step step;
	while ((step = tcpopt_next(&it, &opt)) == TCPOPT_FOUND) {
		if (opt.kind == TCPOPT_KIND_FASTOPEN)
			take(offer, COOKIE_OPTION_KIND34, opt.value, opt.len_octets);
		else if (opt.kind == TCPOPT_KIND_EXPERIMENT_2 && opt.len_octets >= EXID_OCTETS &&
			 get_be16(opt.value) == EXID_FASTOPEN)
			take(offer, COOKIE_OPTION_KIND254, opt.value + EXID_OCTETS,
				(uint8_t)(opt.len_octets - EXID_OCTETS));
	}
	if (step == TCPOPT_BROKEN)
		take_broken(offer, it.pos, (size_t)(it.end - it.pos));
}

size_t cookie_option_write(const struct cookie *sent, uint8_t *buf) {
	size_t octets = 2 + (size_t)sent->len_octets;
	buf[0] = TCPOPT_KIND_FASTOPEN;
	buf[1] = (uint8_t)octets;
	memcpy(buf + 2, sent->octets, sent->len_octets);
	while (octets % 4 != 0)
		buf[octets++] = TCPOPT_KIND_NOP;
	return octets;
}

static size_t write_experiment(uint16_t exid, uint8_t *buf) {
	buf[0] = TCPOPT_KIND_EXPERIMENT_2;
	buf[1] = 2 + EXID_OCTETS;
	put_be16(buf + 2, exid);
	return 2 + EXID_OCTETS;
}

size_t cookie_option_write_exp(uint8_t *buf) {
	return write_experiment(EXID_FASTOPEN, buf);
}

size_t cookie_option_write_foreign(uint8_t *buf) {
	return write_experiment(EXID_FOREIGN, buf);
}

bool cookie_equal(const struct cookie *a, const struct cookie *b) {
	return a->len_octets == b->len_octets && memcmp(a->octets, b->octets, a->len_octets) == 0;
}
