// One worker between two rings, on invented time: what it does when its port takes nothing, when
// its tables are full, and when a network has a limit.
#include "app/worker_parts.h"

#include "lib/measure.h"
#include "lib/tcpstack/bytes.h"

#include <criterion/criterion.h>
#include <rte_eal.h>
#include <rte_eth_ring.h>

#define START_NS (UINT64_C(1700000000) * NSEC_PER_SEC)
#define STEP_NS (10 * NSEC_PER_MSEC)
#define NB_MBUFS 4096
#define WIRE_FRAMES 64 // that the port takes until they are taken from it
#define JOBS_AT_A_TIME 64
#define IPV4_DST 30 // in a frame

static struct rte_ring *to_worker, *wire;
static struct rte_mempool *pool;
static struct worker *workers[1];
static struct control control;
static struct permit_desk permits;
static const struct permit *in_force; // NULL: nobody looks where frames go to
static double max_per_prefix;	      // of the worker that is started
// without ticks: time is what a test says
static struct tsc_clock hands = {.start_ns = START_NS};

static void start_port(void) {
	char *argv[] = {(char *)"worker_test", (char *)"-l", (char *)"0", (char *)"--no-huge",
		(char *)"-m", (char *)"128", (char *)"--no-pci", (char *)"--no-shconf",
		(char *)"--no-telemetry", (char *)"--log-level=1", NULL};
	cr_assert_geq(rte_eal_init(10, argv), 0);
	unsigned int flags = RING_F_SP_ENQ | RING_F_SC_DEQ;
	to_worker = rte_ring_create("to", WIRE_FRAMES, SOCKET_ID_ANY, flags | RING_F_EXACT_SZ);
	wire = rte_ring_create("wire", WIRE_FRAMES, SOCKET_ID_ANY, flags | RING_F_EXACT_SZ);
	pool = rte_pktmbuf_pool_create(
		"frames", NB_MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	cr_assert(to_worker && wire && pool);
	cr_assert_eq(rte_eth_from_rings("rings", &to_worker, 1, &wire, 1, 0), 0);
	const struct rte_eth_conf conf = {0};
	cr_assert_eq(rte_eth_dev_configure(0, 1, 1, &conf), 0);
	cr_assert_eq(rte_eth_rx_queue_setup(0, 0, WIRE_FRAMES, SOCKET_ID_ANY, NULL, pool), 0);
	cr_assert_eq(rte_eth_tx_queue_setup(0, 0, WIRE_FRAMES, SOCKET_ID_ANY, NULL), 0);
	cr_assert_eq(rte_eth_dev_start(0), 0);
}

// A permit that forbids what the text of a blocklist says.
static struct permit *forbid(const char *text) {
	struct permit *p = calloc(1, sizeof(*p));
	struct blocklist_error error;
	cr_assert(p && (p->blocked = blocklist_create()));
	cr_assert_eq(blocklist_add_text(p->blocked, "", text, strlen(text), &error), 0);
	cr_assert_eq(blocklist_seal(p->blocked), 0);
	return p;
}

static struct worker *start(uint32_t nb_slots) {
	static const uint8_t question[] = "\7example\3com", own[4] = {10, 99, 0, 3};
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
	start_port();
	permit_desk_open(&permits, forbid(""));
	m.laddr4 = addr_from_v4(own);
	memcpy(m.question, question, sizeof(question));
	m.question_len = sizeof(question);
	struct worker_config c = {.nb_workers = 1,
		.nb_slots = nb_slots,
		.nb_answered = 16,
		.frames_per_s = 1000,
		.max_per_prefix = max_per_prefix,
		.seed = 1,
		.control = &control,
		.permits = &permits,
		.clock = &hands,
		.all_ports = m.ports,
		.pool = pool,
		.workers = workers,
		.hop = {.laddr4 = m.laddr4, .has_v4 = true, .has_gateway4 = true}};
	measure_rules(&m, 0, &c.rules);
	workers[0] = worker_create(&c);
	cr_assert(workers[0]);
	pacer_init(&workers[0]->pacer, 0, hands.start_ns); // but without a limit
	return workers[0];
}

// Addresses that nobody has yet.
static void feed(struct worker *w) {
	static uint32_t nb_fed;
	struct job jobs[JOBS_AT_A_TIME] = {0};
	if (rte_ring_free_count(w->jobs) < JOBS_AT_A_TIME)
		return;
	for (unsigned int i = 0; i < JOBS_AT_A_TIME; i++) {
		uint8_t octets[4];
		put_be32(octets, ++nb_fed * UINT32_C(2654435761));
		jobs[i].addr = addr_from_v4(octets);
		jobs[i].port = 53;
		jobs[i].index = nb_fed;
	}
	rte_ring_enqueue_bulk_elem(w->jobs, jobs, sizeof(jobs[0]), JOBS_AT_A_TIME, NULL);
}

// So many frames, at most, go off the wire.
static void carry(unsigned int nb) {
	struct rte_mbuf *m;
	while (nb-- > 0 && rte_ring_dequeue(wire, (void **)&m) == 0) {
		struct ip_addr to = addr_from_v4(rte_pktmbuf_mtod_offset(m, uint8_t *, IPV4_DST));
		cr_assert(!in_force || permit_allows(in_force, &to));
		rte_pktmbuf_free(m);
	}
}

static void take_records(struct worker *w) {
	struct record_short r;
	while (rte_ring_dequeue_elem(w->shorts, &r, sizeof(r)) == 0)
		;
}

// Rounds of the loop until that much time has passed, while all is carried and taken; the worker
// has what to begin if is_fed.
static void pass(struct worker *w, uint64_t ns, bool is_fed) {
	for (uint64_t end_ns = hands.start_ns + ns; hands.start_ns < end_ns;) {
		for (unsigned int i = 0; i < 64; i++) {
			if (is_fed)
				feed(w);
			worker_poll(w);
			carry(WIRE_FRAMES);
			take_records(w);
		}
		hands.start_ns += STEP_NS;
	}
}

Test(worker, what_is_due_goes_before_what_is_new_when_the_port_takes_little) {
	struct worker *w = start(1024);
	for (unsigned int i = 0; i < 4; i++)
		feed(w);
	pass(w, STEP_NS, false);
	cr_assert_eq(w->counters.launched, 256);
	hands.start_ns += NSEC_PER_SEC - STEP_NS;
	atomic_store(&w->polled_ns, hands.start_ns); // this is no pause
	while (w->counters.launched == 256) {
		cr_assert_lt(w->counters.frames_sent, 1000);
		feed(w);
		worker_poll(w);
		carry(16);
	}
	cr_assert_eq(w->cursor[1], 256, "%lu repeats", w->cursor[1]);
}

Test(worker, nobody_waits_for_one_that_lost_its_cpu_while_it_handed_over_a_frame) {
	struct worker *w = start(64);
	cr_assert_eq(rte_ring_get_prod_sync_type(w->frames), RTE_RING_SYNC_MT_RTS);
}

Test(worker, a_repeat_that_is_late_is_counted) {
	struct worker *w = start(1024);
	feed(w);
	pass(w, STEP_NS, false);
	hands.start_ns += NSEC_PER_SEC;
	atomic_store(&w->polled_ns, hands.start_ns); // this is no pause
	pass(w, STEP_NS, false);
	cr_assert_eq(w->counters.late_syns, 64);
}

Test(worker, a_driver_that_took_nothing_is_asked_once_a_round) {
	struct worker *w = start(1024);
	for (unsigned int i = 0; i < 4; i++)
		feed(w);
	for (unsigned int i = 0; i < 32; i++)
		worker_poll(w);
	uint64_t before = w->counters.tx_refused;
	worker_poll(w);
	cr_assert_eq(w->counters.tx_refused, before + 1);
}

static void note_outage(void) {
	control_note_outage(&control, hands.start_ns);
}

Test(worker, a_full_ring_of_void_targets_is_measured_again) {
	struct worker *w = start(64);
	feed(w);
	pass(w, NSEC_PER_SEC, false);
	cr_assert_eq(w->counters.launched, 64);
	note_outage();
	pass(w, 20 * NSEC_PER_SEC, false);
	cr_assert_eq(w->counters.launched_again, 64);
	cr_assert_eq(w->counters.done, 64);
}

Test(worker, a_full_ring_of_void_targets_goes_on_with_others_behind_it) {
	struct worker *w = start(8192);
	pass(w, NSEC_PER_SEC, true);
	cr_assert_eq(w->counters.launched, 8192);
	note_outage();
	pass(w, 30 * NSEC_PER_SEC, true);
	cr_assert_eq(w->counters.launched_again, 8192);
	cr_assert_gt(w->counters.done, 8192);
}

Test(worker, void_targets_find_a_place_though_many_wait_for_one_address) {
	struct worker *w = start(64);
	struct job same = {.port = 53};
	same.addr.octets[0] = 0x2a;
	for (unsigned int i = 0; i < 5000; i++) {
		same.index = 1000000 + i;
		rte_ring_enqueue_elem(w->jobs, &same, sizeof(same));
		worker_poll(w);
		carry(WIRE_FRAMES);
	}
	note_outage();
	pass(w, 20 * NSEC_PER_SEC, true);
	cr_assert_geq(w->counters.launched_again, 1);
	cr_assert_geq(w->counters.done, 1);
}

Test(worker, what_was_under_way_while_the_port_took_nothing_is_measured_again) {
	struct worker *w = start(1024);
	feed(w);
	pass(w, NSEC_PER_SEC - STEP_NS, false);
	for (unsigned int i = 0; i < 4; i++)
		feed(w); // the port is full with these
	for (unsigned int i = 0; i < 50; i++) {
		worker_poll(w);
		hands.start_ns += STEP_NS;
	}
	cr_assert_eq(w->counters.frames_sent, 2 * 64);
	cr_assert_eq(atomic_load(&control.stalls), 1);
	pass(w, 20 * NSEC_PER_SEC, false);
	cr_assert_geq(w->counters.launched_again, 64);
	cr_assert_eq(w->counters.done, w->counters.launched - w->counters.launched_again);
	cr_assert_eq(atomic_load(&control.stalls), 1);
}

Test(worker, a_port_that_takes_little_is_no_outage) {
	struct worker *w = start(1024);
	for (unsigned int i = 0; i < 100; i++) {
		feed(w);
		worker_poll(w);
		carry(1);
		hands.start_ns += STEP_NS;
	}
	cr_assert_gt(w->counters.tx_refused, 0);
	cr_assert_eq(atomic_load(&control.stalls), 0);
}

static void want(double frames_per_s) {
	atomic_store(&control.wanted_mpps, (uint64_t)(frames_per_s * 1e3));
	atomic_fetch_add(&control.rate_changes, 1);
}

static uint64_t sent_in(struct worker *w, uint64_t ns) {
	uint64_t before = w->counters.frames_sent;
	pass(w, ns, true);
	return w->counters.frames_sent - before;
}

Test(worker, another_rate_is_taken_up_at_once_as_far_as_it_needs_no_climb) {
	struct worker *w = start(8192);
	want(100);
	pass(w, 2 * NSEC_PER_SEC, true);
	uint64_t nb = sent_in(w, 10 * NSEC_PER_SEC);
	cr_assert(nb > 900 && nb < 1100, "%u", (unsigned int)nb);
	want(1000);
	pass(w, 2 * NSEC_PER_SEC, true);
	nb = sent_in(w, 10 * NSEC_PER_SEC);
	cr_assert(nb > 7000 && nb < 11000, "%u", (unsigned int)nb);
	cr_assert_not(w->has_ramp);
}

Test(worker, a_high_rate_is_climbed_to_though_the_scan_began_with_a_low_one) {
	struct worker *w = start(1024);
	want(100);
	pass(w, 2 * NSEC_PER_SEC, true);
	want(1000000);
	pass(w, STEP_NS, true);
	cr_assert(w->has_ramp);
	cr_assert_float_eq(w->ramp.rate, CLIMB_FROM_FRAMES_PER_S, 1);
	cr_assert_float_eq(w->ramp.most, 1000000, 1);
	want(0);
	pass(w, STEP_NS, true);
	cr_assert_float_eq(w->ramp.rate, CLIMB_FROM_FRAMES_PER_S, 1);
	want(200);
	pass(w, 2 * NSEC_PER_SEC, true);
	uint64_t nb = sent_in(w, 10 * NSEC_PER_SEC);
	cr_assert(nb > 1000 && nb < 2200, "%u", (unsigned int)nb);
}

// New lists take the place of those in force; what was sent before is off the wire.
static void read_again(const char *text) {
	carry(WIRE_FRAMES);
	in_force = forbid(text);
	permit_destroy(permit_desk_replace(&permits, forbid(text)));
}

Test(worker, no_syn_goes_to_whom_new_lists_forbid_and_that_is_counted) {
	struct worker *w = start(1024);
	for (unsigned int i = 0; i < 4; i++)
		feed(w);
	pass(w, NSEC_PER_SEC / 2, false);
	cr_assert_eq(w->counters.launched, 256);
	uint64_t nb_sent = w->counters.frames_sent;
	cr_assert_eq(nb_sent, 256);
	read_again("128.0.0.0/1");
	cr_assert_not(permit_view_has_moved_on(&w->permit, &permits));
	pass(w, 12 * NSEC_PER_SEC, false);
	cr_expect(permit_view_has_moved_on(&w->permit, &permits));
	cr_expect(w->counters.blocked > 64 && w->counters.done > 64);
	cr_expect_eq(w->counters.blocked + w->counters.done, 256);
	cr_expect_eq(w->counters.frames_sent, nb_sent + 5 * w->counters.done);
	cr_expect_eq(atomic_load(&w->in_flight), 0);
	cr_expect_not(w->has_older_slots, "nobody is asked for for ever");
}

Test(worker, jobs_that_wait_are_not_begun_if_new_lists_forbid_them) {
	struct worker *w = start(1024);
	feed(w);
	read_again("128.0.0.0/1");
	pass(w, STEP_NS, false);
	cr_expect(w->counters.blocked > 16 && w->counters.launched > 16);
	cr_expect_eq(w->counters.blocked + w->counters.launched, JOBS_AT_A_TIME);
	cr_expect_eq(atomic_load(&w->in_flight), w->counters.launched);
}

Test(worker, whom_new_lists_allow_goes_on) {
	struct worker *w = start(1024);
	feed(w);
	pass(w, NSEC_PER_SEC / 2, false);
	read_again("# nobody");
	pass(w, 12 * NSEC_PER_SEC, false);
	cr_expect_eq(w->counters.done, JOBS_AT_A_TIME);
	cr_expect_eq(w->counters.blocked, 0);
}

// ---- networks with a limit

#define NETWORK_FRAMES_PER_S 60 // of ten silent targets

// Targets of one network, 2001:db8:1::/48; how many of them the ring took.
static unsigned int feed_network(struct worker *w, unsigned int first, unsigned int nb) {
	for (unsigned int i = 0; i < nb; i++) {
		struct job job = {.port = 53, .index = first + i};
		job.addr = (struct ip_addr){.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 1}};
		put_be32(job.addr.octets + 12, first + i);
		if (rte_ring_enqueue_elem(w->jobs, &job, sizeof(job)) != 0)
			return i;
	}
	return nb;
}

