// For who mistypes a name.
#pragma once

#include "app/option_table.h"

// The long option that is most like this one, or that begins so; NULL: none is much like it.
const char *option_nearest(const struct option_table *table, const char *typed);
