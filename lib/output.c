#include "lib/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define BUFFER_OCTETS (4u << 20)

// Lines that have been compressed, and are not written yet.
struct output_frame {
	ZSTD_CCtx *context;
	size_t start, len, capacity;
	size_t of_octets; // what they were
	char octets[];
};

static int create_buffer(struct output *o) {
	o->capacity = BUFFER_OCTETS;
	o->buf = malloc(o->capacity);
	return o->buf ? 0 : -ENOMEM;
}

static int create_frame(struct output *o) {
	size_t capacity = ZSTD_compressBound(OUTPUT_FRAME_OCTETS);
	o->frame = malloc(sizeof(*o->frame) + capacity);
	if (!o->frame)
		return -ENOMEM;
	*o->frame = (struct output_frame){.context = ZSTD_createCCtx(), .capacity = capacity};
	if (!o->frame->context)
		return -ENOMEM;
	ZSTD_CCtx_setParameter(o->frame->context, ZSTD_c_checksumFlag, 1);
	// frames are too short for more effort to make them smaller
	ZSTD_CCtx_setParameter(o->frame->context, ZSTD_c_compressionLevel, 1);
	return 0;
}

static void destroy_buffers(struct output *o) {
	if (o->frame)
		ZSTD_freeCCtx(o->frame->context);
	free(o->frame);
	free(o->buf);
	o->frame = NULL;
	o->buf = NULL;
}

static int open_file(struct output *o, const char *path, bool overwrite) {
	if (strcmp(path, "-") != 0) {
		o->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
		if (o->fd < 0)
			return -errno;
	}
	struct stat st;
	if (fstat(o->fd, &st) < 0)
		return -errno;
	o->is_file = S_ISREG(st.st_mode);
	if (!o->is_file || o->fd == STDOUT_FILENO || st.st_size == 0)
		return 0;
	if (!overwrite) {
		close(o->fd);
		return -EEXIST;
	}
	return ftruncate(o->fd, 0) < 0 ? -errno : 0;
}

int output_open(struct output *o, const char *path, bool overwrite) {
	*o = (struct output){.fd = STDOUT_FILENO, .first = o};
	int ret = open_file(o, path, overwrite);
	return ret < 0 ? ret : create_buffer(o);
}

static int begin_lines(struct output *o, const char *path, int ret) {
	static const char suffix[] = ".zst";
	size_t len = strlen(path), suffix_len = sizeof(suffix) - 1;
	bool is_compressed = len > suffix_len && strcmp(path + len - suffix_len, suffix) == 0;
	return ret == 0 && is_compressed ? create_frame(o) : ret;
}

int output_open_lines(struct output *o, const char *path, bool overwrite) {
	return begin_lines(o, path, output_open(o, path, overwrite));
}

static int cut_file(int fd, uint64_t octets) {
	struct stat st;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ESPIPE;
	if ((uint64_t)st.st_size < octets)
		return -ENODATA;
	if (ftruncate(fd, (off_t)octets) < 0 || lseek(fd, (off_t)octets, SEEK_SET) < 0)
		return -errno;
	return 0;
}

int output_resume_lines(struct output *o, const char *path, uint64_t octets) {
	*o = (struct output){.is_file = true, .first = o};
	o->fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
	int ret = o->fd < 0 ? -errno : cut_file(o->fd, octets);
	if (ret < 0) {
		if (o->fd >= 0)
			close(o->fd);
		return ret;
	}
	o->written_octets = o->whole_octets = octets;
	return begin_lines(o, path, create_buffer(o));
}

int output_share(struct output *o, struct output *first) {
	*o = (struct output){.fd = first->fd, .is_file = first->is_file, .first = first};
	first->is_shared = true;
	int ret = create_buffer(o);
	if (ret == 0 && first->frame)
		ret = create_frame(o);
	if (ret < 0)
		destroy_buffers(o);
	return ret;
}

char *output_room(struct output *o, size_t len) {
	if (o->capacity - o->start - o->len < len) {
		// not for less than it moves
		if (o->start < o->len || o->capacity - o->len < len)
			return NULL;
		memcpy(o->buf, o->buf + o->start, o->len);
		o->start = 0;
	}
	return o->buf + o->start + o->len;
}

void output_add(struct output *o, size_t len) {
	o->len += len;
	o->added_octets += len;
}

