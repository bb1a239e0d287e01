#include "lib/iface.h"

#include "lib/iface_gateway.h"
#include "lib/rtnetlink.h"
#include "lib/tcpstack/bytes.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// How many addresses of a subnet are asked about before it counts as full.
#define PROPOSALS_MAX 256

static int read_link(int fd, struct iface_info *info) {
	struct ifreq request = {0};
	memcpy(request.ifr_name, info->name, sizeof(request.ifr_name));
	if (ioctl(fd, SIOCGIFINDEX, &request) < 0)
		return -errno;
	info->index = (unsigned int)request.ifr_ifindex;

	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	info->is_up = request.ifr_flags & IFF_UP;
	info->is_running = request.ifr_flags & IFF_RUNNING;

	if (ioctl(fd, SIOCGIFMTU, &request) < 0)
		return -errno;
	info->mtu_octets = (uint32_t)request.ifr_mtu;

	if (ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		return -errno;
	info->is_ethernet = request.ifr_hwaddr.sa_family == ARPHRD_ETHER;
	if (info->is_ethernet)
		memcpy(info->mac, request.ifr_hwaddr.sa_data, sizeof(info->mac));
	return 0;
}

// False: neither IPv4 nor IPv6 (the kernel lists link-layer addresses, too).
static bool from_sockaddr(const struct sockaddr *sa, struct ip_addr *addr) {
	if (sa == NULL)
		return false;
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)sa;
		*addr = addr_from_v4((const uint8_t *)&in->sin_addr);
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;
		*addr = addr_from_v6(in6->sin6_addr.s6_addr);
		return true;
	}
	return false;
}

static unsigned int count_bits(const uint8_t *octets, size_t len) {
	unsigned int bits = 0;
	for (size_t i = 0; i < len; i++)
		bits += (unsigned int)__builtin_popcount(octets[i]);
	return bits;
}

static uint8_t mask_bits(const struct sockaddr *mask, bool is_v4) {
	struct ip_addr octets;
	if (!from_sockaddr(mask, &octets))
		return is_v4 ? 32 : 128;
	return (uint8_t)(is_v4 ? count_bits(addr_v4(&octets), ADDR4_OCTETS)
			       : count_bits(octets.octets, ADDR6_OCTETS));
}

static bool is_link_local(const struct ip_addr *a) {
	if (addr_is_v4(a))
		return get_be16(addr_v4(a)) == (169 << 8 | 254);
	return (get_be16(a->octets) & 0xffc0) == 0xfe80;
}

// getifaddrs gives an IPv4 address the name of its label, which may be eth0:1.
static bool is_of(const struct ifaddrs *entry, const char *ifname) {
	size_t len = strlen(ifname);
	return strncmp(entry->ifa_name, ifname, len) == 0 &&
	       (entry->ifa_name[len] == '\0' || entry->ifa_name[len] == ':');
}

static int read_addrs(struct iface_info *info) {
	struct ifaddrs *list;
	if (getifaddrs(&list) < 0)
		return -errno;
	for (const struct ifaddrs *entry = list; entry != NULL; entry = entry->ifa_next) {
		struct iface_addr found;
		if (info->nb_addrs == IFACE_ADDRS_MAX)
			break;
		if (!is_of(entry, info->name) || !from_sockaddr(entry->ifa_addr, &found.addr))
			continue;
		found.prefix_bits = mask_bits(entry->ifa_netmask, addr_is_v4(&found.addr));
		found.is_link_local = is_link_local(&found.addr);
		info->addrs[info->nb_addrs++] = found;
	}
	freeifaddrs(list);
	return 0;
}

// A kernel without the family has no such file, and no gateway.
static bool read_gateway(const char *path, const char *ifname,
	int (*read)(FILE *, const char *, struct ip_addr *), struct ip_addr *gateway) {
	FILE *routes = fopen(path, "re");
	if (routes == NULL)
		return false;
	bool is_found = read(routes, ifname, gateway) == 0;
	fclose(routes);
	return is_found;
}

int iface_read(const char *name, struct iface_info *info) {
	if (strlen(name) >= IFNAMSIZ)
		return -ENODEV;
	*info = (struct iface_info){0};
	memcpy(info->name, name, strlen(name));

	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int error = read_link(fd, info);
	close(fd);
	if (error == 0)
		error = read_addrs(info);
	if (error != 0)
		return error;

	// Not /proc/net, which is that of the process's first thread.
	info->has_gateway4 = read_gateway(
		"/proc/thread-self/net/route", name, iface_gateway_read4, &info->gateway4);
	info->has_gateway6 = read_gateway(
		"/proc/thread-self/net/ipv6_route", name, iface_gateway_read6, &info->gateway6);
	return 0;
}

