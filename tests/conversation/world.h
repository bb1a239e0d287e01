// One target of the scanner's and one simulated server, with a path between them, on invented time.
// All that they say to each other passes as frames, octet by octet; a frame can be lost, doubled or
// held up on its way. What must hold in every conversation is asserted while it runs.
#pragma once

#include "lib/sim/sim_behaviour.h"
#include "lib/tfo/late.h"
#include "lib/tfo/record.h"

#include <limits.h>

#define WORLD_MAX_FLIGHTS 512
#define WORLD_MAX_PASSED 2048
#define WORLD_MAX_CONNS 64 // of the server's, and of ours
#define WORLD_NO_FRAME UINT_MAX
#define WORLD_START_NS (UINT64_C(1795608000) * NSEC_PER_SEC)

enum direction {
	TO_SERVER,
	TO_SCANNER,
};

struct passed {
	enum direction direction;
	uint64_t sent_ns;
	uint8_t flags; // of TCP, 0 for ICMP
	uint16_t sport, dport, data_len;
	uint32_t seq, ack, tsval;
};

struct flight {
	bool is_used;
	enum direction direction;
	uint64_t at_ns;
	uint64_t order; // of two that arrive at once, the one sent first
	uint16_t len;
	uint8_t octets[FRAME_MAX_OCTETS];
};

// A connection of ours as the frames show it that belonged to it.
struct shown {
	uint16_t sport;
	struct flow flow;
};

struct world {
	struct target_rules rules;
	struct target target;
	struct flow flows[NB_PROBES]; // the target's
	struct sim sim;
	struct sim_sink sink;
	uint8_t leaving[FRAME_MAX_OCTETS]; // the frame that the server writes
	bool is_v4, is_done;
	uint64_t now_ns, ask_ns, done_ns;
	uint64_t path_ns; // one way

	// Disturbances. Frames are counted from 0 in the order in which they leave, both ways.
	unsigned int lose, twice, hold; // number of the frame, or WORLD_NO_FRAME
	uint64_t hold_ns;
	bool all_twice;
	unsigned int loss_percent, hold_percent;
	uint64_t random;  // state of a small generator
	uint64_t late_ns; // target_next is asked so much later than it wanted
	unsigned int
		skip_every; // each such segment that it offers is not sent, and asked for again

	struct flight flights[WORLD_MAX_FLIGHTS];
	struct passed passed[WORLD_MAX_PASSED];
	unsigned int nb_passed;
	uint64_t nb_flights;
	unsigned int nb_offered, nb_late_answers, nb_our_rsts;
	uint8_t first_syns[WORLD_MAX_CONNS]
			  [FRAME_MAX_OCTETS]; // of each of our connections, to compare the tries
	uint16_t first_syn_lens[WORLD_MAX_CONNS];
	unsigned int nb_our_conns;
	struct shown shown[WORLD_MAX_CONNS];
	unsigned int nb_shown;
};

void world_init(
	struct world *w, const struct sim_behaviour *row, bool is_v4, const struct app *app);

// Let the conversation run until the target is done and nothing is left on the way. Returns the
// verdict.
uint64_t world_run(struct world *w);

// The next thing that happens, alone. False if nothing will.
bool world_step(struct world *w);

// The words of a set, one after the other, with a blank behind each; sorted as they are printed.
const char *world_words(uint64_t conditions);

// The set of the words, of which the list's last is NULL.
uint64_t world_set(const char *const *words);

// The set that must be the verdict of this server by these rules; and the words that may stand
// there too, if frames are lost (NULL: not asked for).
uint64_t world_expected(const struct world *w, uint64_t *by_chance);

// What passed, a line a frame: for the message of a test that failed.
const char *world_story(const struct world *w);
