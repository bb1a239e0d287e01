#include "lib/sim/sim_behaviour.h"

#include "lib/sim/sim_hash.h"
#include "lib/sim/sim_rows.h"
#include "lib/tcpstack/siphash.h"

// The rows of the path come first, as most addresses are dead.
unsigned int sim_behaviour_nb_rows(void) {
	return sim_rows_path_nb + sim_rows_server_nb;
}

const struct sim_behaviour *sim_behaviour_row(unsigned int i) {
	assert(i < sim_behaviour_nb_rows());
	return i < sim_rows_path_nb ? &sim_rows_path[i] : &sim_rows_server[i - sim_rows_path_nb];
}

uint64_t sim_behaviour_hash(const struct sim_config *config, const struct ip_addr *addr) {
	const struct siphash_key key = {config->seed, 0x6265686176696f72};
	return siphash13(&key, addr->octets, ADDR6_OCTETS);
}

uint32_t sim_behaviour_draw(uint64_t hash, enum sim_purpose purpose, uint32_t below) {
	uint64_t drawn = sim_hash_mix(hash + (uint64_t)purpose * UINT64_C(0xd1342543de82ef95));
	return (uint32_t)(((drawn >> 32) * below) >> 32);
}

uint64_t sim_behaviour_total_weight(const struct sim_config *config) {
	uint64_t total = 0;
	for (unsigned int i = 0; i <= SIM_NB_BEHAVIOURS; i++)
		total += config->weights[i];
	return total;
}

static unsigned int number_of(const struct sim_config *config, uint64_t hash) {
	uint64_t total = config->total_weight;
	if (total == 0)
		total = sim_behaviour_total_weight(config);
	assert(total > 0);
	uint64_t left = sim_hash_mix(hash) % total;
	// the one that is most met first
	if (left < config->weights[SIM_ROWS_DEAD])
		return SIM_ROWS_DEAD;
	left -= config->weights[SIM_ROWS_DEAD];
	for (unsigned int i = 0; i < SIM_NB_BEHAVIOURS; i++) {
		if (i == SIM_ROWS_DEAD)
			continue;
		if (left < config->weights[i])
			return i;
		left -= config->weights[i];
	}
	return SIM_NB_BEHAVIOURS;
}

static unsigned int nb_variants(const struct sim_behaviour *row) {
	return row->nb_variants > 0 ? row->nb_variants : 1;
}

const struct sim_behaviour *sim_behaviour_at(
	const struct sim_config *config, uint64_t hash, unsigned int *variant) {
	if (config->only != NULL) {
		*variant = config->only_variant;
		return config->only;
	}
	unsigned int number = number_of(config, hash), first = 0, nb_forms = 0, nb_rows = 0;
	if (number == SIM_ROWS_DEAD) {
		*variant = 0;
		return &sim_rows_path[0];
	}
	while (sim_behaviour_row(first)->number != number)
		first++;
	// rows of one number stand together
	while (first + nb_rows < sim_behaviour_nb_rows() &&
		sim_behaviour_row(first + nb_rows)->number == number)
		nb_forms += nb_variants(sim_behaviour_row(first + nb_rows++));
	*variant = nb_forms > 1 ? sim_behaviour_draw(hash, SIM_PURPOSE_VARIANT, nb_forms) : 0;
	while (*variant >= nb_variants(sim_behaviour_row(first)))
		*variant -= nb_variants(sim_behaviour_row(first++));
	return sim_behaviour_row(first);
}
