// The targets of a scan, all of them, in the order in which they are visited. Addresses and
// networks of the command line, and the files that hold one target a line: plain, CSV (.csv),
// compressed (.gz, .zst); `-` is stdin.
//
//	visit_create → visit_probe, until it doesn't say VISIT_AGAIN → visit_draw …
//
// Order. What can be read at any place (addresses, networks, regular files) comes first, in one
// permutation keyed by the seed: no network gets a burst, however sorted a list is. Networks are
// disjoint ranges of addresses, a file is a sparse index. The visit goes in windows: each takes its
// share of the addresses and of the blocks of 16 lines, both in keyed permutations of their own,
// and shuffles them by a third. Then come streams and compressed files, of which VISIT_STREAM_LINES
// at a time are gathered and shuffled with the networks among them. The same seed, lists and
// options give the same order; but of a stream that is slower than that, what has come in
// VISIT_STREAM_MS is shuffled, unless the visit is patient.
//
// Position. What is visited is numbered from 0 in this order: addresses, and lines of any kind,
// comments, too. The scan can start at any position: at once in the first part, by reading on in
// the second.
//
// The probe holds the rule that a list of the wrong kind is refused before the first frame: more
// than 1 % of its first 1,000 lines bad, or of all if there are fewer; blank lines and comments
// count on neither side. What stands on the command line is typed by hand: one bad argument is
// enough. A stream may pause: if nothing else has targets the probe waits for its first line as
// long as it takes, in steps, so that the caller can look at its stop flag; once there are lines,
// it waits no longer than one step for more and judges what has come.
//
// One thread at a time. Memory: 50 MB for 100 million lines in files, 40 octets a network, some MiB
// for a window; for streams 2 x VISIT_STREAM_LINES lines, 2 x VISIT_STREAM_OCTETS at the most.
#pragma once

#include "lib/addrset.h"
#include "lib/jobline.h"

#include <stddef.h>

#define VISIT_BURST 32u
#define VISIT_PROBE_LINES 1000
#define VISIT_BAD_SHOWN 10
#define VISIT_STREAM_LINES 1000000u
#define VISIT_STREAM_OCTETS (128u << 20)
#define VISIT_STREAM_MS 2000

enum visit_step {
	VISIT_FOUND,   // probe: the lists are fit to be scanned
	VISIT_AGAIN,   // nothing came within wait_ms, or there is more to do: call again
	VISIT_END,     // of the probe: there was no target
	VISIT_REFUSED, // of the probe only: visit_refusal says which list
	VISIT_ERROR,   // a source can't be read: visit_failure says which and why
};

struct visit_bad {
	const char *source; // the path as given, "-", or "argument"
	uint64_t line;	    // from 1; of arguments, which one
	enum jobline_result reason;
	const char *mend; // jobline_mend(reason)
};

struct visit_counts {
	uint64_t lines, good, bad; // lines: blank ones and comments, too; networks are good
};

struct visit_config {
	const char *const *arguments;
	size_t nb_arguments;
	const char *const *paths;
	size_t nb_paths;
	const struct addrset *networks; // more targets; IPv6 from /65 on. NULL: none
	const char *label; //  in front of the domain that a job names (jobline_label); NULL: none
	uint64_t seed;
	// Streams, too, have the same order with the same seed, however slowly they come.
	bool is_patient;
	// The first VISIT_BAD_SHOWN bad lines as they are met. NULL: nobody wants to know.
	void (*on_bad)(void *context, const struct visit_bad *bad);
	void *context;
};

struct visit_target {
	struct jobline job;
	const char *text; // job.text_len octets of it; good until the next call
	uint64_t position;
	bool is_of_network; // comes once, and never as a line: not to be looked for in a set
};

struct visit;

// Opens all files, so that a missing one is known before the first frame. The strings must outlive
// the visit. 0, or -errno with the offending path in *failed_path (NULL if it is memory).
int visit_create(const struct visit_config *config, struct visit **visit, const char **failed_path);
void visit_destroy(struct visit *visit); // NULL is fine

enum visit_step visit_probe(struct visit *visit, int wait_ms);

// After VISIT_REFUSED: the list, and how many of how many lines were bad.
const char *visit_refusal(const struct visit *visit, uint64_t *nb_bad, uint64_t *nb_lines);

// After the probe: how many positions the part before the streams has.
uint64_t visit_nb(const struct visit *visit);
uint64_t visit_nb_lines(const struct visit *visit); // of these, not of networks
bool visit_has_streams(const struct visit *visit);

// Up to VISIT_BURST targets; with VISIT_FOUND there may be none. A line that is covered by one of
// the networks that are known beforehand is given out all the same: visit_covers tells.
enum visit_step visit_draw(struct visit *visit, int wait_ms,
	struct visit_target targets[static VISIT_BURST], size_t *nb);

// Is the address one of those networks'? Then it comes by itself, with the default port.
bool visit_covers(const struct visit *visit, const struct ip_addr *addr);

// Before the first draw: begin there.
enum visit_step visit_start_at(struct visit *visit, uint64_t position);

struct visit_counts visit_counts(const struct visit *visit);

// After VISIT_ERROR: why, a line without a full stop, and the source in *path.
const char *visit_failure(const struct visit *visit, const char **path);
