#include "lib/measure.h"

// What tcp mode waits for a RST.
#define SUCCESS_WITHOUT_ANSWER_NS (500 * NSEC_PER_MSEC)
// An answer may take so much longer in later rounds: data have more tries.
#define LATER_WAIT_NS (5 * NSEC_PER_SEC)

struct port_range measure_ports(
	const struct port_range *all, unsigned int nb_workers, unsigned int worker) {
	uint16_t count = (uint16_t)(all->count / nb_workers);
	return (struct port_range){
		.first = (uint16_t)(all->first + worker * count),
		.count = count,
	};
}

struct port_range measure_blocks(const struct port_range *all, unsigned int nb_workers) {
	uint32_t end = (uint32_t)all->first + all->count;
	for (uint32_t block = 1u << 15; block > 0; block /= 2) {
		uint32_t first = (all->first + block - 1) & ~(block - 1);
		if (first + block * nb_workers <= end)
			return (struct port_range){
				.first = (uint16_t)first, .count = (uint16_t)(block * nb_workers)};
	}
	return (struct port_range){.first = all->first};
}

void measure_rules(const struct measure *m, unsigned int worker, struct target_rules *rules) {
	bool answer_wanted = m->app->answer_wanted;
	struct port_range part = measure_ports(&m->ports, m->nb_workers, worker);
	*rules = (struct target_rules){
		.nb_rounds = m->rounds,
		.has_controls = m->has_controls,
		.conn =
			{
				.syn_tries = m->tries,
				.data_tries = 3,
				.answer_wanted = answer_wanted,
				.wait_ns = answer_wanted ? m->timeout_s * NSEC_PER_SEC
							 : SUCCESS_WITHOUT_ANSWER_NS,
				.mss4 = m->mss4,
				.mss6 = m->mss6,
			},
		.app = m->app,
		.ports = {.first = part.first, .count = part.count},
		.laddr4 = m->laddr4,
		.laddr6 = m->laddr6,
		.question_octets = m->question,
		.question_len = m->question_len,
	};
	rules->later = rules->conn;
	rules->later.syn_tries = rules->later.data_tries = CONN_MAX_TRIES;
	if (answer_wanted)
		rules->later.wait_ns += LATER_WAIT_NS;
	numbers_init(&rules->numbers, m->seed, m->epoch);
}

size_t measure_steer_octets(const struct measure *m) {
	return steer_octets((uint16_t)(m->ports.count / m->nb_workers));
}

bool measure_steer(
	const struct measure *m, unsigned int worker, struct target_rules *rules, void *memory) {
	struct port_range part = measure_ports(&m->ports, m->nb_workers, worker);
	rules->ports.steering =
		steer_build(&m->steer, (uint16_t)worker, &part, &m->laddr4, &m->laddr6, memory);
	return rules->ports.steering != NULL;
}
