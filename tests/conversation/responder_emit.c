// Frames of the server's, and of a router before it.
#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/checksum.h"
#include "tests/conversation/responder.h"

#include <assert.h>

static struct reply_frame *new_reply(struct responder *r, uint64_t delay_ns) {
	assert(r->nb_replies < RESPONDER_MAX_REPLIES);
	struct reply_frame *reply = &r->replies[r->nb_replies++];
	reply->at_ns = r->now_ns + delay_ns;
	return reply;
}

void responder_emit(struct responder *r, uint64_t delay_ns, uint16_t to_port, struct segment *seg) {
	static const struct frame_route route = {.src_mac = {2, 2}, .dst_mac = {2, 1}};
	uint8_t options[TCPOPT_MAX_OCTETS];
	if (seg->options_len > 0)
		memcpy(options, seg->options, seg->options_len);
	seg->options = options;
	seg->src = r->addr;
	seg->dst = r->scanner;
	seg->sport = r->port;
	seg->dport = to_port;
	if (seg->ttl == 0)
		seg->ttl = RESPONDER_TTL;
	if (r->behaviour->reply_passes && !r->behaviour->reply_passes(r, seg, options))
		return;
	struct reply_frame *reply = new_reply(r, delay_ns);
	reply->len = (uint16_t)frame_write(reply->octets, FRAME_MAX_OCTETS, &route, seg);
	assert(reply->len > 0);
}

static size_t write_icmp4(
	struct responder *r, uint8_t *ip, const uint8_t *quoted, uint32_t seq_xor) {
	static const uint8_t router[] = {203, 0, 113, 1};
	uint8_t *icmp = ip + 20;
	memset(ip, 0, 28);
	ip[0] = 0x45;
	put_be16(ip + 2, 20 + 8 + 28);
	ip[8] = 61;
	ip[9] = 1;
	memcpy(ip + 12, router, sizeof(router));
	memcpy(ip + 16, addr_v4(&r->scanner), ADDR4_OCTETS);
	put_be16(ip + 10, checksum(ip, 20));
	icmp[0] = 3; // unreachable, administratively prohibited
	icmp[1] = 13;
	memcpy(icmp + 8, quoted, 28);
	put_be32(icmp + 8 + 24, get_be32(icmp + 8 + 24) ^ seq_xor);
	put_be16(icmp + 2, checksum(icmp, 8 + 28));
	return 20 + 8 + 28;
}

static size_t write_icmp6(struct responder *r, uint8_t *ip, const uint8_t *quoted,
	size_t quoted_len, uint32_t seq_xor) {
	const struct ip_addr router = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 0xfe}};
	uint8_t *icmp = ip + 40;
	size_t len = 8 + quoted_len;
	memset(ip, 0, 48);
	ip[0] = 0x60;
	put_be16(ip + 4, (uint16_t)len);
	ip[6] = 58;
	ip[7] = 61;
	memcpy(ip + 8, router.octets, ADDR6_OCTETS);
	memcpy(ip + 24, r->scanner.octets, ADDR6_OCTETS);
	icmp[0] = 1; // unreachable, administratively prohibited
	icmp[1] = 1;
	memcpy(icmp + 8, quoted, quoted_len);
	put_be32(icmp + 8 + 44, get_be32(icmp + 8 + 44) ^ seq_xor);
	put_be16(icmp + 2, checksum_pseudo(&router, &r->scanner, 58, icmp, len));
	return 40 + len;
}

void responder_emit_icmp(struct responder *r, uint32_t seq_xor) {
	bool is_v4 = addr_is_v4(&r->scanner);
	struct reply_frame *reply = new_reply(r, 0);
	uint8_t *octets = reply->octets;
	const uint8_t *quoted = r->request + ETHER_HEADER_OCTETS;
	memset(octets, 0, ETHER_HEADER_OCTETS);
	put_be16(octets + 12, is_v4 ? 0x0800 : 0x86dd);
	size_t len = is_v4 ? write_icmp4(r, octets + ETHER_HEADER_OCTETS, quoted, seq_xor)
			   : write_icmp6(r, octets + ETHER_HEADER_OCTETS, quoted,
				     r->request_len - ETHER_HEADER_OCTETS, seq_xor);
	reply->len = (uint16_t)(ETHER_HEADER_OCTETS + len);
}
