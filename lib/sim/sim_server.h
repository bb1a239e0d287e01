// The TCP of a server of the simulated Internet, and what its behaviour may ask of it.
#pragma once

#include "lib/sim/sim_behaviour.h"

#define SIM_WINDOW 65160
#define SIM_CHALLENGE_OFFSET 0x12345 // of the ACK of a connection that the client forgot

// A segment for the address of the turn, in a frame that is the turn's request. options: the
// segment's, which a behaviour may change.
void sim_server_receive(struct sim_turn *turn, struct segment *seg, uint8_t *options);

// A timer of the connection was due.
void sim_server_time_out(struct sim_turn *turn, struct sim_conn *c, enum sim_timer timer);

// ---- for behaviours

// The application answers: once, in the connection's stream.
void sim_server_answer(struct sim_turn *turn, struct sim_conn *c);

// RST, and the connection is gone: it must not be used any more.
void sim_server_reset(struct sim_turn *turn, struct sim_conn *c);

// The cookie of a key for the client of the turn, 16 octets: servers take the first of them.
void sim_server_cookie(const struct sim_turn *turn, uint64_t key, uint8_t cookie[16]);

// A number that the address remembers: one for all, or one for each client, for each port of a
// client, or for each connection, which the number of its SYN tells apart.
enum sim_scope {
	SIM_SCOPE_ADDR,
	SIM_SCOPE_CLIENT,
	SIM_SCOPE_PORT,
	SIM_SCOPE_CONN,
};
uint64_t *sim_server_recall(const struct sim_turn *turn, enum sim_scope scope, uint32_t syn_seq);

// ---- between the files of the server

// A SYN came; c: the connection that is there already, or NULL.
void sim_syn_receive(struct sim_turn *turn, struct sim_conn *c, const struct segment *syn);

// Send the SYN-ACK, with the first data_len octets of the stream.
void sim_syn_ack(struct sim_turn *turn, struct sim_conn *c, uint32_t ack_offset, uint32_t data_len);

// Octets in order reach the application; rcv_nxt counts them already.
void sim_server_take(struct sim_turn *turn, struct sim_conn *c, const uint8_t *octets, size_t len);

// An ACK without data.
void sim_server_ack(struct sim_turn *turn, struct sim_conn *c);

// Write the option with the connection's timestamps. Returns its octets.
uint8_t sim_server_write_timestamps(
	const struct sim_turn *turn, const struct sim_conn *c, uint8_t *p);
