// Which scan this is: the hashes of all files that decide what is measured. Two runs with the same
// seed, options (those of the scan: struct option_row) and identity are parts of one scan.
#pragma once

#include "app/options.h"
#include "lib/digest.h"
#include "lib/permit.h"

#include <pthread.h>

struct identity {
	bool is_read;
	// of each list; "": it can be read only once
	char targets[VALUE_MAX_FILES][DIGEST_TEXT_OCTETS];
	char question[DIGEST_TEXT_OCTETS];
	// What follows changes if lists are read again: who looks at it locks.
	pthread_mutex_t lists_lock;
	char blocklists[VALUE_MAX_FILES][DIGEST_TEXT_OCTETS];
	char allowlists[VALUE_MAX_FILES][DIGEST_TEXT_OCTETS];
	char allowed[DIGEST_TEXT_OCTETS]; // of all that alone may be probed; "": no allowlist
	char blocked[DIGEST_TEXT_OCTETS]; // of all that is blocked, the built-in list included
	uint64_t nb_blocked_ipv4;	  // addresses
};

// Reads the files. 0, or the exit code: a line is on stderr.
int identity_read(struct identity *id, const struct options *o, const struct permit *permit,
	const uint8_t *question, size_t question_len);

// Block- and allowlists have been read again. 0, or the exit code, with a line on stderr.
int identity_read_lists(struct identity *id, const struct options *o, const struct permit *permit);
