// What the parts of the metadata share.
#pragma once

#include "app/json_add.h"
#include "app/summary.h"

// Of the whole scan, its earlier runs included.
struct metadata_sums {
	struct scan_totals totals;
	struct collector_counts counts;
};

// Machine, programs, port, addresses.
void metadata_add_host(cJSON *to, const struct scan *s);
// Targets, conditions, placebo, losses, counters, and whether to trust all that.
void metadata_add_outcome(cJSON *to, struct scan *s, const struct metadata_sums *sums);
