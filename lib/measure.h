// How a scan measures, as one thing: what its command line asked for and what it found out of its
// network, as far as a verdict depends on it. A capture of a scan holds it too, so that the same
// rules can be had again.
#pragma once

#include "lib/steer.h"
#include "lib/tfo/target.h"

struct measure {
	uint64_t seed, epoch;
	const struct app *app;
	uint8_t tries, rounds;
	bool has_controls;
	uint32_t timeout_s;
	uint16_t mss4, mss6;
	struct ip_addr laddr4, laddr6;
	struct port_range ports; // of all workers
	unsigned int nb_workers;
	struct steer steer; // worker n has queue n
	uint16_t question_len;
	uint8_t question[APP_PAYLOAD_MAX_OCTETS];
};

// The ports that belong to a worker: equal parts, so that a local port tells whose it is.
struct port_range measure_ports(
	const struct port_range *all, unsigned int nb_workers, unsigned int worker);

// The largest part of the range that cuts into a block for each worker, each a power of two of
// ports aligned to their number, so that the high bits of a port tell whose it is. Of less than 1
// for each: no ports.
struct port_range measure_blocks(const struct port_range *all, unsigned int nb_workers);

// The rules of a worker. They point into m.
void measure_rules(const struct measure *m, unsigned int worker, struct target_rules *rules);

// Octets that measure_steer needs.
size_t measure_steer_octets(const struct measure *m);

// The ports of a worker are steered from now on, if they can be: false if not. memory: aligned as
// malloc's; it must outlive the rules.
bool measure_steer(
	const struct measure *m, unsigned int worker, struct target_rules *rules, void *memory);
