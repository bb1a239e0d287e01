// What sets a capture of our own apart from others: the section header's comment says how the scan
// measured, and a comment on the first SYN of each target which job it was. Both are lines of text.
// What is read may come from anybody.
#pragma once

#include "lib/jobtext.h"
#include "lib/measure.h"

#define CAPFILE_HEAD_MAX_OCTETS 12288
// The comment of the statistics that stand at the end: the scan was over at their time.
#define CAPFILE_END "end"
#define CAPFILE_TARGET_MAX_OCTETS 12288

struct capfile_head {
	struct measure measure;
	bool raw_cookies, seed_conditions_only, has_flows;
	// Only the frames of targets with this word are there, each target's together; NULL: all
	// frames, in their order.
	const char *filter;
	// Of targets that name none; in wire format, as text: empty if the record has no domain.
	char domain[256];
};

// Returns the octets, no NUL behind them. buf has CAPFILE_HEAD_MAX_OCTETS.
size_t capfile_write_head(const struct capfile_head *head, char *buf);

enum capfile_result {
	CAPFILE_OK,
	CAPFILE_OTHER,	// not ours
	CAPFILE_NEWER,	// ours, but of a form that is not known here
	CAPFILE_BROKEN, // ours, but it does not hold what it should
};

// The ports may be too few for what scans need: such a head is broken. *head needs no release.
bool capfile_is_head(const char *text, size_t len); // of any form
enum capfile_result capfile_read_head(const char *text, size_t len, struct capfile_head *head);

// Which job a target was.
struct capfile_target {
	uint64_t index;
	uint32_t nb_missing; // frames that are not in the file, where it has a filter
	uint8_t first_ordinal;
	bool is_placebo, placebo_has_data;
	// Nobody told its MAC: it has a record, and not one frame.
	bool is_unreached;
	struct ip_addr addr;
	uint16_t port;
	uint64_t from_ns, to_ns; // of that record
	struct jobtext job; // its octets belong to the caller; the name's, when read, to `name`
	uint8_t name[256];
};

// 0: the job's text is too long. buf has CAPFILE_TARGET_MAX_OCTETS.
size_t capfile_write_target(const struct capfile_target *target, char *buf);

// False: it is none of ours. target->job.text points into text.
bool capfile_read_target(const char *text, size_t len, struct capfile_target *target);
