#include "lib/tfo/launch.h"

void launch_start(struct launch *l, const struct target_rules *rules, const struct ip_addr *addr,
	uint16_t port) {
	*l = (struct launch){
		.addr = *addr,
		.hash = numbers_target(&rules->numbers, addr, port),
		.port = port,
		.is_live = true,
		.is_v4 = addr_is_v4(addr),
	};
}

bool launch_is_over(const struct launch *l, unsigned int syn_tries, uint64_t now_ns) {
	return l->probe == PROBE_REQUEST && l->nb_syns >= syn_tries && now_ns >= launch_to_ns(l);
}

uint16_t launch_port(const struct launch *l, const struct target_rules *rules) {
	return launch_conn_id(l, rules, l->probe).lport;
}

bool launch_takes(const struct launch *l, const struct target_rules *rules, uint16_t lport,
	uint16_t rport, uint64_t now_ns) {
	return l->port == rport && launch_port(l, rules) == lport &&
	       !launch_is_over(l, rules->conn.syn_tries, now_ns);
}

unsigned int launch_nb_sent(const struct launch *l, unsigned int syn_tries) {
	return (unsigned int)l->nb_syns + (l->probe == PROBE_REQUEST ? syn_tries : 0);
}

void launch_syn(const struct launch *l, const struct target_rules *rules, unsigned int moment,
	uint64_t now_ns, struct segment *out, uint8_t *options, struct conn_numbers *numbers) {
	unsigned int tries = rules->conn.syn_tries;
	enum probe probe = launch_probe_at(tries, moment);
	struct target_conn_id id = launch_conn_id(l, rules, probe);
	*numbers = id.numbers;
	uint8_t option[COOKIE_OPTION_MAX_OCTETS];
	struct conn_context ctx = {
		.rules = &rules->conn,
		.laddr = addr_is_v4(&l->addr) ? &rules->laddr4 : &rules->laddr6,
		.raddr = &l->addr,
		.rport = l->port,
		.extra_options = option,
		.extra_options_len = target_option_write(probe, option),
	};
	conn_write_syn(&ctx, id.lport, numbers->isn, numbers->ts_base,
		launch_first_ns(l, tries, moment, now_ns), now_ns, 0, out, options);
}

// The stamp of SYN number n: exact for the first and the last, and for those between the moment
// that was theirs, since nothing but their number is kept.
static uint64_t syn_ns(const struct launch *l, unsigned int n) {
	if (n + 1u == l->nb_syns)
		return launch_last_syn_ns(l);
	return launch_stage_ns(l) + conn_syn_offset_ns(n);
}

static void replay(struct target *t, const struct target_rules *rules, uint64_t at_ns) {
	struct target_segment out;
	uint64_t wake_ns;
	if (target_next(t, rules, at_ns, &out, &wake_ns) == TARGET_SEND)
		target_observe_sent(t, rules, at_ns, &out.seg);
}

void launch_expand(const struct launch *l, const struct target_rules *rules,
	const uint8_t *question_octets, uint16_t question_len, struct flow *flows,
	struct target *t) {
	target_start(t, rules, &l->addr, l->port, question_octets, question_len);
	target_want_flows(t, flows);
	t->first_ordinal = (uint8_t)l->first_ordinal;
	if (l->probe == PROBE_REQUEST) {
		for (unsigned int n = 0; n < rules->conn.syn_tries; n++)
			replay(t, rules, l->from_ns + conn_syn_offset_ns(n));
	}
	for (unsigned int n = 0; n < l->nb_syns; n++)
		replay(t, rules, syn_ns(l, n));
}

void launch_record(const struct launch *l, const struct target_rules *rules, struct flow *flows,
	struct record *r) {
	record_of_silence(&l->addr, l->port, l->from_ns, launch_to_ns(l), r);
	if (!flows)
		return;
	struct target t;
	launch_expand(l, rules, NULL, 0, flows, &t);
	memcpy(r->evidence, t.evidence, sizeof(r->evidence));
}
