#include "lib/tcpstack/neigh.h"

#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/checksum.h"

#include <assert.h>
#include <string.h>

#define ETH_OCTETS 14
#define ETHERTYPE_OCTET 12
#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV6 0x86dd

#define ARP_OCTETS 28
#define ARP_HARDWARE_ETHERNET 1
#define ARP_REQUEST 1
#define ARP_REPLY 2

#define IPV6_OCTETS 40
#define IPV6_NEXT_ICMPV6 58
#define ND_HOP_LIMIT 255 // RFC 4861: no router has let it through

#define ND_OCTETS 24 // type, code, checksum, flags, target; RFC 4861 sections 4.3 and 4.4
#define ND_TARGET_OCTET 8
#define ND_SOLICITATION 135
#define ND_ADVERTISEMENT 136
#define ND_FLAG_SOLICITED 0x40
#define ND_FLAG_OVERRIDE 0x20
#define ND_OPTION_UNIT 8 // option lengths count these
#define ND_OPTION_SOURCE_MAC 1
#define ND_OPTION_TARGET_MAC 2

static const uint8_t mac_broadcast[NEIGH_MAC_OCTETS] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t mac_none[NEIGH_MAC_OCTETS];
static const struct ip_addr all_nodes = {.octets = {0xff, 0x02, [15] = 1}};

// A MAC that a group or nobody has is no one's address (RFC 1812 section 3.3.2): to believe it
// would turn every later frame into a broadcast.
static bool mac_is_one_host(const uint8_t *mac) {
	return !(mac[0] & 1) && memcmp(mac, mac_none, NEIGH_MAC_OCTETS) != 0;
}

static bool addr_is_unspecified(const struct ip_addr *a) {
	static const struct ip_addr none6;
	static const uint8_t none4[ADDR4_OCTETS];
	return addr_equal(a, &none6) ||
	       (addr_is_v4(a) && memcmp(addr_v4(a), none4, ADDR4_OCTETS) == 0);
}

// Multicast, or everybody.
static bool addr_is_group(const struct ip_addr *a) {
	static const uint8_t everybody[ADDR4_OCTETS] = {0xff, 0xff, 0xff, 0xff};
	if (!addr_is_v4(a))
		return a->octets[0] == 0xff;
	return addr_v4(a)[0] >> 4 == 14 || memcmp(addr_v4(a), everybody, ADDR4_OCTETS) == 0;
}

// ff02::1:ff00:0/104 and the last 24 bits of the address (RFC 4291 section 2.7.1).
static struct ip_addr solicited_node(const struct ip_addr *target) {
	struct ip_addr group = {.octets = {0xff, 0x02, [11] = 1, [12] = 0xff}};
	memcpy(group.octets + 13, target->octets + 13, 3);
	return group;
}

static bool arp_parse(const uint8_t *frame, size_t len, struct neigh_msg *msg) {
	if (len < ETH_OCTETS + ARP_OCTETS)
		return false;
	const uint8_t *arp = frame + ETH_OCTETS;
	if (get_be16(arp) != ARP_HARDWARE_ETHERNET || get_be16(arp + 2) != ETHERTYPE_IPV4)
		return false;
	if (arp[4] != NEIGH_MAC_OCTETS || arp[5] != ADDR4_OCTETS)
		return false;

	uint16_t operation = get_be16(arp + 6);
	if (operation != ARP_REQUEST && operation != ARP_REPLY)
		return false;

	struct neigh_msg found = {
		.kind = operation == ARP_REQUEST ? NEIGH_REQUEST : NEIGH_REPLY,
		.sender = addr_from_v4(arp + 14),
		.target = addr_from_v4(arp + 24),
	};
	memcpy(found.sender_mac, arp + 8, NEIGH_MAC_OCTETS);

	if (!mac_is_one_host(found.sender_mac) || addr_is_group(&found.sender))
		return false;
	// 0.0.0.0 asks whether an address is free (RFC 5227); as an answer it is nonsense.
	if (found.kind == NEIGH_REPLY && addr_is_unspecified(&found.sender))
		return false;
	*msg = found;
	return true;
}

// The MAC in the first option of that kind, NULL in *mac if there is none. False: options that do
// not add up.
static bool nd_option_mac(const uint8_t *options, size_t len, uint8_t kind, const uint8_t **mac) {
	*mac = NULL;
	while (len > 0) {
		if (len < ND_OPTION_UNIT)
			return false;
		size_t total = (size_t)options[1] * ND_OPTION_UNIT;
		if (total == 0 || total > len)
			return false;
		if (options[0] == kind && *mac == NULL) {
			if (total != ND_OPTION_UNIT || !mac_is_one_host(options + 2))
				return false;
			*mac = options + 2;
		}
		options += total;
		len -= total;
	}
	return true;
}