Test(worker, a_network_keeps_to_its_limit_and_others_do_not_wait) {
	max_per_prefix = NETWORK_FRAMES_PER_S;
	struct worker *w = start(1024);
	feed_network(w, 0, 64);
	feed(w);
	pass(w, STEP_NS, false);
	cr_assert_eq(w->counters.launched, 64 + 1);
	cr_assert_eq(w->counters.prefix_waits, 63);
	cr_assert_eq(atomic_load(&w->in_flight), 128);
	pass(w, NSEC_PER_SEC, false);
	cr_assert_eq(w->counters.launched, 64 + 11);
	pass(w, 20 * NSEC_PER_SEC, false);
	cr_assert_eq(w->counters.done, 128);
	cr_assert_eq(atomic_load(&w->in_flight), 0);
}

Test(worker, who_waits_for_its_network_is_dropped_when_launching_stops) {
	max_per_prefix = NETWORK_FRAMES_PER_S;
	struct worker *w = start(1024);
	feed_network(w, 0, 64);
	pass(w, NSEC_PER_SEC, false);
	uint64_t nb_launched = w->counters.launched;
	control_set(&control.stop_launching, true);
	pass(w, STEP_NS, false);
	cr_assert_eq(atomic_load(&w->in_flight), nb_launched);
	pass(w, 20 * NSEC_PER_SEC, false);
	cr_assert_eq(w->counters.done, nb_launched);
	cr_assert_eq(atomic_load(&w->in_flight), 0);
}

