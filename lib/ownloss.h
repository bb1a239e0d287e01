// What was lost on our own side of the wire, and whether so much that a result is not to be
// trusted. Two sums, each against what passed: frames that came and were not seen, frames that were
// to leave and did not.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ownloss_kind {
	OWNLOSS_IMISSED,   // the NIC had no free descriptor
	OWNLOSS_IERRORS,   // the NIC or the driver found them damaged
	OWNLOSS_RX_NOMBUF, // the driver had no mbuf
	OWNLOSS_SOCKET,	   // the ring of a packet socket was full
	OWNLOSS_HANDOVER,  // the ring of the worker that they were for was full
	OWNLOSS_UNSENT,	   // the driver could not send what it had taken, or never took it
	OWNLOSS_NB_KINDS,
};

struct ownloss {
	uint64_t nb[OWNLOSS_NB_KINDS];
	uint64_t received, sent;
	// Times that a worker was off its CPU or its port took no frame, and how many of these were
	// mended by measuring again.
	unsigned int nb_pauses, nb_pauses_mended;
};

uint64_t ownloss_total(const struct ownloss *loss);

// Of those, what came and was not seen because too much came at a time.
uint64_t ownloss_of_rate(const struct ownloss *loss);

// The sums that are above 0.01 %.
bool ownloss_is_deaf(const struct ownloss *loss); // of receiving
bool ownloss_is_mute(const struct ownloss *loss); // of sending

// Its name.
const char *ownloss_word(enum ownloss_kind kind);

// One line, no LF: every counter with its name. buf holds len octets, and the line is cut to it.
void ownloss_write(const struct ownloss *loss, char *buf, size_t len);

// Which counter has the most of the sums that are above, and what mends it; NULL if none is.
const char *ownloss_advice(const struct ownloss *loss, enum ownloss_kind *worst);

// Whether the result is not to be trusted, and one line, no LF, that says why and what mends it.
// len: OWNLOSS_DOUBT_OCTETS hold every line.
#define OWNLOSS_DOUBT_OCTETS 512
bool ownloss_doubt(const struct ownloss *loss, char *line, size_t len);
