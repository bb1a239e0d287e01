// Writes checkpoints: the first before the first SYN, the last at the end, and between them one
// every few seconds, by a thread of its own, as a disk may keep it waiting. Collectors and workers
// wait for nothing: lines go on being written behind the place that a checkpoint names.
#pragma once

#include "app/recorded.h"
#include "lib/silentmap.h"

#include <cJSON.h>
#include <pthread.h>
#include <stdatomic.h>

#define CHECKPOINTER_NS UINT64_C(2000000000)

struct checkpointer {
	const char *path; // NULL: there are none
	const char *metadata_path;
	struct recorded recorded;
	struct silentmap *silent; // NULL: none
	int output_fd;		  // to read what stands before the place

	// one at a time: main fills in what to write, the thread takes it
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t mutex;
	pthread_cond_t wanted;
	bool is_wanted, is_ending;
	cJSON *head;	// by checkpoint_head
	char *metadata; // NULL: none
	uint64_t due_ns;

	atomic_int error; // of the last one: 0 or errno
	bool said_error;
	uint64_t nb_written, longest_ns;
};

// The output is open, and what is resumed has been read. The first checkpoint is not yet written.
// 0 or -errno.
int checkpointer_open(struct checkpointer *c, const char *output);

// Write one, now. Takes head and metadata, frees both. 0 or -errno.
int checkpointer_write(struct checkpointer *c, cJSON *head, char *metadata);

// The thread, for those that main asks for. 0 or -errno.
int checkpointer_start(struct checkpointer *c);
// Is it time for the next one, and has the thread done with the last?
bool checkpointer_is_due(struct checkpointer *c, uint64_t now_ns);
void checkpointer_ask(struct checkpointer *c, cJSON *head, char *metadata, uint64_t now_ns);
// What was asked for is written.
void checkpointer_stop(struct checkpointer *c);

void checkpointer_close(struct checkpointer *c);
