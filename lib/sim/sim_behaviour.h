// What sets one server of the simulated Internet, or one box before it, apart from another: one row
// a behaviour, as in the table of the method. Where a row has no callback, it is Linux.
#pragma once

#include "lib/sim/sim.h"

#define SIM_TTL 60
#define SIM_MAX_WORDS 16

// One frame that came, or one timer: all that is needed to answer it.
struct sim_turn {
	struct sim *sim;
	const struct sim_sink *sink;
	uint64_t now_ns;
	const struct sim_behaviour *row;
	unsigned int variant; // which of several forms the behaviour takes
	uint64_t hash; // of seed and address: what differs between addresses is drawn from it
	uint64_t rtt_ns;
	struct ip_addr addr, client;
	uint16_t port, client_port;
	uint8_t client_mac[MAC_OCTETS];
	const uint8_t *request; // the frame at hand; NULL: it is a timer
	size_t request_len;
	bool holds_back; // what would leave does not
	bool is_gone;	 // the connection at hand has been removed
};

// How a SYN is answered: filled as Linux would, then changed by the behaviour.
struct sim_reply {
	enum {
		SIM_SYN_ACCEPTED,
		SIM_SYN_IGNORED,
		SIM_SYN_RESET,
		SIM_SYN_UNREACHABLE, // ICMP
		SIM_SYN_CHALLENGED,  // an ACK that belongs to a connection which the client forgot
	} kind;
	uint32_t ack_offset; // octets of the SYN's data that the SYN-ACK acknowledges
	uint16_t taken;	     // octets of them that reach the application
	uint8_t option[TCPOPT_MAX_OCTETS];
	uint8_t option_len; // any number; padded when it is sent
	uint32_t iss, ts_base;
	bool is_only_option; // no MSS, no timestamps before it
	bool has_answer;     // the SYN-ACK carries the application's answer
	bool says_more;	     // a second SYN-ACK follows, which acknowledges all data
	bool has_no_timestamps;
};

struct sim_behaviour {
	unsigned int number; // 1 to 46, or 0
	const char *name;
	uint8_t cookie_octets; // 0: a server without Fast Open
	uint8_t ignored_kind;  // of option, 34 or 254: it means nothing to the server
	bool is_dead;	       // there is no server: only what a callback sends comes from there
	bool has_zero_window;  // in the SYN-ACK; an ACK opens it 5 ms after the handshake
	uint8_t nb_variants;   // 0: one
	uint32_t loss_ppm;     // either way, on top of the path's
	uint64_t ack_delay_ns; // of ACKs without data
	// Each may be NULL. conn: NULL if there is none yet. options: the segment's, to be changed.
	void (*syn)(struct sim_turn *turn, const struct segment *syn, struct sim_reply *reply);
	bool (*request_passes)(struct sim_turn *turn, struct sim_conn *conn, struct segment *seg,
		uint8_t *options);
	bool (*reply_passes)(struct sim_turn *turn, struct sim_conn *conn, struct segment *seg,
		uint8_t *options);
	void (*app)(struct sim_turn *turn, struct sim_conn *conn); // a question is complete
	void (*established)(struct sim_turn *turn, struct sim_conn *conn);
	void (*reset)(struct sim_turn *turn, const struct segment *rst); // a RST came

	// The verdict, by the words of docs/results.md: of one round without controls.
	const char *words[SIM_MAX_WORDS];
	const char *tcp_words[SIM_MAX_WORDS];	  // instead, if the scanner asks for no answer
	const char *later_words[SIM_MAX_WORDS];	  // instead, with more than one round
	const char *control_words[SIM_MAX_WORDS]; // on top, with controls
	// instead of all of the above, with more than one round and controls
	const char *later_control_words[SIM_MAX_WORDS];
};

// All rows, those without a number included; and one of them.
unsigned int sim_behaviour_nb_rows(void);
const struct sim_behaviour *sim_behaviour_row(unsigned int i);

// A number drawn for the address: the same for the same purpose, another for every other.
enum sim_purpose {
	SIM_PURPOSE_BEHAVIOUR,
	SIM_PURPOSE_VARIANT,
	SIM_PURPOSE_RTT,
	SIM_PURPOSE_TURN, // where in the order of its keys the first SYN stands
	SIM_PURPOSE_TIMESTAMPS,
};
uint64_t sim_behaviour_hash(const struct sim_config *config, const struct ip_addr *addr);
uint32_t sim_behaviour_draw(uint64_t hash, enum sim_purpose purpose, uint32_t below);

uint64_t sim_behaviour_total_weight(const struct sim_config *config);

// The row of an address whose hash this is, and which of its variants.
const struct sim_behaviour *sim_behaviour_at(
	const struct sim_config *config, uint64_t hash, unsigned int *variant);
