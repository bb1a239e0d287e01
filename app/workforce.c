#include "app/workforce.h"

#include "app/eal.h"
#include "app/lcores.h"
#include "app/room.h"
#include "app/say.h"
#include "app/steering.h"

#include <rte_lcore.h>

#include <string.h>

#define TCP4_HEADERS 40
#define TCP6_HEADERS 60
#define FILTERED_RING_OCTETS (8u << 20)
#define LEAST_RING_OCTETS (1u << 20)

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
	return lcores_nb_workers(rte_lcore_count(), o->nb_collectors);
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

static enum worker_idle when_idle(const struct options *o) {
	if (o->interface == NULL)
		return WORKER_POLLS;
	return eal_lcores_share_cpus() ? WORKER_YIELDS : WORKER_RESTS;
}

static void fill_config(
	struct scan *s, const struct inflight *limits, struct worker_config *config) {
	const struct options *o = &s->options;
	*config = (struct worker_config){
		.nb_workers = s->nb_workers,
		.port_id = s->port.id,
		.nb_slots = limits->nb_slots,
		.nb_answered = limits->nb_answered,
		.frames_per_s = o->rate_pps / s->nb_workers,
		.max_per_prefix = o->max_per_prefix,
		.seed = s->seed,
		.wants_flows = o->output_flows,
		.when_idle = when_idle(o),
		.placebo_share = o->placebo_share,
		.control = &s->control,
		.permits = &s->permits,
		.clock = &s->clock,
		.all_ports = s->measure.ports,
		.capture_octets = capture_octets(s),
		.hop = s->network.hop,
		.by_nic = s->port.by_nic,
		.pool = s->port.pool,
		.workers = s->workers,
	};
}

static void destroy_workers(struct scan *s) {
	for (unsigned int i = 0; i < s->nb_workers; i++) {
		worker_destroy(s->workers[i]);
		s->workers[i] = NULL;
	}
	steering_release(s);
}

// Each with memory of its own NUMA node. False: there was less than it seemed.
static bool create_workers(struct scan *s, const struct room *room) {
	struct worker_config config;
	fill_config(s, &room->limits, &config);
	for (unsigned int i = 0; i < s->nb_workers; i++) {
		config.id = i;
		config.socket_id = room->sockets[i];
		measure_rules(&s->measure, i, &config.rules);
		if (steering_begin(s, i, config.socket_id, &config.rules))
			s->workers[i] = worker_create(&config);
		if (s->workers[i])
			continue;
		destroy_workers(s);
		return false;
	}
	return true;
}

int workforce_create(struct scan *s) {
	const struct options *o = &s->options;
	struct room room;
	s->is_one_loop = rte_lcore_count() == 1;
	unsigned int nb_lcores = workforce_nb_lcores(o);
	s->nb_workers = count_workers(s, nb_lcores);
	if (s->nb_workers < nb_lcores)
		say("%u lcores, but only %u can have a queue and ports of its own: %u stay idle",
			nb_lcores, s->nb_workers, nb_lcores - s->nb_workers);
	fill_measure(s);
	steering_by_rules(s);
	if (!room_choose(&room, s))
		return EXIT_CANNOT;
	while (!create_workers(s, &room)) {
		if (!room_choose_less(&room))
			return EXIT_CANNOT;
	}
	room_say(&room, o);
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
	destroy_workers(s);
}

int workforce_start_reload(struct scan *s) {
	struct reload *r = &s->reload;
	r->options = &s->options;
	r->control = &s->control;
	r->permits = &s->permits;
	r->identity = s->identity.is_read ? &s->identity : NULL;
	r->views[r->nb_views++] = &s->reader.permit;
	for (unsigned int i = 0; i < s->nb_workers; i++)
		r->views[r->nb_views++] = &s->workers[i]->permit;
	return reload_start(r);
}

int workforce_start_reader(struct scan *s) {
	int ret = rte_ctrl_thread_create(
		&s->reader_thread, "tfoscan-reader", NULL, reader_run, &s->reader);
	s->has_reader_thread = ret == 0;
	if (ret != 0)
		say("cannot start the reader's thread: %s", strerror(-ret));
	return ret == 0 ? 0 : EXIT_CANNOT;
}
