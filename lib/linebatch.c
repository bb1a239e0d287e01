#include "lib/linebatch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void linebatch_init(struct linebatch *batch) {
	*batch = (struct linebatch){0};
}

void linebatch_free(struct linebatch *batch) {
	free(batch->octets);
	free(batch->refs);
	linebatch_init(batch);
}

void linebatch_clear(struct linebatch *batch) {
	batch->used = 0;
	batch->nb = 0;
}

static size_t grown(size_t room, size_t wanted) {
	size_t larger = room + room / 2;
	return larger > wanted ? larger : wanted;
}

bool linebatch_reserve(struct linebatch *batch, size_t nb_lines, size_t nb_octets) {
	if (batch->used + nb_octets > LINEBATCH_MAX_OCTETS)
		return false;
	if (batch->room - batch->used < nb_octets) {
		size_t room = grown(batch->room, batch->used + nb_octets);
		uint8_t *octets = realloc(batch->octets, room);
		if (octets == NULL)
			return false;
		batch->octets = octets;
		batch->room = room;
	}
	if (batch->nb_room - batch->nb < nb_lines) {
		size_t room = grown(batch->nb_room, batch->nb + nb_lines);
		struct lineref *refs = realloc(batch->refs, room * sizeof(*refs));
		if (refs == NULL)
			return false;
		batch->refs = refs;
		batch->nb_room = room;
	}
	return true;
}

void linebatch_add(struct linebatch *batch, const uint8_t *line, size_t len, uint16_t source,
	uint64_t number) {
	assert(batch->room - batch->used >= len);
	memcpy(batch->octets + batch->used, line, len);
	linebatch_refer(batch, batch->used, len, source, number);
	batch->used += len;
}

void linebatch_refer(
	struct linebatch *batch, size_t at, size_t len, uint16_t source, uint64_t number) {
	assert(batch->nb < batch->nb_room && len <= UINT16_MAX && at <= UINT32_MAX);
	batch->refs[batch->nb++] = (struct lineref){
		.at = (uint32_t)at,
		.len = (uint16_t)len,
		.source = source,
		.number = number,
	};
}
