// The lines of a target list that aren't jobs: an address, perhaps with a port. A part of jobline,
// which has trimmed the line and seen to it that it is UTF-8 without control characters; but a
// job's dip comes here too, so any octet may.
#pragma once

#include "lib/jobline.h"

#include <stdbool.h>

// With JOBLINE_TARGET, addr and port of *job are written, with JOBLINE_NETWORK addr and
// prefix_bits; a network of one address is a target. Else the answer says what the text looks like
// instead.
enum jobline_result jobline_plain_parse(const char *text, size_t len, struct jobline *job);

// Only lines that are 192.0.2.1 or 192.0.2.1:5300 and no octet more but a CR at the end: nearly all
// of a long list. False says nothing about the line.
bool jobline_plain_quick(const char *line, size_t len, struct jobline *job);

// 1 to 65535 in decimal digits, no zero in front. *port is written only if true.
bool jobline_plain_port(const char *text, size_t len, uint16_t *port);
