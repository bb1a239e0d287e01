// Port 0 of two rings, so that a benchmark is the other side of the worker's queue itself.
#pragma once

#include <rte_mempool.h>
#include <rte_ring.h>

#include <stdbool.h>

struct rings {
	struct rte_ring *to_worker, *from_worker; // mbufs
	struct rte_mempool *pool;
};

// False: no memory.
bool rings_create(struct rings *r, unsigned int nb_mbufs);
