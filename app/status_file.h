// The file of -u: a row a second, each written at once. That it can't be written is said once, and
// does not stop a scan.
#pragma once

#include "lib/status.h"

struct status_file {
	const char *path; // NULL: there is none
	int fd;
	bool has_failed; // it was said
	bool is_file;	 // not a pipe
	uint64_t octets; // of whole rows, in a file
};

// With the head of the table in it. 0, or an exit code: a line has been said. path NULL: none is
// wanted.
int status_file_open(struct status_file *f, const char *path, bool overwrite);
void status_file_write(struct status_file *f, const struct status *status);
void status_file_close(struct status_file *f);
