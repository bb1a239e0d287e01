// The files a scan needs before it starts: target lists, blocklists, payload. All are hostile until
// read; whatever is wrong is one line on stderr, and an exit code.
#pragma once

#include "app/scan.h"

// Opens the lists and judges their first lines. 0, or the exit code.
int inputs_open(struct scan *s);
void inputs_close(struct scan *s);

// -d: one line a target (address, port, worker), then totals; nothing is sent. nb_lcores 0: as many
// as there are without -l.
int inputs_dry_run(struct scan *s, unsigned int nb_lcores);
