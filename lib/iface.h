// What the kernel knows of a network interface and of this host's addresses, in the network
// namespace of the calling thread. For set-up: every call asks the kernel anew, none sends a frame,
// none needs a privilege. Nothing is logged here: a failure is -errno, the caller has the words.
#pragma once

#include "lib/tcpstack/addr.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IFACE_ADDRS_MAX 64
#define IFACE_MAC_OCTETS 6

struct iface_addr {
	struct ip_addr addr;
	uint8_t prefix_bits; // 0 to 32 or 0 to 128, by the family of addr
	bool is_link_local;  // 169.254.0.0/16, fe80::/10
};

struct iface_info {
	char name[IFNAMSIZ];
	unsigned int index;
	bool is_ethernet;  // else mac is zero
	bool is_up;	   // by the administrator
	bool is_running;   // there is a carrier
	bool has_gateway4; // a default route leaves through this interface
	bool has_gateway6;
	uint8_t mac[IFACE_MAC_OCTETS];
	uint32_t mtu_octets;
	struct ip_addr gateway4;
	struct ip_addr gateway6; // mostly link-local
	size_t nb_addrs;	 // the first IFACE_ADDRS_MAX of the kernel's list
	struct iface_addr addrs[IFACE_ADDRS_MAX];
};

// Fill *info. -ENODEV: no such interface.
int iface_read(const char *name, struct iface_info *info);

// How long is the prefix of the interface's subnet that holds addr (the longest, if several do)?
// -ENOENT: none does.
int iface_prefix_bits(const struct iface_info *info, const struct ip_addr *addr);

// Does the kernel answer for addr, on whatever interface? True for addresses that are assigned
// (though not yet usable, or on an interface that is down) and for those that a local route covers
// (AnyIP): to a SYN-ACK for one of them the kernel would send a RST.
int iface_owns(const struct ip_addr *addr, bool *is_owned);

// An address for the scanner: in a subnet of the interface, not owned, neither network nor
// broadcast, nor gateway, nor one that the kernel has as a neighbour; of the family AF_INET or
// AF_INET6. The choice follows from MAC and subnet: the same at every call as long as nobody takes
// it, and another on another host. It is a proposal, for a host that never spoke isn't known here.
// -EADDRNOTAVAIL: nothing to propose. Link-local subnets are not considered.
int iface_propose_source(const struct iface_info *info, int family, struct iface_addr *out);
