// What a scanner must find: one line of JSON for each target, no port and no privilege needed.
//
//	{"dip":"192.0.2.1","behaviour":7,"conditions":["tfo.…"],"by_chance":["tfo.…"]}
//
// conditions: on a path that disturbs nothing, exactly these. by_chance: there if frames are lost
// or changed on the way, for every address by options or for one by its behaviour; then these may
// stand besides or instead of some of the conditions. Words in neither are wrong.
#pragma once

#include "app/tfosim/options.h"

// 0, or the exit code; a line is on stderr.
int expect_run(const struct options *o);
