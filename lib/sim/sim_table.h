// What the simulated Internet remembers, in memory of fixed size: connections, found by their
// addresses and ports, with two timers each; and numbers that behaviours keep under a key. When
// there is no room, the oldest entry leaves. Every operation takes the same time, however many
// entries there are.
#pragma once

#include "lib/tcpstack/frame.h"
#include "lib/tcpstack/siphash.h"

#include <assert.h>

#define SIM_QUESTION_OCTETS 280 // the longest question of DNS over TCP is 273
#define SIM_QUESTION_ZEROED 4
#define SIM_TIMER_OFF UINT64_MAX

struct sim_behaviour;

enum sim_timer {
	SIM_TIMER_RETRANSMIT,
	SIM_TIMER_ANSWER,
	SIM_NB_TIMERS,
};

// What a timer runs for. Timers of one duration stand in one list, the first due in front.
enum sim_duration {
	SIM_DURATION_SYNACK,   // doubled with each of 5 timeouts, each a list of its own
	SIM_DURATION_DATA = 6, // likewise
	SIM_DURATION_ANSWER = 12,
	SIM_DURATION_LINGER,
	SIM_NB_DURATIONS,
};

// The ends of a connection, the client's first.
struct sim_ends {
	struct ip_addr client, addr;
	uint16_t client_port, port;
};

// A connection of a server's.
struct sim_conn {
	struct sim_ends ends;
	uint8_t client_mac[MAC_OCTETS];
	uint8_t variant;
	const struct sim_behaviour *row;
	uint32_t irs, iss, rcv_nxt, snd_una, snd_nxt;
	uint32_t ts_recent, ts_base;
	uint32_t ack_offset; // as the SYN-ACK says
	bool is_established, has_timestamps, fin_received, out_fin;
	bool is_fast;	// the SYN's data were taken
	bool is_closed; // both FINs are acknowledged, and it was we who closed first
	bool was_lost;	// for behaviours that lose something once
	uint8_t nb_timeouts;
	uint8_t nb_questions; // complete ones that reached the application
	uint8_t nb_answers;   // that the application has written: each the same octets
	uint8_t syn_options_len;
	uint8_t syn_options[TCPOPT_MAX_OCTETS]; // of the SYN-ACK, to send it again
	uint32_t in_len;			// octets that came, also those that are not kept

	// the table's own
	uint64_t due_ns[SIM_NB_TIMERS]; // SIM_TIMER_OFF: not running
	uint32_t prev[SIM_NB_TIMERS + 1], next[SIM_NB_TIMERS + 1];
	uint32_t next_in_bucket;
	uint8_t duration[SIM_NB_TIMERS];

	// The first octets that came; of HTTP the last four. Last, as only SIM_QUESTION_ZEROED
	// octets of it are set to zero.
	uint8_t in[SIM_QUESTION_OCTETS];
};
static_assert(sizeof(struct sim_conn) <= 512, "many thousand are held at a time");

struct sim_memory {
	uint64_t key, value;
	uint32_t next_in_bucket;
};

struct sim_list {
	uint32_t first, last;
};

struct sim_table {
	struct siphash_key key;
	struct sim_conn *conns;
	struct sim_memory *memories;
	uint32_t *conn_buckets, *memory_buckets;
	uint32_t nb_room; // for conns, and for memories
	uint32_t bucket_mask;
	uint32_t nb_conns;	 // in use
	uint32_t nb_fresh_conns; // never used
	uint32_t nb_memories;	 // in use: from then on the oldest leaves
	uint32_t next_memory;
	struct sim_list free, age, timers[SIM_NB_DURATIONS];
};

size_t sim_table_octets(uint32_t nb_room);

// memory: sim_table_octets(nb_room), aligned to 64. nb_room: at least 1.
void sim_table_init(struct sim_table *t, void *memory, uint32_t nb_room, struct siphash_key key);

// NULL: there is none.
struct sim_conn *sim_table_find(const struct sim_table *t, const struct sim_ends *ends);

// A connection between two ends that have none: zero (see `in`), no timer running. *is_evicted: the
// oldest one has left for it.
struct sim_conn *sim_table_add(struct sim_table *t, const struct sim_ends *ends, bool *is_evicted);

// Any timer of it stops, and it must not be used any more.
void sim_table_remove(struct sim_table *t, struct sim_conn *c);

// Start a timer, or start it anew.
void sim_table_start(struct sim_table *t, struct sim_conn *c, enum sim_timer timer,
	enum sim_duration duration, uint64_t due_ns);
void sim_table_stop(struct sim_table *t, struct sim_conn *c, enum sim_timer timer);

// When the first timer is due, or SIM_TIMER_OFF.
uint64_t sim_table_due_ns(const struct sim_table *t);

// The connection whose timer is due first, if it is by now; the timer is then stopped. Else NULL.
struct sim_conn *sim_table_due(struct sim_table *t, uint64_t now_ns, enum sim_timer *timer);

// The number kept under a key, to be read and written until the next call: 0 if it is new, or has
// left for newer ones.
uint64_t *sim_table_recall(struct sim_table *t, uint64_t key);
