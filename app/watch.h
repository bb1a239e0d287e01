// What a user sees of a scan while it runs: the status line and the rows of -u each second, and
// what telemetry tells, a little oftener. Main's work.
#pragma once

#include "app/status_file.h"

struct scan;

struct watch {
	struct status_file file;
	struct status_track track;
	struct status_plan plan;
	struct status status; // of the last second
	enum status_phase phase;
	uint64_t phase_ns;	     // since when
	uint64_t second_ns, view_ns; // the next ones
};

// The file of -u, and telemetry's commands; behind rte_eal_init. 0, or an exit code: a line has
// been said.
int watch_open(struct scan *s);
void watch_close(struct scan *s);

// From start_ns of the scan on, when its workers are there.
void watch_begin(struct scan *s);
// Often: each does what is due.
void watch_look(struct scan *s, uint64_t now_ns);
// The last row, when all has come to its end: what it counts is what the summary says.
void watch_end(struct scan *s);
