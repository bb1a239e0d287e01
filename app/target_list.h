// The target lists, opened and judged; what is wrong with them is said on stderr.
#pragma once

#include "lib/visit.h"

#include <stdbool.h>

// Bad lines are said as they are met, here or in visit_draw. Waits for the first line, until
// is_interrupted. 0, or the exit code; *visit is the caller's to destroy either way.
int target_list_open(
	const struct visit_config *config, bool (*is_interrupted)(void), struct visit **visit);
