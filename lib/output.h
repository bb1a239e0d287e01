// Where records go: a file, a pipe or stdout, written in batches of whole lines. Nothing here
// waits: what can't be written now stays in the buffer, and a full buffer is for the caller to
// notice. Lines that were taken are never dropped, but by output_close after a failure.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum output_state {
	OUTPUT_OK,
	OUTPUT_BUSY,	  // the reader of the pipe is behind
	OUTPUT_FULL,	  // no room on the disk: lines stay, try again
	OUTPUT_NO_READER, // nobody reads the pipe any more
	OUTPUT_FAILED,	  // any other error: errno of output
};

struct output {
	int fd;
	bool is_file;	   // else it may block, and is written in small pieces
	bool has_no_lines; // set by who writes something else: nothing is cut at a line's end
	int os_error;
	char *buf;
	size_t len, capacity;
	uint64_t written_octets;
	uint64_t whole_octets; // written, up to the last end of a line
};

// path "-": stdout. A file that is not empty is refused (-EEXIST) unless overwrite says otherwise;
// anything but that is -errno.
int output_open(struct output *o, const char *path, bool overwrite);

// Room for len octets more, or NULL if the buffer is too full; then output_add what was written.
char *output_room(struct output *o, size_t len);
void output_add(struct output *o, size_t len);

// Write as much as goes without waiting.
enum output_state output_push(struct output *o);

// A line that was cut by a failure is taken back where it can be: 0 or -errno.
int output_close(struct output *o);
