#include "lib/targets.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_OCTETS (256 * 1024)

// A line without end in the buffer is cut here. It is long enough for jobline to call it too long,
// with a byte order mark in front and a CR as its last octet.
#define CUT_OCTETS (JOBLINE_MAX_OCTETS + 8)

// A call that has read so many lines and found no target gives the caller a chance to stop.
#define MAX_FRUITLESS_LINES 4096

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

// How long a call may wait: the clock is asked when there is something to wait for, not before.
struct patience {
	int wait_ms;
	bool is_running;
	int64_t until_ms;
};

// A target that the probe has read and targets_next has not yet given out.
struct kept {
	struct jobline job;
	char *text; // job.text_len octets; NULL if there are none
};

struct targets {
	struct targets_config config;
	struct targets_counts counts;

	size_t next_argument;
	size_t current; // index of the source that is read
	int *fds;	// one a path; -1: closed again
	uint64_t line;
	uint8_t *buffer; // from start to end: read from the source, not yet given out
	size_t start, end;
	bool is_skipping; // the rest of a line that was cut
	bool is_at_end;	  // of the current source

	size_t nb_bad_arguments;
	size_t nb_shown;
	struct kept *kept;
	size_t nb_kept, next_kept;
	bool is_probed;
	enum targets_step probe_answer;
	int failure;
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

static enum targets_step fail(struct targets *targets, int error) {
	targets->failure = error;
	return TARGETS_ERROR;
}

// O_NONBLOCK, so that a FIFO which nobody writes yet doesn't hold us back here; poll waits for it.
static int source_open(const char *path) {
	if (strcmp(path, "-") == 0)
		return STDIN_FILENO;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	struct stat status;
	if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
		close(fd);
		return -EISDIR;
	}
	return fd;
}

static void source_close(struct targets *targets, size_t i) {
	if (targets->fds[i] > STDIN_FILENO)
		close(targets->fds[i]);
	targets->fds[i] = -1;
}

int targets_create(
	const struct targets_config *config, struct targets **targets, const char **failed_path) {
	*failed_path = NULL;
	struct targets *t = calloc(1, sizeof(*t));
	if (t == NULL)
		return -ENOMEM;
	t->config = *config;
	t->buffer = malloc(BUFFER_OCTETS);
	t->fds = malloc((config->nb_paths + 1) * sizeof(*t->fds));
	t->kept = malloc(TARGETS_PROBE_LINES * sizeof(*t->kept));
	if (t->buffer == NULL || t->fds == NULL || t->kept == NULL) {
		t->config.nb_paths = 0;
		targets_destroy(t);
		return -ENOMEM;
	}

	for (size_t i = 0; i < config->nb_paths; i++)
		t->fds[i] = -1;
	for (size_t i = 0; i < config->nb_paths; i++) {
		int fd = source_open(config->paths[i]);
		if (fd < 0) {
			*failed_path = config->paths[i];
			targets_destroy(t);
			return fd;
		}
		t->fds[i] = fd;
	}
	*targets = t;
	return 0;
}

void targets_destroy(struct targets *targets) {
	if (targets == NULL)
		return;
	for (size_t i = 0; i < targets->config.nb_paths; i++)
		source_close(targets, i);
	for (size_t i = targets->next_kept; i < targets->nb_kept; i++)
		free(targets->kept[i].text);
	free(targets->kept);
	free(targets->fds);
	free(targets->buffer);
	free(targets);
}

// More octets behind those in the buffer: TARGETS_FOUND (or the end of the source is noted),
// TARGETS_AGAIN, TARGETS_ERROR. There is room: lines are cut long before the buffer is full.
static enum targets_step buffer_fill(struct targets *targets, struct patience *patience) {
	memmove(targets->buffer, targets->buffer + targets->start, targets->end - targets->start);
	targets->end -= targets->start;
	targets->start = 0;

	struct pollfd source = {.fd = targets->fds[targets->current], .events = POLLIN};
	int nb_ready = poll(&source, 1, patience_left_ms(patience));
	if (nb_ready <= 0)
		return nb_ready == 0 || errno == EINTR ? TARGETS_AGAIN : fail(targets, errno);

	ssize_t octets =
		read(source.fd, targets->buffer + targets->end, BUFFER_OCTETS - targets->end);
	if (octets < 0)
		return errno == EINTR || errno == EAGAIN ? TARGETS_AGAIN : fail(targets, errno);
	targets->is_at_end = octets == 0;
	targets->end += (size_t)octets;
	return TARGETS_FOUND;
}

static void source_next(struct targets *targets) {
	source_close(targets, targets->current);
	targets->current++;
	targets->line = 0;
	targets->is_at_end = false;
	targets->is_skipping = false;
}

