// What main says about a scan before the first frame and at the end, and the sums that it rests on.
#pragma once

#include "app/scan.h"
#include "lib/ownloss.h"

// Sums over all workers, and what was lost on our own side.
struct scan_totals {
	struct worker_counters workers;
	struct ownloss loss;
	uint64_t longest_pause_ns; // of any worker
	double rate;		   // summary_rate
	unsigned int nb_back;	   // times that one of them took it back
};

// Frames a second that all workers may send now; 0: no worker's rate climbs.
double summary_rate(const struct scan *s);
void summary_totals(struct scan *s, struct scan_totals *t);
// Add what earlier runs of a resumed scan lost and counted.
void summary_add_past(const struct scan *s, struct scan_totals *t);
void summary_before(const struct scan *s);
// The table of conditions, rates and losses. Returns whether own loss makes the result doubtful.
bool summary_after(struct scan *s);
