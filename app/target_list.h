// A target list, opened and judged; what is wrong with it is said on stderr.
#pragma once

#include "lib/targets.h"

#include <stdbool.h>

// Bad lines are said as they are met, here or in targets_next. Waits for the first line, until
// is_interrupted. 0, or the exit code; *targets is the caller's to destroy either way.
int target_list_open(const struct targets_config *config, bool (*is_interrupted)(void),
	struct targets **targets);
