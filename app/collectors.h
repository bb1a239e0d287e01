// All collectors of a scan, and the files that they write: records, and silent targets' bits.
#pragma once

#include "app/collector.h"
#include "app/options.h"
#include "app/past.h"
#include "app/resume.h"

struct collectors {
	struct collector each[COLLECTORS_MAX]; // the first one is main's
	unsigned int nb;
	const struct past *past;  // of earlier runs
	struct silentmap *silent; // NULL: silent targets have a record
	char silent_path[4096];
	uint64_t silent_flushed_ns;
};

// Lcores beside main's that do not work but collect. 0, or an exit code: a line has been said.
int collectors_check_lcores(const struct options *o, unsigned int nb_lcores);

// The files. 0, or an exit code: a line has been said.
int collectors_open(struct collectors *c, const struct options *o, const struct record_style *style,
	uint64_t seed, uint64_t epoch, struct resume *resume);

// From here on what is written is noted in recorded. 0 or -ENOMEM.
int collectors_note(struct collectors *c, struct recorded *recorded);

// Who collects from whom. Before anything else but the above.
void collectors_assign(struct collectors *c, struct worker **workers, unsigned int nb_workers,
	const struct collector *common);

// Main's part of the work. Returns the number of records.
unsigned int collectors_step(struct collectors *c, uint64_t now_ns);

// The worst of all, and for the last two of these the error of that one.
enum output_state collectors_state(const struct collectors *c, int *os_error);
// Of the whole scan, earlier runs included.
void collectors_sum(const struct collectors *c, struct collector_counts *sum);

// What workers have handed over is written.
bool collectors_have_written(const struct collectors *c);

// The lcores have come to their end: the rest is written, as far as it goes without waiting long.
void collectors_write_rest(struct collectors *c);

// 0, or an exit code: a line has been said.
int collectors_close(struct collectors *c, const struct options *o);
