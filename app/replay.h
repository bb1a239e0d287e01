// --read-pcap: a capture in place of the network. No privilege, no port, no target list.
#pragma once

#include "app/options.h"

// The exit code.
int replay_run(const struct options *o);
