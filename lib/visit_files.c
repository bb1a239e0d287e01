#include "lib/visit_parts.h"

#include <errno.h>
#include <string.h>

// Of a window: enough blocks that those of one network are far from each other, and few enough
// octets that they stay in the cache.
#define MAX_WINDOW_BLOCKS 4096u
#define MIN_WINDOW_BLOCKS 64u
#define WINDOW_OCTETS (2u << 20)

#define KEY_OF_BLOCKS 1
#define KEY_OF_ADDRESSES 2

// What lies before part i of nb, of whole: parts that differ by one at most.
static uint64_t share(uint64_t whole, uint64_t i, uint64_t nb) {
	return (uint64_t)((unsigned __int128)whole * i / nb);
}

static uint64_t octets_of(const struct visit *v) {
	uint64_t octets = 0;
	for (size_t i = 0; i < v->nb_sources; i++)
		octets += v->sources[i].file.end - v->sources[i].file.begin;
	return octets;
}

void visit_files_plan(struct visit *v) {
	v->nb_lines = 0;
	for (size_t i = 0; i < v->nb_sources; i++) {
		v->sources[i].first_line = v->nb_lines;
		v->nb_lines += v->sources[i].nb_lines;
	}
	uint64_t block_octets =
		v->nb_lines > 0 ? octets_of(v) * LINEFILE_BLOCK_LINES / v->nb_lines : 0;
	uint64_t nb_in_window = WINDOW_OCTETS / (block_octets + 1);
	if (nb_in_window > MAX_WINDOW_BLOCKS)
		nb_in_window = MAX_WINDOW_BLOCKS;
	if (nb_in_window < MIN_WINDOW_BLOCKS)
		nb_in_window = MIN_WINDOW_BLOCKS;
	v->nb_blocks = v->nb_lines / LINEFILE_BLOCK_LINES;
	v->nb_windows = (v->nb_blocks + nb_in_window - 1) / nb_in_window;
	if (v->nb_windows == 0)
		v->nb_windows = visit_nb(v) > 0;
	struct siphash_key of_blocks = visit_key(v, KEY_OF_BLOCKS);
	struct siphash_key of_addresses = visit_key(v, KEY_OF_ADDRESSES);
	permute_init(&v->blocks, &of_blocks, v->nb_blocks);
	permute_init(&v->addresses, &of_addresses, netset_size(&v->networks));
}

// The lines behind the last whole block belong to the last window.
uint64_t visit_files_first_position(const struct visit *v, uint64_t window) {
	return share(netset_size(&v->networks), window, v->nb_windows) +
	       share(v->nb_blocks, window, v->nb_windows) * LINEFILE_BLOCK_LINES;
}

static enum visit_step add_arguments(struct visit *v, uint64_t first, uint64_t nb) {
	for (uint64_t i = first; i < first + nb; i++) {
		const char *argument = v->config.arguments[i];
		size_t len = strlen(argument);
		if (len > LINESOURCE_CUT_OCTETS)
			len = LINESOURCE_CUT_OCTETS;
		if (!linebatch_reserve(&v->batch.lines, 1, len))
			return visit_fail(v, v->sources[0].path, strerror(ENOMEM));
		linebatch_add(&v->batch.lines, (const uint8_t *)argument, len, 0, i + 1);
	}
	return VISIT_FOUND;
}

static enum visit_step add_lines(struct visit *v, size_t i, uint64_t first, uint64_t nb) {
	struct visit_source *source = &v->sources[i];
	if (i == 0)
		return add_arguments(v, first, nb);
	size_t nb_before = v->batch.lines.nb;
	enum linefile_result result = linefile_read(
		&source->file, first, nb, LINESOURCE_CUT_OCTETS, (uint16_t)i, &v->batch.lines);
	if (result == LINEFILE_CHANGED)
		return visit_fail(v, source->path, "it was changed while it was read");
	if (result != LINEFILE_DONE)
		return visit_fail(v, source->path, strerror(errno));
	struct lineref *ref = &v->batch.lines.refs[nb_before];
	const uint8_t *octets = v->batch.lines.octets + ref->at;
	if (first == 0 && ref->len >= 3 && memcmp(octets, "\xef\xbb\xbf", 3) == 0) {
		ref->at += 3;
		ref->len = (uint16_t)(ref->len - 3);
	}
	return VISIT_FOUND;
}

// Lines by their number in the row of all, which may lie in several sources.
static enum visit_step add_row(struct visit *v, uint64_t first, uint64_t nb) {
	for (size_t i = 0; i < v->nb_sources && nb > 0; i++) {
		const struct visit_source *source = &v->sources[i];
		if (first >= source->first_line + source->nb_lines)
			continue;
		uint64_t here = source->first_line + source->nb_lines - first;
		if (here > nb)
			here = nb;
		enum visit_step step = add_lines(v, i, first - source->first_line, here);
		if (step != VISIT_FOUND)
			return step;
		first += here;
		nb -= here;
	}
	return VISIT_FOUND;
}

enum visit_step visit_files_fill(struct visit *v, uint64_t window) {
	struct visit_batch *batch = &v->batch;
	uint64_t nb_addresses = netset_size(&v->networks);
	uint64_t block = share(v->nb_blocks, window, v->nb_windows);
	uint64_t block_end = share(v->nb_blocks, window + 1, v->nb_windows);
	enum visit_step step = VISIT_FOUND;

	linebatch_clear(&batch->lines);
	for (; block < block_end && step == VISIT_FOUND; block++)
		step = add_row(v, permute_at(&v->blocks, block) * LINEFILE_BLOCK_LINES,
			LINEFILE_BLOCK_LINES);
	uint64_t nb_whole = v->nb_blocks * LINEFILE_BLOCK_LINES;
	if (step == VISIT_FOUND && window + 1 == v->nb_windows)
		step = add_row(v, nb_whole, v->nb_lines - nb_whole);
	if (step != VISIT_FOUND)
		return step;

	batch->networks = &v->networks;
	batch->addresses = v->nb_windows > 1 ? &v->addresses : NULL;
	batch->first_address = share(nb_addresses, window, v->nb_windows);
	batch->nb_addresses = share(nb_addresses, window + 1, v->nb_windows) - batch->first_address;
	batch->position = visit_files_first_position(v, window);
	visit_batch_begin(v, batch, window);
	return VISIT_FOUND;
}
