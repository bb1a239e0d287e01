// The rate that the user wants, changed while a scan runs: by USR1 and USR2 in steps of 5 %, as
// ZMap does, or by a number through telemetry. Main tells the workers; a rate above what they begin
// with is climbed to, as at the start.
#pragma once

#include "app/control.h"

struct rate_control {
	struct control *control;
	double wanted; // frames a second; 0: no limit
	double silent; // what the places for targets in flight carry if all are silent
	unsigned int nb_up_seen, nb_down_seen; // signals
	// what somebody asks for, in thousandths, and how often
	_Atomic uint64_t asked_mpps;
	atomic_uint nb_asked;
	unsigned int nb_asked_seen;
};

// For those who look.
struct rate_view {
	double wanted, limit, silent; // limit: now, of all workers
	unsigned int nb_back;	      // times that it was taken back
};

// From now on the signals count.
void rate_control_catch_signals(void);

void rate_control_begin(
	struct rate_control *r, struct control *control, double wanted, double silent);

// From any thread: main will take it up. The rate must be one that -r takes.
void rate_control_ask(struct rate_control *r, double wanted);

// Main's part, often: what was asked for goes to the workers, and is said. limit: of all workers,
// now; 0: none.
void rate_control_look(struct rate_control *r, double limit);
