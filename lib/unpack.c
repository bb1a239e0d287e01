#include "lib/unpack.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#define GZIP_WINDOW_BITS (15 + 16) // zlib.h: 16 more for gzip alone

struct unpack {
	enum unpack_kind kind;
	bool is_whole; // between two members or frames
	z_stream gzip;
	ZSTD_DStream *zstd;
};

struct unpack *unpack_create(enum unpack_kind kind) {
	struct unpack *u = calloc(1, sizeof(*u));
	if (u == NULL)
		return NULL;
	u->kind = kind;
	bool is_ready = false;
	if (kind == UNPACK_GZIP) {
		is_ready = inflateInit2(&u->gzip, GZIP_WINDOW_BITS) == Z_OK;
	} else {
		u->zstd = ZSTD_createDStream();
		is_ready = u->zstd != NULL;
	}
	if (is_ready)
		return u;
	free(u);
	return NULL;
}

void unpack_destroy(struct unpack *u) {
	if (u == NULL)
		return;
	if (u->kind == UNPACK_GZIP)
		inflateEnd(&u->gzip);
	ZSTD_freeDStream(u->zstd);
	free(u);
}

static bool gzip_step(
	struct unpack *u, const uint8_t *in, size_t *in_len, uint8_t *out, size_t *out_len) {
	if (u->is_whole && *in_len > 0 && inflateReset(&u->gzip) != Z_OK)
		return false;
	u->is_whole = u->is_whole && *in_len == 0;
	u->gzip.next_in = (uint8_t *)(uintptr_t)in; // zlib reads it only
	u->gzip.avail_in = (uInt)*in_len;
	u->gzip.next_out = out;
	u->gzip.avail_out = (uInt)*out_len;
	int ret = inflate(&u->gzip, Z_NO_FLUSH);
	*in_len -= u->gzip.avail_in;
	*out_len -= u->gzip.avail_out;
	u->is_whole = u->is_whole || ret == Z_STREAM_END;
	return ret == Z_OK || ret == Z_STREAM_END || ret == Z_BUF_ERROR;
}

static bool zstd_step(
	struct unpack *u, const uint8_t *in, size_t *in_len, uint8_t *out, size_t *out_len) {
	ZSTD_inBuffer from = {.src = in, .size = *in_len};
	ZSTD_outBuffer to = {.dst = out, .size = *out_len};
	size_t ret = ZSTD_decompressStream(u->zstd, &to, &from);
	if (ZSTD_isError(ret))
		return false;
	if (from.pos > 0 || to.pos > 0)
		u->is_whole = ret == 0;
	*in_len = from.pos;
	*out_len = to.pos;
	return true;
}

bool unpack_step(
	struct unpack *u, const uint8_t *in, size_t *in_len, uint8_t *out, size_t *out_len) {
	return u->kind == UNPACK_GZIP ? gzip_step(u, in, in_len, out, out_len)
				      : zstd_step(u, in, in_len, out, out_len);
}

bool unpack_is_whole(const struct unpack *u) {
	return u->is_whole;
}
