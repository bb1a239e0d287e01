// A regular file of lines, read at any place: a sparse index has the offset of every 16th line, so
// that 100 million lines take 50 MB, and line i is found by reading the block it lies in.
//
//	linefile_init → linefile_index, until it doesn't say LINEFILE_MORE → linefile_read …
//
// The file is mapped where that is possible: a call of the kernel for each block costs more than
// the block. A file that somebody cuts short or writes anew in the meantime is noticed
// (LINEFILE_CHANGED); what of it is gone is asked for by pread(2), which says so without a signal.
//
// The octets are hostile. One thread at a time.
#pragma once

#include "lib/linebatch.h"
#include "lib/mapped.h"

#define LINEFILE_BLOCK_LINES 16u

enum linefile_result {
	LINEFILE_DONE,
	LINEFILE_MORE,	  // of linefile_index only: call again
	LINEFILE_CHANGED, // it is not what it was when it was indexed
	LINEFILE_FAILED,  // errno says why
};

struct linefile {
	int fd; // the owner's
	struct mapped map;
	uint64_t begin, end;
	uint64_t *index; // of the lines 0, 16, 32, …, and the end
	size_t nb_index, index_room;
	uint64_t nb_lines;
	uint64_t at;	     // while it is indexed: so far
	bool is_in_line;     // what is at `at` belongs to a line that began before
	uint8_t *buffer;     // for the index, and for lines without end
	uint64_t line_begin; // of the line at `at`
};

void linefile_init(struct linefile *file, int fd, uint64_t begin);
void linefile_free(struct linefile *file);

// Reads a few mebibytes further. on_slash, if any, is shown each line that holds a slash and begins
// with no brace: what may be a network. Of one without end it sees nothing.
enum linefile_result linefile_index(struct linefile *file,
	void (*on_slash)(void *context, const uint8_t *line, size_t len), void *context);

// Appends lines first … first + nb - 1 (from 0) to the batch, cut at max_len octets each; their
// numbers count from 1.
enum linefile_result linefile_read(struct linefile *file, uint64_t first, uint64_t nb,
	size_t max_len, uint16_t source, struct linebatch *batch);
