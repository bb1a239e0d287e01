#include "app/workforce.h"

#include "app/eal_args.h"
#include "app/say.h"
#include "app/steering.h"

#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_malloc.h>

#include <string.h>

#define MIN_SLOTS 1024u
#define MAX_SLOTS_DEFAULT (1u << 20)
#define TCP4_HEADERS 40
#define TCP6_HEADERS 60
#define FILTERED_RING_OCTETS (8u << 20)
#define LEAST_RING_OCTETS (1u << 20)

static uint32_t power_of_two_up_to(uint64_t n) {
	uint32_t p = MIN_SLOTS;
	while ((uint64_t)p * 2 <= n && p < ADDRINDEX_MAX_POSITIONS)
		p *= 2;
	return p;
}

// Octets that a slot costs, with its part of the index and an eighth of an answered target.
static uint64_t octets_a_slot(bool wants_flows) {
	uint64_t answered = sizeof(struct answered) + sizeof(struct wheel_node) + sizeof(uint32_t);
	if (wants_flows)
		answered += NB_PROBES * sizeof(struct flow);
	return sizeof(struct launch) + 4 * ADDRINDEX_SPARE + answered / 8;
}

// Targets in flight a worker: what -r can have begun in the life of a silent one, twice over, or
// half of the memory that is there.
static uint32_t choose_slots(const struct scan *s) {
	const struct options *o = &s->options;
	if (o->max_in_flight > 0)
		return power_of_two_up_to(o->max_in_flight / s->nb_workers);
	struct rte_malloc_socket_stats memory = {0};
	rte_malloc_get_socket_stats(s->port.socket_id, &memory);
	uint64_t free_octets = memory.heap_freesz_bytes;
	if (rte_eal_has_hugepages())
		free_octets += eal_free_hugepage_octets(); // taken on demand
	uint64_t slots = free_octets / 2 / s->nb_workers / octets_a_slot(o->output_flows);
	uint64_t life_s = 2 * (conn_syn_offset_ns(o->tries - 1u) / NSEC_PER_SEC + 1);
	if (o->rate_pps > 0 && slots > 2 * o->rate_pps * (double)life_s / s->nb_workers)
		slots = (uint64_t)(2 * o->rate_pps * (double)life_s / s->nb_workers);
	if (slots > MAX_SLOTS_DEFAULT)
		slots = MAX_SLOTS_DEFAULT;
	return power_of_two_up_to(slots);
}

static void fill_measure(struct scan *s) {
	const struct options *o = &s->options;
	struct measure *m = &s->measure;
	*m = (struct measure){
		.seed = s->seed,
		.epoch = s->epoch,
		.app = o->app,
		.tries = o->tries,
		.rounds = o->rounds,
		.has_controls = o->controls,
		.timeout_s = o->timeout_s,
		.mss4 = (uint16_t)(s->port.mtu - TCP4_HEADERS),
		.mss6 = (uint16_t)(s->port.mtu - TCP6_HEADERS),
		.laddr4 = s->network.hop.laddr4,
		.laddr6 = s->network.hop.laddr6,
		.ports = {.first = o->source_port_first,
			.count = (uint16_t)(o->source_port_last - o->source_port_first + 1)},
		.nb_workers = s->nb_workers,
		.steer = s->port.steer,
		.question_len = s->question_len,
	};
	memcpy(m->question, s->question, s->question_len);
}

unsigned int workforce_nb_lcores(const struct options *o) {
	return rte_lcore_count() == 1 ? 1 : rte_lcore_count() - o->nb_collectors;
}

static unsigned int count_workers(const struct scan *s, unsigned int nb_lcores) {
	const struct options *o = &s->options;
	unsigned int nb_ports = o->source_port_last - o->source_port_first + 1u;
	unsigned int nb = nb_lcores < s->port.nb_queues ? nb_lcores : s->port.nb_queues;
	if (nb > nb_ports / NUMBERS_MAX_CONNECTIONS)
		nb = nb_ports / NUMBERS_MAX_CONNECTIONS;
	return nb < WORKER_MAX ? nb : WORKER_MAX;
}

