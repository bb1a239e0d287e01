#include "app/resume.h"

#include "app/checkpoint_head.h"
#include "app/say.h"
#include "lib/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX_OCTETS (UINT64_C(2) << 30)

static int refuse(const char *path, const char *why) {
	say("--resume %s: %s", path, why);
	return EXIT_USAGE;
}

// 0 or -errno.
static int read_whole(const char *path, void **octets, size_t *len) {
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	int ret = fstat(fd, &st) < 0 ? -errno : 0;
	if (ret == 0 && !S_ISREG(st.st_mode))
		ret = -EINVAL;
	if (ret == 0 && (uint64_t)st.st_size > FILE_MAX_OCTETS)
		ret = -EFBIG;
	*octets = ret == 0 ? malloc((size_t)st.st_size + 1) : NULL;
	if (ret == 0 && !*octets)
		ret = -ENOMEM;
	ssize_t n = 0;
	for (*len = 0; ret == 0 && *len < (size_t)st.st_size; *len += (size_t)n) {
		n = read(fd, (char *)*octets + *len, (size_t)st.st_size - *len);
		if (n <= 0)
			ret = n < 0 ? -errno : -EIO;
	}
	close(fd);
	return ret;
}

static int unpack(struct resume *r, const char *path) {
	void *octets = NULL;
	size_t len = 0;
	int ret = read_whole(path, &octets, &len);
	if (ret < 0) {
		free(octets);
		return refuse(path, strerror(-ret));
	}
	enum checkpoint_result result = checkpoint_unpack(octets, len, &r->head, &r->done);
	free(octets);
	return result == CHECKPOINT_GOOD ? 0 : refuse(path, checkpoint_mend(result));
}

int resume_read(struct scan *s, bool *is_finished) {
	struct resume *r = &s->resume;
	const char *path = s->options.resume;
	*is_finished = false;
	int code = unpack(r, path);
	if (code != 0)
		return code;
	uint64_t seed;
	if (!checkpoint_number(r->head, "seed", &seed) ||
		!checkpoint_number(r->head, "output_octets", &r->output_octets) ||
		!checkpoint_head_past(r->head, &s->past))
		return refuse(path, checkpoint_mend(CHECKPOINT_NONSENSE));
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(r->head, "finished"))) {
		say("%s: the scan is finished, with %" PRIu64 " records: nothing to do", path,
			s->past.counts.nb_records);
		*is_finished = true;
		return 0;
	}
	if (s->options.has_seed && s->options.seed != seed) {
		say("--resume %s: --seed was %" PRIu64 ", is %" PRIu64, path, seed,
			s->options.seed);
		return EXIT_USAGE;
	}
	s->seed = seed;
	return 0;
}

int resume_tail(int fd, uint64_t place, char digest[DIGEST_TEXT_OCTETS]) {
	char octets[RESUME_TAIL_OCTETS];
	size_t len = place < sizeof(octets) ? (size_t)place : sizeof(octets);
	for (size_t done = 0; done < len;) {
		ssize_t n = pread(fd, octets + done, len - done, (off_t)(place - len + done));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			return -ENODATA;
		done += n > 0 ? (size_t)n : 0;
	}
	return digest_octets(octets, len, digest);
}

static int check_output(struct scan *s) {
	const char *path = s->options.output, *resume = s->options.resume;
	char digest[DIGEST_TEXT_OCTETS] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int ret = fd < 0 || fstat(fd, &st) < 0 ? -errno : 0;
	if (ret == 0 && !S_ISREG(st.st_mode))
		ret = -EINVAL;
	if (ret == 0 && (uint64_t)st.st_size < s->resume.output_octets)
		ret = -ENODATA;
	if (ret == 0)
		ret = resume_tail(fd, s->resume.output_octets, digest);
	if (fd >= 0)
		close(fd);
	if (ret == -ENODATA)
		say("--resume %s: %s is shorter than the %" PRIu64
		    " octets that the checkpoint knows: records are missing",
			resume, path, s->resume.output_octets);
	else if (ret < 0)
		say("--resume %s: output %s: %s", resume, path, strerror(-ret));
	if (ret < 0)
		return EXIT_USAGE;
	const char *was = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(s->resume.head, "output_sha256"));
	if (was && strcmp(was, digest) == 0)
		return 0;
	say("--resume %s: %s is not the output of that scan, or was changed: its octets before "
	    "%" PRIu64 " are others",
		resume, path, s->resume.output_octets);
	return EXIT_USAGE;
}

int resume_check(struct scan *s) {
	const char *differs = checkpoint_head_differs(s->resume.head, s);
	if (differs)
		return refuse(s->options.resume, differs);
	return check_output(s);
}

void resume_free(struct resume *r) {
	cJSON_Delete(r->head);
	progress_free(&r->done);
	r->head = NULL;
}
