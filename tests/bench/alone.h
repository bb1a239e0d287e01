// A worker of the scanner without the rest of the program: what the benchmarks of it share. They
// make its jobs, and take its records off.
#pragma once

#include "app/worker.h"

#include <rte_mempool.h>

#define ALONE_JOBS 64

struct alone {
	struct worker *worker;
	uint64_t index; // of the next job
};

// Port 0, with one queue each way.
bool alone_start_port(struct rte_mempool *pool);

// One worker at a time, on port 0; its clock runs `speed` times faster than real time. NULL: no
// memory.
struct worker *alone_worker(
	uint32_t nb_slots, uint32_t nb_answered, double speed, struct rte_mempool *pool);

// IPv4 addresses without order into its ring, ALONE_JOBS of them, if there is room.
void alone_feed(struct alone *a);
