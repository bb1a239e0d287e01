// Which part of a scan a target belongs to: a keyed hash of its address and port, so that the same
// target in another line, list or network falls to the same part, and every target to exactly one.
//
// Pure.
#pragma once

#include "lib/tcpstack/addr.h"
#include "lib/tcpstack/siphash.h"

#define SHARD_MAX_SHARDS 65536u

// 0 to nb_shards - 1; nb_shards is 1 to SHARD_MAX_SHARDS.
unsigned int shard_of(const struct siphash_key *key, const struct ip_addr *addr, uint16_t port,
	unsigned int nb_shards);
