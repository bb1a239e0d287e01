// Where targets come from: the addresses on the command line, then the files in their order, line
// by line. `-` is stdin. Files are read, not mapped: one may be cut short while we read it.
//
//	targets_create → targets_probe, until it doesn't say TARGETS_AGAIN → targets_next …
//
// The probe holds the rule that a list of the wrong kind is refused before the first frame: more
// than 1 % of the first 1,000 lines bad, or of all lines if there are fewer; blank lines and
// comments count on neither side. An address on the command line is typed by hand: one bad one is
// enough. What the probe has read is kept and comes out of targets_next.
//
// A stream (pipe, FIFO, terminal) may pause. The probe waits for its first line as long as it takes
// (there is nothing to start with), in steps, so that the caller can look at its stop flag; once
// there are lines, it waits no longer than one step for more and then judges what has come. Bad
// lines after that are skipped and counted. No call waits longer than the wait_ms it is given.
//
// One thread at a time; allocates when created and, per job text, while the probe runs.
#pragma once

#include "lib/jobline.h"

#include <stddef.h>
#include <stdint.h>

#define TARGETS_PROBE_LINES 1000
#define TARGETS_BAD_SHOWN 10

enum targets_step {
	TARGETS_FOUND,	 // next: *job and text are filled. probe: the list is fit to be scanned
	TARGETS_AGAIN,	 // nothing came within wait_ms, or a signal did: call again
	TARGETS_END,	 // every source is at its end (of the probe: and there was no target)
	TARGETS_REFUSED, // of the probe only: too many bad lines
	TARGETS_ERROR,	 // a source can't be read: targets_failure says which and why
};

struct targets_bad {
	const char *source; // the path as given, "-", or "argument"
	uint64_t line;	    // from 1; of arguments, which one
	enum jobline_result reason;
	const char *mend; // jobline_mend(reason)
};

struct targets_counts {
	uint64_t lines; // good, bad and nothing
	uint64_t good;
	uint64_t bad;
};

struct targets_config {
	const char *const *arguments;
	size_t nb_arguments;
	const char *const *paths;
	size_t nb_paths;
	const char *label; // in front of the domain that a job names (jobline_label); NULL: none
	void (*on_bad)(void *context, const struct targets_bad *bad); // NULL: nobody wants to know
	void *context;
};

struct targets;

// Opens all files, so that a missing one is known before the first frame. The strings must outlive
// the targets. 0, or -errno with the offending path in *failed_path (NULL if it is memory).
int targets_create(
	const struct targets_config *config, struct targets **targets, const char **failed_path);
void targets_destroy(struct targets *targets); // NULL is fine

enum targets_step targets_probe(struct targets *targets, int wait_ms);

// The next target, as jobline_parse gives it. The first TARGETS_BAD_SHOWN bad lines are handed to
// on_bad as they are met, by the probe or here.
enum targets_step targets_next(struct targets *targets, int wait_ms, struct jobline *job,
	char text[static JOBLINE_MAX_OCTETS]);

struct targets_counts targets_counts(const struct targets *targets);

// After TARGETS_ERROR: the errno, and the source in *path.
int targets_failure(const struct targets *targets, const char **path);
