#include "lib/linefile.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_OCTETS ((size_t)1 << 20)
// A block that is longer has lines without end in it: not to be taken into memory as a whole.
#define LONG_BLOCK_OCTETS ((uint64_t)256 * 1024)

#define ONES UINT64_C(0x0101010101010101)
#define LOW_BITS UINT64_C(0x7f7f7f7f7f7f7f7f)

void linefile_init(struct linefile *file, int fd, uint64_t begin) {
	*file = (struct linefile){.fd = fd, .begin = begin, .at = begin, .line_begin = begin};
}

void linefile_free(struct linefile *file) {
	free(file->index);
	free(file->buffer);
	file->index = NULL;
	file->buffer = NULL;
	mapped_close(&file->map);
}

// Octets from a place in the file; less than asked for only at its end. -1: errno.
static ssize_t read_at(const struct linefile *file, void *to, size_t len, uint64_t at) {
	const struct mapped *map = &file->map;
	size_t done = 0;
	if (map->octets && at < map->len && len <= map->len - at && mapped_copy(map, at, to, len))
		return (ssize_t)len;
	// also what lies over the end, or is no longer there: this tells why
	while (done < len) {
		ssize_t octets =
			pread(file->fd, (uint8_t *)to + done, len - done, (off_t)(at + done));
		if (octets < 0 && errno == EINTR)
			continue;
		if (octets < 0)
			return -1;
		if (octets == 0)
			break;
		done += (size_t)octets;
	}
	return (ssize_t)done;
}

// ---- the index

static bool note_offset(struct linefile *file, uint64_t at) {
	if (file->nb_index == file->index_room) {
		size_t room = file->index_room == 0 ? 256 : file->index_room * 2;
		uint64_t *index = realloc(file->index, room * sizeof(*index));
		if (index == NULL)
			return false;
		file->index = index;
		file->index_room = room;
	}
	file->index[file->nb_index++] = at;
	return true;
}

