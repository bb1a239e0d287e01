// What the simulated Internet remembers, in memory of fixed size: connections, found by their
// addresses and ports, with two timers each; and numbers that behaviours keep under a key. When
// there is no room, the oldest entry leaves. Every operation takes the same time, however many
// entries there are.
#pragma once

#include "lib/tcpstack/frame.h"

#define SIM_TABLE_NONE UINT32_MAX
#define SIM_QUESTION_OCTETS 280 // the longest question of DNS over TCP is 273

struct sim_behaviour;

// A connection of a server's. The first fields are the key: set before sim_table_add.
struct sim_conn {
	struct ip_addr client, addr;
	uint16_t client_port, port;
	uint8_t client_mac[MAC_OCTETS];
	uint8_t variant;
	const struct sim_behaviour *row;
	uint32_t irs, iss, rcv_nxt, snd_una, snd_nxt;
	uint32_t ts_recent, ts_base;
	uint32_t ack_offset; // as the SYN-ACK says
	bool is_established, has_timestamps, fin_received, out_fin;
	bool is_fast;  // the SYN's data were taken
	bool was_lost; // for behaviours that lose something once
	uint8_t nb_timeouts;
	uint8_t nb_questions; // complete ones that reached the application
	uint8_t nb_answers;   // that the application has written: each the same octets
	uint8_t syn_options_len;
	uint8_t syn_options[TCPOPT_MAX_OCTETS]; // of the SYN-ACK, to send it again
	uint16_t in_len;			// octets that came, beyond those kept as well
	uint8_t in[SIM_QUESTION_OCTETS];	// the first of them; of HTTP the last four

	// of the table
	uint64_t due_ns[2]; // of each timer; UINT64_MAX: not running
	uint32_t prev[3], next[3];
	uint32_t next_in_bucket;
	uint8_t duration[2]; // which list each timer stands in
	bool is_used;
};

enum sim_timer {
	SIM_TIMER_RETRANSMIT,
	SIM_TIMER_ANSWER,
};

// A timer runs for one of these: of equal durations, the one that was started first is due first.
enum sim_duration {
	SIM_SYNACK_RTO,	  // 1 s, doubled with each timeout
	SIM_DATA_RTO = 6, // 0.3 s, likewise
	SIM_ANSWER = 12,  // the application's delay
	SIM_NB_DURATIONS = 13,
};

struct sim_list {
	uint32_t first, last;
};

struct sim_memory {
	uint64_t key, value;
	uint32_t next_in_bucket;
	bool is_used;
};

struct sim_table {
	struct sim_conn *conns;
	struct sim_memory *memories;
	uint32_t *conn_buckets, *memory_buckets;
	uint32_t nb_all_conns, nb_all_memories, bucket_mask;
	uint32_t nb_conns;    // in use
	uint32_t next_memory; // the oldest one
	struct sim_list free, age, timers[SIM_NB_DURATIONS];
	uint64_t hash_key;
};
