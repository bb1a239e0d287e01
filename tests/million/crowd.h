// A scan of very many addresses on invented time: thousands of targets in flight at once, as a
// worker keeps them (lib/tfo/launch.h until somebody answers, then lib/tfo/target.h), against one
// simulated Internet. Every verdict is compared with what lib/sim permits at its address.
#pragma once

#include "lib/rescan.h"
#include "lib/sim/sim.h"
#include "lib/tfo/launch.h"

#include <stdio.h>

#define CROWD_MAX_COMPLAINTS 12

struct crowd_config {
	const char *mix;
	uint64_t nb_targets;
	uint64_t seed, epoch;
	uint32_t nb_rounds;
	bool has_controls;
	bool is_tcp; // tcp mode instead of dnstcp
	struct sim_path path;
	uint64_t rtt_max_ns;
	uint16_t nb_ports; // of ours; 0: many
	uint64_t
		placebo_one_in; // of the answering targets every so manieth, by its number; 0: none
	bool may_be_challenged; // servers hold dead connections: the word for it is no matter
	bool with_rescan;	// what passes is judged once more, as a capture
	uint64_t stop_after_frames; // of ours, then all is dropped as it stands; 0: never
};

struct crowd_result {
	uint64_t nb_records;
	uint64_t nb_twice;
	uint64_t nb_as_expected; // the very words of a path without disturbance
	uint64_t nb_wrong; // with a word that is not permitted, or without disturbance: others
	// at addresses where neither one nor all rounds should say so, and that lose nothing of
	// their own
	uint64_t nb_false_broken, nb_false_transient;
	uint64_t nb_placebos, nb_placebos_broken, nb_placebos_transient;
	uint64_t nb_challenged; // records with tfo.anomaly.challenge_ack
	uint64_t nb_frames_sent, nb_late_answers;
	uint64_t max_in_flight;
	uint64_t nb_by_behaviour[SIM_NB_BEHAVIOURS + 1]; // records
	struct rescan_counts rescan;
	uint64_t nb_rescanned_differently; // records
	uint64_t invented_ns;		   // that passed
};

// A simulated Internet that several scans visit, one after the other; and time.
struct crowd;

struct crowd *crowd_create(const struct crowd_config *config);
void crowd_destroy(struct crowd *c);

// Scan all targets with this epoch. Complaints, a line a wrong verdict, go to stderr.
void crowd_scan(struct crowd *c, const struct crowd_config *config, struct crowd_result *result);

const struct sim_counters *crowd_counters(const struct crowd *c);
