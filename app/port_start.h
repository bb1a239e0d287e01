// A port configured and started as planned, or else with less than that.
#pragma once

#include "app/port.h"
#include "app/port_plan.h"

// 0, or the exit code: a line is on stderr. What the port refuses is said, and left out of *plan.
int port_start(const struct port *p, const struct rte_eth_dev_info *info, struct port_plan *plan);
