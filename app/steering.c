#include "app/steering.h"

#include "app/say.h"

#include <rte_malloc.h>

// Replies until the NIC is judged.
#define FIRST_REPLIES 1000
// One in so many may land elsewhere: SYNs of strangers to our ports do, too.
#define ELSEWHERE_SHARE 20

// Blocks of fewer ports would not be enough for a target's connections.
static bool has_ports(const struct scan *s, const struct port_range *all) {
	return all->count / s->nb_workers >= NUMBERS_MAX_CONNECTIONS;
}

void steering_by_rules(struct scan *s) {
	struct port *p = &s->port;
	const struct next_hop *hop = &s->network.hop;
	if (s->nb_workers == 1 || p->steer.nb_entries > 0)
		return;
	struct port_range blocks = measure_blocks(&s->measure.ports, s->nb_workers);
	const char *why = "there are too few ports";
	if (has_ports(s, &blocks))
		why = port_flow_make(&p->flows, p->id, PORT_FLOW_BLOCKS, &blocks, s->nb_workers,
			hop->has_v4, hop->has_v6);
	if (!why)
		s->measure.ports = blocks;
	else
		why = port_flow_make(&p->flows, p->id, PORT_FLOW_RANGES, &s->measure.ports,
			s->nb_workers, hop->has_v4, hop->has_v6);
	s->is_steered = !why;
	if (s->options.verbose == 0)
		return;
	if (why)
		say("port %u (%s) takes no rules for our ports: %s", p->id, p->driver, why);
	else
		say("port %u (%s): rules lead ports %u to %u to the queues of their workers", p->id,
			p->driver, s->measure.ports.first,
			s->measure.ports.first + s->measure.ports.count - 1u);
}

bool steering_begin(
	struct scan *s, unsigned int worker, int socket_id, struct target_rules *rules) {
	if (s->measure.steer.nb_entries == 0)
		return true;
	s->steering[worker] = rte_zmalloc_socket(
		"steering", measure_steer_octets(&s->measure), RTE_CACHE_LINE_SIZE, socket_id);
	if (!s->steering[worker])
		return false;
	if (measure_steer(&s->measure, worker, rules, s->steering[worker]))
		s->is_steered = true;
	else
		say("worker %u: too few ports lead replies to its queue, they are handed over: "
		    "give more with --source-port, or fewer lcores",
			worker);
	return true;
}

void steering_release(struct scan *s) {
	for (unsigned int i = 0; i < s->nb_workers; i++) {
		rte_free(s->steering[i]);
		s->steering[i] = NULL;
	}
}

void steering_look(struct scan *s, bool is_end) {
	if (!s->is_steered || s->is_steering_judged)
		return;
	uint64_t nb_right = 0, nb_elsewhere = 0;
	for (unsigned int i = 0; i < s->nb_workers; i++) {
		nb_right += s->workers[i]->counters.steered;
		nb_elsewhere += s->workers[i]->counters.elsewhere;
	}
	if (nb_right + nb_elsewhere < FIRST_REPLIES && !is_end)
		return;
	s->is_steering_judged = true;
	if (nb_elsewhere * ELSEWHERE_SHARE > nb_right + nb_elsewhere)
		say("port %u (%s) spreads frames otherwise than it says: %llu of the first %llu "
		    "came to another queue than they were steered to; they are handed over",
			s->port.id, s->port.driver, (unsigned long long)nb_elsewhere,
			(unsigned long long)(nb_right + nb_elsewhere));
}
