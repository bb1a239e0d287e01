#include "app/worker_parts.h"

#include <rte_errno.h>
#include <rte_malloc.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#define JOB_RING_JOBS 1024
#define RECORD_RING_RECORDS 8192
#define SHORT_RING_RECORDS 16384
#define DEFERRED_JOBS 4096
#define WAITING_JOBS 32768 // for the rate of their network
#define REST_PART 8
#define REST_LEAST_NS (25 * NSEC_PER_USEC)
#define REST_MOST_NS (500 * NSEC_PER_USEC)

// Networks with a limit share a bucket, and its rate, if there are many more of them than buckets.
static uint32_t nb_buckets(bool limits_networks) {
	return limits_networks ? 1u << 18 : 1u << 16;
}

unsigned int worker_of_addr(const struct siphash_key *key, const struct ip_addr *addr,
	bool by_network, unsigned int nb_workers) {
	if (nb_workers == 1)
		return 0;
	struct ip_addr hashed = by_network ? prefixes_network(addr) : *addr;
	uint64_t hash = siphash13(key, hashed.octets, sizeof(hashed.octets));
	return (unsigned int)((hash >> 32) % nb_workers);
}

static struct rte_ring *create_ring(const char *what, unsigned int id, unsigned int element_octets,
	unsigned int nb_elements, int socket_id, unsigned int flags) {
	char name[RTE_RING_NAMESIZE];
	snprintf(name, sizeof(name), "%s_%u", what, id);
	return rte_ring_create_elem(name, element_octets, nb_elements, socket_id, flags);
}

static bool create_rings(struct worker *w, const struct worker_config *config) {
	int socket_id = config->socket_id;
	unsigned int one_to_one = RING_F_SP_ENQ | RING_F_SC_DEQ;
	w->jobs = create_ring(
		"jobs", w->id, sizeof(struct job), JOB_RING_JOBS, socket_id, one_to_one);
	w->records = create_ring("records", w->id, worker_record_octets(config->wants_flows),
		RECORD_RING_RECORDS, socket_id, one_to_one);
	w->shorts = create_ring("shorts", w->id, sizeof(struct record_short), SHORT_RING_RECORDS,
		socket_id, one_to_one);
	// a worker that is off its CPU while it enqueues keeps none of the others waiting
	w->frames = create_ring("frames", w->id, sizeof(void *), WORKER_RING_FRAMES, socket_id,
		RING_F_MP_RTS_ENQ | RING_F_SC_DEQ);
	return w->jobs && w->records && w->shorts && w->frames;
}

// All of its pages are touched now, for later there is no time.
static bool create_capture(struct worker *w, uint64_t octets) {
	if (octets == 0)
		return true;
	void *memory = aligned_alloc(RTE_CACHE_LINE_SIZE, octets);
	if (!memory)
		return false;
	memset(memory, 0, octets);
	capring_init(&w->capture, memory, octets);
	return true;
}

static bool create_prefixes(struct worker *w, const struct worker_config *config) {
	uint32_t nb = nb_buckets(config->max_per_prefix > 0);
	void *memory = rte_zmalloc_socket("prefixes", prefixes_octets(nb, WAITING_JOBS),
		RTE_CACHE_LINE_SIZE, config->socket_id);
	w->waiting = rte_zmalloc_socket(
		"waiting", WAITING_JOBS * sizeof(w->waiting[0]), 0, config->socket_id);
	w->prefixes.buckets = memory;
	if (memory == NULL || w->waiting == NULL)
		return false;
	prefixes_init(&w->prefixes, memory, nb, WAITING_JOBS, config->max_per_prefix,
		&w->spread_key, clock_now_ns(config->clock));
	return true;
}

