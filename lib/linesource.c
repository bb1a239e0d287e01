#include "lib/linesource.h"

#include "lib/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ROOM_OCTETS ((size_t)256 * 1024)
#define PACKED_OCTETS ((size_t)64 * 1024)
// Reads in a call that bring no whole line: then the caller may look at its stop flag.
#define MAX_FRUITLESS_READS 64

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define BYTE_ORDER_MARK_OCTETS 3

struct linesource {
	int fd;
	bool is_file; // regular: read at an offset, never waited for
	bool is_csv;
	uint64_t begin, offset;
	struct unpack *unpack; // NULL: as it is
	uint8_t *packed;
	size_t packed_at, packed_end;
	bool has_more_unpacked; // the last time there was no room for all

	uint8_t *buffer; // from at to end: read, and not yet given out; before at: kept
	size_t room, at, end;
	bool is_kept;	  // what is before at must stay
	bool is_skipping; // the rest of a line that was cut
	bool is_at_end;
	uint64_t number, number_kept;
	const char *failure;
};

// How long a call may wait: the clock is asked when there is something to wait for, not before.
struct patience {
	int wait_ms;
	bool is_running;
	int64_t until_ms;
};

static int64_t now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int patience_left_ms(struct patience *patience) {
	int64_t now = now_ms();
	if (!patience->is_running) {
		patience->is_running = true;
		patience->until_ms = now + patience->wait_ms;
	}
	return patience->until_ms > now ? (int)(patience->until_ms - now) : 0;
}

static enum linesource_step fail(struct linesource *s, const char *why) {
	s->failure = why;
	return LINESOURCE_ERROR;
}

// Takes the ending off the name's length, if it is there.
static bool has_ending(const char *path, size_t *len, const char *ending) {
	size_t ending_len = strlen(ending);
	if (*len <= ending_len || strncmp(path + *len - ending_len, ending, ending_len) != 0)
		return false;
	*len -= ending_len;
	return true;
}

static int choose_form(struct linesource *s, const char *path) {
	size_t len = strlen(path);
	bool is_gzip = has_ending(path, &len, ".gz");
	bool is_zstd = !is_gzip && has_ending(path, &len, ".zst");
	s->is_csv = has_ending(path, &len, ".csv");
	if (!is_gzip && !is_zstd)
		return 0;
	s->unpack = unpack_create(is_gzip ? UNPACK_GZIP : UNPACK_ZSTD);
	s->packed = malloc(PACKED_OCTETS);
	return s->unpack && s->packed ? 0 : -ENOMEM;
}

// O_NONBLOCK, so that a FIFO which nobody writes yet doesn't hold us back here; poll waits for it.
static int open_file(struct linesource *s, const char *path) {
	bool is_stdin = strcmp(path, "-") == 0;
	struct stat status;
	s->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd < 0 || fstat(s->fd, &status) != 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	s->is_file = S_ISREG(status.st_mode);
	if (s->is_file && is_stdin) {
		off_t at = lseek(s->fd, 0, SEEK_CUR); // of `{ read -r heading; scan; } <list`
		s->begin = at > 0 ? (uint64_t)at : 0;
	}
	s->offset = s->begin;
	return 0;
}

int linesource_open(struct linesource **source, const char *path) {
	struct linesource *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	s->room = ROOM_OCTETS;
	s->buffer = malloc(s->room);
	int ret = s->buffer ? 0 : -ENOMEM;
	s->fd = -1;
	if (ret == 0)
		ret = open_file(s, path);
	if (ret == 0)
		ret = choose_form(s, path);
	if (ret != 0) {
		linesource_close(s);
		return ret;
	}
	*source = s;
	return 0;
}

void linesource_close(struct linesource *s) {
	if (s == NULL)
		return;
	if (s->fd > STDIN_FILENO)
		close(s->fd);
	unpack_destroy(s->unpack);
	free(s->packed);
	free(s->buffer);
	free(s);
}

// Room for one more line at least behind what is there.
static bool make_room(struct linesource *s) {
	if (!s->is_kept) {
		memmove(s->buffer, s->buffer + s->at, s->end - s->at);
		s->end -= s->at;
		s->at = 0;
	}
	if (s->room - s->end >= ROOM_OCTETS / 2)
		return true;
	uint8_t *larger = realloc(s->buffer, s->room * 2);
	if (larger == NULL)
		return false;
	s->buffer = larger;
	s->room *= 2;
	return true;
}

// Octets as they lie in the file or come through the pipe: LINESOURCE_LINE, and *len of them; 0 of
// them are the end.
static enum linesource_step read_octets(
	struct linesource *s, struct patience *patience, uint8_t *to, size_t room, size_t *len) {
	ssize_t octets;
	if (s->is_file) {
		octets = pread(s->fd, to, room, (off_t)s->offset);
	} else {
		struct pollfd pipe = {.fd = s->fd, .events = POLLIN};
		int nb_ready = poll(&pipe, 1, patience_left_ms(patience));
		if (nb_ready <= 0)
			return nb_ready == 0 || errno == EINTR ? LINESOURCE_AGAIN
							       : fail(s, strerror(errno));
		octets = read(s->fd, to, room);
	}
	if (octets < 0)
		return errno == EINTR || errno == EAGAIN ? LINESOURCE_AGAIN
							 : fail(s, strerror(errno));
	*len = (size_t)octets;
	s->offset += *len;
	return LINESOURCE_LINE;
}

