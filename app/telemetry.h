// What DPDK's telemetry socket tells of a scan, under /tfoscan/. Main puts a view there ten times a
// second; DPDK's own thread answers out of it, so that nobody who asks makes a worker or main wait.
#pragma once

#include "app/collector.h"
#include "app/rate_control.h"
#include "lib/ownloss.h"
#include "lib/status.h"

struct telemetry_worker {
	struct worker_counters counters;
	unsigned int lcore;
	uint32_t in_flight, nb_slots, nb_answered_places;
	double limit; // frames a second; 0: none
	uint64_t longest_pause_ns;
};

struct telemetry_view {
	struct status status;
	struct rate_view rate;
	struct ownloss loss;
	unsigned int nb_pauses, nb_stalls;
	struct worker_counters sum;
	struct collector_counts counts;
	unsigned int nb_workers;
	struct telemetry_worker workers[WORKER_MAX];
};

// Tell DPDK of the commands, behind rte_eal_init. rate must last as long as the process.
void telemetry_open(struct rate_control *rate);

// Where the socket is, and DPDK's name for this process; NULL: there is none (--no-telemetry).
const char *telemetry_socket(void);

// A view to be filled, then to be given back at once by telemetry_show. NULL: somebody is asking
// just now, so there is none this time.
struct telemetry_view *telemetry_take(void);
void telemetry_show(struct telemetry_view *view);
