// The file of a checkpoint: a scan's state on the disk. A zstd frame with a checksum; unpacked, one
// line of JSON, the head, and behind its line feed the octets of a bitmap (lib/progress.h). So
// `zstd -dc FILE | head -n 1 | jq` shows what it says.
//
// The head is the caller's, but for these members, which are ours:
//	format	"dpdk-tfoscan checkpoint"
//	form	1; a program refuses what is higher than it knows
//	start	text of digits: the position of the bitmap's first bit; all below it are done
//	bitmap	text of digits: its octets
#pragma once

#include "lib/progress.h"

#include <cJSON.h>

#define CHECKPOINT_FORM 1
#define CHECKPOINT_HEAD_MAX_OCTETS (4u << 20)

enum checkpoint_result {
	CHECKPOINT_GOOD,
	CHECKPOINT_NO_MEMORY,
	CHECKPOINT_NOT_ONE,  // no frame of zstd, or not of our format
	CHECKPOINT_DAMAGED,  // cut, or its checksum is wrong
	CHECKPOINT_TOO_NEW,  // of a later form
	CHECKPOINT_NONSENSE, // the head contradicts the bitmap, or lacks what it must have
};

// What is written, as octets to be freed; NULL: no memory. The members of ours are added to head.
void *checkpoint_pack(cJSON *head, const struct progress *p, size_t *len);

// The other way round. *head, to be deleted, and *p are filled if it is good, and not otherwise.
enum checkpoint_result checkpoint_unpack(
	const void *octets, size_t len, cJSON **head, struct progress *p);

// The end of a sentence.
const char *checkpoint_mend(enum checkpoint_result result);

// A text of digits, up to 2^64 - 1; false: it is none.
bool checkpoint_number(const cJSON *head, const char *key, uint64_t *value);
void checkpoint_add_number(cJSON *head, const char *key, uint64_t value);
