// The checkpoint that a scan goes on from. All is looked at before anything is touched; whatever is
// wrong is one line on stderr, and an exit code.
#pragma once

#include "lib/digest.h"
#include "lib/progress.h"

#include <cJSON.h>
#include <stdbool.h>
#include <stdint.h>

struct scan;

// Octets of the output in front of the place where it is gone on with: they must be the same.
#define RESUME_TAIL_OCTETS 4096

struct resume {
	cJSON *head; // NULL: nothing is resumed
	struct progress done;
	uint64_t output_octets;
};

// Read the file of --resume: the seed, what is done, what was counted. *is_finished: there is
// nothing to do, and a line has said so.
int resume_read(struct scan *s, bool *is_finished);

// Is it of this scan, and is the output there? When the lists have been opened.
int resume_check(struct scan *s);

void resume_free(struct resume *r);

// The hash of the octets in front of the place. 0 or -errno; -ENODATA: the file is shorter.
int resume_tail(int fd, uint64_t place, char digest[DIGEST_TEXT_OCTETS]);
