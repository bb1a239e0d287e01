// Where records go: a file, a pipe or stdout, written in batches of whole lines. Nothing here
// waits: what can't be written now stays in the buffer, and a full buffer is for the caller to
// notice. Lines that were taken are never dropped, but by output_close after a failure.
//
// Compressed, the file is a row of zstd frames, each of whole lines and at most OUTPUT_FRAME_OCTETS
// of them: what was written before a crash can be read, up to the last frame.
//
// Several outputs may share a file (output_share), each with a buffer of its own and used by a
// thread of its own. Who writes has the turn until all that lay there when it began is written, so
// no line is torn.
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OUTPUT_FRAME_OCTETS (1u << 20)

enum output_state {
	OUTPUT_OK,
	OUTPUT_BUSY,	  // the reader of the pipe is behind, or another output has the turn
	OUTPUT_FULL,	  // no room on the disk: lines stay, try again
	OUTPUT_NO_READER, // nobody reads the pipe any more
	OUTPUT_FAILED,	  // any other error: errno of output
};

struct output_frame;

struct output {
	int fd;
	bool is_file;	   // else it may block, and is written in small pieces
	bool has_no_lines; // set by who writes something else: nothing is cut at a line's end
	int os_error;
	char *buf;
	size_t start, len, capacity; // what waits is len octets from start on
	struct output_frame *frame;  // NULL: not compressed
	size_t turn_octets;	     // of what waits, those that are written in this turn

	uint64_t added_octets; // of lines, all told
	// Called when a turn is over, before anybody else may write, if it is not NULL: of the
	// lines that were added here the first lines_octets are in the file, and all of them, with
	// those of others, in its first file_octets.
	void (*on_written)(void *context, uint64_t lines_octets, uint64_t file_octets);
	void *context;

	struct output *first; // the one that opened the file; the rest is that one's
	_Atomic(struct output *) turn;
	bool is_shared;
	uint64_t written_octets;
	uint64_t whole_octets; // written, up to the last end of a line, or of a frame
};

// path "-": stdout. A file that is not empty is refused (-EEXIST) unless overwrite says otherwise;
// anything but that is -errno.
int output_open(struct output *o, const char *path, bool overwrite);
// The same for lines, which are compressed if the name ends in ".zst".
int output_open_lines(struct output *o, const char *path, bool overwrite);

// A file of lines that is there is cut to its first octets, and written on behind them. -ENODATA:
// it is shorter; -ESPIPE: it is no file; -errno. Nothing is changed then.
int output_resume_lines(struct output *o, const char *path, uint64_t octets);

// Another one for the same file, which must stay open as long. 0 or -ENOMEM.
int output_share(struct output *o, struct output *first);

// Room for len octets more, or NULL if the buffer is too full; then output_add what was written.
char *output_room(struct output *o, size_t len);
void output_add(struct output *o, size_t len);

// Write as much as goes without waiting. OUTPUT_OK: all of it, unless other outputs have a turn.
enum output_state output_push(struct output *o);

// Octets that were taken and are not in the file.
size_t output_waiting(const struct output *o);

// A line that was cut by a failure is taken back where it can be: 0 or -errno. Of outputs that
// share a file the first one goes last.
int output_close(struct output *o);