int iface_prefix_bits(const struct iface_info *info, const struct ip_addr *addr) {
	int longest = -ENOENT;
	for (size_t i = 0; i < info->nb_addrs; i++) {
		const struct iface_addr *subnet = &info->addrs[i];
		if (addr_in_prefix(addr, &subnet->addr, subnet->prefix_bits) &&
			subnet->prefix_bits > longest)
			longest = subnet->prefix_bits;
	}
	return longest;
}

// Assigned to any interface of the namespace, in whatever state. An address that fails the check
// for duplicates, or waits for it, or whose interface is down has no local route.
static int is_assigned(const struct ip_addr *addr, bool *is_found) {
	struct ifaddrs *list;
	if (getifaddrs(&list) < 0)
		return -errno;
	*is_found = false;
	for (const struct ifaddrs *entry = list; entry != NULL; entry = entry->ifa_next) {
		struct ip_addr other;
		*is_found |= from_sockaddr(entry->ifa_addr, &other) && addr_equal(addr, &other);
	}
	freeifaddrs(list);
	return 0;
}

static int note_route_type(const struct nlmsghdr *msg, void *arg) {
	uint8_t *type = arg;
	if (msg->nlmsg_type == RTM_NEWROUTE && msg->nlmsg_len >= NLMSG_LENGTH(sizeof(struct rtmsg)))
		*type = ((const struct rtmsg *)NLMSG_DATA(msg))->rtm_type;
	return 0;
}

// What would the kernel do with a packet to addr? RTN_UNREACHABLE stands for every refusal. 0 or
// -errno.
static int look_up_route(int fd, const struct ip_addr *addr, uint8_t *type) {
	bool is_v4 = addr_is_v4(addr);
	struct {
		struct nlmsghdr header;
		struct rtmsg route;
		uint8_t attributes[RTA_SPACE(ADDR6_OCTETS)];
	} request = {
		.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)),
			.nlmsg_type = RTM_GETROUTE},
		.route = {.rtm_family = is_v4 ? AF_INET : AF_INET6,
			.rtm_dst_len = is_v4 ? 32 : 128},
	};
	rtnetlink_put(&request.header, sizeof(request), RTA_DST,
		is_v4 ? addr_v4(addr) : addr->octets, is_v4 ? ADDR4_OCTETS : ADDR6_OCTETS);

	*type = RTN_UNREACHABLE;
	int error = rtnetlink_ask(fd, &request.header, note_route_type, type);
	switch (error) {
	case -ENETUNREACH:
	case -EHOSTUNREACH:
	case -EACCES:	    // prohibit
	case -EINVAL:	    // blackhole
	case -EAFNOSUPPORT: // no IPv6 in this kernel
	case -EOPNOTSUPP:
		return 0;
	default:
		return error;
	}
}

int iface_owns(const struct ip_addr *addr, bool *is_owned) {
	int error = is_assigned(addr, is_owned);
	if (error != 0 || *is_owned)
		return error;
	int fd = rtnetlink_open(0);
	if (fd < 0)
		return fd;
	uint8_t type;
	error = look_up_route(fd, addr, &type);
	close(fd);
	if (error == 0)
		*is_owned = type == RTN_LOCAL || type == RTN_ANYCAST;
	return error;
}

struct neighbour_search {
	const struct ip_addr *addr;
	bool is_found;
};

static int match_neighbour(const struct nlmsghdr *msg, void *arg) {
	struct neighbour_search *search = arg;
	const struct ndmsg *neighbour = NLMSG_DATA(msg);
	if (msg->nlmsg_type != RTM_NEWNEIGH || msg->nlmsg_len < NLMSG_LENGTH(sizeof(*neighbour)))
		return 0;
	// Asked for in vain: that nobody answers speaks for the address.
	if (neighbour->ndm_state & (NUD_INCOMPLETE | NUD_FAILED))
		return 0;

	bool is_v4 = addr_is_v4(search->addr);
	const uint8_t *wanted = is_v4 ? addr_v4(search->addr) : search->addr->octets;
	size_t len = is_v4 ? ADDR4_OCTETS : ADDR6_OCTETS;
	const void *found = rtnetlink_get(msg, sizeof(*neighbour), NDA_DST, len);
	search->is_found |= found != NULL && memcmp(found, wanted, len) == 0;
	return 0;
}

