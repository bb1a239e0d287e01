// Who has this address: ARP for IPv4 (RFC 826) and neighbour discovery for IPv6 (RFC 4861, the
// solicitation and the advertisement), both as the same plain data. Frames are Ethernet II with
// their header, without a VLAN tag.
//
// A request asks for the MAC of `target`; a reply says that `sender` is at `sender_mac`, whoever
// the frame itself came from. What is parsed was checked as RFC 4861 section 7.1 and RFC 1812
// section 3.3.2 demand, but nobody signed it: believe only the reply that was asked for, and answer
// only requests for an address of your own.
#pragma once

#include "lib/tcpstack/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEIGH_MAC_OCTETS 6

// Room for the longest frame that is written here: a solicitation or advertisement with the one
// option it needs. ARP frames are padded to NEIGH_ARP_OCTETS, the least Ethernet carries.
#define NEIGH_FRAME_MAX_OCTETS 86
#define NEIGH_ARP_OCTETS 60

enum neigh_kind {
	NEIGH_REQUEST, // ARP request, or neighbour solicitation
	NEIGH_REPLY,   // ARP reply, or neighbour advertisement
};

// Of the request: sender is all zero in its family (0.0.0.0, ::) when somebody checks whether the
// target is free (RFC 5227, RFC 4862); sender_mac is then where an ARP reply goes, while the
// advertisement goes to all nodes. Of the reply: target is whom it was sent to.
struct neigh_msg {
	enum neigh_kind kind;
	struct ip_addr sender;
	struct ip_addr target;
	uint8_t sender_mac[NEIGH_MAC_OCTETS];
};

// Is the frame one of the four messages, whole and right? Only then *msg is written. Octets behind
// the message (padding) are ignored. An advertisement without the target's MAC is refused, as it
// tells nothing; a solicitation that names none is taken to come from the frame's source MAC.
bool neigh_parse(const uint8_t *frame, size_t len, struct neigh_msg *msg);

// Write the frame that asks for target's MAC: to all for ARP, to the target's solicited-node group
// for IPv6. A src of all zero only asks whether the target is free. Returns its length, or 0: too
// little room, or addresses of two families.
size_t neigh_request_write(uint8_t *buf, size_t cap, const uint8_t *src_mac,
	const struct ip_addr *src, const struct ip_addr *target);

// Write the answer to a request for our_ip (the caller compares it with request->target). Returns
// its length, or 0: too little room, addresses of two families, or not a request.
size_t neigh_reply_write(uint8_t *buf, size_t cap, const uint8_t *our_mac,
	const struct ip_addr *our_ip, const struct neigh_msg *request);
