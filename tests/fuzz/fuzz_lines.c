// libFuzzer target: any octets as a file of lines. Read from its beginning, or in blocks at any
// place, it has the same lines; and they are those that are there.
#include "lib/linefile.h"
#include "lib/linesource.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define REQUIRE(truth) ((truth) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int file;

static void write_file(const uint8_t *data, size_t size) {
	if (file == 0) {
		file = memfd_create("lines", 0);
		REQUIRE(file > STDIN_FILENO);
	}
	REQUIRE(ftruncate(file, 0) == 0);
	REQUIRE(pwrite(file, data, size, 0) == (ssize_t)size);
}

static void require_network(void *context, const uint8_t *line, size_t len) {
	(void)context;
	REQUIRE(memchr(line, '/', len) != NULL && memchr(line, '\n', len) == NULL);
}

static void read_all(struct linefile *index, struct linebatch *batch) {
	enum linefile_result result;
	linefile_init(index, file, 0);
	do
		result = linefile_index(index, require_network, NULL);
	while (result == LINEFILE_MORE);
	REQUIRE(result == LINEFILE_DONE);
	for (uint64_t first = 0, nb = 1; first < index->nb_lines; first += nb, nb = nb % 40 + 3) {
		nb = nb < index->nb_lines - first ? nb : index->nb_lines - first;
		REQUIRE(linefile_read(index, first, nb, LINESOURCE_CUT_OCTETS, 0, batch) ==
			LINEFILE_DONE);
	}
	REQUIRE(batch->nb == index->nb_lines);
}

static void require_line(const struct line *line, const uint8_t *want, size_t len) {
	if (line->number == 1 && len >= 3 && memcmp(want, "\xef\xbb\xbf", 3) == 0) {
		want += 3;
		len -= 3;
	}
	REQUIRE(line->len == len && memcmp(line->octets, want, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct linefile index;
	struct linebatch batch;
	struct linesource *source;
	struct line line;
	char path[32];
	write_file(data, size);
	linebatch_init(&batch);
	read_all(&index, &batch);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	REQUIRE(linesource_open(&source, path) == 0);

	const uint8_t *pos = data, *end = data + size;
	for (size_t i = 0; i < batch.nb; i++) {
		const uint8_t *lf = memchr(pos, '\n', (size_t)(end - pos));
		size_t len = (size_t)((lf ? lf : end) - pos);
		if (len > LINESOURCE_CUT_OCTETS)
			len = LINESOURCE_CUT_OCTETS;
		REQUIRE(batch.refs[i].number == i + 1 && batch.refs[i].len == len);
		REQUIRE(memcmp(batch.octets + batch.refs[i].at, pos, len) == 0);
		REQUIRE(linesource_next(source, 0, &line) == LINESOURCE_LINE);
		REQUIRE(line.number == i + 1);
		require_line(&line, pos, len);
		pos = lf ? lf + 1 : end;
	}
	REQUIRE(pos == end && linesource_next(source, 0, &line) == LINESOURCE_END);
	linesource_close(source);
	linebatch_free(&batch);
	linefile_free(&index);
	return 0;
}
