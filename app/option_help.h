// What --help prints, on stdout.
#pragma once

#include "app/option_table.h"

void option_help(const struct option_table *table);

// The help line of a row with its default behind: "SYNs a connection (3)".
#define OPTION_HELP_OCTETS 200
const char *option_help_line(const struct option_row *row, char text[OPTION_HELP_OCTETS]);
