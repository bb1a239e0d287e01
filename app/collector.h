// A collector: takes records out of the rings of its workers, makes lines of them, counts, and
// writes. The first one is main's; it never waits, so main can look after everything else. Others
// have an lcore of their own. All of them write to one file.
#pragma once

#include "app/capture.h"
#include "app/collector_counts.h"
#include "app/recorded.h"
#include "app/worker.h"
#include "lib/jobtext.h"
#include "lib/output.h"
#include "lib/silentmap.h"
#include "lib/tfo/record_writer.h"

#define COLLECTOR_IDLE_US 1000

struct collector {
	struct worker *workers[WORKER_MAX];
	unsigned int nb_workers;
	struct jobtext_store *texts;
	struct capture *capture;	 // learns of each verdict
	struct recorded_queue *recorded; // for checkpoints; NULL: there are none
	struct silentmap *silent; // where silent targets go that get no line; NULL: they get one
	struct control *control;
	const struct tsc_clock *clock;
	struct record_writer writer;
	struct output output;
	uint64_t pushed_ns;
	uint64_t retry_ns; // when a full disk is tried again

	struct collector_counts counts;
	// for main, who looks at all of them
	_Atomic(enum output_state) state; // of the last write
	atomic_bool has_rest;		  // lines were taken and are not written
};

// Take what is there, as far as there is room. Returns the number of records.
unsigned int collector_step(struct collector *c, uint64_t now_ns);

// Write all that was taken, now. OUTPUT_OK: it is written.
enum output_state collector_flush(struct collector *c, uint64_t now_ns);

// Round and round until control->quit; for rte_eal_remote_launch.
int collector_run(void *collector);
