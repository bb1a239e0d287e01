// What a target that answers takes of a worker: the simulated Internet on the other side of its
// queue, on the same lcore, and only worker_poll is timed. scripts/bench runs it.
//
//	answer_bench EAL-OPTIONS -- MIX SLOTS RTT-US SLICES
//
// A slice is SLICE_TARGETS targets; the figures are those of the slice in the middle, so that what
// else the machine does is left out. Ends with 1 if a verdict is not what it must be.
#include "tests/bench/alone.h"
#include "tests/bench/rings.h"

#include "lib/sim/sim_expect.h"

#include <rte_cycles.h>
#include <rte_eal.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define NB_MBUFS 65535
#define NB_ANSWERED 65536
#define NB_UNDER_WAY 32768u // frames; a power of two
#define SLICE_TARGETS 20000
#define MAX_SLICES 101
#define RECORDS 64
// A round that took longer was interrupted: it is left out.
#define INTERRUPTED_US 1000

struct way_back {
	struct rte_mbuf *frames[NB_UNDER_WAY];
	uint64_t at_ns[NB_UNDER_WAY];
	uint32_t head, tail;
};

struct bench {
	struct alone alone;
	struct rings rings;
	struct sim sim;
	struct way_back back;
	uint64_t conditions; // of every record
	uint64_t nb_records, nb_wrong;
	uint64_t busy, driver, nb_interrupted;
};

struct sample {
	double above_driver, driver, frames; // a target
};

static struct bench b;

// The path back keeps the order: all frames take it equally long.
static uint8_t *take_buffer(void *context) {
	struct bench *bench = context;
	struct way_back *back = &bench->back;
	if (back->head - back->tail == NB_UNDER_WAY)
		return NULL;
	struct rte_mbuf *m = rte_pktmbuf_alloc(bench->rings.pool);
	if (m == NULL)
		return NULL;
	back->frames[back->head % NB_UNDER_WAY] = m;
	return rte_pktmbuf_mtod(m, uint8_t *);
}

static void commit(void *context, uint64_t at_ns, size_t len) {
	struct way_back *back = &((struct bench *)context)->back;
	struct rte_mbuf *m = back->frames[back->head % NB_UNDER_WAY];
	m->data_len = (uint16_t)len;
	m->pkt_len = (uint32_t)len;
	back->at_ns[back->head++ % NB_UNDER_WAY] = at_ns;
}

static const struct sim_sink sink = {.context = &b, .buffer = take_buffer, .commit = commit};

static void answer(uint64_t now_ns) {
	struct rte_mbuf *frames[RECORDS];
	unsigned int nb;
	do {
		nb = rte_ring_dequeue_burst(b.rings.from_worker, (void **)frames, RECORDS, NULL);
		for (unsigned int i = 0; i < nb; i++)
			sim_receive(&b.sim, now_ns, rte_pktmbuf_mtod(frames[i], uint8_t *),
				rte_pktmbuf_data_len(frames[i]), &sink);
		rte_pktmbuf_free_bulk(frames, nb);
	} while (nb == RECORDS);
	if (sim_wake_ns(&b.sim) <= now_ns)
		sim_tick(&b.sim, now_ns, &sink);
	struct way_back *back = &b.back;
	while (back->tail != back->head && back->at_ns[back->tail % NB_UNDER_WAY] <= now_ns &&
		rte_ring_enqueue(b.rings.to_worker, back->frames[back->tail % NB_UNDER_WAY]) == 0)
		back->tail++;
}

static void drain(void) {
	static struct record records[RECORDS];
	struct record_short shorts[RECORDS];
	unsigned int nb;
	do {
		nb = rte_ring_dequeue_burst_elem(b.alone.worker->records, records,
			worker_record_octets(false), RECORDS, NULL);
		for (unsigned int i = 0; i < nb; i++)
			b.nb_wrong += records[i].conditions != b.conditions;
		b.nb_records += nb;
	} while (nb == RECORDS);
	// nobody is silent here
	nb = rte_ring_dequeue_burst_elem(
		b.alone.worker->shorts, shorts, sizeof(shorts[0]), RECORDS, NULL);
	b.nb_wrong += nb;
}