// RFC 4861 section 7.1.1.
static bool nd_solicitation(const uint8_t *frame, const struct ip_addr *src,
	const struct ip_addr *dst, const uint8_t *option_mac, struct neigh_msg *msg) {
	if (addr_is_unspecified(src)) {
		struct ip_addr group = solicited_node(&msg->target);
		if (!addr_equal(dst, &group) || option_mac != NULL)
			return false;
	}
	const uint8_t *mac = option_mac != NULL ? option_mac : frame + NEIGH_MAC_OCTETS;
	if (!mac_is_one_host(mac))
		return false;
	msg->kind = NEIGH_REQUEST;
	msg->sender = *src;
	memcpy(msg->sender_mac, mac, NEIGH_MAC_OCTETS);
	return true;
}

// RFC 4861 section 7.1.2. The target of the wire is the one whose MAC is told: our sender.
static bool nd_advertisement(const struct ip_addr *src, const struct ip_addr *dst, uint8_t flags,
	const uint8_t *option_mac, struct neigh_msg *msg) {
	if (addr_is_unspecified(src) || option_mac == NULL)
		return false;
	if (addr_is_group(dst) && (flags & ND_FLAG_SOLICITED))
		return false;
	msg->kind = NEIGH_REPLY;
	msg->sender = msg->target;
	msg->target = *dst;
	memcpy(msg->sender_mac, option_mac, NEIGH_MAC_OCTETS);
	return true;
}

static bool nd_parse(const uint8_t *frame, size_t len, struct neigh_msg *msg) {
	if (len < ETH_OCTETS + IPV6_OCTETS + ND_OCTETS)
		return false;
	const uint8_t *ip = frame + ETH_OCTETS, *nd = ip + IPV6_OCTETS;
	size_t nd_len = get_be16(ip + 4);
	if (ip[0] >> 4 != 6 || ip[6] != IPV6_NEXT_ICMPV6 || ip[7] != ND_HOP_LIMIT)
		return false;
	if (nd_len < ND_OCTETS || nd_len > len - ETH_OCTETS - IPV6_OCTETS)
		return false;

	bool is_request = nd[0] == ND_SOLICITATION;
	if ((!is_request && nd[0] != ND_ADVERTISEMENT) || nd[1] != 0)
		return false;

	struct ip_addr src = addr_from_v6(ip + 8), dst = addr_from_v6(ip + 24);
	struct neigh_msg found = {.target = addr_from_v6(nd + ND_TARGET_OCTET)};
	// ::ffff:a.b.c.d on the wire would be taken for IPv4 from here on.
	if (addr_is_v4(&src) || addr_is_v4(&dst) || addr_is_v4(&found.target))
		return false;
	if (addr_is_group(&src) || addr_is_group(&found.target))
		return false;
	if (addr_is_unspecified(&found.target))
		return false;
	if (checksum_pseudo(&src, &dst, IPV6_NEXT_ICMPV6, nd, nd_len) != 0)
		return false;

	const uint8_t *mac;
	uint8_t kind = is_request ? ND_OPTION_SOURCE_MAC : ND_OPTION_TARGET_MAC;
	if (!nd_option_mac(nd + ND_OCTETS, nd_len - ND_OCTETS, kind, &mac))
		return false;
	bool is_right = is_request ? nd_solicitation(frame, &src, &dst, mac, &found)
				   : nd_advertisement(&src, &dst, nd[4], mac, &found);
	if (is_right)
		*msg = found;
	return is_right;
}

bool neigh_parse(const uint8_t *frame, size_t len, struct neigh_msg *msg) {
	if (len < ETH_OCTETS)
		return false;
	switch (get_be16(frame + ETHERTYPE_OCTET)) {
	case ETHERTYPE_ARP:
		return arp_parse(frame, len, msg);
	case ETHERTYPE_IPV6:
		return nd_parse(frame, len, msg);
	default:
		return false;
	}
}

static void eth_write(uint8_t *buf, const uint8_t *dst, const uint8_t *src, uint16_t ethertype) {
	memcpy(buf, dst, NEIGH_MAC_OCTETS);
	memcpy(buf + NEIGH_MAC_OCTETS, src, NEIGH_MAC_OCTETS);
	put_be16(buf + ETHERTYPE_OCTET, ethertype);
}

