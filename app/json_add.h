// Members of an object of cJSON, in the types that we have. Without memory a member is left out.
#pragma once

#include <cJSON.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

// cJSON's own numbers are exact up to 2^53.
static inline void json_add_number(cJSON *to, const char *key, uint64_t value) {
	char text[24];
	snprintf(text, sizeof(text), "%" PRIu64, value);
	cJSON_AddRawToObject(to, key, text);
}

// Bits that a program must compare exactly, and that many read as a double: in hex.
static inline void json_add_hex(cJSON *to, const char *key, uint64_t value) {
	char text[24];
	snprintf(text, sizeof(text), "0x%016" PRIx64, value);
	cJSON_AddStringToObject(to, key, text);
}

static inline void json_add_text(cJSON *to, const char *key, const char *text) {
	if (text && *text)
		cJSON_AddStringToObject(to, key, text);
	else
		cJSON_AddNullToObject(to, key);
}