size_t output_waiting(const struct output *o) {
	return o->len + (o->frame ? o->frame->of_octets : 0);
}

// ---- writing

static bool take_turn(struct output *o) {
	struct output *nobody = NULL;
	return atomic_load_explicit(&o->first->turn, memory_order_relaxed) == o ||
	       atomic_compare_exchange_strong(&o->first->turn, &nobody, o);
}

static void end_turn(struct output *o) {
	atomic_store(&o->first->turn, NULL);
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

// Up to len octets; *done: how many went.
static enum output_state write_octets(
	struct output *o, const char *octets, size_t len, size_t *done) {
	for (*done = 0; *done < len;) {
		if (!is_ready(o))
			return OUTPUT_BUSY;
		size_t piece = len - *done;
		if (!o->is_file && piece > PIPE_BUF)
			piece = PIPE_BUF;
		ssize_t n = write(o->fd, octets + *done, piece);
		if (n < 0)
			return failed(o, errno);
		*done += (size_t)n;
		o->first->written_octets += (size_t)n;
	}
	return OUTPUT_OK;
}

static enum output_state push_lines(struct output *o) {
	size_t done;
	const char *octets = o->buf + o->start;
	uint64_t before = o->first->written_octets;
	enum output_state state = write_octets(o, octets, o->turn_octets, &done);
	const char *last_line = done > 0 ? memrchr(octets, '\n', done) : NULL;
	if (o->has_no_lines)
		o->first->whole_octets = before + done;
	else if (last_line)
		o->first->whole_octets = before + (size_t)(last_line - octets) + 1;
	o->len -= done;
	o->turn_octets -= done;
	o->start = o->len > 0 ? o->start + done : 0;
	return state;
}

// The next lines, as many as a frame holds. False: no memory.
static bool make_frame(struct output *o) {
	const char *lines = o->buf + o->start;
	size_t len = o->turn_octets;
	if (len > OUTPUT_FRAME_OCTETS)
		len = (size_t)((const char *)memrchr(lines, '\n', OUTPUT_FRAME_OCTETS) - lines) + 1;
	struct output_frame *f = o->frame;
	size_t n = ZSTD_compress2(f->context, f->octets, f->capacity, lines, len);
	if (ZSTD_isError(n))
		return false;
	f->start = 0;
	f->len = n;
	f->of_octets = len;
	o->len -= len;
	o->turn_octets -= len;
	o->start = o->len > 0 ? o->start + len : 0;
	return true;
}

static enum output_state push_frames(struct output *o) {
	struct output_frame *f = o->frame;
	while (f->len > 0 || o->turn_octets > 0) {
		if (f->len == 0 && !make_frame(o))
			return failed(o, ENOMEM);
		size_t done;
		enum output_state state = write_octets(o, f->octets + f->start, f->len, &done);
		f->start += done;
		f->len -= done;
		if (state != OUTPUT_OK)
			return state;
		f->of_octets = 0;
		o->first->whole_octets = o->first->written_octets;
	}
	return OUTPUT_OK;
}

enum output_state output_push(struct output *o) {
	if (output_waiting(o) == 0)
		return OUTPUT_OK;
	if (!take_turn(o))
		return OUTPUT_BUSY;
	bool is_between_frames = !o->frame || o->frame->len == 0;
	if (!o->first->is_shared || (o->turn_octets == 0 && is_between_frames))
		o->turn_octets = o->len;
	enum output_state state = o->frame ? push_frames(o) : push_lines(o);
	if (state != OUTPUT_OK)
		return state;
	if (o->on_written)
		o->on_written(
			o->context, o->added_octets - output_waiting(o), o->first->whole_octets);
	end_turn(o);
	return state;
}

int output_close(struct output *o) {
	int ret = 0;
	// stdout may stand in the middle of somebody's file; only what we opened is cut
	bool is_ours = o->first == o && o->fd != STDOUT_FILENO;
	bool is_torn = o->whole_octets < o->written_octets;
	if (is_torn && o->is_file && is_ours && ftruncate(o->fd, (off_t)o->whole_octets) < 0)
		ret = -errno;
	if (is_ours && close(o->fd) < 0 && ret == 0)
		ret = -errno;
	destroy_buffers(o);
	return ret;
}
