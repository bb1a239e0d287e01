#include "app/tfosim/responder.h"

#include "app/exit_code.h"
#include "app/say.h"

#include <rte_malloc.h>
#include <rte_prefetch.h>

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define BURST 32
#define PREFETCH 4
#define BOTTLENECK_BURST_S 0.1
// Turns without work until the loop leaves the CPU to others for a moment, and for how long.
#define IDLE_TURNS 256
#define IDLE_US 20

// ---- where the simulation's frames go

static uint8_t *buffer(void *context) {
	struct responder *r = context;
	r->open = rte_pktmbuf_alloc(r->wire.tx_pool);
	return r->open ? rte_pktmbuf_mtod(r->open, uint8_t *) : NULL;
}

// Also what is due at once goes through the store, so that nothing overtakes.
static void commit(void *context, uint64_t at_ns, size_t len) {
	struct responder *r = context;
	r->open->data_len = (uint16_t)len;
	r->open->pkt_len = (uint32_t)len;
	if (delaystore_add(&r->store, at_ns, r->open))
		return;
	r->nb_store_full++;
	rte_pktmbuf_free(r->open);
}

// ---- opened and closed

static int create_memory(struct responder *r, const struct options *o) {
	r->sim_memory = rte_malloc("sim", sim_octets(o->nb_conns), SIM_ALIGNMENT);
	r->store_memory =
		rte_malloc("store", delaystore_octets(o->nb_delayed), RTE_CACHE_LINE_SIZE);
	if (r->sim_memory && r->store_memory)
		return 0;
	say("no memory for %u connections and %u frames under way: give less, or more memory "
	    "(--no-huge -m 2048 before --)",
		o->nb_conns, o->nb_delayed);
	return EXIT_CANNOT;
}

int responder_open(struct responder *r, const struct options *o) {
	*r = (struct responder){0};
	int code = wire_open(&r->wire, o);
	if (code == 0)
		code = create_memory(r, o);
	if (code != 0)
		return code;
	clock_set(&r->clock);
	sim_init(&r->sim, &o->config, r->sim_memory, o->nb_conns);
	delaystore_init(&r->store, r->store_memory, o->nb_delayed, r->clock.start_ns);
	r->capacity_pps = o->capacity_pps;
	r->tokens_ns = r->clock.start_ns;
	r->sink = (struct sim_sink){.context = r, .buffer = buffer, .commit = commit};
	return 0;
}

void responder_close(struct responder *r) {
	struct rte_mbuf *m;
	while (r->store.nb > 0 && (m = delaystore_drain(&r->store)) != NULL)
		rte_pktmbuf_free(m);
	wire_close(&r->wire);
	rte_free(r->sim_memory);
	rte_free(r->store_memory);
}

// ---- the loop

// What comes too fast is lost, as at a router. Its burst is longer than any time that this program
// is off its CPU.
static bool passes(struct responder *r, uint64_t now_ns) {
	if (r->capacity_pps <= 0)
		return true;
	double most = r->capacity_pps * BOTTLENECK_BURST_S;
	r->nb_tokens += r->capacity_pps * (double)(now_ns - r->tokens_ns) / 1e9;
	r->nb_tokens = r->nb_tokens > most ? most : r->nb_tokens;
	r->tokens_ns = now_ns;
	bool has_token = r->nb_tokens >= 1;
	r->nb_tokens -= has_token;
	r->nb_squeezed += !has_token;
	return has_token;
}

static unsigned int receive(struct responder *r, uint16_t queue, uint64_t now_ns) {
	struct rte_mbuf *frames[BURST];
	uint16_t nb = rte_eth_rx_burst(r->wire.port_id, queue, frames, BURST);
	r->wire.counters.rx += nb;
	for (unsigned int i = 0; i < nb && i < PREFETCH; i++)
		rte_prefetch0(rte_pktmbuf_mtod(frames[i], const void *));
	for (unsigned int i = 0; i < nb; i++) {
		if (i + PREFETCH < nb)
			rte_prefetch0(rte_pktmbuf_mtod(frames[i + PREFETCH], const void *));
		struct rte_mbuf *m = frames[i];
		if (m->nb_segs > 1)
			r->nb_segmented++;
		else if (passes(r, now_ns))
			sim_receive(&r->sim, now_ns, rte_pktmbuf_mtod(m, const uint8_t *),
				rte_pktmbuf_data_len(m), &r->sink);
	}
	rte_pktmbuf_free_bulk(frames, nb);
	return nb;
}