// Of the ring between a worker and the file of the capture. With a filter the buffer lies behind
// it.
static uint64_t capture_octets(const struct scan *s) {
	const struct options *o = &s->options;
	if (o->write_pcap == NULL)
		return 0;
	uint64_t octets = ((uint64_t)o->pcap_buffer_mib << 20) / s->nb_workers;
	if (o->write_pcap_filter && octets > FILTERED_RING_OCTETS)
		octets = FILTERED_RING_OCTETS;
	if (octets < LEAST_RING_OCTETS)
		octets = LEAST_RING_OCTETS;
	return UINT64_C(1) << (63 - __builtin_clzll(octets));
}

static bool hand_over(void *context, unsigned int worker, const struct job *job) {
	struct scan *s = context;
	return rte_ring_enqueue_elem(
		       s->workers[worker]->jobs, (void *)(uintptr_t)job, sizeof(*job)) == 0;
}

int workforce_create(struct scan *s) {
	const struct options *o = &s->options;
	s->is_one_loop = rte_lcore_count() == 1;
	unsigned int nb_lcores = workforce_nb_lcores(o);
	s->nb_workers = count_workers(s, nb_lcores);
	if (s->nb_workers < nb_lcores)
		say("%u lcores, but only %u can have a queue and ports of its own: %u stay idle",
			nb_lcores, s->nb_workers, nb_lcores - s->nb_workers);
	uint32_t nb_slots = choose_slots(s);
	fill_measure(s);
	struct worker_config config = {
		.nb_workers = s->nb_workers,
		.port_id = s->port.id,
		.socket_id = s->port.socket_id,
		.nb_slots = nb_slots,
		.nb_answered = nb_slots / 8 > MIN_SLOTS ? nb_slots / 8 : MIN_SLOTS,
		.frames_per_s = o->rate_pps / s->nb_workers,
		.seed = s->seed,
		.wants_flows = o->output_flows,
		.placebo_share = o->placebo_share,
		.control = &s->control,
		.clock = &s->clock,
		.all_ports = s->measure.ports,
		.capture_octets = capture_octets(s),
		.hop = s->network.hop,
		.by_nic = s->port.by_nic,
		.pool = s->port.pool,
		.workers = s->workers,
	};
	for (unsigned int i = 0; i < s->nb_workers; i++) {
		config.id = i;
		measure_rules(&s->measure, i, &config.rules);
		bool has_memory = steering_begin(s, i, &config.rules);
		s->workers[i] = has_memory ? worker_create(&config) : NULL;
		if (!s->workers[i]) {
			say("no memory for %u targets in flight (%s): give fewer with "
			    "--max-in-flight, or "
			    "more hugepages (sysctl vm.nr_hugepages=1024)",
				nb_slots * s->nb_workers, rte_strerror(rte_errno));
			return EXIT_CANNOT;
		}
	}
	const struct collector common = {
		.texts = s->reader.texts,
		.capture = &s->capture,
		.control = &s->control,
		.clock = &s->clock,
	};
	collectors_assign(&s->collectors, s->workers, s->nb_workers, &common);
	s->reader.nb_workers = s->nb_workers;
	s->reader.hand_over = hand_over;
	s->reader.context = s;
	return 0;
}

void workforce_destroy(struct scan *s) {
	for (unsigned int i = 0; i < s->nb_workers; i++)
		worker_destroy(s->workers[i]);
	steering_release(s);
}

int workforce_start_reader(struct scan *s) {
	int ret = rte_ctrl_thread_create(
		&s->reader_thread, "tfoscan-reader", NULL, reader_run, &s->reader);
	s->has_reader_thread = ret == 0;
	if (ret != 0)
		say("cannot start the reader's thread: %s", strerror(-ret));
	return ret == 0 ? 0 : EXIT_CANNOT;
}
