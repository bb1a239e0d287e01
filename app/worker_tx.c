#include "app/tx_offload.h"
#include "app/worker_parts.h"

bool tx_has_room(const struct worker *w) {
	return w->nb_tx < WORKER_TX_FRAMES;
}

// What the driver does not take stays, in its order, and is offered again: not before the next
// round if it took nothing, for each frame that comes meanwhile would have it asked once more.
void tx_flush(struct worker *w) {
	if (w->nb_tx == 0 || w->tx_is_refused)
		return;
	uint64_t before = rte_rdtsc();
	uint16_t nb_sent = rte_eth_tx_burst(w->port_id, w->queue_id, w->tx, (uint16_t)w->nb_tx);
	w->counters.driver_cycles += rte_rdtsc() - before;
	w->counters.frames_sent += nb_sent;
	if (nb_sent < w->nb_tx) {
		w->counters.tx_refused++;
		w->counters.tx_kept += w->nb_tx - nb_sent;
		memmove(w->tx, w->tx + nb_sent, (w->nb_tx - nb_sent) * sizeof(w->tx[0]));
	}
	w->nb_tx -= nb_sent;
	w->tx_is_refused = nb_sent == 0;
}

// Out of the pool a frame is in one piece and nobody else's. What the driver looks at besides, all
// in its first cache line, is set as drivers do it for the frames that they receive.
static void make_fresh(struct rte_mbuf *m) {
	m->data_off = RTE_PKTMBUF_HEADROOM;
	m->port = RTE_MBUF_PORT_INVALID;
	m->ol_flags = 0;
}

unsigned int tx_open(struct worker *w, struct rte_mbuf **frames, unsigned int nb) {
	// whole bursts: a driver's call costs the same for few frames
	if (!tx_has_room(w))
		tx_flush(w);
	if (w->nb_tx + nb > WORKER_TX_FRAMES)
		nb = WORKER_TX_FRAMES - w->nb_tx;
	if (rte_mempool_get_bulk(w->pool, (void **)frames, nb) != 0) {
		w->counters.no_mbuf += nb;
		return 0;
	}
	for (unsigned int i = 0; i < nb; i++)
		make_fresh(frames[i]);
	return nb;
}

void tx_filled(struct worker *w, struct rte_mbuf *m, size_t len) {
	m->data_len = (uint16_t)len;
	m->pkt_len = (uint32_t)len;
	w->tx[w->nb_tx++] = m;
}

static void close_frame(struct worker *w, uint64_t now_ns, struct rte_mbuf *m, size_t len) {
	tx_filled(w, m, len);
	pacer_charge(&w->pacer, now_ns, 1);
}

bool tx_segment(struct worker *w, uint64_t now_ns, const uint8_t *dst_mac,
	const struct segment *seg, const struct conn_numbers *numbers) {
	struct rte_mbuf *m;
	if (tx_open(w, &m, 1) == 0)
		return false;
	struct frame_route route = {
		.ip_id = numbers->ip_id, .flow_label = numbers->flow_label, .by_nic = w->by_nic};
	memcpy(route.src_mac, w->hop.our_mac, MAC_OCTETS);
	memcpy(route.dst_mac, dst_mac, MAC_OCTETS);
	size_t len =
		frame_write(rte_pktmbuf_mtod(m, uint8_t *), rte_pktmbuf_tailroom(m), &route, seg);
	tx_offload_mark(m, w->by_nic, addr_is_v4(&seg->dst), seg->options_len);
	close_frame(w, now_ns, m, len);
	prefix_sent(w, &seg->dst, now_ns);
	return true;
}

bool tx_octets(struct worker *w, uint64_t now_ns, const uint8_t *octets, size_t len) {
	struct rte_mbuf *m;
	if (tx_open(w, &m, 1) == 0)
		return false;
	memcpy(rte_pktmbuf_mtod(m, uint8_t *), octets, len);
	close_frame(w, now_ns, m, len);
	return true;
}
