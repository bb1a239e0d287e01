#include "lib/sim/sim_emit.h"

#include "lib/sim/sim_hash.h"
#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/checksum.h"

#define IPV4_OCTETS 20
#define IPV6_OCTETS 40
#define ICMP_OCTETS 8
#define ROUTER_TTL 61
#define ICMP4_ADMIN_PROHIBITED_TYPE 3
#define ICMP4_ADMIN_PROHIBITED_CODE 13
#define ICMP6_ADMIN_PROHIBITED_TYPE 1
#define ICMP6_ADMIN_PROHIBITED_CODE 1
#define QUOTED_TCP_OCTETS 8	// RFC 792
#define QUOTED_MAX_OCTETS6 1232 // RFC 4443: the message fits the smallest MTU
#define SEQ_OCTET 4		// of the TCP header

// A segment, or a message that quotes the request.
struct content {
	const struct segment *seg;
	uint32_t seq_xor;
};

bool sim_emit_chance(struct sim *s, uint32_t ppm) {
	if (ppm == 0)
		return false;
	uint64_t draw = sim_hash_mix(s->config.seed + sim_hash_mix(++s->nb_draws));
	return ((draw >> 32) * SIM_MILLION) >> 32 < ppm;
}

// ---- ICMP

static size_t write_icmp4(const struct sim_turn *turn, uint32_t seq_xor, uint8_t *ip) {
	static const uint8_t router[] = {203, 0, 113, 1};
	const uint8_t *quoted = turn->request + ETHER_HEADER_OCTETS;
	size_t header = (size_t)(quoted[0] & 0x0f) * 4;
	size_t total = IPV4_OCTETS + ICMP_OCTETS + header + QUOTED_TCP_OCTETS;
	uint8_t *icmp = ip + IPV4_OCTETS;
	memset(ip, 0, IPV4_OCTETS + ICMP_OCTETS);
	ip[0] = 0x45;
	put_be16(ip + 2, (uint16_t)total);
	ip[8] = ROUTER_TTL;
	ip[9] = 1; // ICMP
	memcpy(ip + 12, router, sizeof(router));
	memcpy(ip + 16, addr_v4(&turn->client), ADDR4_OCTETS);
	put_be16(ip + 10, checksum(ip, IPV4_OCTETS));
	icmp[0] = ICMP4_ADMIN_PROHIBITED_TYPE;
	icmp[1] = ICMP4_ADMIN_PROHIBITED_CODE;
	memcpy(icmp + ICMP_OCTETS, quoted, header + QUOTED_TCP_OCTETS);
	uint8_t *seq = icmp + ICMP_OCTETS + header + SEQ_OCTET;
	put_be32(seq, get_be32(seq) ^ seq_xor);
	put_be16(icmp + 2, checksum(icmp, total - IPV4_OCTETS));
	return total;
}

static size_t write_icmp6(const struct sim_turn *turn, uint32_t seq_xor, uint8_t *ip) {
	static const struct ip_addr router = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 0xfe}};
	const uint8_t *quoted = turn->request + ETHER_HEADER_OCTETS;
	size_t quoted_len = IPV6_OCTETS + (size_t)get_be16(quoted + 4);
	if (quoted_len > QUOTED_MAX_OCTETS6)
		quoted_len = QUOTED_MAX_OCTETS6;
	uint8_t *icmp = ip + IPV6_OCTETS;
	size_t len = ICMP_OCTETS + quoted_len;
	memset(ip, 0, IPV6_OCTETS + ICMP_OCTETS);
	ip[0] = 0x60;
	put_be16(ip + 4, (uint16_t)len);
	ip[6] = 58; // ICMPv6
	ip[7] = ROUTER_TTL;
	memcpy(ip + 8, router.octets, ADDR6_OCTETS);
	memcpy(ip + 24, turn->client.octets, ADDR6_OCTETS);
	icmp[0] = ICMP6_ADMIN_PROHIBITED_TYPE;
	icmp[1] = ICMP6_ADMIN_PROHIBITED_CODE;
	memcpy(icmp + ICMP_OCTETS, quoted, quoted_len);
	uint8_t *seq = icmp + ICMP_OCTETS + IPV6_OCTETS + SEQ_OCTET;
	put_be32(seq, get_be32(seq) ^ seq_xor);
	put_be16(icmp + 2, checksum_pseudo(&router, &turn->client, 58, icmp, len));
	return IPV6_OCTETS + len;
}

