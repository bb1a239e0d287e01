// Which options go together, and which do not.
#pragma once

#include "app/options.h"

// Once command line and configuration are read. OPTIONS_RUN, or OPTIONS_BAD: one line on stderr
// says what.
enum options_result options_check(const struct options *o);
