// How many frames a second tfosim takes: SYNs to random addresses, from one core over memif, as
// fast as they are taken; what comes back is thrown away. Built, not run by `meson test`.
//
//	tfosim -l 0 --vdev net_memif0,role=server,id=0,socket=/run/flood.sock -- &
//	memif_flood --no-huge -m 256 --no-pci --file-prefix flood -l 1
//		--vdev net_memif0,role=client,id=0,socket=/run/flood.sock -- [SECONDS]
#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/frame.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define BURST 32
#define DESCRIPTORS 1024
#define NB_MBUFS 8191
#define LINK_WAIT_MS 10000

struct flood {
	uint16_t port_id;
	struct rte_mempool *pool;
	uint8_t syn[96]; // to address and from port 0
	size_t syn_len;
	uint64_t random;
	uint64_t nb_sent, nb_received;
};

static void write_syn(struct flood *f) {
	static const uint8_t options[20] = {
		2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7};
	static const uint8_t client[] = {10, 99, 0, 3}, server[4];
	const struct frame_route route = {.src_mac = {2, 1}, .dst_mac = {2, 0, 0, 0, 0, 2}};
	const struct segment syn = {.src = addr_from_v4(client),
		.dst = addr_from_v4(server),
		.dport = 53,
		.seq = 1,
		.flags = TCP_SYN,
		.window = 64240,
		.options = options,
		.options_len = sizeof(options)};
	f->syn_len = frame_write(f->syn, sizeof(f->syn), &route, &syn);
}

// RFC 1624, of a field that was 0.
static void mend_checksum(uint8_t *checksum, uint32_t added) {
	uint32_t sum = (uint16_t)~get_be16(checksum) + added;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put_be16(checksum, (uint16_t)~sum);
}

static void write_frame(struct flood *f, struct rte_mbuf *m) {
	uint8_t *octets = rte_pktmbuf_mtod(m, uint8_t *);
	f->random = f->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	uint32_t dst = (uint32_t)(f->random >> 32);
	uint16_t port = (uint16_t)(32768 + (f->random >> 16) % 28000);
	uint32_t added = (dst >> 16) + (dst & 0xffff);
	memcpy(octets, f->syn, f->syn_len);
	put_be32(octets + 30, dst);
	put_be16(octets + 34, port);
	mend_checksum(octets + 24, added);
	mend_checksum(octets + 50, added + port);
	m->data_len = (uint16_t)f->syn_len;
	m->pkt_len = (uint32_t)f->syn_len;
}

static void turn(struct flood *f) {
	struct rte_mbuf *frames[BURST];
	uint16_t nb = rte_eth_rx_burst(f->port_id, 0, frames, BURST);
	f->nb_received += nb;
	rte_pktmbuf_free_bulk(frames, nb);
	if (rte_pktmbuf_alloc_bulk(f->pool, frames, BURST) != 0)
		return;
	for (unsigned int i = 0; i < BURST; i++)
		write_frame(f, frames[i]);
	unsigned int nb_sent = 0;
	while (nb_sent < BURST) {
		nb = rte_eth_tx_burst(f->port_id, 0, frames + nb_sent, (uint16_t)(BURST - nb_sent));
		nb_sent += nb;
		if (nb == 0)
			break;
	}
	f->nb_sent += nb_sent;
	rte_pktmbuf_free_bulk(frames + nb_sent, BURST - nb_sent);
}

static int open_port(struct flood *f) {
	const struct rte_eth_conf conf = {0};
	if (rte_eth_dev_count_avail() == 0)
		return -ENODEV;
	f->port_id = (uint16_t)rte_eth_find_next_owned_by(0, RTE_ETH_DEV_NO_OWNER);
	f->pool = rte_pktmbuf_pool_create(
		"flood", NB_MBUFS, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE, (int)rte_socket_id());
	int ret = f->pool ? rte_eth_dev_configure(f->port_id, 1, 1, &conf) : -ENOMEM;
	if (ret == 0)
		ret = rte_eth_rx_queue_setup(f->port_id, 0, DESCRIPTORS, 0, NULL, f->pool);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(f->port_id, 0, DESCRIPTORS, 0, NULL);
	if (ret == 0)
		ret = rte_eth_dev_start(f->port_id);
	struct rte_eth_link link = {0};
	for (unsigned int ms = 0; ret == 0 && ms < LINK_WAIT_MS && !link.link_status; ms++) {
		rte_eth_link_get_nowait(f->port_id, &link);
		rte_delay_us_sleep(1000);
	}
	return ret == 0 && !link.link_status ? -ENOTCONN : ret;
}

int main(int argc, char **argv) {
	static struct flood f = {.random = 1};
	int nb_eal = rte_eal_init(argc, argv);
	int seconds = nb_eal >= 0 && argc - nb_eal > 1 ? atoi(argv[nb_eal + 1]) : 5;
	int ret = nb_eal < 0 ? nb_eal : open_port(&f);
	if (ret < 0) {
		fprintf(stderr, "memif_flood: no port: %s\n", strerror(-ret));
		return 1;
	}
	write_syn(&f);
	uint64_t hz = rte_get_tsc_hz();
	for (int s = 0; s < seconds; s++) {
		uint64_t end = rte_rdtsc() + hz, nb_sent = f.nb_sent, nb_received = f.nb_received;
		while (rte_rdtsc() < end)
			turn(&f);
		printf("%.2f million frames a second, %.3f million came back\n",
			(double)(f.nb_sent - nb_sent) / 1e6,
			(double)(f.nb_received - nb_received) / 1e6);
	}
	rte_eth_dev_stop(f.port_id);
	rte_eal_cleanup();
	return 0;
}
