#include "app/status_file.h"

#include "app/exit_code.h"
#include "app/say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// A row that was written in part is taken back: the next one begins a line. That of a full pipe is
// left out, for its reader is slow, and not gone.
static void write_row(struct status_file *f, const char *row) {
	size_t len = strlen(row);
	ssize_t ret = write(f->fd, row, len);
	if (ret == (ssize_t)len) {
		f->octets += len;
		return;
	}
	int error = ret < 0 ? errno : ENOSPC;
	if (f->is_file && ret > 0 && ftruncate(f->fd, (off_t)f->octets) == 0)
		lseek(f->fd, (off_t)f->octets, SEEK_SET);
	if (f->has_failed || error == EAGAIN)
		return;
	f->has_failed = true;
	say("cannot write %s: %s: the scan goes on without this row of -u, and each second tries "
	    "again",
		f->path, strerror(error));
}

static int refuse(struct status_file *f, const char *why) {
	say("cannot write %s: %s (-u names the file for status updates)", f->path, why);
	status_file_close(f);
	return EXIT_USAGE;
}

int status_file_open(struct status_file *f, const char *path, bool overwrite) {
	*f = (struct status_file){.path = path, .fd = -1};
	if (path == NULL)
		return 0;
	// main must not wait: neither for a reader of a pipe to come, nor for a slow one
	f->fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0644);
	struct stat st;
	if (f->fd < 0 && errno == ENXIO)
		return refuse(f, "nobody reads the pipe");
	if (f->fd < 0 || fstat(f->fd, &st) != 0)
		return refuse(f, strerror(errno));
	f->is_file = S_ISREG(st.st_mode);
	if (f->is_file && st.st_size > 0 && !overwrite)
		return refuse(f, "it is not empty: give --overwrite, or another name");
	if (f->is_file && ftruncate(f->fd, 0) != 0)
		return refuse(f, strerror(errno));
	write_row(f, status_csv_head());
	return 0;
}

void status_file_write(struct status_file *f, const struct status *status) {
	if (f->path == NULL)
		return;
	char row[STATUS_LINE_OCTETS];
	status_csv_row(status, (uint64_t)time(NULL), row);
	write_row(f, row);
}

void status_file_close(struct status_file *f) {
	if (f->path && f->fd >= 0)
		close(f->fd);
	f->path = NULL;
}
