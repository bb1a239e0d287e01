// The XDP program of an interface that the scanner shares with its host over af_xdp: frames that
// are ours go to the scanner, all others on to the kernel. When the scanner is gone, its sockets
// are out of the map, and the program lets everything pass.
//
// Ours is what comes to our MAC, and who asks for that MAC. If the kernel has the same MAC and
// address
// (--kernel-owns-source), only TCP to our local ports is ours, and ICMP errors about it.
#include "app/xdp_ours.h"

#include <stdbool.h>

#define SECTION(name) __attribute__((section(name), used))
#define ETHER_OCTETS 14
#define IPV4_OCTETS 20
#define IPV6_OCTETS 40

// linux/bpf.h
enum xdp_verdict {
	VERDICT_PASS = 2,
};

struct xdp_md {
	uint32_t data, data_end, data_meta;
	uint32_t ingress_ifindex, rx_queue_index, egress_ifindex;
};

static long (*const redirect_map)(void *map, uint32_t key, uint64_t flags) = (void *)51;

#define MAP_TYPE_XSKMAP 17

// DPDK's driver puts its sockets here, by queue.
struct {
	int (*type)[MAP_TYPE_XSKMAP];
	uint32_t *key, *value;
	int (*max_entries)[XDP_OURS_QUEUES];
} xsks_map SECTION(".maps");

static const volatile struct xdp_ours ours = {.mark = XDP_OURS_MARK};

static inline bool is_same(const uint8_t *p, const volatile uint8_t *q, unsigned int len) {
	uint8_t differs = 0;
#pragma unroll
	for (unsigned int i = 0; i < len; i++)
		differs |= p[i] ^ q[i];
	return differs == 0;
}

static inline uint16_t be16(const uint8_t *p) {
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline bool is_our_port(const uint8_t *p) {
	uint16_t port = be16(p);
	return port >= ours.first_port && port <= ours.last_port;
}

// Who asks by ARP, or by neighbour discovery, for an address that is ours and not the kernel's.
static inline bool asks_for_us(const uint8_t *p, const uint8_t *end) {
	if (be16(p + 12) == 0x0806)
		return ours.has_v4 && p + ETHER_OCTETS + 28 <= end && be16(p + 20) == 1 &&
		       is_same(p + 38, ours.v4, 4);
	return ours.has_v6 && be16(p + 12) == 0x86dd &&
	       p + ETHER_OCTETS + IPV6_OCTETS + 24 <= end && p[20] == 58 && p[54] == 135 &&
	       is_same(p + 62, ours.v6, 16);
}

static inline bool is_ours4(const uint8_t *ip, const uint8_t *end) {
	if (ip + IPV4_OCTETS + 8 > end || ip[0] != 0x45 || !is_same(ip + 16, ours.v4, 4))
		return false;
	const uint8_t *l4 = ip + IPV4_OCTETS;
	if (ip[9] == 6)
		return is_our_port(l4 + 2);
	const uint8_t *quote = l4 + 8;
	return ip[9] == 1 && l4[0] == 3 && quote + IPV4_OCTETS + 8 <= end && quote[0] == 0x45 &&
	       quote[9] == 6 && is_same(quote + 12, ours.v4, 4) && is_our_port(quote + IPV4_OCTETS);
}

static inline bool is_ours6(const uint8_t *ip, const uint8_t *end) {
	if (ip + IPV6_OCTETS + 8 > end || !is_same(ip + 24, ours.v6, 16))
		return false;
	const uint8_t *l4 = ip + IPV6_OCTETS;
	if (ip[6] == 6)
		return is_our_port(l4 + 2);
	const uint8_t *quote = l4 + 8;
	return ip[6] == 58 && l4[0] == 1 && quote + IPV6_OCTETS + 8 <= end && quote[6] == 6 &&
	       is_same(quote + 8, ours.v6, 16) && is_our_port(quote + IPV6_OCTETS);
}

static inline bool is_ours(const uint8_t *p, const uint8_t *end) {
	if (p + ETHER_OCTETS > end)
		return false;
	bool is_to_mac = is_same(p, ours.mac, 6);
	if (!ours.is_shared)
		return is_to_mac || ((p[0] & 1) && asks_for_us(p, end));
	if (!is_to_mac)
		return false;
	if (ours.has_v4 && be16(p + 12) == 0x0800)
		return is_ours4(p + ETHER_OCTETS, end);
	return ours.has_v6 && be16(p + 12) == 0x86dd && is_ours6(p + ETHER_OCTETS, end);
}

SECTION("xdp")
int tfoscan_ours(struct xdp_md *frame) {
	const uint8_t *p = (const uint8_t *)(uintptr_t)frame->data;
	const uint8_t *end = (const uint8_t *)(uintptr_t)frame->data_end;
	if (!is_ours(p, end))
		return VERDICT_PASS;
	return (int)redirect_map(&xsks_map, frame->rx_queue_index, VERDICT_PASS);
}