Test(worker, more_than_there_are_places_to_wait_are_lost_nowhere) {
	max_per_prefix = 100 * NETWORK_FRAMES_PER_S;
	struct worker *w = start(32768);
	w->prefixes.places[63].next = PREFIXES_NONE; // the last one that is free
	unsigned int nb = 0;
	for (unsigned int i = 0; i < 400; i++) {
		nb += feed_network(w, nb, 64);
		pass(w, STEP_NS, false);
	}
	pass(w, 60 * NSEC_PER_SEC, false);
	cr_assert_gt(w->counters.prefix_waits, 64);
	cr_assert_eq(w->counters.done, nb);
	cr_assert_eq(atomic_load(&w->in_flight), 0);
}

Test(worker, a_network_with_a_limit_is_measured_again_at_its_rate) {
	max_per_prefix = NETWORK_FRAMES_PER_S;
	struct worker *w = start(1024);
	feed_network(w, 0, 64);
	pass(w, 7 * NSEC_PER_SEC, false);
	cr_assert_eq(w->counters.launched, 64);
	uint64_t nb_sent = w->counters.frames_sent;
	note_outage();
	for (unsigned int i = 0; i < 20; i++) {
		pass(w, NSEC_PER_SEC, false);
		cr_assert_leq(w->counters.frames_sent - nb_sent, NETWORK_FRAMES_PER_S * 21 / 20);
		nb_sent = w->counters.frames_sent;
	}
	pass(w, 10 * NSEC_PER_SEC, false);
	cr_assert_eq(w->counters.launched_again, 64);
	cr_assert_eq(w->counters.done, 64);
}

