// How long it takes from a SYN-ACK in an mbuf to the slot of its target: the passes of worker_rx.c
// over a burst, up to the slot that takes it, over targets that are all in flight. scripts/bench
// runs it.
//
//	match_bench EAL-OPTIONS -- SLOTS
//
// Prints cycles a frame, of the burst in the middle: what interrupts some does not count.
#include "app/worker_rx.c" // its passes, which are nobody else's

#include "lib/sim/sim.h"
#include "tests/bench/alone.h"
#include "tests/bench/rings.h"

#include <rte_cycles.h>
#include <rte_eal.h>

#include <stdio.h>
#include <stdlib.h>

#define NB_MBUFS 16383
#define NB_REPLIES 65536u
#define NB_BURSTS 20000u
#define STRIDE 40503u // odd: frames come in another order than their targets were begun
#define MIN_SLOTS 1024u

struct reply {
	uint8_t octets[126];
	uint16_t len;
};

static struct alone alone;
static struct rings rings;
static struct sim sim;
static struct reply replies[NB_REPLIES];
static uint32_t nb_replies;
static uint64_t nb_found;

static uint8_t *take_buffer(void *context) {
	(void)context;
	return nb_replies < NB_REPLIES ? replies[nb_replies].octets : NULL;
}

static void commit(void *context, uint64_t at_ns, size_t len) {
	(void)context;
	(void)at_ns;
	if (len <= sizeof(replies[0].octets))
		replies[nb_replies++].len = (uint16_t)len;
}

// So many targets; the SYN of every nth is answered, and none of the answers is received.
static void fill(uint32_t nb_targets) {
	const struct sim_sink sink = {.buffer = take_buffer, .commit = commit};
	struct worker *w = alone.worker;
	uint64_t nb_syns = 0, nth = nb_targets > NB_REPLIES ? nb_targets / NB_REPLIES : 1;
	while (w->counters.launched < nb_targets) {
		struct rte_mbuf *frames[WORKER_BURST];
		unsigned int nb;
		alone_feed(&alone);
		worker_poll(w);
		while ((nb = rte_ring_dequeue_burst(
				rings.from_worker, (void **)frames, WORKER_BURST, NULL)) > 0) {
			for (unsigned int i = 0; i < nb; i++) {
				if (nb_syns++ % nth == 0)
					sim_receive(&sim, 1, rte_pktmbuf_mtod(frames[i], uint8_t *),
						rte_pktmbuf_data_len(frames[i]), &sink);
			}
			rte_pktmbuf_free_bulk(frames, nb);
		}
	}
}

static void load(struct rte_mbuf **frames, unsigned int burst) {
	for (unsigned int i = 0; i < WORKER_BURST; i++) {
		const struct reply *r = &replies[(burst * WORKER_BURST + i) * STRIDE % nb_replies];
		memcpy(rte_pktmbuf_mtod(frames[i], uint8_t *), r->octets, r->len);
		frames[i]->data_len = r->len;
		frames[i]->pkt_len = r->len;
	}
}

static bool find_slot(struct worker *w, struct received *r, uint64_t now_ns) {
	const struct segment *seg = &r->frame.seg;
	if (r->kind != FRAME_TCP || !next_hop_owns(&w->hop, &seg->dst) ||
		!tcp_is_mine(w, seg->dport, false, &r->m))
		return false;
	uint32_t *entry = launch_find_in(w, r->bucket, &seg->src, r->hash);
	return entry && launch_takes(&w->slots[addrindex_position(*entry)], &w->rules, seg->dport,
				seg->sport, now_ns);
}

// The passes of handle_burst.
static unsigned int match(struct worker *w, struct rte_mbuf **frames, uint64_t now_ns) {
	struct received received[WORKER_BURST];
	unsigned int nb = 0, nb_matched = 0;
	for (unsigned int i = 0; i < WORKER_BURST; i++)
		rte_prefetch0(rte_pktmbuf_mtod(frames[i], const void *));
	for (unsigned int i = 0; i < WORKER_BURST; i++) {
		if (is_worth_parsing(w, frames[i]))
			parse(w, frames[i], &received[nb++]);
	}
	prefetch_targets(w, received, nb);
	for (unsigned int i = 0; i < nb; i++)
		nb_matched += find_slot(w, &received[i], now_ns);
	return nb_matched;
}

static int compare(const void *a, const void *b) {
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static bool create(uint32_t nb_slots) {
	struct sim_config config = {.seed = 1, .mac = {2, 2}};
	size_t room = (sim_octets(1024) + SIM_ALIGNMENT - 1) / SIM_ALIGNMENT;
	void *memory = aligned_alloc(SIM_ALIGNMENT, room * SIM_ALIGNMENT);
	if (nb_slots < MIN_SLOTS || memory == NULL || !sim_mix_parse("1", config.weights) ||
		!rings_create(&rings, NB_MBUFS))
		return false;
	sim_init(&sim, &config, memory, 1024);
	alone.worker = alone_worker(nb_slots, 8192, 1, rings.pool);
	return alone.worker != NULL;
}

int main(int argc, char **argv) {
	static uint64_t cycles[NB_BURSTS];
	struct rte_mbuf *frames[WORKER_BURST];
	int nb_eal = rte_eal_init(argc, argv);
	uint32_t nb_slots = nb_eal < 0 || argc - nb_eal != 2
				    ? 0
				    : (uint32_t)strtoul(argv[nb_eal + 1], NULL, 10);
	if (!create(nb_slots)) {
		fprintf(stderr, "match_bench: usage: match_bench EAL-OPTIONS -- SLOTS, a power of "
				"two of 1024 or more, or there is no memory for it\n");
		return 2;
	}
	fill(nb_slots / 16 * 15);
	if (nb_replies == 0 || rte_pktmbuf_alloc_bulk(rings.pool, frames, WORKER_BURST) != 0)
		return 1;
	uint64_t now_ns = clock_now_ns(alone.worker->clock);
	for (unsigned int n = 0; n < NB_BURSTS; n++) {
		load(frames, n);
		uint64_t before = rte_rdtsc();
		nb_found += match(alone.worker, frames, now_ns);
		cycles[n] = rte_rdtsc() - before;
	}
	qsort(cycles, NB_BURSTS, sizeof(cycles[0]), compare);
	printf("match_cycles %.1f\nleast %.1f\n", (double)cycles[NB_BURSTS / 2] / WORKER_BURST,
		(double)cycles[0] / WORKER_BURST);
	printf("found_percent %.3f\n", 100.0 * (double)nb_found / (NB_BURSTS * WORKER_BURST));
	return 0;
}
