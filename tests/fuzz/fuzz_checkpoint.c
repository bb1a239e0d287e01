// A checkpoint that somebody changed: as it lies on the disk, or, behind a first octet of 'u', as
// it is once unpacked, where a checksum no longer stands before the reader.
#include "lib/checkpoint.h"

#include <stdlib.h>
#include <zstd.h>

#define REQUIRE(truth) ((truth) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const void *octets, size_t len) {
	cJSON *head;
	struct progress done;
	if (checkpoint_unpack(octets, len, &head, &done) != CHECKPOINT_GOOD) {
		REQUIRE(head == NULL && done.words == NULL);
		return;
	}
	uint64_t low = progress_low(&done);
	REQUIRE(low >= progress_bitmap_start(&done) && !progress_has(&done, low));
	REQUIRE(progress_add(&done, low) && progress_low(&done) > low);
	progress_free(&done);
	cJSON_Delete(head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	if (size == 0 || data[0] != 'u') {
		use(data, size);
		return 0;
	}
	size_t room = ZSTD_compressBound(size - 1);
	void *packed = malloc(room);
	size_t n = ZSTD_compress(packed, room, data + 1, size - 1, 1);
	if (!ZSTD_isError(n))
		use(packed, n);
	free(packed);
	return 0;
}
