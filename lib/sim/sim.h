// The simulated Internet: a server, or what stands in front of it, at every address of both
// families. A frame comes in, frames and the times when they arrive go out. How an address behaves
// is a hash of (seed, address); its memory is of fixed size, however many addresses there are: the
// oldest entry leaves. docs/results.md has the words that a scanner must find; sim_expect.h says
// which.
//
//	struct sim_config config = {.seed = 1, .mac = {2, 2}};
//	sim_mix_parse("realistic", config.weights);
//	void *memory = aligned_alloc(SIM_ALIGNMENT, sim_octets(SIM_DEFAULT_CONNS));
//	sim_init(&sim, &config, memory, SIM_DEFAULT_CONNS);
//	for each frame: sim_receive(&sim, now_ns, octets, len, &sink);
//	at the latest at sim_wake_ns(&sim): sim_tick(&sim, now_ns, &sink);
//
// Time is nanoseconds, the same or later in every call. Nothing here allocates, reads a clock or
// draws a random number: the same frames at the same times give the same frames.
#pragma once

#include "lib/sim/sim_mix.h"
#include "lib/sim/sim_table.h"
#include "lib/tcpstack/frame.h"

#define SIM_NEVER SIM_TIMER_OFF
#define SIM_MILLION 1000000u
#define SIM_ALIGNMENT 64

// Connections that are held at a time; sim_octets() of it is below 64 MiB.
#define SIM_DEFAULT_CONNS 100000u

struct sim_behaviour;

// What the path does to frames besides carrying them: a million of them are hit so often.
struct sim_path {
	uint32_t loss_in_ppm;	// of frames to the servers
	uint32_t loss_out_ppm;	// of frames from them
	uint32_t duplicate_ppm; // either way
	uint32_t reorder_ppm;	// from them: held up by reorder_ns, so that others overtake
	uint32_t corrupt_ppm;	// from them: one bit behind the IP header is flipped
	uint64_t reorder_ns;
};

// Something may happen to a frame on its way.
static inline bool sim_path_is_bad(const struct sim_path *path) {
	return path->loss_in_ppm > 0 || path->loss_out_ppm > 0 || path->duplicate_ppm > 0 ||
	       path->reorder_ppm > 0 || path->corrupt_ppm > 0;
}

struct sim_config {
	uint64_t seed;
	// How often each behaviour is met, by its number; 0: those without a number. Any unit.
	uint32_t weights[SIM_NB_BEHAVIOURS + 1];
	struct sim_path path;
	// There and back, different for every address. All of it is spent on the way back.
	uint64_t rtt_min_ns, rtt_max_ns;
	uint64_t synack_delay_ns; // on top of it, for SYN-ACKs
	uint64_t answer_delay_ns; // until the application has its answer
	uint8_t mac[MAC_OCTETS];  // ours: every address is found at it
	// If not NULL: all addresses behave like this row, in this variant, whatever the weights.
	const struct sim_behaviour *only;
	uint8_t only_variant;
	uint64_t total_weight; // 0; sim_init keeps the sum of the weights here, in its own copy
};

// Where frames go that leave.
struct sim_sink {
	void *context;
	// Room for FRAME_MAX_OCTETS. NULL: there is none, the frame is dropped and counted.
	uint8_t *(*buffer)(void *context);
	// The frame that was written into the last buffer is len octets long, and arrives at at_ns:
	// now, or later.
	void (*commit)(void *context, uint64_t at_ns, size_t len);
};

struct sim_counters {
	uint64_t nb_received, nb_sent;
	uint64_t nb_ignored;		  // neither TCP nor a question for a MAC
	uint64_t nb_lost_in, nb_lost_out; // by the path
	uint64_t nb_duplicated, nb_reordered, nb_corrupted;
	uint64_t nb_no_buffer;
	uint64_t nb_neighbours;	   // answered
	uint64_t nb_syns;	   // that reached an address which is not dead
	uint64_t nb_conns;	   // begun
	uint64_t nb_questions;	   // that reached an application
	uint64_t max_questions;	   // of one connection
	uint64_t nb_fast_resets;   // RST over data taken from a SYN, before an ACK
	uint64_t nb_fast_timeouts; // the same, and no ACK came at all
	uint64_t nb_challenges;	   // ACKs for connections which the client forgot
	uint64_t nb_dead_resets;   // RSTs that ended such a connection
	uint64_t nb_evicted;	   // connections that left for newer ones
};

// Belongs to the caller; the fields are there to be read.
struct sim {
	struct sim_config config;
	struct sim_counters counters;
	struct sim_table table;
	uint64_t nb_draws; // chances so far
};

// Octets of memory for so many connections at a time, at least one.
size_t sim_octets(uint32_t nb_conns);

// memory: sim_octets(nb_conns) octets, aligned to SIM_ALIGNMENT; they stay the caller's, and in
// use. The config is copied.
void sim_init(struct sim *s, const struct sim_config *config, void *memory, uint32_t nb_conns);

// A frame that was sent into the simulated Internet: anything, of any length.
void sim_receive(struct sim *s, uint64_t now_ns, const uint8_t *octets, size_t len,
	const struct sim_sink *sink);

// When sim_tick has something to do, or SIM_NEVER.
uint64_t sim_wake_ns(const struct sim *s);

// Whatever is due: what is sent again, and what applications have ready.
void sim_tick(struct sim *s, uint64_t now_ns, const struct sim_sink *sink);

// Connections that are held now.
uint32_t sim_nb_conns(const struct sim *s);

// The number of the address's behaviour, 1 to 46; 0: one that has none.
unsigned int sim_behaviour_of(const struct sim_config *config, const struct ip_addr *addr);

// There and back to the address.
uint64_t sim_rtt_ns(const struct sim_config *config, const struct ip_addr *addr);