static bool create_tables(struct worker *w, const struct worker_config *config) {
	int socket_id = config->socket_id;
	w->nb_slots = config->nb_slots;
	w->slots = rte_zmalloc_socket(
		"slots", w->nb_slots * sizeof(w->slots[0]), RTE_CACHE_LINE_SIZE, socket_id);
	w->nb_answered = w->nb_free = config->nb_answered;
	w->answered = rte_zmalloc_socket("answered", w->nb_answered * sizeof(w->answered[0]),
		RTE_CACHE_LINE_SIZE, socket_id);
	w->free_answered = rte_zmalloc_socket(
		"free", w->nb_answered * sizeof(w->free_answered[0]), 0, socket_id);
	struct wheel_node *nodes =
		rte_zmalloc_socket("wheel", w->nb_answered * sizeof(*nodes), 0, socket_id);
	void *index = rte_zmalloc_socket(
		"index", addrindex_octets(w->nb_slots), RTE_CACHE_LINE_SIZE, socket_id);
	w->deferred = rte_zmalloc_socket(
		"deferred", DEFERRED_JOBS * sizeof(w->deferred[0]), 0, socket_id);
	w->deferred_mask = DEFERRED_JOBS - 1;
	w->wheel.nodes = nodes;
	w->index.entries = index;
	if (config->wants_flows)
		w->flows = rte_zmalloc_socket("flows",
			(size_t)w->nb_answered * NB_PROBES * sizeof(w->flows[0]),
			RTE_CACHE_LINE_SIZE, socket_id);
	if (!w->slots || !w->answered || !w->free_answered || !nodes || !index || !w->deferred ||
		(config->wants_flows && !w->flows))
		return false;

	addrindex_init(&w->index, index, w->nb_slots, &w->spread_key);
	w->pump_due = WHEEL_NONE;
	wheel_init(&w->wheel, nodes, w->nb_answered, clock_now_ns(config->clock));
	for (uint32_t i = 0; i < w->nb_answered; i++)
		w->free_answered[i] = w->nb_answered - 1 - i;
	return true;
}

uint64_t worker_answered_octets(bool wants_flows) {
	uint64_t octets = sizeof(struct answered) + sizeof(struct wheel_node) + sizeof(uint32_t);
	return wants_flows ? octets + NB_PROBES * sizeof(struct flow) : octets;
}

static uint64_t ring_octets(unsigned int element_octets, unsigned int nb_elements) {
	return (uint64_t)rte_ring_get_memsize_elem(element_octets, nb_elements);
}

uint64_t worker_fixed_octets(bool wants_flows, bool limits_networks) {
	return sizeof(struct worker) + (DEFERRED_JOBS + WAITING_JOBS) * sizeof(struct job) +
	       prefixes_octets(nb_buckets(limits_networks), WAITING_JOBS) +
	       ring_octets(sizeof(struct job), JOB_RING_JOBS) +
	       ring_octets(worker_record_octets(wants_flows), RECORD_RING_RECORDS) +
	       ring_octets(sizeof(struct record_short), SHORT_RING_RECORDS) +
	       ring_octets(sizeof(void *), WORKER_RING_FRAMES);
}

