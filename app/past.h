// What earlier runs of a resumed scan counted, up to the checkpoint that it goes on from.
#pragma once

#include "app/collector_counts.h"
#include "app/counters.h"
#include "lib/ownloss.h"

struct past {
	unsigned int nb_runs; // 0: this is the first
	struct collector_counts counts;
	struct worker_counters counters;
	struct ownloss loss;
};
