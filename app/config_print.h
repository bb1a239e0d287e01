// --print-config: the options as a configuration, which -C reads with the same outcome.
#pragma once

#include "app/options.h"

// On stdout: what was given, with where, and as comments what was not. The exit code; if a value
// can't stand in a configuration, a line on stderr says which.
int config_print(const struct options *o);