static void be_busy(struct worker *w) {
	feed(w);
	while (w->counters.launched < JOBS_AT_A_TIME)
		worker_poll(w);
	cr_assert_eq(worker_rest_ns(w), 0, "it was busy");
}

// Nothing happens for so long.
static void idle(struct worker *w, uint64_t ns) {
	hands.start_ns += ns;
	worker_poll(w);
}

Test(worker, who_has_nothing_to_do_rests_for_a_part_of_the_time_that_nothing_happened) {
	struct worker *w = start(1024);
	worker_poll(w);
	idle(w, NSEC_PER_MSEC);
	cr_assert_eq(worker_rest_ns(w), 0, "it may not");
	w->when_idle = WORKER_RESTS;
	be_busy(w);
	idle(w, 160 * NSEC_PER_USEC);
	cr_assert_eq(worker_rest_ns(w), 0, "what came so soon would be seen late");
	idle(w, 240 * NSEC_PER_USEC);
	cr_assert_eq(worker_rest_ns(w), 50 * NSEC_PER_USEC);
	idle(w, 100 * NSEC_PER_MSEC);
	cr_assert_eq(worker_rest_ns(w), 500 * NSEC_PER_USEC);
}

Test(worker, who_shares_its_cpu_rests_as_soon_as_there_is_nothing_to_do) {
	struct worker *w = start(1024);
	w->when_idle = WORKER_YIELDS;
	be_busy(w);
	idle(w, NSEC_PER_USEC);
	cr_assert_eq(worker_rest_ns(w), 25 * NSEC_PER_USEC);
	idle(w, 399 * NSEC_PER_USEC);
	cr_assert_eq(worker_rest_ns(w), 50 * NSEC_PER_USEC);
}

Test(worker, who_holds_frames_that_the_port_did_not_take_does_not_rest) {
	struct worker *w = start(1024);
	w->when_idle = WORKER_YIELDS;
	for (unsigned int i = 0; i < 4; i++)
		feed(w); // the port is full with a part of these
	for (unsigned int i = 0; i < 32; i++)
		worker_poll(w);
	cr_assert_gt(w->nb_tx, 0);
	idle(w, 100 * NSEC_PER_MSEC);
	cr_assert_eq(worker_rest_ns(w), 0);
}
