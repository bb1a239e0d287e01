// A server and the path to it, on invented time: octets in, octets and arrival times out. It has
// its own small TCP, and shares with the scanner nothing but frame_parse, frame_write and the
// option iterator. What sets one server apart from another is a struct behaviour.
//
// Nothing is allocated; a struct responder is all there is.
#pragma once

#include "lib/tcpstack/conn.h"
#include "lib/tcpstack/frame.h"

#define RESPONDER_MAX_CONNS 16
#define RESPONDER_MAX_REPLIES 256
#define RESPONDER_STREAM_OCTETS 2048
#define RESPONDER_TTL 60

struct responder;

struct server_conn {
	bool is_used, is_established, is_fast; // fast: the SYN's data were taken
	bool out_fin, fin_received;
	uint16_t sport; // the scanner's
	uint32_t irs, iss, rcv_nxt, snd_una, snd_nxt;
	uint32_t ts_recent;
	bool has_timestamps;
	uint8_t syn_options[TCPOPT_MAX_OCTETS]; // of the SYN-ACK, to send it again
	uint8_t syn_options_len;
	uint32_t ack_offset; // as the SYN-ACK says
	uint8_t in[RESPONDER_STREAM_OCTETS], out[RESPONDER_STREAM_OCTETS];
	uint16_t in_len, out_len;
	uint8_t nb_questions; // complete ones that reached the application
	uint64_t timer_ns;    // of the next retransmission, or CONN_NEVER
	uint64_t answer_ns;   // when the application will have its answer, or CONN_NEVER
	uint8_t nb_timeouts;
};

// How a SYN is answered: filled as Linux would, then changed by the behaviour.
struct syn_reply {
	enum {
		SYN_ACCEPTED,
		SYN_IGNORED,
		SYN_RESET,
		SYN_UNREACHABLE, // ICMP
		SYN_CHALLENGED,	 // an ACK that belongs to a connection which the scanner forgot
	} kind;
	uint32_t ack_offset; // octets of the SYN's data that the SYN-ACK acknowledges
	uint16_t taken;	     // octets of them that reach the application
	uint8_t option[TCPOPT_MAX_OCTETS];
	uint8_t option_len;  // any number; padded by the responder
	bool is_only_option; // no MSS, no timestamps before it
	bool has_answer;     // the SYN-ACK carries the application's answer
	bool says_more;	     // a second SYN-ACK follows, which acknowledges all data
};

struct behaviour {
	unsigned int number; // of the behaviour, 1 to 46
	const char *name;
	uint8_t cookie_octets; // 0: a server without Fast Open
	bool has_zero_window;  // in the SYN-ACK; an ACK opens it 5 ms after the handshake
	uint64_t ack_delay_ns; // of ACKs without data
	// Each may be NULL.
	void (*syn)(struct responder *r, const struct segment *syn, struct syn_reply *reply);
	bool (*request_passes)(struct responder *r, struct segment *seg, uint8_t *options);
	bool (*reply_passes)(struct responder *r, struct segment *seg, uint8_t *options);
	void (*app)(struct responder *r, struct server_conn *c); // a question is complete
	void (*established)(struct responder *r, struct server_conn *c);
	uint8_t nb_variants; // 0: one
	// What the verdict must be, by the words of docs/results.md; and in tcp mode, if that
	// differs.
	const char *words[12], *tcp_words[12];
	bool is_dns_only; // it makes no sense in tcp mode
};

struct reply_frame {
	uint64_t at_ns; // when it leaves
	uint16_t len;
	uint8_t octets[FRAME_MAX_OCTETS];
};

struct responder {
	const struct behaviour *behaviour;
	struct ip_addr addr, scanner;
	uint16_t port;
	bool speaks_dns; // else it sends a line of HTTP, and FIN
	uint64_t now_ns;
	uint64_t synack_delay_ns, answer_delay_ns; // the second is the application's
	uint32_t first_iss, ts_base;
	bool without_timestamps;
	uint8_t cookie[16];
	uint8_t variant; // which of several forms a behaviour takes
	unsigned int nb_syns, nb_conns;
	// memory of behaviours
	uint16_t dead_port; // 0: none
	uint32_t dead_seq, dead_ack;
	unsigned int nb_challenges, nb_dead_reset;
	bool is_dead;
	unsigned int nb_fast_resets, nb_fast_timeouts; // of data taken from a SYN, before an ACK
	uint16_t seen_ports[RESPONDER_MAX_CONNS];
	unsigned int nb_seen_ports;

	struct server_conn conns[RESPONDER_MAX_CONNS];
	struct reply_frame replies[RESPONDER_MAX_REPLIES];
	unsigned int nb_replies;
	const uint8_t *request; // the frame at hand
	size_t request_len;
};

void responder_init(struct responder *r, const struct behaviour *b, const struct ip_addr *addr,
	const struct ip_addr *scanner, uint16_t port);

// A frame has arrived; what it brings about is in replies.
void responder_receive(struct responder *r, uint64_t now_ns, const uint8_t *octets, size_t len);

// Retransmissions that are due; and when the next one will be.
void responder_tick(struct responder *r, uint64_t now_ns);
uint64_t responder_wake_ns(const struct responder *r);

// ---- for behaviours

// The kind of option that the SYN carries: 34, or 0. *len: octets of its cookie.
unsigned int responder_option(const struct segment *seg, const uint8_t **cookie, uint8_t *len);

// Whether the port was seen before; from now on it was.
bool responder_seen_port(struct responder *r, uint16_t port);

void responder_set_option(
	struct syn_reply *reply, uint8_t kind, const uint8_t *cookie, uint8_t cookie_octets);

// A segment that goes out as it is, addresses and ports filled in; TTL RESPONDER_TTL if 0.
void responder_emit(struct responder *r, uint64_t delay_ns, uint16_t to_port, struct segment *seg);

// An unreachable message that quotes the request, with another number in its sequence field.
void responder_emit_icmp(struct responder *r, uint32_t seq_xor);

// Put the application's answer into the connection's stream and send it.
void responder_answer(struct responder *r, struct server_conn *c);
void responder_put(struct server_conn *c, const uint8_t *octets, size_t len);
void responder_push(struct responder *r, struct server_conn *c);
void responder_reset(struct responder *r, struct server_conn *c);
struct server_conn *responder_conn(struct responder *r, uint16_t sport);
