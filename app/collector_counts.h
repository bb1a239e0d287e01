// What collectors count of the records that they take.
#pragma once

#include "lib/tfo/conditions.h"

#include <stdbool.h>
#include <stdint.h>

struct collector_counts {
	uint64_t nb_records, nb_silent; // targets; silent ones are records, too
	uint64_t nb_blocked; // targets that have none, as lists that were read again forbid them
	uint64_t nb_by_condition[NB_CONDITIONS];
	uint64_t nb_placebos, nb_placebos_broken, nb_placebos_transient;
	uint64_t first_syn_ns, last_verdict_ns;
};

// A record, by its conditions; and one of a target that was measured again without Fast Open.
void collector_counts_record(struct collector_counts *counts, uint64_t conditions, bool is_silent);
void collector_counts_placebo(struct collector_counts *counts, uint64_t conditions);

void collector_counts_add(struct collector_counts *sum, const struct collector_counts *one);
