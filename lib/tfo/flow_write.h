// One element of PATHspider's flow_results: its names first, then ours. docs/results.md defines
// each, and where it differs from PATHspider's.
#pragma once

#include "lib/tfo/flow.h"

// PATHspider's numbers: pathspider.base.CONN_*
enum flow_state {
	FLOW_STATE_OK = 0,
	FLOW_STATE_FAILED = 1,
	FLOW_STATE_TIMEOUT = 2,
	FLOW_STATE_SKIPPED = 3, // the connection was not made
};

// PATHspider's tfo plugin makes the same three connections, in this order.
enum flow_config {
	FLOW_CONFIG_BASELINE = 0,
	FLOW_CONFIG_REQUEST = 1,
	FLOW_CONFIG_DATA = 2,
};

// What is known of a connection besides its segments.
struct flow_place {
	struct ip_addr sip, dip;
	uint16_t sp, dp;
	uint8_t config; // enum flow_config
	uint8_t state;	// enum flow_state
};

// For a connection that somebody else made: the state and the config that its segments tell.
enum flow_state flow_state_seen(const struct flow *f);
enum flow_config flow_config_seen(const struct flow *f);

// The state of a connection of ours, by its enum outcome.
enum flow_state flow_state_of_outcome(uint8_t outcome);

// No element is longer.
#define FLOW_WRITE_MAX_OCTETS 1024

// Write the object at p, which has room for FLOW_WRITE_MAX_OCTETS, no NUL behind it; returns where
// it ended. Of a flow without a segment only config, observed and spdr_state are written.
char *flow_write(const struct flow *f, const struct flow_place *place, char *p);
