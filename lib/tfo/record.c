#include "lib/tfo/record.h"

static_assert(sizeof(struct record) <= 320, "it is copied through a ring");
void record_of_target(const struct target *t, const struct target_rules *rules, struct record *r) {
	struct verdict v = target_verdict(t);
	*r = (struct record){
		.addr = t->addr,
		.port = t->port,
		.from_ns = t->from_ns,
		.to_ns = target_to_ns(t),
		.conditions = verdict_conditions(&v, rules->has_controls),
		.rounds = v.nb_rounds,
		.first_round = v.first_round,
		.is_placebo = t->is_placebo,
	};
	memcpy(r->evidence, t->evidence, sizeof(r->evidence));
}

void record_of_silence(const struct ip_addr *addr, uint16_t port, uint64_t from_ns, uint64_t to_ns,
	struct record *r) {
	*r = (struct record){
		.addr = *addr,
		.port = port,
		.from_ns = from_ns,
		.to_ns = to_ns,
		.conditions = verdict_of_silence(),
		.rounds = 1,
		.first_round = CONDITION_OFFLINE,
		.is_silent = true,
	};
}

void record_of_short(const struct record_short *s, struct record *r) {
	record_of_silence(&s->addr, s->port, s->from_ns, s->to_ns, r);
	r->job = s->job;
	r->index = s->index;
}
