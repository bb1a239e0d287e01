// --read-pcap of a capture that --write-pcap has made: the scan's records once more.
#pragma once

#include "app/options.h"
#include "lib/pcapng.h"

// The block that a reader has found first: it is the head of a capture of ours.
bool replay_own_is_it(const struct pcapng_block *first, struct pcapng_text *comment);

// Read the rest. The exit code.
int replay_own_run(const struct options *o, const char *name, struct pcapng_reader *reader,
	const struct pcapng_text *comment);
