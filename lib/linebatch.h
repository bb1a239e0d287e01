// Lines in memory, many thousand of them, in the order in which they were read: from here they are
// taken out of order.
//
// The owner makes room and then adds, so that adding can't fail. One thread at a time.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lineref {
	uint32_t at; // of its octets, in the batch
	uint16_t len;
	uint16_t source; // the owner's number for it
	uint64_t number; // of the line in its source, from 1
};

#define LINEBATCH_MAX_OCTETS UINT32_MAX

struct linebatch {
	uint8_t *octets;
	size_t used, room;
	struct lineref *refs;
	size_t nb, nb_room;
};

void linebatch_init(struct linebatch *batch);
void linebatch_free(struct linebatch *batch);  // empty again, as after linebatch_init
void linebatch_clear(struct linebatch *batch); // empty, the memory stays

// Room for so many lines and octets more. False: no memory, or LINEBATCH_MAX_OCTETS.
bool linebatch_reserve(struct linebatch *batch, size_t nb_lines, size_t nb_octets);

// A copy of the line.
void linebatch_add(
	struct linebatch *batch, const uint8_t *line, size_t len, uint16_t source, uint64_t number);
// The line lies in the batch already, `at` octets from its beginning.
void linebatch_refer(
	struct linebatch *batch, size_t at, size_t len, uint16_t source, uint64_t number);
