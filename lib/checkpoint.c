#include "lib/checkpoint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define FORMAT "dpdk-tfoscan checkpoint"
#define MAX_OCTETS (CHECKPOINT_HEAD_MAX_OCTETS + PROGRESS_MAX_SPAN / 8)
#define MAX_DIGITS 20

void checkpoint_add_number(cJSON *head, const char *key, uint64_t value) {
	char text[MAX_DIGITS + 1];
	snprintf(text, sizeof(text), "%" PRIu64, value);
	cJSON_AddStringToObject(head, key, text);
}

bool checkpoint_number(const cJSON *head, const char *key, uint64_t *value) {
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(head, key));
	size_t len = text ? strlen(text) : 0;
	if (len == 0 || len > MAX_DIGITS || strspn(text, "0123456789") != len)
		return false;
	errno = 0;
	*value = strtoull(text, NULL, 10);
	return errno == 0;
}

// ---- packing

static char *unpacked_of(cJSON *head, const struct progress *p, size_t *len) {
	size_t bitmap_octets = progress_bitmap_octets(p);
	cJSON_AddStringToObject(head, "format", FORMAT);
	cJSON_AddNumberToObject(head, "form", CHECKPOINT_FORM);
	checkpoint_add_number(head, "start", progress_bitmap_start(p));
	checkpoint_add_number(head, "bitmap", bitmap_octets);
	char *line = cJSON_PrintUnformatted(head);
	size_t line_len = line ? strlen(line) : 0;
	char *octets = line ? realloc(line, line_len + 1 + bitmap_octets) : NULL;
	if (!octets) {
		free(line);
		return NULL;
	}
	octets[line_len] = '\n';
	progress_bitmap(p, (uint8_t *)octets + line_len + 1);
	*len = line_len + 1 + bitmap_octets;
	return octets;
}

static void *compress(const char *unpacked, size_t unpacked_len, size_t *len) {
	size_t room = ZSTD_compressBound(unpacked_len);
	ZSTD_CCtx *context = ZSTD_createCCtx();
	void *octets = malloc(room);
	size_t n = 0;
	if (context && octets) {
		ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
		ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 1);
		n = ZSTD_compress2(context, octets, room, unpacked, unpacked_len);
	}
	ZSTD_freeCCtx(context);
	if (n == 0 || ZSTD_isError(n)) {
		free(octets);
		return NULL;
	}
	*len = n;
	return octets;
}

void *checkpoint_pack(cJSON *head, const struct progress *p, size_t *len) {
	size_t unpacked_len = 0;
	char *unpacked = unpacked_of(head, p, &unpacked_len);
	void *octets = unpacked ? compress(unpacked, unpacked_len, len) : NULL;
	free(unpacked);
	return octets;
}

// ---- unpacking

static enum checkpoint_result read_unpacked(
	const char *octets, size_t len, cJSON **head, struct progress *p) {
	const char *feed = memchr(octets, '\n', len);
	if (!feed || (size_t)(feed - octets) > CHECKPOINT_HEAD_MAX_OCTETS)
		return CHECKPOINT_NOT_ONE;
	*head = cJSON_ParseWithLength(octets, (size_t)(feed - octets));
	const char *format =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(*head, "format"));
	if (!format || strcmp(format, FORMAT) != 0)
		return CHECKPOINT_NOT_ONE;
	const cJSON *form = cJSON_GetObjectItemCaseSensitive(*head, "form");
	if (!cJSON_IsNumber(form) || form->valuedouble < 1)
		return CHECKPOINT_NONSENSE;
	if (form->valuedouble > CHECKPOINT_FORM)
		return CHECKPOINT_TOO_NEW;
	uint64_t start, bitmap_octets;
	if (!checkpoint_number(*head, "start", &start) ||
		!checkpoint_number(*head, "bitmap", &bitmap_octets) ||
		bitmap_octets != len - (size_t)(feed + 1 - octets) ||
		start > UINT64_MAX - PROGRESS_MAX_SPAN)
		return CHECKPOINT_NONSENSE;
	bool is_restored = progress_restore(p, start, (const uint8_t *)feed + 1, bitmap_octets);
	return is_restored ? CHECKPOINT_GOOD : CHECKPOINT_NONSENSE;
}

enum checkpoint_result checkpoint_unpack(
	const void *octets, size_t len, cJSON **head, struct progress *p) {
	*head = NULL;
	*p = (struct progress){0};
	unsigned long long room = ZSTD_getFrameContentSize(octets, len);
	if (room == ZSTD_CONTENTSIZE_ERROR || room == ZSTD_CONTENTSIZE_UNKNOWN || room == 0)
		return CHECKPOINT_NOT_ONE;
	if (room > MAX_OCTETS)
		return CHECKPOINT_NONSENSE;
	char *unpacked = malloc(room);
	if (!unpacked)
		return CHECKPOINT_NO_MEMORY;
	size_t n = ZSTD_decompress(unpacked, room, octets, len);
	enum checkpoint_result result =
		ZSTD_isError(n) ? CHECKPOINT_DAMAGED : read_unpacked(unpacked, n, head, p);
	free(unpacked);
	if (result != CHECKPOINT_GOOD) {
		cJSON_Delete(*head);
		*head = NULL;
		progress_free(p);
	}
	return result;
}

const char *checkpoint_mend(enum checkpoint_result result) {
	switch (result) {
	case CHECKPOINT_GOOD:
		return "is good";
	case CHECKPOINT_NO_MEMORY:
		return "does not fit into the memory";
	case CHECKPOINT_NOT_ONE:
		return "is no checkpoint";
	case CHECKPOINT_DAMAGED:
		return "is damaged: its checksum is wrong, or its end is missing";
	case CHECKPOINT_TOO_NEW:
		return "was written by a later version: resume with that one";
	case CHECKPOINT_NONSENSE:
		break;
	}
	return "contradicts itself: no program of ours wrote it so";
}
