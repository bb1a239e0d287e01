// The collector: takes records out of the workers' rings, makes lines of them, counts, and writes.
// On the main lcore; it never waits, so main can look after everything else.
#pragma once

#include "app/capture.h"
#include "app/worker.h"
#include "lib/jobtext.h"
#include "lib/output.h"
#include "lib/tfo/record_writer.h"

struct collector {
	struct worker **workers;
	unsigned int nb_workers;
	struct jobtext_store *texts;
	struct capture *capture; // learns of each verdict
	struct record_writer writer;
	struct output output;
	enum output_state state; // of the last write
	uint64_t pushed_ns;

	uint64_t nb_records, nb_silent;
	uint64_t nb_by_condition[NB_CONDITIONS];
	uint64_t nb_placebos, nb_placebos_broken, nb_placebos_transient;
	uint64_t first_syn_ns, last_verdict_ns;
};

// Take what is there, as far as there is room. Returns the number of records.
unsigned int collector_step(struct collector *c, uint64_t now_ns);

// Write all that was taken, now. OUTPUT_OK: it is written.
enum output_state collector_flush(struct collector *c, uint64_t now_ns);
