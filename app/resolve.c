// Before the first SYN: the gateways' MACs, whether somebody else has our addresses, and where we
// are.
#include "app/network.h"

#include "app/say.h"
#include "lib/addrtext.h"
#include "lib/tcpstack/neigh.h"

#include <stdio.h>

#define TRIES 3
#define TRY_NS NSEC_PER_SEC
#define CONFLICT_NS (NSEC_PER_SEC / 5) // a host on the link answers within this

struct asking {
	struct network *net;
	uint16_t port_id;
	unsigned int nb_queues;
	struct rte_mempool *pool;
	const struct tsc_clock *clock;
	bool has_gateway4, has_gateway6; // or none is asked for
	bool has_conflict;
	struct neigh_msg conflict;
};

static void send_octets(struct asking *a, const uint8_t *octets, size_t len) {
	struct rte_mbuf *m = len > 0 ? rte_pktmbuf_alloc(a->pool) : NULL;
	if (!m)
		return;
	memcpy(rte_pktmbuf_append(m, (uint16_t)len), octets, len);
	if (rte_eth_tx_burst(a->port_id, 0, &m, 1) == 0)
		rte_pktmbuf_free(m); // it is asked again
}

static void ask(struct asking *a, const struct ip_addr *sender, const struct ip_addr *target) {
	uint8_t frame[NEIGH_FRAME_MAX_OCTETS];
	send_octets(a, frame,
		neigh_request_write(frame, sizeof(frame), a->net->hop.our_mac, sender, target));
}

static void ask_all(struct asking *a) {
	static const uint8_t zero4[ADDR4_OCTETS];
	static const struct ip_addr unspecified6;
	struct ip_addr unspecified4 = addr_from_v4(zero4);
	const struct next_hop *hop = &a->net->hop;
	if (hop->has_v4 && !a->net->kernel_owns_source)
		ask(a, &unspecified4, &hop->laddr4);
	if (hop->has_v6 && !a->net->kernel_owns_source)
		ask(a, &unspecified6, &hop->laddr6);
	if (!a->has_gateway4)
		ask(a, &hop->laddr4, &a->net->gateway4);
	if (!a->has_gateway6)
		ask(a, &hop->laddr6, &a->net->gateway6);
}

static void hear(struct asking *a, const struct rte_mbuf *m) {
	struct next_hop *hop = &a->net->hop;
	struct neigh_msg msg;
	if (!neigh_parse(rte_pktmbuf_mtod(m, const uint8_t *), rte_pktmbuf_data_len(m), &msg))
		return;
	if (memcmp(msg.sender_mac, hop->our_mac, MAC_OCTETS) == 0)
		return; // our own, seen going out
	if (msg.kind == NEIGH_REQUEST) {
		uint8_t frame[NEIGH_FRAME_MAX_OCTETS];
		if (next_hop_owns(hop, &msg.target))
			send_octets(a, frame,
				neigh_reply_write(
					frame, sizeof(frame), hop->our_mac, &msg.target, &msg));
		return;
	}
	if (next_hop_owns(hop, &msg.sender) && !a->net->kernel_owns_source) {
		a->has_conflict = true;
		a->conflict = msg;
	} else if (!a->has_gateway4 && addr_equal(&msg.sender, &a->net->gateway4)) {
		memcpy(hop->gateway4_mac, msg.sender_mac, MAC_OCTETS);
		hop->has_gateway4 = a->has_gateway4 = true;
	} else if (!a->has_gateway6 && addr_equal(&msg.sender, &a->net->gateway6)) {
		memcpy(hop->gateway6_mac, msg.sender_mac, MAC_OCTETS);
		hop->has_gateway6 = a->has_gateway6 = true;
	}
}

static void hear_until(struct asking *a, uint64_t until_ns, uint64_t conflict_until_ns) {
	for (;;) {
		uint64_t now_ns = clock_now_ns(a->clock);
		bool has_all = a->has_gateway4 && a->has_gateway6 && now_ns >= conflict_until_ns;
		if (now_ns >= until_ns || a->has_conflict || has_all)
			return;
		struct rte_mbuf *frames[WORKER_BURST];
		for (unsigned int q = 0; q < a->nb_queues; q++) {
			unsigned int nb =
				rte_eth_rx_burst(a->port_id, (uint16_t)q, frames, WORKER_BURST);
			for (unsigned int i = 0; i < nb; i++) {
				hear(a, frames[i]);
				rte_pktmbuf_free(frames[i]);
			}
		}
	}
}

// Whoever knows our addresses under another MAC, from an earlier scan with other sources, learns
// the new one (RFC 5227 section 2.3, RFC 4861 section 7.2.6).
static void announce(struct asking *a) {
	static const struct neigh_msg from_nobody = {.kind = NEIGH_REQUEST};
	const struct next_hop *hop = &a->net->hop;
	uint8_t frame[NEIGH_FRAME_MAX_OCTETS];
	if (a->net->kernel_owns_source)
		return;
	if (hop->has_v4)
		ask(a, &hop->laddr4, &hop->laddr4);
	if (hop->has_v6)
		send_octets(a, frame,
			neigh_reply_write(
				frame, sizeof(frame), hop->our_mac, &hop->laddr6, &from_nobody));
}

static int report(const struct asking *a) {
	char text[ADDRTEXT_OCTETS];
	const struct network *net = a->net;
	if (a->has_conflict) {
		const uint8_t *mac = a->conflict.sender_mac;
		say("source address %s is in use by %02x:%02x:%02x:%02x:%02x:%02x: give a free one "
		    "with -S",
			addrtext_print(&a->conflict.sender, text), mac[0], mac[1], mac[2], mac[3],
			mac[4], mac[5]);
		return 1;
	}
	if (a->has_gateway4 && a->has_gateway6)
		return 0;
	bool is_v4 = !a->has_gateway4;
	say("gateway %s does not answer %s: check cable, -S and -G, or give its MAC (-G MAC)",
		addrtext_print(is_v4 ? &net->gateway4 : &net->gateway6, text),
		is_v4 ? "ARP" : "neighbour solicitations");
	return 1;
}

int network_resolve(struct network *net, uint16_t port_id, unsigned int nb_queues,
	struct rte_mempool *pool, const struct tsc_clock *clock) {
	struct asking a = {
		.net = net,
		.port_id = port_id,
		.nb_queues = nb_queues,
		.pool = pool,
		.clock = clock,
		.has_gateway4 = !net->ask_gateway4,
		.has_gateway6 = !net->ask_gateway6,
	};
	uint64_t start_ns = clock_now_ns(clock);
	for (unsigned int i = 1; i <= TRIES; i++) {
		ask_all(&a);
		hear_until(&a, start_ns + i * TRY_NS, start_ns + CONFLICT_NS);
		if (a.has_conflict || (a.has_gateway4 && a.has_gateway6))
			break;
	}
	if (!a.has_conflict)
		announce(&a);
	return report(&a);
}