static enum linesource_step fill_packed(struct linesource *s, struct patience *patience) {
	if (s->packed_at == s->packed_end && !s->has_more_unpacked) {
		size_t len = 0;
		enum linesource_step step =
			read_octets(s, patience, s->packed, PACKED_OCTETS, &len);
		if (step != LINESOURCE_LINE)
			return step;
		if (len == 0 && !unpack_is_whole(s->unpack))
			return fail(s, "the compressed data end too soon, or are none");
		s->packed_at = 0;
		s->packed_end = len;
		s->is_at_end = len == 0;
		if (len == 0)
			return LINESOURCE_LINE;
	}
	size_t in = s->packed_end - s->packed_at, room = s->room - s->end, out = room;
	if (!unpack_step(s->unpack, s->packed + s->packed_at, &in, s->buffer + s->end, &out))
		return fail(s, "the compressed data are broken, or are none");
	s->packed_at += in;
	s->end += out;
	s->has_more_unpacked = out == room;
	return LINESOURCE_LINE;
}

static enum linesource_step fill(struct linesource *s, struct patience *patience) {
	if (!make_room(s))
		return fail(s, strerror(ENOMEM));
	if (s->unpack)
		return fill_packed(s, patience);
	size_t len = 0;
	enum linesource_step step =
		read_octets(s, patience, s->buffer + s->end, s->room - s->end, &len);
	if (step == LINESOURCE_LINE) {
		s->end += len;
		s->is_at_end = len == 0;
	}
	return step;
}

// The rest of a line that was cut leaves the buffer, though what is before it is kept: its LF
// stays, right behind what was given out. True: the LF has come.
static bool skip_rest(struct linesource *s) {
	uint8_t *lf = memchr(s->buffer + s->at, '\n', s->end - s->at);
	if (lf == NULL) {
		s->end = s->at;
		return false;
	}
	size_t len = (size_t)(s->buffer + s->end - lf);
	memmove(s->buffer + s->at, lf, len);
	s->end = s->at + len;
	s->at++;
	s->is_skipping = false;
	return true;
}

// A line that is whole in the buffer, or cut, or the source's last without LF; false: none is.
static bool take_line(struct linesource *s, struct line *line) {
	if (s->is_skipping && !skip_rest(s))
		return false;
	size_t room = s->end - s->at;
	const uint8_t *start = s->buffer + s->at;
	const uint8_t *lf = room > 0 ? memchr(start, '\n', room) : NULL;
	if (lf == NULL && (room == 0 || (!s->is_at_end && room < LINESOURCE_CUT_OCTETS)))
		return false;

	size_t len = lf != NULL ? (size_t)(lf - start) : room;
	s->at += len + (lf != NULL);
	if (lf == NULL && len > LINESOURCE_CUT_OCTETS)
		s->at -= len - LINESOURCE_CUT_OCTETS;
	s->is_skipping = lf == NULL && !(s->is_at_end && s->at == s->end);
	if (len > LINESOURCE_CUT_OCTETS)
		len = LINESOURCE_CUT_OCTETS;
	*line = (struct line){.octets = start, .len = len, .number = ++s->number};
	if (s->number == 1 && len >= BYTE_ORDER_MARK_OCTETS &&
		memcmp(start, BYTE_ORDER_MARK, BYTE_ORDER_MARK_OCTETS) == 0) {
		line->octets += BYTE_ORDER_MARK_OCTETS;
		line->len -= BYTE_ORDER_MARK_OCTETS;
	}
	return true;
}

enum linesource_step linesource_next(struct linesource *s, int wait_ms, struct line *line) {
	struct patience patience = {.wait_ms = wait_ms};
	for (int i = 0; i < MAX_FRUITLESS_READS; i++) {
		if (take_line(s, line))
			return LINESOURCE_LINE;
		if (s->is_at_end)
			return LINESOURCE_END;
		enum linesource_step step = fill(s, &patience);
		if (step != LINESOURCE_LINE)
			return step;
	}
	return LINESOURCE_AGAIN;
}

void linesource_keep(struct linesource *s) {
	memmove(s->buffer, s->buffer + s->at, s->end - s->at);
	s->end -= s->at;
	s->at = 0;
	s->is_kept = true;
	s->number_kept = s->number;
}

void linesource_rewind(struct linesource *s) {
	s->at = 0;
	s->is_kept = false;
	s->is_skipping = false;
	s->number = s->number_kept;
}

bool linesource_is_csv(const struct linesource *s) {
	return s->is_csv;
}

bool linesource_is_plain_file(const struct linesource *s, int *fd, uint64_t *begin) {
	*fd = s->fd;
	*begin = s->begin;
	return s->is_file && s->unpack == NULL;
}

bool linesource_is_stream(const struct linesource *s) {
	return !s->is_file;
}

const char *linesource_failure(const struct linesource *s) {
	return s->failure;
}
