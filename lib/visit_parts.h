// What the files of visit share, and nobody else includes.
#pragma once

#include "lib/linebatch.h"
#include "lib/linefile.h"
#include "lib/linesource.h"
#include "lib/netset.h"
#include "lib/permute.h"
#include "lib/visit.h"

struct visit_source {
	const char *path;	  // or "argument"
	struct linesource *lines; // NULL: the arguments
	struct linefile file;	  // if it is one
	bool is_file, is_csv;
	uint64_t nb_lines;     // of a file, and of the arguments
	uint64_t first_line;   // their number in the row of all
	uint64_t probed_until; // bad lines so far have been shown
};

// A row of lines and addresses in a permutation of their own.
struct visit_batch {
	struct linebatch lines;
	const struct netset *networks;	 // which addresses: nb_addresses from first_address on
	const struct permute *addresses; // in this order; NULL: in any
	uint64_t first_address, nb_addresses;
	struct permute order;
	uint64_t nb, next;
	uint64_t position; // of its first
};

// What is read of streams for the next batch.
struct visit_gathered {
	struct linebatch lines;
	struct netset networks;
	int64_t since_ms; // the first of it
};

// Where the probe is.
struct visit_probing {
	size_t source;
	bool is_begun, is_judged; // of this source
	uint64_t nb_good, nb_bad, nb_lines;
	uint64_t nb_good_before; // of the sources before
	int64_t since_ms;	 // when waiting for more began; 0: not yet
	bool is_done;
	enum visit_step answer;
};

struct visit {
	struct visit_config config;
	struct visit_counts counts;
	size_t nb_shown;
	struct visit_probing probing;
	const char *failed_path, *failure;

	struct visit_source *sources; // the first one are the arguments
	size_t nb_sources;

	// the part that can be read at any place
	struct netset networks;
	uint64_t nb_lines, nb_blocks, nb_windows, next_window;
	struct permute blocks, addresses;

	size_t stream; // the source that is gathered from
	bool has_streams, are_streams_done;
	struct visit_gathered gathered;
	struct netset batch_networks; // of the batch, if it was gathered
	uint64_t nb_to_skip;

	struct visit_batch batch;
	char *texts; // of a burst
};

// The key of one permutation of many.
struct siphash_key visit_key(const struct visit *visit, uint64_t which);

enum visit_step visit_fail(struct visit *visit, const char *path, const char *why);

enum jobline_result visit_parse(const struct visit *visit, const struct visit_source *source,
	const uint8_t *line, size_t len, struct jobline *job, char *text);

void visit_show_bad(struct visit *visit, const struct visit_source *source, uint64_t line,
	enum jobline_result reason);

// Takes a line that may be a network, into the set. False: no memory.
bool visit_take_network(struct netset *set, const uint8_t *line, size_t len, bool *is_network);

// visit_batch.c: up to VISIT_BURST positions of the batch.
void visit_batch_begin(struct visit *visit, struct visit_batch *batch, uint64_t key);
size_t visit_batch_draw(struct visit *visit, struct visit_target *targets);

// visit_files.c
void visit_files_plan(struct visit *visit);
uint64_t visit_files_first_position(const struct visit *visit, uint64_t window);
enum visit_step visit_files_fill(struct visit *visit, uint64_t window);

// visit_streams.c
enum visit_step visit_streams_draw(
	struct visit *visit, int wait_ms, struct visit_target *targets, size_t *nb);
