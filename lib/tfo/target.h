// A target's schedule: the connections of a round, one after the other, and what was seen of them.
//
//	baseline ──► request ──► data (if the request brought a cookie) ──► done
//
// Each starts when the one before is over: refused, given up, or closed (its FIN acknowledged, or
// one second old). observe() notes what passed, next() says what to send; see lib/tcpstack/conn.h.
// Whatever next() offers counts once it was observed. No clock, no randomness, no memory of its
// own.
#pragma once

#include "lib/tcpstack/conn.h"
#include "lib/tcpstack/frame.h"
#include "lib/tfo/app.h"
#include "lib/tfo/evidence.h"
#include "lib/tfo/numbers.h"

// The same for all targets of a worker.
struct target_rules {
	struct conn_rules conn;
	const struct app *app;
	struct numbers numbers;
	struct port_range ports;
	struct ip_addr laddr4, laddr6;
	// What targets without a question of their own are asked; the octets belong to the caller.
	const uint8_t *question_octets;
	uint16_t question_len;
};

struct target {
	struct ip_addr addr;
	uint16_t port;
	uint16_t question_len; // 0: that of the rules
	const uint8_t *question_octets;
	uint64_t from_ns; // the first SYN
	struct conn conns[2];
	struct answer answers[2];
	struct evidence evidence[NB_PROBES];
	uint8_t probe_of[2]; // which probe each of conns is, enum probe
	uint8_t current;     // index into conns; the other one may still be closing
	uint8_t nb_started;  // connections, so far
	// Number of the first of them. A target that is measured again goes on behind the numbers
	// of the first time, so that its new connections are no continuation of old ones to the
	// server.
	uint8_t first_ordinal;
	bool has_previous;
	bool restart; // a challenge ACK: the probe begins again from another port
};

// A segment to send, with room for the octets it points to.
struct target_segment {
	struct segment seg;
	uint8_t options[TCPOPT_MAX_OCTETS];
	uint8_t payload[APP_PAYLOAD_MAX_OCTETS];
};

enum target_step {
	TARGET_SEND, // out->seg is to be sent, and then observed
	TARGET_WAIT, // nothing before *wake_ns
	TARGET_DONE, // the evidence is complete
};

// question_octets may be NULL: then the rules' question is asked.
void target_start(struct target *t, const struct ip_addr *addr, uint16_t port,
	const uint8_t *question_octets, uint16_t question_len);

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

// The stamp of the last event, or deadline, that took part in the verdict.
uint64_t target_to_ns(const struct target *t);

// What names the connection number ordinal of a target, for those who keep no struct target.
struct target_conn_id {
	uint16_t lport;
	struct conn_numbers numbers;
};
struct target_conn_id target_conn_id(const struct target_rules *rules, const struct ip_addr *addr,
	uint16_t port, unsigned int ordinal);

// The SYN's option under test. Returns its octets in buf (COOKIE_OPTION_MAX_OCTETS).
uint8_t target_option_write(
	enum probe probe, const struct evidence evidence[NB_PROBES], uint8_t *buf);
