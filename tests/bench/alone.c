#include "tests/bench/alone.h"

#include "lib/measure.h"
#include "lib/tcpstack/bytes.h"

#include <stdatomic.h>
#include <string.h>

static struct tsc_clock alone_clock;
static struct control control;
static struct worker *workers[1];

bool alone_start_port(struct rte_mempool *pool) {
	struct rte_eth_conf conf = {0};
	if (rte_eth_dev_count_avail() == 0 || rte_eth_dev_configure(0, 1, 1, &conf) != 0)
		return false;
	if (rte_eth_rx_queue_setup(0, 0, 1024, SOCKET_ID_ANY, NULL, pool) != 0 ||
		rte_eth_tx_queue_setup(0, 0, 1024, SOCKET_ID_ANY, NULL) != 0)
		return false;
	return rte_eth_dev_start(0) == 0;
}

struct worker *alone_worker(
	uint32_t nb_slots, uint32_t nb_answered, double speed, struct rte_mempool *pool) {
	static struct measure m = {.seed = 1,
		.epoch = 2,
		.app = &app_dnstcp,
		.tries = 3,
		.rounds = 1,
		.timeout_s = 5,
		.mss4 = 1460,
		.mss6 = 1440,
		.nb_workers = 1,
		.ports = {.first = 32768, .count = 28233}};
	static const uint8_t question[] = "\7example\3com";
	static const uint8_t own[4] = {10, 99, 0, 3};
	m.laddr4 = addr_from_v4(own);
	memcpy(m.question, question, sizeof(question));
	m.question_len = sizeof(question);
	clock_set(&alone_clock);
	alone_clock.ns_per_tick *= speed;
	atomic_store(&control.pauses, 100); // of a clock that runs fast there are many
	struct worker_config c = {.nb_workers = 1,
		.nb_slots = nb_slots,
		.nb_answered = nb_answered,
		.frames_per_s = 1e12,
		.seed = 1,
		.control = &control,
		.clock = &alone_clock,
		.all_ports = m.ports,
		.pool = pool,
		.workers = workers};
	measure_rules(&m, 0, &c.rules);
	c.hop.laddr4 = m.laddr4;
	c.hop.has_v4 = true;
	c.hop.has_gateway4 = true;
	struct worker *w = workers[0] = worker_create(&c);
	if (w == NULL)
		return NULL;
	// the climb of a scan's first seconds is not what is measured
	uint64_t now_ns = clock_now_ns(&alone_clock);
	w->has_ramp = false;
	pacer_init(&w->pacer, 0, now_ns);
	pacer_init(&w->launches, 0, now_ns);
	return w;
}

void alone_feed(struct alone *a) {
	struct job jobs[ALONE_JOBS];
	if (rte_ring_free_count(a->worker->jobs) < ALONE_JOBS)
		return;
	memset(jobs, 0, sizeof(jobs));
	for (unsigned int i = 0; i < ALONE_JOBS; i++) {
		// one to one: an address that comes twice would wait for itself
		uint8_t octets[4];
		put_be32(octets, (uint32_t)a->index * UINT32_C(2654435761));
		jobs[i].addr = addr_from_v4(octets);
		jobs[i].port = 53;
		jobs[i].index = a->index++;
	}
	rte_ring_enqueue_bulk_elem(a->worker->jobs, jobs, sizeof(jobs[0]), ALONE_JOBS, NULL);
}