static size_t arp_write(uint8_t *buf, size_t cap, uint16_t operation, const uint8_t *src_mac,
	const struct ip_addr *src, const uint8_t *dst_mac, const struct ip_addr *dst) {
	if (cap < NEIGH_ARP_OCTETS)
		return 0;
	memset(buf, 0, NEIGH_ARP_OCTETS);
	bool is_request = operation == ARP_REQUEST;
	eth_write(buf, is_request ? mac_broadcast : dst_mac, src_mac, ETHERTYPE_ARP);

	uint8_t *arp = buf + ETH_OCTETS;
	put_be16(arp, ARP_HARDWARE_ETHERNET);
	put_be16(arp + 2, ETHERTYPE_IPV4);
	arp[4] = NEIGH_MAC_OCTETS;
	arp[5] = ADDR4_OCTETS;
	put_be16(arp + 6, operation);
	memcpy(arp + 8, src_mac, NEIGH_MAC_OCTETS);
	memcpy(arp + 14, addr_v4(src), ADDR4_OCTETS);
	memcpy(arp + 18, dst_mac, NEIGH_MAC_OCTETS);
	memcpy(arp + 24, addr_v4(dst), ADDR4_OCTETS);
	return NEIGH_ARP_OCTETS;
}

// One solicitation or advertisement of target, with src_mac in its option. A group as dst brings
// its own MAC (RFC 2464 section 7).
static size_t nd_write(uint8_t *buf, size_t cap, uint8_t type, uint8_t flags,
	const uint8_t *src_mac, const struct ip_addr *src, const uint8_t *dst_mac,
	const struct ip_addr *dst, const struct ip_addr *target) {
	// RFC 4861 section 4.3: who has no address yet must not tell its MAC, or nobody listens.
	bool has_option = !addr_is_unspecified(src);
	size_t nd_len = ND_OCTETS + (has_option ? ND_OPTION_UNIT : 0);
	static_assert(
		NEIGH_FRAME_MAX_OCTETS == ETH_OCTETS + IPV6_OCTETS + ND_OCTETS + ND_OPTION_UNIT,
		"the longest frame is the one written here");
	if (cap < NEIGH_FRAME_MAX_OCTETS)
		return 0;
	memset(buf, 0, NEIGH_FRAME_MAX_OCTETS);

	uint8_t group_mac[NEIGH_MAC_OCTETS] = {0x33, 0x33};
	memcpy(group_mac + 2, dst->octets + 12, 4);
	eth_write(buf, addr_is_group(dst) ? group_mac : dst_mac, src_mac, ETHERTYPE_IPV6);

	uint8_t *ip = buf + ETH_OCTETS, *nd = ip + IPV6_OCTETS;
	ip[0] = 0x60;
	put_be16(ip + 4, (uint16_t)nd_len);
	ip[6] = IPV6_NEXT_ICMPV6;
	ip[7] = ND_HOP_LIMIT;
	memcpy(ip + 8, src->octets, ADDR6_OCTETS);
	memcpy(ip + 24, dst->octets, ADDR6_OCTETS);

	nd[0] = type;
	nd[4] = flags;
	memcpy(nd + ND_TARGET_OCTET, target->octets, ADDR6_OCTETS);
	uint8_t *option = nd + ND_OCTETS;
	if (has_option) {
		option[0] = type == ND_SOLICITATION ? ND_OPTION_SOURCE_MAC : ND_OPTION_TARGET_MAC;
		option[1] = 1;
		memcpy(option + 2, src_mac, NEIGH_MAC_OCTETS);
	}
	put_be16(nd + 2, checksum_pseudo(src, dst, IPV6_NEXT_ICMPV6, nd, nd_len));
	return ETH_OCTETS + IPV6_OCTETS + nd_len;
}

size_t neigh_request_write(uint8_t *buf, size_t cap, const uint8_t *src_mac,
	const struct ip_addr *src, const struct ip_addr *target) {
	if (addr_is_v4(src) != addr_is_v4(target))
		return 0;
	if (addr_is_v4(src))
		return arp_write(buf, cap, ARP_REQUEST, src_mac, src, mac_none, target);
	struct ip_addr group = solicited_node(target);
	return nd_write(buf, cap, ND_SOLICITATION, 0, src_mac, src, NULL, &group, target);
}

size_t neigh_reply_write(uint8_t *buf, size_t cap, const uint8_t *our_mac,
	const struct ip_addr *our_ip, const struct neigh_msg *request) {
	if (request->kind != NEIGH_REQUEST || addr_is_v4(our_ip) != addr_is_v4(&request->sender))
		return 0;
	if (addr_is_v4(our_ip))
		return arp_write(buf, cap, ARP_REPLY, our_mac, our_ip, request->sender_mac,
			&request->sender);

	// RFC 4861 section 7.2.4: whoever has no address yet is told with everybody else.
	bool is_to_all = addr_is_unspecified(&request->sender);
	uint8_t flags = ND_FLAG_OVERRIDE | (is_to_all ? 0 : ND_FLAG_SOLICITED);
	return nd_write(buf, cap, ND_ADVERTISEMENT, flags, our_mac, our_ip, request->sender_mac,
		is_to_all ? &all_nodes : &request->sender, our_ip);
}
