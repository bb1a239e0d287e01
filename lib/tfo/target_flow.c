// The flows of a target's round, beside its evidence: what they hold is flow.h's business.
#include "lib/tfo/target_parts.h"

static struct flow *flow_of(struct target *t, unsigned int i) {
	enum probe probe = t->probe_of[i];
	return t->flows && probe < NB_PROBES ? &t->flows[probe] : NULL;
}

void target_want_flows(struct target *t, struct flow *flows) {
	t->flows = flows;
	if (flows)
		memset(flows, 0, NB_PROBES * sizeof(*flows));
}

void target_flow_begin(struct target *t, unsigned int i) {
	struct flow *flow = flow_of(t, i);
	if (flow)
		*flow = (struct flow){0};
}

void target_flow_segment(struct target *t, unsigned int i, enum flow_direction direction,
	uint64_t now_ns, const struct segment *seg) {
	struct flow *flow = flow_of(t, i);
	if (flow)
		flow_observe(flow, direction, now_ns, seg);
}

void target_flow_icmp(struct target *t, unsigned int i, const struct icmp_quote *quote) {
	struct flow *flow = flow_of(t, i);
	if (flow)
		flow_observe_icmp(flow, quote);
}