static unsigned int send_due(struct responder *r, uint64_t now_ns) {
	struct rte_mbuf *m;
	unsigned int nb = 0;
	while (wire_has_room(&r->wire) && (m = delaystore_due(&r->store, now_ns)) != NULL) {
		wire_send(&r->wire, m);
		nb++;
	}
	wire_flush(&r->wire);
	return nb;
}

// While the receiver takes no frames nothing is taken from it either: no frame is lost on our side.
static bool turn(struct responder *r, uint64_t now_ns) {
	unsigned int nb = 0;
	for (unsigned int q = 0; q < r->wire.nb_queues && wire_has_room(&r->wire); q++)
		nb += receive(r, (uint16_t)q, now_ns);
	if (sim_wake_ns(&r->sim) <= now_ns && wire_has_room(&r->wire))
		sim_tick(&r->sim, now_ns, &r->sink);
	return nb + send_due(r, now_ns) > 0;
}

void responder_run(struct responder *r, bool (*is_ending)(void), uint64_t duration_ns) {
	uint64_t end_ns = duration_ns > 0 ? clock_now_ns(&r->clock) + duration_ns : UINT64_MAX;
	uint64_t last_ns = clock_now_ns(&r->clock);
	while (!is_ending()) {
		uint64_t now_ns = clock_now_ns(&r->clock);
		if (now_ns >= end_ns)
			return;
		if (now_ns - last_ns > r->longest_pause_ns)
			r->longest_pause_ns = now_ns - last_ns;
		last_ns = now_ns;
		r->nb_idle = turn(r, now_ns) ? 0 : r->nb_idle + 1;
		if (r->nb_idle > IDLE_TURNS)
			usleep(IDLE_US);
	}
}

// ---- the end

uint64_t responder_losses(const struct responder *r) {
	return r->nb_store_full + r->sim.counters.nb_no_buffer + r->nb_segmented +
	       wire_losses(&r->wire);
}

static void report(const char *name, uint64_t value) {
	say_plain("  %-18s %14" PRIu64, name, value);
}

// The simulation's counters under their names there.
static void report_sim(const struct sim_counters *c) {
#define ROW(name)                                                                                  \
	{ #name, offsetof(struct sim_counters, nb_##name) }
	static const struct {
		const char *name;
		size_t offset;
	} rows[] = {ROW(received), ROW(sent), ROW(ignored), ROW(lost_in), ROW(lost_out),
		ROW(duplicated), ROW(reordered), ROW(corrupted), ROW(no_buffer), ROW(neighbours),
		ROW(syns), ROW(conns), ROW(questions), ROW(fast_resets), ROW(fast_timeouts),
		ROW(challenges), ROW(dead_resets), ROW(evicted)};
#undef ROW
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t value;
		memcpy(&value, (const uint8_t *)c + rows[i].offset, sizeof(value));
		report(rows[i].name, value);
	}
	report("max_questions", c->max_questions);
}

void responder_report(const struct responder *r) {
	report("rx", r->wire.counters.rx);
	report("tx", r->wire.counters.tx);
	report("tx_refused", r->wire.counters.tx_refused);
	report("unlinked", r->wire.counters.unlinked);
	report("rx_lost", wire_losses(&r->wire));
	report("segmented", r->nb_segmented);
	report("squeezed", r->nb_squeezed);
	report("store_full", r->nb_store_full);
	report("longest_pause_us", r->longest_pause_ns / 1000);
	report_sim(&r->sim.counters);
}
