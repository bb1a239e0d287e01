// --write-pcap: takes the frames out of the workers' rings and makes blocks of pcapng of them, all
// of them or those behind verdicts with a certain word. On the main lcore, beside the collector;
// like that it never waits. lib/capfile.h says what the file holds besides frames.
#pragma once

#include "app/worker.h"
#include "lib/capfile.h"
#include "lib/capkeep.h"
#include "lib/output.h"

struct capture {
	const char *path;
	struct output output;
	enum output_state state; // of the last write
	uint64_t pushed_ns;
	uint64_t full_ns; // since when the disk is full, 0: it is not
	struct worker **workers;
	unsigned int nb_workers;
	struct capkeep *keep; // NULL: all frames are written
	uint64_t filter;      // CONDITION_BIT
	uint64_t nb_frames, nb_targets;
	uint64_t nb_missing; // frames that should be in the file and are not, besides those that
			     // workers had no room for
	bool is_open;	     // false: what comes is thrown away
};

// The file, with its head. keep_octets: of the frames that wait for a verdict, if the head has a
// filter. 0, or an exit code: a line has been said.
int capture_open(struct capture *c, const char *path, bool overwrite,
	const struct capfile_head *head, uint64_t keep_octets);

// Take what is there, as far as there is room, and write. Returns the number of frames.
unsigned int capture_step(struct capture *c, uint64_t now_ns);

// A target of this worker's has its verdict; of its frames the last one may still be in the ring.
void capture_verdict(struct capture *c, unsigned int worker, uint64_t index, uint64_t conditions);

// The scan is over: what the rings still hold is written, waiting if need be, and how many frames
// are missing. The workers must have stopped. 0, or an exit code: a line has been said.
int capture_close(struct capture *c, uint64_t end_ns);

// Frames that are not in the file and should be.
uint64_t capture_nb_missing(const struct capture *c);
