// A segment of ours whose checksums the NIC makes: which ones (enum frame_by_nic) is the port's
// matter, and the same for the octets (struct frame_route) and for the mbuf that holds them.
#pragma once

#include "lib/tcpstack/frame.h"

#include <rte_ip.h>
#include <rte_mbuf.h>

// m: fresh from its pool, with the frame in it.
static inline void tx_offload_mark(
	struct rte_mbuf *m, unsigned int by_nic, bool is_v4, unsigned int options_octets) {
	uint64_t flags = 0;
	if (by_nic & FRAME_TCP_CHECKSUM_BY_NIC)
		flags |= RTE_MBUF_F_TX_TCP_CKSUM;
	if (is_v4 && (by_nic & FRAME_IP_CHECKSUM_BY_NIC))
		flags |= RTE_MBUF_F_TX_IP_CKSUM;
	if (flags == 0)
		return;
	m->ol_flags |= flags | (is_v4 ? RTE_MBUF_F_TX_IPV4 : RTE_MBUF_F_TX_IPV6);
	m->l2_len = ETHER_HEADER_OCTETS;
	m->l3_len = is_v4 ? sizeof(struct rte_ipv4_hdr) : sizeof(struct rte_ipv6_hdr);
	m->l4_len = 20 + options_octets;
}