struct worker *worker_create(const struct worker_config *config) {
	struct worker *w =
		rte_zmalloc_socket("worker", sizeof(*w), RTE_CACHE_LINE_SIZE, config->socket_id);
	if (!w)
		return NULL;
	w->id = config->id;
	w->nb_workers = (uint16_t)config->nb_workers;
	w->port_id = config->port_id;
	w->queue_id = (uint16_t)config->id;
	w->control = config->control;
	w->clock = config->clock;
	w->when_idle = config->when_idle;
	w->permits = config->permits;
	if (w->permits)
		permit_view_open(&w->permit, w->permits);
	w->rules = config->rules;
	w->placebo_below = (uint64_t)(config->placebo_share * 4294967296.0);
	w->hop = config->hop;
	w->spread_key = (struct siphash_key){.k0 = config->seed, .k1 = ~config->seed};
	w->spread_by_network = config->max_per_prefix > 0;
	w->by_nic = config->by_nic;
	w->pool = config->pool;
	w->workers = config->workers;
	launch_frames_init(&w->launch_frames, &w->rules, w->hop.our_mac);
	w->all_ports = config->all_ports;
	w->ports_per_worker = w->rules.ports.count;
	uint64_t now_ns = clock_now_ns(config->clock);
	double climb_from = CLIMB_FROM_FRAMES_PER_S / config->nb_workers;
	w->has_ramp = config->frames_per_s <= 0 || config->frames_per_s > climb_from;
	double start_rate = w->has_ramp ? climb_from : config->frames_per_s;
	pacer_init(&w->pacer, start_rate, now_ns);
	ramp_init(&w->ramp, start_rate, config->frames_per_s, now_ns);
	cost_init(&w->cost, start_rate, now_ns);
	pacer_init(&w->launches, w->has_ramp ? start_rate / COST_FIRST : 0, now_ns);
	if (!create_rings(w, config) || !create_tables(w, config) || !create_prefixes(w, config) ||
		!create_capture(w, config->capture_octets)) {
		worker_destroy(w);
		return NULL;
	}
	return w;
}

void worker_destroy(struct worker *w) {
	if (!w)
		return;
	rte_pktmbuf_free_bulk(w->tx, w->nb_tx);
	rte_ring_free(w->jobs);
	rte_ring_free(w->records);
	rte_ring_free(w->shorts);
	rte_ring_free(w->frames);
	rte_free(w->slots);
	rte_free(w->answered);
	rte_free(w->free_answered);
	rte_free(w->flows);
	rte_free(w->wheel.nodes);
	rte_free(w->index.entries);
	rte_free(w->deferred);
	rte_free(w->prefixes.buckets);
	rte_free(w->waiting);
	free(w->capture.octets);
	rte_free(w);
}

static void notice_outage(struct worker *w, uint64_t now_ns) {
	unsigned int outages = atomic_load_explicit(&w->control->outages, memory_order_relaxed);
	if (outages == w->outages_seen)
		return;
	w->outages_seen = outages;
	worker_ramp_forget(w, now_ns);
	launch_void_all(w);
	answered_void_since(w, atomic_load(&w->control->unheard_ns));
}

static void notice_pause(struct worker *w, uint64_t now_ns) {
	uint64_t last_ns = atomic_load_explicit(&w->polled_ns, memory_order_relaxed);
	uint64_t pause_ns = last_ns != 0 ? now_ns - last_ns : 0;
	if (pause_ns > w->longest_pause_ns)
		w->longest_pause_ns = pause_ns;
	if (pause_ns >= CONTROL_PAUSE_NS) {
		atomic_fetch_add_explicit(&w->control->pauses, 1, memory_order_relaxed);
		if (control_forgives_pauses(w->control))
			control_note_outage(w->control, last_ns);
	}
	atomic_store_explicit(&w->polled_ns, now_ns, memory_order_relaxed);
}

// What was to leave meanwhile has not, or much later than it is noted: as if the link were down.
static void notice_stall(struct worker *w, uint64_t now_ns) {
	bool has_moved = w->nb_tx == 0 || w->counters.frames_sent != w->nb_sent_seen;
	w->nb_sent_seen = w->counters.frames_sent;
	if (has_moved || control_is(&w->control->link_is_down)) {
		w->tx_is_stuck = false;
		w->tx_moved_ns = now_ns;
		return;
	}
	if (w->tx_is_stuck || now_ns - w->tx_moved_ns < CONTROL_PAUSE_NS)
		return;
	w->tx_is_stuck = true;
	atomic_fetch_add_explicit(&w->control->stalls, 1, memory_order_relaxed);
	if (control_forgives_pauses(w->control))
		control_note_outage(w->control, w->tx_moved_ns);
}

