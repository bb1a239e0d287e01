#include "lib/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_OCTETS (4u << 20)

int output_open(struct output *o, const char *path, bool overwrite) {
	*o = (struct output){.fd = STDOUT_FILENO, .capacity = BUFFER_OCTETS};
	if (strcmp(path, "-") != 0) {
		o->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
		if (o->fd < 0)
			return -errno;
	}
	struct stat st;
	if (fstat(o->fd, &st) < 0)
		return -errno;
	o->is_file = S_ISREG(st.st_mode);
	if (o->is_file && o->fd != STDOUT_FILENO && st.st_size > 0) {
		if (!overwrite) {
			close(o->fd);
			return -EEXIST;
		}
		if (ftruncate(o->fd, 0) < 0)
			return -errno;
	}
	o->buf = malloc(o->capacity);
	return o->buf ? 0 : -ENOMEM;
}

char *output_room(struct output *o, size_t len) {
	return o->capacity - o->len >= len ? o->buf + o->len : NULL;
}

void output_add(struct output *o, size_t len) {
	o->len += len;
}

// Would a write wait? A pipe that poll calls writable takes PIPE_BUF octets at once.
static bool is_ready(const struct output *o) {
	struct pollfd pfd = {.fd = o->fd, .events = POLLOUT};
	return o->is_file || poll(&pfd, 1, 0) > 0;
}

static enum output_state failed(struct output *o, int os_error) {
	o->os_error = os_error;
	switch (os_error) {
	case EAGAIN:
	case EINTR:
		return OUTPUT_BUSY;
	case ENOSPC:
	case EDQUOT:
		return OUTPUT_FULL;
	case EPIPE:
		return OUTPUT_NO_READER;
	default:
		return OUTPUT_FAILED;
	}
}

static void note_written(struct output *o, const char *octets, size_t len) {
	const char *last_line = memrchr(octets, '\n', len);
	if (o->has_no_lines)
		o->whole_octets = o->written_octets + len;
	else if (last_line)
		o->whole_octets = o->written_octets + (size_t)(last_line - octets) + 1;
	o->written_octets += len;
}

enum output_state output_push(struct output *o) {
	size_t done = 0;
	enum output_state state = OUTPUT_OK;
	while (done < o->len && state == OUTPUT_OK) {
		if (!is_ready(o)) {
			state = OUTPUT_BUSY;
			break;
		}
		size_t piece = o->len - done;
		if (!o->is_file && piece > PIPE_BUF)
			piece = PIPE_BUF;
		ssize_t n = write(o->fd, o->buf + done, piece);
		if (n < 0) {
			state = failed(o, errno);
			break;
		}
		note_written(o, o->buf + done, (size_t)n);
		done += (size_t)n;
	}
	memmove(o->buf, o->buf + done, o->len - done);
	o->len -= done;
	return state;
}

int output_close(struct output *o) {
	int ret = 0;
	// stdout may stand in the middle of somebody's file; only what we opened is cut
	bool is_torn = o->whole_octets < o->written_octets;
	if (is_torn && o->is_file && o->fd != STDOUT_FILENO &&
		ftruncate(o->fd, (off_t)o->whole_octets) < 0)
		ret = -errno;
	if (o->fd != STDOUT_FILENO && close(o->fd) < 0 && ret == 0)
		ret = -errno;
	free(o->buf);
	o->buf = NULL;
	return ret;
}
