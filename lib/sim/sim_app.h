// What applications of the simulated Internet say. DNS over TCP: the question comes back with one
// address behind it. HTTP, on ports 80 and 8080: a line, and FIN. TLS, on port 443: a ServerHello
// to a record of the handshake.
//
// The octets that a connection has sent are a function of its question, so they are not kept: they
// are written anew whenever they are sent.
#pragma once

#include "lib/sim/sim_table.h"

#define SIM_APP_MAX_ANSWERS 4
#define SIM_APP_RECORD_OCTETS 16
#define SIM_APP_STREAM_OCTETS (SIM_APP_MAX_ANSWERS * (SIM_QUESTION_OCTETS + SIM_APP_RECORD_OCTETS))

// Take octets in the order of the stream. True if a question is complete by them.
bool sim_app_take(struct sim_conn *c, const uint8_t *octets, size_t len);

// Write one more answer to the question that is complete.
void sim_app_answer(struct sim_conn *c);

// Octets of all answers so far, and these octets.
uint32_t sim_app_len(const struct sim_conn *c);
void sim_app_write(const struct sim_conn *c, uint8_t stream[SIM_APP_STREAM_OCTETS]);
