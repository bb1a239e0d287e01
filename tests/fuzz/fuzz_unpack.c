// libFuzzer target: any octets as gzip and as zstd, in pieces whose size the first octet gives.
// Whatever they are, each step uses no more than there is, and what it says is the same again.
#include "lib/unpack.h"

#include <stdlib.h>

#define REQUIRE(truth) ((truth) ? (void)0 : abort())

#define OUT_OCTETS 4096
#define MAX_STEPS 4096 // what unpacks to very much is not taken to its end

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	size_t nb_out;
	bool is_good, is_whole, is_at_end;
};

static struct outcome unpack_all(
	enum unpack_kind kind, const uint8_t *data, size_t size, size_t piece) {
	static uint8_t out[OUT_OCTETS];
	struct unpack *u = unpack_create(kind);
	struct outcome o = {.is_good = u != NULL};
	size_t at = 0;
	bool is_full = true;
	for (int i = 0; i < MAX_STEPS && o.is_good && (at < size || is_full); i++) {
		size_t in = size - at < piece ? size - at : piece, room = OUT_OCTETS, there = in;
		o.is_good = unpack_step(u, data + at, &in, out, &room);
		REQUIRE(!o.is_good || (in <= there && room <= OUT_OCTETS));
		if (o.is_good) {
			at += in;
			o.nb_out += room;
			is_full = room == OUT_OCTETS;
		}
	}
	o.is_at_end = at == size && !is_full;
	o.is_whole = o.is_good && unpack_is_whole(u);
	unpack_destroy(u);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	if (size == 0)
		return 0;
	size_t piece = (size_t)data[0] + 1;
	for (int kind = UNPACK_GZIP; kind <= UNPACK_ZSTD; kind++) {
		struct outcome a = unpack_all((enum unpack_kind)kind, data + 1, size - 1, piece);
		struct outcome b = unpack_all((enum unpack_kind)kind, data + 1, size - 1, size);
		if (!a.is_at_end || !b.is_at_end)
			continue;
		REQUIRE(a.is_good == b.is_good && a.is_whole == b.is_whole);
		REQUIRE(!a.is_good || a.nb_out == b.nb_out);
	}
	return 0;
}
