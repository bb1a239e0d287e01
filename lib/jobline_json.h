// The lines of a target list that are jobs. A part of jobline, which has trimmed the line and knows
// that it starts with {.
#pragma once

#include "lib/jobline.h"

// As jobline_parse; *job comes zeroed.
enum jobline_result jobline_json_parse(const char *line, size_t len_octets, struct jobline *job,
	char text[static JOBLINE_MAX_OCTETS]);
