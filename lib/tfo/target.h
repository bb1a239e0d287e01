// A target's schedule: the connections of its rounds, one after the other, then its controls, and
// what was seen of them.
//
//	baseline ──► request ──► data (if a cookie is known) ──► another round? ──► controls ──►
// done 	    ▲                                                        │ yes, after a pause
//	    └────────────────────────────────────────────────────────┘
//
// Each starts when the one before is over: refused, given up, or closed (its FIN acknowledged, or
// one second old). Which one follows, and when, says schedule.h. observe() notes what passed,
// next() says what to send; see lib/tcpstack/conn.h. Whatever next() offers counts once it was
// observed: the state is a function of what was observed and of its stamps, so an observer who
// never asks next() comes to the same evidence. No clock, no randomness, no memory of its own.
#pragma once

#include "lib/tcpstack/conn.h"
#include "lib/tcpstack/frame.h"
#include "lib/tfo/app.h"
#include "lib/tfo/evidence.h"
#include "lib/tfo/flow.h"
#include "lib/tfo/numbers.h"
#include "lib/tfo/verdict.h"

// The same for all targets of a worker.
struct target_rules {
	struct conn_rules conn;	 // of the first round
	struct conn_rules later; // of further rounds and of controls
	uint8_t nb_rounds;	 // at most; 0 counts as 1
	bool has_controls;
	bool is_ending; // the first round ends; no other, and no control, goes on
	const struct app *app;
	struct numbers numbers;
	struct ports ports; // of the worker
	struct ip_addr laddr4, laddr6;
	// What targets without a question of their own are asked; the octets belong to the caller.
	const uint8_t *question_octets;
	uint16_t question_len;
};

// What a first round looks at stands in front.
struct target {
	struct ip_addr addr;
	uint64_t hash; // of address and port: numbers_target()
	uint16_t port;
	uint16_t question_len; // 0: that of the rules
	uint8_t probe_of[2];   // which probe each of conns is, enum probe
	bool is_later[2];      // which of the rules each of conns follows
	uint8_t current;       // index into conns; the other one may still be closing
	uint8_t nb_started;    // connections, so far
	// Number of the first of them. A target that is measured again goes on behind the numbers
	// of the first time, so that its new connections are no continuation of old ones to the
	// server.
	uint8_t first_ordinal;
	bool has_previous;
	bool restart;  // a challenge ACK: the probe begins again from another port
	bool is_heard; // a frame came to the connection at hand, or an ICMP message about it
	// A placebo: the same connections without Fast Open, to see how often chance alone gives
	// words of failure.
	bool is_placebo, placebo_has_data;
	struct flow *flows; // NB_PROBES, of the same connections as evidence; NULL: not wanted
	const uint8_t *question_octets;
	uint64_t from_ns;    // the first SYN
	uint64_t settled_ns; // the deadlines up to then have taken effect
	struct conn conns[2];
	struct evidence evidence[NB_PROBES]; // of the round at hand, or the last one
	struct answer answers[2];
	struct cookie cookie;	      // that the newest request of a round brought
	struct verdict verdict;	      // of the rounds and controls before the one at hand
	struct evidence controls[2];  // of a control, at the place of its connection
	struct cookie control_cookie; // that the newest request of a control brought
	uint8_t request_2_ordinal;    // of the second request
	uint64_t request_2_ns;	      // its first SYN
};
// Octets of it that its first round may look at.
#define TARGET_FIRST_OCTETS offsetof(struct target, controls)

// A segment to send, with room for the octets it points to.
struct target_segment {
	struct segment seg;
	struct conn_numbers numbers; // of its connection
	uint8_t options[TCPOPT_MAX_OCTETS];
	uint8_t payload[APP_PAYLOAD_MAX_OCTETS];
};

enum target_step {
	TARGET_SEND,	   // out->seg is to be sent, and then observed
	TARGET_WAIT,	   // nothing before *wake_ns
	TARGET_DONE,	   // the evidence is complete
	TARGET_UNFINISHED, // it would go on, but the rules say that all is ending
};

// question_octets may be NULL: then the rules' question is asked.
void target_start(struct target *t, const struct target_rules *rules, const struct ip_addr *addr,
	uint16_t port, const uint8_t *question_octets, uint16_t question_len);

// From the start on, keep the flows of the round at hand, too: flows (NB_PROBES) belongs to the
// caller. A flow holds the segments that its connection has taken, those it sent and those for
// which target_observe_received is true. Nothing else depends on it.
void target_want_flows(struct target *t, struct flow *flows);

// Measure a target that is done again, as a placebo.
void target_start_placebo(struct target *t);

enum target_step target_next(struct target *t, const struct target_rules *rules, uint64_t now_ns,
	struct target_segment *out, uint64_t *wake_ns);

// Note a segment that target_next offered and that left at now_ns.
void target_observe_sent(struct target *t, const struct target_rules *rules, uint64_t now_ns,
	const struct segment *seg);

// Note a segment that came from the target's address. False if it belongs to no connection that is
// kept here: late, or forged.
bool target_observe_received(struct target *t, const struct target_rules *rules, uint64_t now_ns,
	const struct segment *seg);

// Note an ICMP message that quotes a segment to the target's address. False if the quote is not of
// a SYN that we sent and that nothing else has answered yet.
bool target_observe_icmp(struct target *t, const struct target_rules *rules, uint64_t now_ns,
	const struct icmp_quote *quote);

// Whether, at now_ns, all connections are made and nothing is left to be sent. From then on nothing
// that is observed changes anything.
bool target_is_done(struct target *t, const struct target_rules *rules, uint64_t now_ns);

// No connection of it was under way at since_ns, or has been since then: it waits for another round
// or control.
bool target_rested_since(
	const struct target *t, const struct target_rules *rules, uint64_t since_ns);

// The words of what was observed so far.
uint64_t target_conditions(const struct target *t, const struct target_rules *rules);

// The same sum with the round or control at hand in it.
struct verdict target_verdict(const struct target *t);

// The stamp of the last event, or deadline, that took part in the verdict.
uint64_t target_to_ns(const struct target *t);

// What names the connection number ordinal of a target, for those who keep no struct target.
struct target_conn_id {
	uint16_t lport;
	struct conn_numbers numbers;
};
struct target_conn_id target_conn_id(const struct target_rules *rules, const struct ip_addr *addr,
	uint16_t port, unsigned int ordinal);

// The same, for who has the target's hash (numbers_target) at hand.
static inline struct target_conn_id target_conn_id_by_hash(const struct target_rules *rules,
	uint64_t hash, const struct ip_addr *addr, uint16_t port, unsigned int ordinal) {
	struct target_conn_id id;
	id.lport = ports_choose(&rules->ports, hash, addr, port, ordinal);
	id.numbers = numbers_conn(hash, id.lport);
	return id;
}

// The option under test in the SYN of a baseline or of a request. Returns its octets in buf
// (COOKIE_OPTION_MAX_OCTETS).
uint8_t target_option_write(enum probe probe, uint8_t *buf);
