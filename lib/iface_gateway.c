#include "lib/iface_gateway.h"

#include <assert.h>
#include <errno.h>
#include <net/route.h>
#include <stdlib.h>

#define HEX6_CHARS 32
#define NAME_CHARS 16 // one more than a name has: a longer one must not look like a shorter

struct route {
	char ifname[NAME_CHARS + 1];
	bool is_default;
	uint32_t flags;
	uint32_t metric;
	struct ip_addr gateway;
};

typedef bool route_parse(const char *line, struct route *route);

// Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT; addresses as the hex of
// the word that lies in memory, the metric as if it were signed.
static bool parse4(const char *line, struct route *route) {
	static_assert(NAME_CHARS == 16, "as in the format");
	uint32_t gateway, mask;
	long metric;
	int nb_fields = sscanf(line, "%16s %*x %8x %8x %*s %*s %11ld %8x", route->ifname, &gateway,
		&route->flags, &metric, &mask);
	if (nb_fields != 5)
		return false;
	route->is_default = mask == 0;
	route->metric = (uint32_t)metric;
	route->gateway = addr_from_v4((const uint8_t *)&gateway);
	return true;
}

static bool hex6(const char *text, struct ip_addr *addr) {
	for (size_t i = 0; i < ADDR6_OCTETS; i++)
		if (sscanf(text + 2 * i, "%2hhx", &addr->octets[i]) != 1)
			return false;
	return true;
}

// Destination, its prefix length, source, its prefix length, next hop, metric, two counters, flags,
// interface: all but the last in hex, addresses octet by octet.
static bool parse6(const char *line, struct route *route) {
	static_assert(HEX6_CHARS == 32 && NAME_CHARS == 16, "as in the format");
	char destination[HEX6_CHARS + 1], gateway[HEX6_CHARS + 1];
	uint32_t prefix_bits, source_bits;
	int nb_fields = sscanf(line,
		"%32[0-9a-f] %2x %*32[0-9a-f] %2x %32[0-9a-f] %8x %*x %*x %8x %16s", destination,
		&prefix_bits, &source_bits, gateway, &route->metric, &route->flags, route->ifname);
	if (nb_fields != 7)
		return false;
	if (strlen(destination) != HEX6_CHARS || strlen(gateway) != HEX6_CHARS)
		return false;
	route->is_default = prefix_bits == 0 && source_bits == 0;
	return hex6(gateway, &route->gateway);
}

static int read_best(
	FILE *routes, const char *ifname, route_parse *parse, struct ip_addr *gateway) {
	const uint32_t needed = RTF_UP | RTF_GATEWAY;
	char *line = NULL;
	size_t cap = 0;
	uint64_t best = UINT64_MAX;
	while (getline(&line, &cap, routes) >= 0) {
		struct route route;
		if (!parse(line, &route) || strcmp(route.ifname, ifname) != 0)
			continue;
		if (!route.is_default || (route.flags & (needed | RTF_REJECT)) != needed)
			continue;
		if (route.metric >= best)
			continue;
		best = route.metric;
		*gateway = route.gateway;
	}
	free(line);
	return best == UINT64_MAX ? -ENOENT : 0;
}

int iface_gateway_read4(FILE *routes, const char *ifname, struct ip_addr *gateway) {
	return read_best(routes, ifname, parse4, gateway);
}

int iface_gateway_read6(FILE *routes, const char *ifname, struct ip_addr *gateway) {
	return read_best(routes, ifname, parse6, gateway);
}
