// What the programs end with; docs/results.md says when.
#pragma once

enum exit_code {
	EXIT_DONE = 0,
	EXIT_CANNOT = 1,
	EXIT_USAGE = 2,
	EXIT_INTERRUPTED = 3,
	EXIT_OWN_LOSS = 4,
};
