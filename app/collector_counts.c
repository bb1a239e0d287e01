#include "app/collector_counts.h"

#include "lib/tfo/verdict.h"

void collector_counts_record(struct collector_counts *counts, uint64_t conditions, bool is_silent) {
	counts->nb_records++;
	counts->nb_silent += is_silent;
	for (; conditions != 0; conditions &= conditions - 1)
		counts->nb_by_condition[__builtin_ctzll(conditions)]++;
}

void collector_counts_placebo(struct collector_counts *counts, uint64_t conditions) {
	enum condition word = verdict_connectivity(conditions);
	counts->nb_placebos++;
	counts->nb_placebos_broken += word == CONDITION_BROKEN;
	counts->nb_placebos_transient += word == CONDITION_TRANSIENT;
}

void collector_counts_add(struct collector_counts *sum, const struct collector_counts *one) {
	sum->nb_records += one->nb_records;
	sum->nb_silent += one->nb_silent;
	sum->nb_blocked += one->nb_blocked;
	for (unsigned int w = 0; w < NB_CONDITIONS; w++)
		sum->nb_by_condition[w] += one->nb_by_condition[w];
	sum->nb_placebos += one->nb_placebos;
	sum->nb_placebos_broken += one->nb_placebos_broken;
	sum->nb_placebos_transient += one->nb_placebos_transient;
	bool is_first = one->first_syn_ns != 0 && one->first_syn_ns < sum->first_syn_ns;
	if (sum->first_syn_ns == 0 || is_first)
		sum->first_syn_ns = one->first_syn_ns;
	if (one->last_verdict_ns > sum->last_verdict_ns)
		sum->last_verdict_ns = one->last_verdict_ns;
}