static size_t write_icmp(const struct sim_turn *turn, uint32_t seq_xor, uint8_t *buf) {
	bool is_v4 = addr_is_v4(&turn->client);
	uint8_t *ip = buf + ETHER_HEADER_OCTETS;
	memcpy(buf, turn->client_mac, MAC_OCTETS);
	memcpy(buf + MAC_OCTETS, turn->sim->config.mac, MAC_OCTETS);
	put_be16(buf + 2 * MAC_OCTETS, is_v4 ? 0x0800 : 0x86dd);
	return ETHER_HEADER_OCTETS +
	       (is_v4 ? write_icmp4(turn, seq_xor, ip) : write_icmp6(turn, seq_xor, ip));
}

// ---- the way out

static size_t write_frame(
	const struct sim_turn *turn, const struct content *content, uint8_t *buf) {
	if (content->seg == NULL)
		return write_icmp(turn, content->seq_xor, buf);
	struct frame_route route = {0};
	memcpy(route.src_mac, turn->sim->config.mac, MAC_OCTETS);
	memcpy(route.dst_mac, turn->client_mac, MAC_OCTETS);
	return frame_write(buf, FRAME_MAX_OCTETS, &route, content->seg);
}

// One bit, where a checksum covers it.
static void corrupt(struct sim *s, const struct sim_turn *turn, uint8_t *buf, size_t len) {
	size_t from = ETHER_HEADER_OCTETS + (addr_is_v4(&turn->client) ? IPV4_OCTETS : IPV6_OCTETS);
	uint64_t draw = sim_hash_mix(s->config.seed ^ ++s->nb_draws);
	buf[from + draw % (len - from)] ^= (uint8_t)(1u << (draw >> 61));
}

static void send_copy(struct sim_turn *turn, uint64_t delay_ns, const struct content *content) {
	struct sim *s = turn->sim;
	uint8_t *buf = turn->sink->buffer(turn->sink->context);
	if (buf == NULL) {
		s->counters.nb_no_buffer++;
		return;
	}
	size_t len = write_frame(turn, content, buf);
	assert(len > 0);
	uint64_t at_ns = turn->now_ns + turn->rtt_ns + delay_ns;
	if (sim_emit_chance(s, s->config.path.corrupt_ppm)) {
		s->counters.nb_corrupted++;
		corrupt(s, turn, buf, len);
	}
	if (sim_emit_chance(s, s->config.path.reorder_ppm)) {
		s->counters.nb_reordered++;
		at_ns += s->config.path.reorder_ns;
	}
	s->counters.nb_sent++;
	turn->sink->commit(turn->sink->context, at_ns, len);
}

static void send_off(struct sim_turn *turn, uint64_t delay_ns, const struct content *content) {
	struct sim *s = turn->sim;
	if (sim_emit_chance(s, s->config.path.loss_out_ppm) ||
		sim_emit_chance(s, turn->row->loss_ppm)) {
		s->counters.nb_lost_out++;
		return;
	}
	bool is_twice = sim_emit_chance(s, s->config.path.duplicate_ppm);
	s->counters.nb_duplicated += is_twice;
	for (unsigned int i = 0; i < 1u + is_twice; i++)
		send_copy(turn, delay_ns, content);
}

void sim_emit_segment(struct sim_turn *turn, struct sim_conn *conn, uint64_t delay_ns,
	const struct segment *seg) {
	uint8_t options[TCPOPT_MAX_OCTETS];
	struct segment out = *seg;
	if (turn->holds_back)
		return;
	out.src = turn->addr;
	out.dst = turn->client;
	out.sport = turn->port;
	out.dport = turn->client_port;
	out.ttl = seg->ttl == 0 ? SIM_TTL : seg->ttl;
	if (turn->row->reply_passes) {
		if (seg->options_len > 0)
			memcpy(options, seg->options, seg->options_len);
		out.options = options;
		if (!turn->row->reply_passes(turn, conn, &out, options))
			return;
	}
	send_off(turn, delay_ns, &(struct content){.seg = &out});
}

void sim_emit_unreachable(struct sim_turn *turn, uint32_t seq_xor) {
	assert(turn->request != NULL);
	send_off(turn, 0, &(struct content){.seq_xor = seq_xor});
}