static int is_neighbour(int fd, const struct ip_addr *addr, bool *is_found) {
	struct {
		struct nlmsghdr header;
		struct ndmsg neighbour;
	} request = {
		.header = {.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETNEIGH,
			.nlmsg_flags = NLM_F_DUMP},
		.neighbour = {.ndm_family = addr_is_v4(addr) ? AF_INET : AF_INET6},
	};
	struct neighbour_search search = {.addr = addr};
	int error = rtnetlink_ask(fd, &request.header, match_neighbour, &search);
	*is_found = search.is_found;
	return error;
}

static int is_free(
	int fd, const struct iface_info *info, const struct ip_addr *addr, bool *is_yes) {
	*is_yes = false;
	if ((info->has_gateway4 && addr_equal(addr, &info->gateway4)) ||
		(info->has_gateway6 && addr_equal(addr, &info->gateway6)))
		return 0;

	bool is_taken;
	int error = is_assigned(addr, &is_taken);
	if (error != 0 || is_taken)
		return error;

	// Broadcast: of a smaller subnet within this one.
	uint8_t type;
	error = look_up_route(fd, addr, &type);
	if (error != 0 || type == RTN_LOCAL || type == RTN_ANYCAST || type == RTN_BROADCAST)
		return error;

	error = is_neighbour(fd, addr, &is_taken);
	*is_yes = error == 0 && !is_taken;
	return error;
}

// FNV-1a: always the same for this interface, and rarely that of another host.
static uint32_t hash_mac(const uint8_t *mac) {
	uint32_t hash = 2166136261U;
	for (size_t i = 0; i < IFACE_MAC_OCTETS; i++)
		hash = (hash ^ mac[i]) * 16777619U;
	return hash;
}

// The numbers 1 to count in the last 32 bits of a subnet can be a host's.
static uint32_t count_hosts(const struct iface_addr *subnet, unsigned int host_bits) {
	uint64_t count = 1ULL << (host_bits < 32 ? host_bits : 32);
	if (count <= 2)
		return 0;
	count -= 2; // network and broadcast; routers' anycast in IPv6
	if (!addr_is_v4(&subnet->addr) && host_bits > 7)
		count -= 127; // RFC 2526: the last 128 are anycast
	return (uint32_t)count;
}

static int propose_in(int fd, const struct iface_info *info, const struct iface_addr *subnet,
	struct iface_addr *out) {
	unsigned int host_bits = (addr_is_v4(&subnet->addr) ? 32U : 128U) - subnet->prefix_bits;
	uint32_t nb_hosts = count_hosts(subnet, host_bits);
	struct iface_addr candidate = *subnet;
	for (unsigned int bit = 0; bit < host_bits; bit++)
		candidate.addr.octets[15 - bit / 8] &= (uint8_t) ~(1U << bit % 8);
	uint32_t base = get_be32(candidate.addr.octets + 12);
	uint32_t start = hash_mac(info->mac);

	for (uint32_t i = 0; i < nb_hosts && i < PROPOSALS_MAX; i++) {
		bool is_yes;
		uint32_t host = (uint32_t)(((uint64_t)start + i) % nb_hosts) + 1;
		put_be32(candidate.addr.octets + 12, base + host);
		int error = is_free(fd, info, &candidate.addr, &is_yes);
		if (error != 0)
			return error;
		if (is_yes) {
			*out = candidate;
			return 0;
		}
	}
	return -EADDRNOTAVAIL;
}

int iface_propose_source(const struct iface_info *info, int family, struct iface_addr *out) {
	int fd = rtnetlink_open(0);
	if (fd < 0)
		return fd;
	int error = -EADDRNOTAVAIL;
	for (size_t i = 0; i < info->nb_addrs && error == -EADDRNOTAVAIL; i++) {
		const struct iface_addr *subnet = &info->addrs[i];
		bool is_wanted = addr_is_v4(&subnet->addr) == (family == AF_INET);
		if (is_wanted && !subnet->is_link_local)
			error = propose_in(fd, info, subnet, out);
	}
	close(fd);
	return error;
}
