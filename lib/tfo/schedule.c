#include "lib/tfo/schedule.h"

#define DNS_PORT 53
#define DNS_TLS_PORT 853
#define HTTP_PORT 80
#define HTTPS_PORT 443

bool schedule_is_extra(enum probe probe) {
	return probe != PROBE_REQUEST && probe != PROBE_DATA;
}

bool schedule_has_data(enum probe probe) {
	switch (probe) {
	case PROBE_DATA:
	case PROBE_BARE_DATA:
	case PROBE_DATA_2:
	case PROBE_DATA_SAME_PORT:
	case PROBE_FLIPPED:
	case PROBE_HELD_ACK:
	case PROBE_DATA_3:
		return true;
	default:
		return false;
	}
}

uint16_t schedule_port(const struct target *t, const struct target_rules *rules, enum probe probe) {
	if (probe != PROBE_OTHER_PORT)
		return t->port;
	if (rules->app->default_port == DNS_PORT)
		return t->port == DNS_PORT ? DNS_TLS_PORT : DNS_PORT;
	return t->port == HTTP_PORT ? HTTPS_PORT : HTTP_PORT;
}

static bool makes_data(const struct target *t) {
	return t->is_placebo ? t->placebo_has_data : t->cookie.len_octets > 0;
}

// Targets that failed together shall not be asked again together.
static uint64_t pause_ns(
	const struct target *t, const struct target_rules *rules, unsigned int nb_rounds) {
	bool is_second = nb_rounds == 1;
	uint64_t least_ns = is_second ? SCHEDULE_PAUSE_2_NS : SCHEDULE_PAUSE_3_NS;
	uint64_t chance = numbers_choice(
		&rules->numbers, &t->addr, t->port, is_second ? NUMBERS_PAUSE_2 : NUMBERS_PAUSE_3);
	return least_ns + ((least_ns / 4) * chance >> 32);
}

// ---- controls

static bool is_flapped(const struct verdict *v) {
	return v->b_any && !v->x_any && !v->b_last;
}

// The SYN-ACK to D brought the cookie that was sent: another thing than one that is not accepted.
static bool is_cookie_back(const struct target *t) {
	const struct evidence *data = &t->evidence[PROBE_DATA];
	return cookie_equal(&data->cookie_in, &data->cookie_out);
}

// Whether a control can still add a word to what is known.
static bool is_worth(const struct target *t, const struct verdict *v, enum probe control) {
	bool has_cookie = t->cookie.len_octets > 0;
	// each SYN with the option would begin the time of a blacklist anew
	if (is_flapped(v) || verdict_is_gone(v))
		return control == PROBE_LONE_BASELINE;
	if (!v->b_last && !v->x_last)
		return false;
	switch (control) {
	case PROBE_SAME_TUPLE:
		return v->d_silent && v->b_last;
	case PROBE_FRESH_BASELINE:
		return (v->b_last && v->r_silent) || verdict_has(v, PROBE_SAME_TUPLE, FACT_SILENT);
	case PROBE_FOREIGN:
		return v->r_silent && v->b_last;
	case PROBE_EXPERIMENT:
	case PROBE_BARE_DATA:
		return true;
	case PROBE_REQUEST_2:
	case PROBE_OTHER_PORT:
	case PROBE_REQUEST_3:
		return has_cookie;
	case PROBE_DATA_2:
		return v->d_rejected && verdict_has(v, PROBE_REQUEST_2, FACT_COOKIE);
	case PROBE_DATA_SAME_PORT:
		return verdict_has(v, PROBE_DATA_2, FACT_REJECTED);
	case PROBE_DATA_3:
		return verdict_has(v, PROBE_DATA_SAME_PORT, FACT_REJECTED) &&
		       verdict_has(v, PROBE_REQUEST_3, FACT_COOKIE);
	case PROBE_FLIPPED:
		return v->d_acked || (v->d_refused && is_cookie_back(t));
	case PROBE_HELD_ACK:
		return v->d_acked && v->d_has_no_stamp && v->x_last;
	default:
		return false;
	}
}

static enum probe next_control(const struct target *t, const struct target_rules *rules,
	const struct verdict *v, enum probe after, uint64_t *from_ns) {
	if (!rules->has_controls || t->is_placebo)
		return NB_ALL_PROBES;
	for (enum probe p = after < NB_PROBES ? NB_PROBES : after + 1; p < NB_ALL_PROBES; p++) {
		if (!is_worth(t, v, p))
			continue;
		if (p == PROBE_LONE_BASELINE)
			*from_ns += SCHEDULE_LONE_BASELINE_NS;
		if (p == PROBE_REQUEST_3)
			*from_ns = t->request_2_ns + SCHEDULE_STABILITY_NS;
		return p;
	}
	return NB_ALL_PROBES;
}

enum probe schedule_next(
	const struct target *t, const struct target_rules *rules, uint64_t *from_ns) {
	enum probe probe = t->probe_of[t->current];
	*from_ns = t->conns[t->current].end_ns;
	if (probe == PROBE_BASELINE)
		return PROBE_REQUEST;
	if (probe == PROBE_REQUEST && makes_data(t))
		return PROBE_DATA;
	struct verdict v = target_verdict(t);
	bool may_repeat = probe < NB_PROBES && v.nb_rounds < rules->nb_rounds;
	if (may_repeat && verdict_is_open(&v)) {
		*from_ns += pause_ns(t, rules, v.nb_rounds);
		return PROBE_BASELINE;
	}
	return next_control(t, rules, &v, probe, from_ns);
}
