// Frames that leave the simulated Internet: through the behaviour of their address and the path's
// disturbances, to the caller's sink.
#pragma once

#include "lib/sim/sim_behaviour.h"

// A segment of the address's, to the client of the turn; addresses and ports are filled in, and
// the TTL if it is 0. conn: NULL if it belongs to none. delay_ns: on top of the way.
void sim_emit_segment(
	struct sim_turn *turn, struct sim_conn *conn, uint64_t delay_ns, const struct segment *seg);

// An unreachable message from a router, that quotes the request with another number in its
// sequence field.
void sim_emit_unreachable(struct sim_turn *turn, uint32_t seq_xor);

// One chance of ppm in a million: true if it came. All chances of a simulation are one sequence.
bool sim_emit_chance(struct sim *s, uint32_t ppm);
