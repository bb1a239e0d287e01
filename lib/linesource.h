// One source of lines, read from its beginning to its end: a file, a FIFO, stdin (`-`), plain or
// compressed. What it holds goes by its name: .gz and .zst are unpacked, .csv (also .csv.gz and
// .csv.zst) says that its lines are CSV.
//
// A stream (pipe, FIFO, terminal) may pause: no call waits longer than it is told to, nor reads on
// for long in a line that has no end. Of a line that is too long the first LINESOURCE_CUT_OCTETS
// come, enough to tell; the rest is passed over. A byte order mark in front of the source is not
// part of its first line.
//
// One thread at a time.
#pragma once

#include "lib/jobline.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Long enough for jobline to call it too long, with a byte order mark and a CR.
#define LINESOURCE_CUT_OCTETS (JOBLINE_MAX_OCTETS + 8)

enum linesource_step {
	LINESOURCE_LINE,
	LINESOURCE_AGAIN, // nothing came in time, or a signal did: call again
	LINESOURCE_END,
	LINESOURCE_ERROR, // linesource_failure says why
};

struct line {
	const uint8_t *octets; // without the LF; good until the next call
	size_t len;
	uint64_t number; // from 1
};

struct linesource;

// The path must outlive the source. 0, or -errno. A FIFO that nobody writes yet does not hold back.
int linesource_open(struct linesource **source, const char *path);
void linesource_close(struct linesource *source); // NULL is fine

enum linesource_step linesource_next(struct linesource *source, int wait_ms, struct line *line);

// From keep on what is read is kept, too; rewind gives it out once more, from there on.
void linesource_keep(struct linesource *source);
void linesource_rewind(struct linesource *source);

bool linesource_is_csv(const struct linesource *source);
// A regular file that is not compressed: it can be read at any place, its octets from *begin on.
bool linesource_is_plain_file(const struct linesource *source, int *fd, uint64_t *begin);
// May it pause? A compressed file, which also has to be read from its beginning, never does.
bool linesource_is_stream(const struct linesource *source);

// After LINESOURCE_ERROR: one line without a full stop.
const char *linesource_failure(const struct linesource *source);
