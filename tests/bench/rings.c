#include "tests/bench/rings.h"

#include "tests/bench/alone.h"

#include <rte_eth_ring.h>

#define RING_FRAMES 4096

bool rings_create(struct rings *r, unsigned int nb_mbufs) {
	unsigned int one_to_one = RING_F_SP_ENQ | RING_F_SC_DEQ;
	r->to_worker = rte_ring_create("to_worker", RING_FRAMES, SOCKET_ID_ANY, one_to_one);
	r->from_worker = rte_ring_create("from_worker", RING_FRAMES, SOCKET_ID_ANY, one_to_one);
	r->pool = rte_pktmbuf_pool_create(
		"frames", nb_mbufs, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	return r->to_worker && r->from_worker && r->pool &&
	       rte_eth_from_rings("rings", &r->to_worker, 1, &r->from_worker, 1, 0) == 0 &&
	       alone_start_port(r->pool);
}
