// The options of a scan as JSON, for its metadata and its checkpoint.
#pragma once

#include "app/options.h"

#include <cJSON.h>

// All options by their long names, with the values that hold: a text, an array of texts if each
// counts, a bool if it takes none, null if none was given and there is no default. NULL: no memory.
cJSON *metadata_options(const struct options *o);

// The names of those that are part of what is measured.
cJSON *metadata_options_of_scan(void);
