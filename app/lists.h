// The block- and allowlists that the options name, read once at the start and again when asked
// (app/reload.h).
#pragma once

#include "app/options.h"
#include "lib/permit.h"

#define LISTS_WHY_OCTETS 512

// NULL: *why says what is wrong, and what mends it. is_again: files that can be read only once, a
// pipe for one, are refused.
struct permit *lists_load(const struct options *o, bool is_again, char why[LISTS_WHY_OCTETS]);

// One line: how much is blocked, and allowed, and when.
void lists_say(const struct permit *permit, const char *when);
