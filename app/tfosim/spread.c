#include "app/tfosim/spread.h"

#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/frame.h"

#include <rte_thash.h>

#include <stdbool.h>

#define RETA_ENTRIES 128u
#define PORTS_OCTETS 4
#define IP_PROTOCOL_TCP 6

// Of Microsoft's "RSS hash verification suite", as words: rte_softrss_be wants them so.
static const uint32_t key[] = {0x6d5a56da, 0x255b0ec2, 0x4167253d, 0x43a38fb0, 0xd0ca2bcb,
	0xae7b30b4, 0x77cb2da3, 0x8030f20c, 0x6a42b73b, 0xbeac01fa};

// Addresses, then ports; they may lie apart.
static uint32_t hash(const uint8_t *addrs, unsigned int addrs_octets, const uint8_t *ports) {
	uint32_t words[(2 * ADDR6_OCTETS + PORTS_OCTETS) / 4];
	unsigned int nb = addrs_octets / 4;
	for (unsigned int i = 0; i < nb; i++)
		words[i] = get_be32(addrs + 4 * (size_t)i);
	words[nb++] = get_be32(ports);
	return rte_softrss_be(words, nb, (const uint8_t *)key);
}

uint32_t spread_hash(const uint8_t *octets, size_t len) {
	const uint8_t *ip = octets + ETHER_HEADER_OCTETS;
	if (len < ETHER_HEADER_OCTETS + 20)
		return 0;
	size_t room = len - ETHER_HEADER_OCTETS;
	uint16_t ether_type = get_be16(octets + 2 * MAC_OCTETS);
	if (ether_type == 0x0800 && ip[9] == IP_PROTOCOL_TCP) {
		size_t header = (size_t)(ip[0] & 0x0f) * 4;
		bool has_ports = header >= 20 && room >= header + PORTS_OCTETS;
		return has_ports ? hash(ip + 12, 2 * ADDR4_OCTETS, ip + header) : 0;
	}
	if (ether_type == 0x86dd && room >= 40 + PORTS_OCTETS && ip[6] == IP_PROTOCOL_TCP)
		return hash(ip + 8, 2 * ADDR6_OCTETS, ip + 40);
	return 0;
}

unsigned int spread_queue(const uint8_t *octets, size_t len, unsigned int nb_queues) {
	return nb_queues == 1 ? 0 : spread_hash(octets, len) % RETA_ENTRIES % nb_queues;
}
