// The text of jobs, on its way from the reader through a worker to the collector: kept in blocks of
// a mebibyte that are freed when the last job in them has its record. The number of blocks has a
// limit, so that a reader that is ahead has to wait.
//
// jobtext_put is for the reader alone, jobtext_release for the collector alone; jobtext_get is for
// anybody who holds a handle. A handle of 0 stands for no text.
#pragma once

#include "lib/tfo/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOBTEXT_BLOCK_OCTETS (1u << 20)

struct jobtext {
	const char *text;    // members of a JSON object, as the record prints them
	const uint8_t *name; // of the DNS question, wire format; no octets: none
	uint16_t text_len;
	uint8_t name_len;
	bool has_dip, has_dp, has_domain;
};

struct jobtext_store;

// max_octets: at least two blocks. NULL: no memory.
struct jobtext_store *jobtext_create(size_t max_octets);
void jobtext_destroy(struct jobtext_store *store);

// Keep a copy of the job's octets. 0: no block is free, try again later.
uint64_t jobtext_put(struct jobtext_store *store, const struct jobtext *job);
void jobtext_get(uint64_t handle, struct jobtext *job);

// What the record's writer wants of it; points to the same octets.
struct record_job jobtext_for_record(const struct jobtext *job);

void jobtext_release(struct jobtext_store *store, uint64_t handle);
