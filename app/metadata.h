// Metadata: how a scan was made and how it went, as one JSON object. ZMap's keys, where it has one
// for the same thing; docs/results.md defines all of them.
#pragma once

#include "app/scan.h"

enum metadata_state {
	METADATA_RUNNING,
	METADATA_FINISHED,    // every target has its record
	METADATA_STOPPED,     // by -t, or because it could not go on
	METADATA_INTERRUPTED, // by a signal
};

// The text, with its line feed, to be freed; NULL: no memory. Main alone may ask for it. code: of
// the end, or -1 before.
char *metadata_text(struct scan *s, enum metadata_state state, int code);

// Whether the file that the options ask for can be written, if they do. 0, or the exit code: a line
// is on stderr.
int metadata_try(const struct options *o);

// Write the file that the options ask for, if they do. 0, or the exit code: a line is on stderr.
int metadata_write(struct scan *s, enum metadata_state state, int code);
