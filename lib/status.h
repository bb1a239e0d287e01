// How a scan goes, a second at a time: its counts made into rates, shares and the time that is
// left, and the two forms of these: ZMap's status line, and a row of CSV with ZMap's columns. Pure:
// counts and time come in.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum status_phase {
	STATUS_SCANNING,
	STATUS_ENDING,	 // no target is begun any more, what is in flight ends
	STATUS_COOLDOWN, // all have their record, late frames are counted
	STATUS_DONE,
};

// Since the start.
struct status_counts {
	uint64_t sent, received; // frames
	uint64_t drops;		 // frames that came and were lost on our own side
	uint64_t unsent;	 // frames that were to leave and did not
	uint64_t begun;		 // targets
	uint64_t records;	 // targets that are done
	uint64_t answered;	 // of these, from which a frame came
	uint64_t cookies;	 // of these, that gave a cookie
	uint64_t planned;	 // targets in all; 0: nobody knows
	uint32_t in_flight;	 // targets
	unsigned int nb_workers; // that begin targets
	double limit;		 // frames a second, now; 0: none
	bool is_climbing;	 // to what is wanted
	unsigned int nb_back;	 // times that a climbing rate was taken back
	uint64_t slowed;	 // networks that said no
	enum status_phase phase;
	double phase_s; // since when
};

// What the time that is left depends on, besides.
struct status_plan {
	double max_runtime_s; // 0: no limit
	double life_s;	      // of a silent target
	double cooldown_s;
};

struct status {
	struct status_counts counts;
	double elapsed_s;
	double left_s; // negative: nobody knows
	double done;   // of the targets that are planned, 0 to 1; negative: nobody knows
	double hits;   // of the targets that are done, 0 to 1
	double sent_now, sent_mean;	    // a second, as all that follow
	double received_now, received_mean; // frames
	double answered_now, answered_mean; // targets
	double drops_now, drops_mean;	    // frames
	double unsent_now, unsent_mean;	    // frames
};

// What is kept from one second to the next. Zero it before the first.
struct status_track {
	struct status_counts last;
	double last_s;
	double begun_rate; // targets a second, of late
	bool has_begun_rate;
};

// elapsed_s: since the start, more than the last time.
void status_step(struct status_track *track, const struct status_plan *plan,
	const struct status_counts *counts, double elapsed_s, struct status *status);

// Every form has room in this.
#define STATUS_LINE_OCTETS 512

// One line, no LF. columns: of the terminal, which it does not fill; if there is not enough room
// the means are left out. 0: no terminal.
void status_line(const struct status *s, unsigned int columns, char line[STATUS_LINE_OCTETS]);

// With LF. unix_s: the time of day.
const char *status_csv_head(void);
void status_csv_row(const struct status *s, uint64_t unix_s, char row[STATUS_LINE_OCTETS]);

// 950, 9.50 K, 95.0 K, 950 K, 1.25 M: three figures and the unit.
#define STATUS_NUMBER_OCTETS 24
const char *status_number(double n, char text[STATUS_NUMBER_OCTETS]);
