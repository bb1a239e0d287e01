// What main says about a scan: before the first frame, once a second, and at the end.
#pragma once

#include "app/scan.h"
#include "lib/ownloss.h"

// Sums over all workers, and what was lost on our own side.
struct scan_totals {
	struct worker_counters workers;
	struct ownloss loss;
	uint64_t longest_pause_ns; // of any worker
	double rate;		   // of all workers, now; 0: no worker's rate climbs
	unsigned int nb_back;	   // times that one of them took it back
};

void summary_totals(struct scan *s, struct scan_totals *t);
void summary_before(const struct scan *s);
void summary_status(struct scan *s, uint64_t now_ns);
// The table of conditions, rates and losses. Returns whether own loss makes the result doubtful.
bool summary_after(struct scan *s);
