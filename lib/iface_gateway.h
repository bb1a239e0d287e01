// The default gateway out of the kernel's routing tables as text: /proc/net/route (proc(5)) and
// /proc/net/ipv6_route. The stream stays the caller's; lines that make no sense are skipped.
#pragma once

#include "lib/tcpstack/addr.h"

#include <stdio.h>

// The gateway of the default route through interface ifname; of several the one with the lowest
// metric, then the first. 0, or -ENOENT: no such route; *gateway is then left alone.
int iface_gateway_read4(FILE *routes, const char *ifname, struct ip_addr *gateway);
int iface_gateway_read6(FILE *routes, const char *ifname, struct ip_addr *gateway);