// A bit for each octet that is a line feed: the highest of the octet.
static uint64_t line_feeds(const uint8_t *octets) {
	uint64_t word;
	memcpy(&word, octets, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	word ^= '\n' * ONES;
	return ~(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS);
}

static bool end_line(struct linefile *file, uint64_t next) {
	file->line_begin = next;
	return ++file->nb_lines % LINEFILE_BLOCK_LINES != 0 || note_offset(file, next);
}

static bool count_lines(struct linefile *file, const uint8_t *octets, size_t len) {
	size_t i = 0;
	for (; i + 8 <= len; i += 8) {
		for (uint64_t feeds = line_feeds(octets + i); feeds != 0; feeds &= feeds - 1) {
			unsigned int octet = (unsigned int)__builtin_ctzll(feeds) / 8;
			if (!end_line(file, file->at + i + octet + 1))
				return false;
		}
	}
	for (; i < len; i++) {
		if (octets[i] == '\n' && !end_line(file, file->at + i + 1))
			return false;
	}
	return true;
}

// A line that begins with a brace is a job, in which slashes mean nothing.
static bool is_job(const uint8_t *line, size_t len) {
	size_t i = 0;
	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	return i < len && line[i] == '{';
}

static void find_slashes(const uint8_t *octets, size_t len,
	void (*on_slash)(void *context, const uint8_t *line, size_t len), void *context) {
	const uint8_t *pos = octets, *end = octets + len, *slash;
	while ((slash = memchr(pos, '/', (size_t)(end - pos))) != NULL) {
		const uint8_t *lf = memrchr(pos, '\n', (size_t)(slash - pos));
		const uint8_t *line = lf ? lf + 1 : pos;
		lf = memchr(slash, '\n', (size_t)(end - slash));
		size_t line_len = (size_t)((lf ? lf : end) - line);
		if (!is_job(line, line_len))
			on_slash(context, line, line_len);
		pos = lf ? lf + 1 : end;
	}
}

static enum linefile_result end_index(struct linefile *file) {
	file->end = file->at;
	bool has_rest = file->line_begin < file->end;
	file->nb_lines += has_rest;
	bool is_noted = file->nb_lines % LINEFILE_BLOCK_LINES == 0 && !has_rest;
	if (file->nb_index == 0 || !is_noted) {
		if (!note_offset(file, file->end))
			return LINEFILE_FAILED;
	}
	return LINEFILE_DONE;
}

enum linefile_result linefile_index(struct linefile *file,
	void (*on_slash)(void *context, const uint8_t *line, size_t len), void *context) {
	if (file->buffer == NULL) {
		file->buffer = malloc(BUFFER_OCTETS);
		if (file->buffer == NULL || !note_offset(file, file->begin))
			return LINEFILE_FAILED;
		mapped_open(&file->map, file->fd);
	}
	ssize_t octets = read_at(file, file->buffer, BUFFER_OCTETS, file->at);
	if (octets < 0)
		return LINEFILE_FAILED;
	size_t len = (size_t)octets;
	bool is_last = len < BUFFER_OCTETS;
	const uint8_t *lf = memrchr(file->buffer, '\n', len);
	const uint8_t *whole = file->buffer; // from here on lines are whole
	if (file->is_in_line) {
		const uint8_t *first = memchr(file->buffer, '\n', len);
		whole = first ? first + 1 : file->buffer + len;
	}
	// What is behind the last LF is read again, with its end, unless there is none.
	bool is_cut = lf == NULL && !is_last;
	if (!is_last && !is_cut)
		len = (size_t)(lf + 1 - file->buffer);
	if (on_slash && !is_cut && whole < file->buffer + len)
		find_slashes(whole, (size_t)(file->buffer + len - whole), on_slash, context);
	if (!count_lines(file, file->buffer, len))
		return LINEFILE_FAILED;
	file->at += len;
	file->is_in_line = is_cut;
	return is_last ? end_index(file) : LINEFILE_MORE;
}

// ---- lines

static uint64_t offset_behind(const struct linefile *file, uint64_t line) {
	uint64_t block = (line + LINEFILE_BLOCK_LINES - 1) / LINEFILE_BLOCK_LINES;
	return block < file->nb_index ? file->index[block] : file->end;
}

static uint16_t shorter(size_t len, size_t max_len) {
	return (uint16_t)(len < max_len ? len : max_len);
}

static enum linefile_result read_block(struct linefile *file, uint64_t line, uint64_t nb,
	size_t max_len, uint16_t source, struct linebatch *batch, uint64_t from, size_t len) {
	uint64_t skip = line % LINEFILE_BLOCK_LINES;
	if (!linebatch_reserve(batch, nb, len)) {
		errno = ENOMEM;
		return LINEFILE_FAILED;
	}
	uint8_t *start = batch->octets + batch->used, *pos = start, *end = start + len;
	ssize_t octets = read_at(file, start, len, from);
	if (octets < 0)
		return LINEFILE_FAILED;
	if ((size_t)octets < len || (from + len < file->end && end[-1] != '\n'))
		return LINEFILE_CHANGED;
	for (uint64_t i = 0; i < skip + nb; i++) {
		if (pos == end)
			return LINEFILE_CHANGED;
		uint8_t *lf = memchr(pos, '\n', (size_t)(end - pos));
		uint8_t *line_end = lf ? lf : end;
		if (i >= skip)
			linebatch_refer(batch, (size_t)(pos - batch->octets),
				shorter((size_t)(line_end - pos), max_len), source,
				line + (i - skip) + 1);
		pos = lf ? lf + 1 : end;
	}
	batch->used += len;
	return LINEFILE_DONE;
}

// The same, of a block with lines without end in it: what is too long is read and passed over.
static enum linefile_result read_long_block(struct linefile *file, uint64_t line, uint64_t nb,
	size_t max_len, uint16_t source, struct linebatch *batch, uint64_t from, uint64_t end) {
	uint64_t skip = line % LINEFILE_BLOCK_LINES, i = 0;
	size_t kept = 0; // octets of line i that are in the batch
	if (!linebatch_reserve(batch, nb, nb * max_len)) {
		errno = ENOMEM;
		return LINEFILE_FAILED;
	}
	while (from < end && i < skip + nb) {
		size_t len = end - from < BUFFER_OCTETS ? (size_t)(end - from) : BUFFER_OCTETS;
		ssize_t octets = read_at(file, file->buffer, len, from);
		if (octets < 0)
			return LINEFILE_FAILED;
		if ((size_t)octets < len)
			return LINEFILE_CHANGED;
		from += len;
		for (uint8_t *pos = file->buffer, *stop = pos + len; pos < stop && i < skip + nb;) {
			uint8_t *lf = memchr(pos, '\n', (size_t)(stop - pos));
			size_t piece = (size_t)((lf ? lf : stop) - pos);
			if (i >= skip) {
				piece = shorter(piece, max_len - kept);
				memcpy(batch->octets + batch->used + kept, pos, piece);
				kept += piece;
			}
			pos = lf ? lf + 1 : stop;
			if (lf == NULL && from < end)
				continue;
			if (i >= skip)
				linebatch_refer(
					batch, batch->used, kept, source, line + (i - skip) + 1);
			batch->used += kept;
			kept = 0;
			i++;
		}
	}
	return i == skip + nb ? LINEFILE_DONE : LINEFILE_CHANGED;
}

enum linefile_result linefile_read(struct linefile *file, uint64_t first, uint64_t nb,
	size_t max_len, uint16_t source, struct linebatch *batch) {
	assert(first + nb <= file->nb_lines && max_len <= UINT16_MAX);
	if (nb == 0)
		return LINEFILE_DONE;
	uint64_t from = file->index[first / LINEFILE_BLOCK_LINES];
	uint64_t end = offset_behind(file, first + nb);
	if (end - from > LONG_BLOCK_OCTETS + nb * max_len)
		return read_long_block(file, first, nb, max_len, source, batch, from, end);
	return read_block(file, first, nb, max_len, source, batch, from, (size_t)(end - from));
}
