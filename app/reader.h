// The reader: a thread on main's CPU that visits the targets, drops what belongs to another shard,
// is blocked or came before, and hands the rest to the workers that their addresses belong to. It
// waits when they are behind.
#pragma once

#include "app/control.h"
#include "app/options.h"
#include "app/recorded.h"
#include "app/worker.h"
#include "lib/jobtext.h"
#include "lib/permit.h"
#include "lib/seenset.h"
#include "lib/shard.h"
#include "lib/visit.h"

struct reader_counts {
	uint64_t lines, bad, blocked, duplicate, no_way, targets;
	bool duplicates_are_exact;
};

struct reader {
	struct control *control;
	struct visit *visit;
	const struct permit_desk *permits;
	struct permit_view permit; // open
	struct seenset *seen;
	struct jobtext_store *texts;
	const struct app *app;
	uint16_t target_port;
	uint64_t max_targets;
	unsigned int nb_shards, shard; // which of how many
	struct siphash_key shard_key;
	// which families have a way out; of next_hop, and whether a target on the link has one
	const struct next_hop *hop;
	struct siphash_key addr_key; // of worker_of_addr, as the workers have it
	bool spread_by_network;
	unsigned int nb_workers;
	// Takes a job. False: the worker has no room, ask again.
	bool (*hand_over)(void *context, unsigned int worker, const struct job *job);
	void *context;
	void (*on_no_way)(const struct ip_addr *addr);

	// of a scan with checkpoints, else NULL: who is told of positions without a record, and
	// what has its record from an earlier run
	struct recorded *recorded;
	const struct progress *before;
	uint64_t next_position;
	uint64_t skipped[RECORDED_SKIPS];
	unsigned int nb_skipped;

	atomic_ullong nb_before; // of nb_targets, those that had their record
	atomic_ullong nb_targets, nb_bad, nb_blocked, nb_duplicate, nb_no_way;
	atomic_bool is_done;
	bool is_at_end;	   // of the sources, or of -n; valid when is_done
	const char *error; // why a source could not be read, or NULL; valid when is_done
	const char *error_path;
};

// Runs until the sources are at their end, the limit is reached, or launching is stopped.
void *reader_run(void *reader);
