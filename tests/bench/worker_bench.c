// What a worker of the scanner takes for a target that never answers: worker_poll of the program,
// its records and its frames, with a clock that runs faster, so that targets leave a small launch
// ring as soon as they would leave a large one. scripts/bench runs it.
//
//	worker_bench EAL-OPTIONS -- [SLOTS [SECONDS [SPEED [WARM-SECONDS]]]]
//
// The same lcore makes the jobs and takes the records. That is in frames_per_s, and not in the
// cycles.
#include "tests/bench/alone.h"

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_malloc.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SHORTS 256
#define NB_MBUFS 16383
// As the scanner has them where memory is short (lib/inflight.c).
#define NB_ANSWERED(nb_slots) ((nb_slots) / 20 > 8192 ? (nb_slots) / 20 : 8192)
#define FRAME_OCTETS 76
#define RATE_EXPECTED 45e6
#define STAY_S 8.0
#define ALMOST 0.95
#define FRAMES_PER_TARGET 6.0

struct options {
	uint32_t nb_slots;
	double seconds, speed, warm_s;
};

struct sample {
	uint64_t tsc, busy, frames, done, refused;
};

struct bench {
	struct alone alone;
	uint64_t busy;
	unsigned int max_in_flight;
	struct record_short shorts[SHORTS];
};

static struct bench bench;

static bool read_options(int argc, char **argv, struct options *o) {
	*o = (struct options){.nb_slots = 65536, .seconds = 2, .warm_s = 1};
	if (argc > 1)
		o->nb_slots = (uint32_t)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		o->seconds = strtod(argv[2], NULL);
	if (argc > 3)
		o->speed = strtod(argv[3], NULL);
	if (argc > 4)
		o->warm_s = strtod(argv[4], NULL);
	if (o->nb_slots < 1024 || (o->nb_slots & (o->nb_slots - 1)) != 0 || o->seconds <= 0 ||
		o->speed < 0 || o->warm_s < 0)
		return false;
	// so fast that the ring would be full at a rate that is not reached
	if (o->speed == 0)
		o->speed = RATE_EXPECTED / FRAMES_PER_TARGET * STAY_S / o->nb_slots;
	return true;
}

static bool wait_for_link(void) {
	struct rte_eth_link link = {0};
	for (int i = 0; i < 500; i++) {
		if (rte_eth_link_get_nowait(0, &link) == 0 && link.link_status)
			return true;
		rte_delay_ms(10);
	}
	return false;
}

// Cycles a frame of mempool and driver alone. Rounds in which the driver takes nothing are waiting
// for the other side, and not counted.
static double driver_cycles(struct rte_mempool *pool, double seconds) {
	uint64_t start = rte_rdtsc(), busy = 0, nb = 0;
	uint64_t end = start + (uint64_t)(seconds * (double)rte_get_tsc_hz());
	struct rte_mbuf *m[WORKER_BURST];
	while (rte_rdtsc() < end) {
		uint64_t before = rte_rdtsc();
		if (rte_pktmbuf_alloc_bulk(pool, m, WORKER_BURST) != 0)
			break;
		for (unsigned int i = 0; i < WORKER_BURST; i++)
			m[i]->data_len = m[i]->pkt_len = FRAME_OCTETS;
		uint16_t taken = rte_eth_tx_burst(0, 0, m, WORKER_BURST);
		if (taken == WORKER_BURST) {
			busy += rte_rdtsc() - before;
			nb += taken;
		} else {
			rte_pktmbuf_free_bulk(m + taken, WORKER_BURST - taken);
		}
	}
	return nb == 0 ? 0 : (double)busy / (double)nb;
}

static void drain(struct bench *b) {
	unsigned int nb;
	do {
		nb = rte_ring_dequeue_burst_elem(
			b->alone.worker->shorts, b->shorts, sizeof(b->shorts[0]), SHORTS, NULL);
	} while (nb == SHORTS);
}

