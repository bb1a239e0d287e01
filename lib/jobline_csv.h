// The lines of a CSV file: dip,dp,domain,rank. A part of jobline, which has trimmed the line and
// seen to it that it is UTF-8 without control characters.
#pragma once

#include "lib/jobline.h"

// len_octets is 1 to JOBLINE_MAX_OCTETS. The fields become the members of a job, which is read as
// any other: so a CSV line means what the same job means.
enum jobline_result jobline_csv_fields(const char *line, size_t len_octets, struct jobline *job,
	char text[static JOBLINE_MAX_OCTETS]);
