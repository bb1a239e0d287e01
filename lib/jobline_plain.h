// The lines of a target list that aren't jobs: an address, perhaps with a port. A part of jobline,
// which has trimmed the line and seen to it that it is UTF-8 without control characters; but a
// job's dip comes here too, so any octet may.
#pragma once

#include "lib/jobline.h"

#include <stdbool.h>

// With JOBLINE_TARGET, addr and port of *job are written; else the answer says what the text looks
// like instead.
enum jobline_result jobline_plain_parse(const char *text, size_t len, struct jobline *job);

// 1 to 65535 in decimal digits, no zero in front. *port is written only if true.
bool jobline_plain_port(const char *text, size_t len, uint16_t *port);
