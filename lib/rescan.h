// A scan once more, out of its own capture: the frames in the order in which they passed, each with
// the stamp that it was judged by, give the same records. Along the way the schedule is asked what
// it would have sent: it must be what the capture shows.
//
// The text of jobs and the frames may come from anybody.
#pragma once

#include "lib/capfile.h"
#include "lib/pcapng.h"
#include "lib/tfo/record.h"

#define RESCAN_REASON_OCTETS 160

struct rescan;

// flows: NB_PROBES, or NULL if the scan had none. What the job points to is there until the return.
typedef void (*rescan_record_fn)(
	void *arg, const struct record *r, const struct flow *flows, const struct record_job *job);

struct rescan_counts {
	uint64_t nb_targets, nb_records;
	uint64_t nb_placebos, nb_placebos_broken, nb_placebos_transient;
	uint64_t nb_unfinished; // without a record at the end of the capture
	uint64_t nb_incomplete; // frames of theirs are missing, so they have no record
	// Targets that were sent what the schedule does not say, so they have no record; and frames
	// to targets of which no beginning was seen.
	uint64_t nb_contradicted;
	uint64_t nb_strange;	    // frames that no scan of ours captures, passed over
	uint64_t first_wrong_frame; // of the contradictions, by its number; 0: there are none
	char reason[RESCAN_REASON_OCTETS];
};

// head must stay as it is. NULL: no memory.
struct rescan *rescan_create(const struct capfile_head *head, rescan_record_fn record, void *arg);
void rescan_destroy(struct rescan *r);

// The next packet, and its number in the file. comment: of capfile.h, or of no octets. False: no
// memory.
bool rescan_packet(struct rescan *r, uint64_t number, const struct pcapng_packet *packet,
	const char *comment, size_t comment_len);

// No more packets come. end_ns: when the scan was over; 0: the capture does not say so.
void rescan_finish(struct rescan *r, uint64_t end_ns);

const struct rescan_counts *rescan_counts(const struct rescan *r);