// A line that is whole in the buffer, or cut, or the source's last without LF; false: none is.
static bool buffer_line(struct targets *targets, const uint8_t **line, size_t *len) {
	while (targets->start < targets->end) {
		const uint8_t *start = targets->buffer + targets->start;
		size_t room = targets->end - targets->start;
		const uint8_t *lf = memchr(start, '\n', room);
		bool was_skipping = targets->is_skipping;

		if (lf == NULL && !was_skipping && !targets->is_at_end && room < CUT_OCTETS)
			return false;
		targets->is_skipping = lf == NULL && !targets->is_at_end;
		*line = start;
		*len = lf != NULL ? (size_t)(lf - start) : room;
		targets->start += *len + (lf != NULL ? 1 : 0);
		if (was_skipping)
			continue;

		targets->line++;
		if (targets->line == 1 && *len >= strlen(BYTE_ORDER_MARK) &&
			memcmp(*line, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0) {
			*line += strlen(BYTE_ORDER_MARK);
			*len -= strlen(BYTE_ORDER_MARK);
		}
		return true;
	}
	return false;
}

static enum targets_step line_next(
	struct targets *targets, struct patience *patience, const uint8_t **line, size_t *len) {
	if (targets->next_argument < targets->config.nb_arguments) {
		*line = (const uint8_t *)targets->config.arguments[targets->next_argument++];
		*len = strlen((const char *)*line);
		return TARGETS_FOUND;
	}
	while (targets->current < targets->config.nb_paths) {
		if (buffer_line(targets, line, len))
			return TARGETS_FOUND;
		if (targets->is_at_end) {
			source_next(targets);
			continue;
		}
		enum targets_step step = buffer_fill(targets, patience);
		if (step != TARGETS_FOUND)
			return step;
	}
	return TARGETS_END;
}

static void note_bad(struct targets *targets, bool is_argument, enum jobline_result reason) {
	targets->counts.bad++;
	targets->nb_bad_arguments += is_argument;
	if (targets->nb_shown == TARGETS_BAD_SHOWN || targets->config.on_bad == NULL)
		return;
	targets->nb_shown++;
	struct targets_bad bad = {
		.source = is_argument ? "argument" : targets->config.paths[targets->current],
		.line = is_argument ? targets->next_argument : targets->line,
		.reason = reason,
		.mend = jobline_mend(reason),
	};
	targets->config.on_bad(targets->config.context, &bad);
}

static uint64_t nb_judged(const struct targets *targets) {
	return targets->counts.good + targets->counts.bad;
}

// A job that names a domain asks for it with our label in front; those that name none ask for a
// name that has it already.
static enum jobline_result parse(const struct targets *targets, const uint8_t *line, size_t len,
	struct jobline *job, char *text) {
	enum jobline_result result = jobline_parse(line, len, job, text);
	const char *label = targets->config.label;
	if (result != JOBLINE_TARGET || label == NULL || job->domain_len == 0)
		return result;
	return jobline_label(label, strlen(label), job->domain, &job->domain_len);
}

// The next target of the sources. TARGETS_AGAIN also when max_judged lines were good or bad, or
// after MAX_FRUITLESS_LINES.
static enum targets_step target_read(struct targets *targets, struct patience *patience,
	uint64_t max_judged, struct jobline *job, char *text) {
	for (int i = 0; i < MAX_FRUITLESS_LINES && nb_judged(targets) < max_judged; i++) {
		const uint8_t *line;
		size_t len;
		bool is_argument = targets->next_argument < targets->config.nb_arguments;
		enum targets_step step = line_next(targets, patience, &line, &len);
		if (step != TARGETS_FOUND)
			return step;

		targets->counts.lines++;
		enum jobline_result result = parse(targets, line, len, job, text);
		if (result == JOBLINE_TARGET) {
			targets->counts.good++;
			return TARGETS_FOUND;
		}
		if (result != JOBLINE_NOTHING)
			note_bad(targets, is_argument, result);
	}
	return TARGETS_AGAIN;
}

static bool keep(struct targets *targets, const struct jobline *job, const char *text) {
	struct kept *kept = &targets->kept[targets->nb_kept];
	*kept = (struct kept){.job = *job};
	if (job->text_len > 0) {
		kept->text = malloc(job->text_len);
		if (kept->text == NULL)
			return false;
		memcpy(kept->text, text, job->text_len);
	}
	targets->nb_kept++;
	return true;
}

static enum targets_step judge(struct targets *targets) {
	targets->is_probed = true;
	targets->probe_answer = TARGETS_FOUND;
	if (nb_judged(targets) == 0)
		targets->probe_answer = TARGETS_END;
	else if (targets->nb_bad_arguments > 0 || targets->counts.bad * 100 > nb_judged(targets))
		targets->probe_answer = TARGETS_REFUSED;
	return targets->probe_answer;
}

enum targets_step targets_probe(struct targets *targets, int wait_ms) {
	struct patience patience = {.wait_ms = wait_ms};
	struct jobline job;
	char text[JOBLINE_MAX_OCTETS];

	if (targets->is_probed)
		return targets->probe_answer;
	while (nb_judged(targets) < TARGETS_PROBE_LINES) {
		enum targets_step step =
			target_read(targets, &patience, TARGETS_PROBE_LINES, &job, text);
		if (step == TARGETS_FOUND && !keep(targets, &job, text))
			return fail(targets, ENOMEM);
		if (step == TARGETS_ERROR)
			return step;
		if (step == TARGETS_END)
			break;
		if (step != TARGETS_AGAIN || nb_judged(targets) == TARGETS_PROBE_LINES)
			continue;
		if (nb_judged(targets) == 0 || patience_left_ms(&patience) > 0)
			return TARGETS_AGAIN;
		break;
	}
	return judge(targets);
}

enum targets_step targets_next(struct targets *targets, int wait_ms, struct jobline *job,
	char text[static JOBLINE_MAX_OCTETS]) {
	if (targets->next_kept < targets->nb_kept) {
		struct kept *kept = &targets->kept[targets->next_kept++];
		*job = kept->job;
		if (kept->text != NULL)
			memcpy(text, kept->text, job->text_len);
		free(kept->text);
		return TARGETS_FOUND;
	}
	struct patience patience = {.wait_ms = wait_ms};
	return target_read(targets, &patience, UINT64_MAX, job, text);
}

struct targets_counts targets_counts(const struct targets *targets) {
	return targets->counts;
}

int targets_failure(const struct targets *targets, const char **path) {
	*path = targets->current < targets->config.nb_paths
			? targets->config.paths[targets->current]
			: "argument";
	return targets->failure;
}