static struct sample run_for(struct bench *b, double seconds) {
	uint64_t end = rte_rdtsc() + (uint64_t)(seconds * (double)rte_get_tsc_hz());
	uint64_t now;
	do {
		alone_feed(&b->alone);
		alone_feed(&b->alone);
		uint64_t before = rte_rdtsc();
		worker_poll(b->alone.worker);
		now = rte_rdtsc();
		b->busy += now - before;
		drain(b);
		unsigned int in_flight = atomic_load(&b->alone.worker->in_flight);
		if (in_flight > b->max_in_flight)
			b->max_in_flight = in_flight;
	} while (now < end);
	const struct worker_counters *c = &b->alone.worker->counters;
	return (struct sample){.tsc = now,
		.busy = b->busy,
		.frames = c->frames_sent,
		.done = c->done,
		.refused = c->tx_refused};
}

static void print_figures(const struct sample *from, const struct sample *to, double driver) {
	double s = (double)(to->tsc - from->tsc) / (double)rte_get_tsc_hz();
	double busy = (double)(to->busy - from->busy);
	double frames = (double)(to->frames - from->frames);
	double done = (double)(to->done - from->done);
	printf("frames_per_s %.0f\ntargets_per_s %.0f\n", frames / s, done / s);
	printf("cycles_per_frame %.1f\ncycles_per_target %.1f\n", busy / frames, busy / done);
	printf("frames_per_target %.2f\ndriver_cycles_per_frame %.1f\n", frames / done, driver);
	printf("cycles_above_driver %.1f\n", (busy - frames * driver) / done);
	printf("tx_refused %" PRIu64 "\n", to->refused - from->refused);
	const struct worker_counters *c = &bench.alone.worker->counters;
	printf("launched %" PRIu64 "\nlaunched_again %" PRIu64 "\ndeferred %" PRIu64 "\n",
		c->launched, c->launched_again, c->deferred);
}

int main(int argc, char **argv) {
	struct options o;
	int nb = rte_eal_init(argc, argv);
	if (nb < 0 || !read_options(argc - nb, argv + nb, &o)) {
		fprintf(stderr, "usage: worker_bench EAL-OPTIONS -- "
				"[SLOTS [SECONDS [SPEED [WARM-SECONDS]]]]\n");
		return 2;
	}
	struct rte_mempool *pool = rte_pktmbuf_pool_create(
		"frames", NB_MBUFS, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (pool == NULL || !alone_start_port(pool) || !wait_for_link()) {
		fprintf(stderr, "worker_bench: no port, or no link\n");
		return 1;
	}
	double driver = driver_cycles(pool, o.seconds < 1 ? o.seconds : 1);
	bench.alone.worker = alone_worker(o.nb_slots, NB_ANSWERED(o.nb_slots), o.speed, pool);
	if (bench.alone.worker == NULL) {
		fprintf(stderr, "worker_bench: no memory for %" PRIu32 " slots\n", o.nb_slots);
		return 1;
	}
	// A ring that is filled at once would bring all of its targets to each moment at once, too.
	struct worker *w = bench.alone.worker;
	pacer_init(&w->launches, o.nb_slots / STAY_S * ALMOST, clock_now_ns(w->clock));
	struct sample from = run_for(&bench, o.warm_s);
	struct sample to = run_for(&bench, o.seconds);
	if (to.frames == from.frames || to.done == from.done) {
		fprintf(stderr, "worker_bench: nothing was sent, or no target came to its end\n");
		return 1;
	}
	print_figures(&from, &to, driver);
	// the mempool lies in the same memory
	struct rte_malloc_socket_stats heap = {0};
	rte_malloc_get_socket_stats((int)rte_socket_id(), &heap);
	printf("max_in_flight %u\noctets_per_target %.1f\n", bench.max_in_flight,
		(double)heap.heap_allocsz_bytes / o.nb_slots);
	worker_destroy(bench.alone.worker);
	rte_eth_dev_stop(0);
	rte_eal_cleanup();
	return 0;
}