static void notice_stop(struct worker *w) {
	if (w->has_stopped || !control_is(&w->control->stop_launching))
		return;
	w->has_stopped = true;
	launch_drop_waiting(w);
	neigh_drop_all(w);
}

static void notice_ending(struct worker *w, uint64_t now_ns) {
	if (w->rules.is_ending || !control_is(&w->control->is_ending))
		return;
	w->rules.is_ending = true;
	answered_ask_all(w, now_ns);
}

static void notice_rate(struct worker *w, uint64_t now_ns) {
	unsigned int changes =
		atomic_load_explicit(&w->control->rate_changes, memory_order_relaxed);
	if (changes == w->rate_changes_seen)
		return;
	w->rate_changes_seen = changes;
	uint64_t mpps = atomic_load(&w->control->wanted_mpps);
	worker_ramp_want(w, (double)mpps / 1e3 / w->nb_workers, now_ns);
}

static uint64_t nb_events(const struct worker_counters *c) {
	return c->frames_received + c->taken_over + c->frames_sent + c->launched + c->done;
}

// A round that found nothing to do cost nobody anything, the driver's part included.
static void count_cycles(
	struct worker *w, uint64_t start_tsc, uint64_t events_before, uint64_t driver_before) {
	if (nb_events(&w->counters) == events_before) {
		w->counters.driver_cycles = driver_before;
		return;
	}
	w->counters.busy_cycles += rte_rdtsc() - start_tsc;
	w->busy_ns = atomic_load_explicit(&w->polled_ns, memory_order_relaxed);
}

void worker_poll(struct worker *w) {
	uint64_t start_tsc = rte_rdtsc(), events_before = nb_events(&w->counters);
	uint64_t driver_before = w->counters.driver_cycles;
	uint64_t now_ns = clock_now_ns(w->clock);
	notice_pause(w, now_ns);
	notice_outage(w, now_ns);
	notice_stop(w);
	notice_ending(w, now_ns);
	notice_rate(w, now_ns);
	lists_look(w, now_ns);
	worker_ramp_poll(w, now_ns);
	w->tx_is_refused = false;
	bool is_drained = rx_receive(w, now_ns);
	bool is_even = answered_timers(w, now_ns);
	neigh_timers(w, now_ns);
	is_even &= launch_moments(w, now_ns);
	records_flush(w);
	// who is behind, with receiving or with what is due, begins nothing new
	if (is_drained && is_even)
		launch_jobs(w, now_ns);
	tx_flush(w);
	notice_stall(w, now_ns);
	count_cycles(w, start_tsc, events_before, driver_before);
}

// For a part of the time for which nothing has happened: what comes meanwhile is seen late by no
// more than that part of the time it took. Who yields does it even if that is shorter than a rest.
uint64_t worker_rest_ns(const struct worker *w) {
	uint64_t now_ns = atomic_load_explicit(&w->polled_ns, memory_order_relaxed);
	uint64_t rest_ns = (now_ns - w->busy_ns) / REST_PART;
	bool is_busy = now_ns == w->busy_ns || w->nb_tx > 0;
	if (w->when_idle == WORKER_POLLS || is_busy)
		return 0;
	if (rest_ns < REST_LEAST_NS)
		return w->when_idle == WORKER_YIELDS ? REST_LEAST_NS : 0;
	return rest_ns < REST_MOST_NS ? rest_ns : REST_MOST_NS;
}

void worker_rest(const struct worker *w) {
	struct timespec rest = {.tv_nsec = (long)worker_rest_ns(w)};
	if (rest.tv_nsec > 0)
		nanosleep(&rest, NULL);
}

void worker_begin(void) {
	prctl(PR_SET_TIMERSLACK, 1ul); // a rest ends when it is over
}

int worker_run(void *worker) {
	struct worker *w = worker;
	worker_begin();
	while (!control_is(&w->control->quit)) {
		worker_poll(w);
		worker_rest(w);
	}
	return 0;
}