static void poll_worker(void) {
	const struct worker_counters *c = &b.alone.worker->counters;
	uint64_t busy = c->busy_cycles, driver = c->driver_cycles;
	worker_poll(b.alone.worker);
	busy = c->busy_cycles - busy;
	if (busy > rte_get_tsc_hz() / 1000000 * INTERRUPTED_US) {
		b.nb_interrupted++;
		return;
	}
	b.busy += busy;
	b.driver += c->driver_cycles - driver;
}

static struct sample run_slice(void) {
	const struct worker_counters *c = &b.alone.worker->counters;
	uint64_t busy = b.busy, driver = b.driver, records = b.nb_records;
	uint64_t frames = c->frames_sent + c->frames_received;
	while (b.nb_records - records < SLICE_TARGETS) {
		alone_feed(&b.alone);
		poll_worker();
		answer(clock_now_ns(b.alone.worker->clock));
		drain();
	}
	double nb = (double)(b.nb_records - records);
	double above = (double)(b.busy - busy) - (double)(b.driver - driver);
	return (struct sample){.above_driver = above / nb,
		.driver = (double)(b.driver - driver) / nb,
		.frames = (double)(c->frames_sent + c->frames_received - frames) / nb};
}

static int compare(const void *a, const void *other) {
	double x = ((const struct sample *)a)->above_driver;
	double y = ((const struct sample *)other)->above_driver;
	return (x > y) - (x < y);
}

// Of every address alike: the mix has one behaviour.
static bool expect_words(void) {
	static const uint8_t any[4] = {192, 0, 2, 1};
	const struct sim_expect_rules rules = {.nb_rounds = 1};
	struct sim_expected expected;
	struct ip_addr addr = addr_from_v4(any);
	sim_expect(&b.sim.config, &addr, &rules, &expected);
	for (unsigned int i = 0; expected.words[i] != NULL; i++) {
		enum condition c = condition_by_word(expected.words[i], strlen(expected.words[i]));
		if (c == NB_CONDITIONS)
			return false;
		b.conditions |= CONDITION_BIT(c);
	}
	return b.conditions != 0;
}

static bool create(char **argv) {
	struct sim_config config = {.seed = 1, .mac = {2, 2}};
	config.rtt_min_ns = config.rtt_max_ns = strtoull(argv[3], NULL, 10) * 1000;
	if (!sim_mix_parse(argv[1], config.weights))
		return false;
	size_t room = (sim_octets(SIM_DEFAULT_CONNS) + SIM_ALIGNMENT - 1) / SIM_ALIGNMENT;
	void *memory = aligned_alloc(SIM_ALIGNMENT, room * SIM_ALIGNMENT);
	if (memory == NULL || !rings_create(&b.rings, NB_MBUFS))
		return false;
	sim_init(&b.sim, &config, memory, SIM_DEFAULT_CONNS);
	b.alone.worker =
		alone_worker((uint32_t)strtoul(argv[2], NULL, 10), NB_ANSWERED, 1, b.rings.pool);
	return b.alone.worker != NULL && expect_words();
}

int main(int argc, char **argv) {
	static struct sample samples[MAX_SLICES];
	int nb_eal = rte_eal_init(argc, argv);
	if (nb_eal < 0 || argc - nb_eal != 5) {
		fprintf(stderr, "usage: answer_bench EAL-OPTIONS -- MIX SLOTS RTT-US SLICES\n");
		return 2;
	}
	argv += nb_eal;
	int nb_slices = atoi(argv[4]);
	if (nb_slices < 1 || nb_slices > MAX_SLICES || !create(argv)) {
		fprintf(stderr, "answer_bench: no such mix, no memory, or too many slices\n");
		return 1;
	}
	run_slice(); // until all is under way
	for (int i = 0; i < nb_slices; i++)
		samples[i] = run_slice();
	qsort(samples, (size_t)nb_slices, sizeof(samples[0]), compare);
	struct sample middle = samples[nb_slices / 2];
	printf("cycles_above_driver %.1f\n", middle.above_driver);
	printf("least %.1f\nmost %.1f\n", samples[0].above_driver,
		samples[nb_slices - 1].above_driver);
	printf("driver_cycles_per_target %.1f\n", middle.driver);
	printf("frames_per_target %.2f\n", middle.frames);
	printf("cycles_per_frame %.1f\n", middle.above_driver / middle.frames);
	printf("targets %" PRIu64 "\nwrong %" PRIu64 "\ninterrupted %" PRIu64 "\n", b.nb_records,
		b.nb_wrong, b.nb_interrupted);
	return b.nb_wrong != 0;
}
