// Frames for connections that nobody keeps any more: a SYN-ACK that comes after its SYN was given
// up, data or a FIN after the close. A SYN-ACK left alone would hold a place in a Fast Open queue
// for a minute and make the next prober see "no Fast Open"; so it is acknowledged and closed,
// without any state: who has our keyed numbers right has been talking to us.
#pragma once

#include "lib/tfo/target.h"

// Whether the segment deserves an answer, and which: one for one, never a RST. *numbers are those
// of the connection. options: TCPOPT_MAX_OCTETS that out points into.
bool late_answer(const struct target_rules *rules, const struct segment *seg, struct segment *out,
	uint8_t *options, struct conn_numbers *numbers);
