// libFuzzer target: any octets as a frame. What is said of it lies inside of it; a segment that was
// read can be written, and comes back the same.
#include "lib/tcpstack/frame.h"

#include <stdlib.h>

#define REQUIRE(truth) ((truth) ? (void)0 : abort())

#define MAX_HEADERS_OCTETS (ETHER_HEADER_OCTETS + 40 + 20 + TCPOPT_MAX_OCTETS)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_inside(const uint8_t *p, size_t p_len, const uint8_t *octets, size_t len) {
	return p >= octets && p + p_len <= octets + len;
}

static void require_good_options(const struct segment *seg) {
	struct segment_options options;
	segment_options_read(seg, &options);
	struct tcpopt_iter it = tcpopt_begin(seg->options, seg->options_len);
	struct tcpopt opt;
	bool has_timestamps = false, has_mss = false;
	unsigned int nb_found = 0;
	while (tcpopt_next(&it, &opt) == TCPOPT_FOUND) {
		REQUIRE(is_inside(opt.value, opt.len_octets, seg->options, seg->options_len));
		has_timestamps |= opt.kind == TCPOPT_KIND_TIMESTAMPS && opt.len_octets == 8;
		has_mss |= opt.kind == TCPOPT_KIND_MSS && opt.len_octets == 2;
		nb_found++;
	}
	REQUIRE(nb_found <= TCPOPT_MAX_OCTETS / 2);
	REQUIRE(options.has_timestamps == has_timestamps && options.has_mss == has_mss);
}

static void require_equal(const struct segment *a, const struct segment *b) {
	REQUIRE(addr_equal(&a->src, &b->src) && addr_equal(&a->dst, &b->dst));
	REQUIRE(a->sport == b->sport && a->dport == b->dport);
	REQUIRE(a->seq == b->seq && a->ack == b->ack);
	REQUIRE(a->flags == b->flags && a->window == b->window);
	REQUIRE(a->ttl == b->ttl || (a->ttl == 0 && b->ttl == 64));
	REQUIRE(a->options_len == b->options_len && a->data_len == b->data_len);
	REQUIRE(memcmp(a->options, b->options, a->options_len) == 0);
	REQUIRE(memcmp(a->data, b->data, a->data_len) == 0);
}

static void require_round_trip(const struct segment *seg) {
	static const struct frame_route route = {
		.src_mac = {2, 0, 0, 0, 0, 1},
		.dst_mac = {2, 0, 0, 0, 0, 2},
		.ip_id = 0x1234,
		.flow_label = 0xfffff,
	};
	size_t capacity = MAX_HEADERS_OCTETS + (size_t)seg->data_len;
	uint8_t *buf = malloc(capacity);
	if (buf == NULL)
		abort();
	size_t len = frame_write(buf, capacity, &route, seg);
	REQUIRE(len > 0 && len <= capacity);
	REQUIRE(frame_write(buf, len - 1, &route, seg) == 0);

	struct frame back;
	REQUIRE(frame_parse(buf, len, FRAME_TRUST_NOTHING, &back) == FRAME_TCP);
	REQUIRE(memcmp(back.src_mac, route.src_mac, MAC_OCTETS) == 0);
	REQUIRE(memcmp(back.dst_mac, route.dst_mac, MAC_OCTETS) == 0);
	require_equal(seg, &back.seg);
	free(buf);
}

static void require_good_segment(const struct segment *seg, const uint8_t *octets, size_t len) {
	REQUIRE(addr_is_v4(&seg->src) == addr_is_v4(&seg->dst));
	REQUIRE(seg->options_len <= TCPOPT_MAX_OCTETS && seg->options_len % 4 == 0);
	REQUIRE(is_inside(seg->options, seg->options_len, octets, len));
	REQUIRE(is_inside(seg->data, seg->data_len, octets, len));
	REQUIRE(seg->data == seg->options + seg->options_len);
	require_good_options(seg);
	require_round_trip(seg);
}

static void require_good_quote(const struct icmp_quote *quote) {
	REQUIRE(addr_is_v4(&quote->src) == addr_is_v4(&quote->dst));
	REQUIRE(quote->type == (addr_is_v4(&quote->src) ? 3 : 1));
}

static enum frame_kind parse(const uint8_t *octets, size_t len, enum frame_trust trust) {
	struct frame f;
	enum frame_kind kind = frame_parse(octets, len, trust, &f);
	REQUIRE(kind < FRAME_NB_KINDS);
	if (kind != FRAME_TRUNCATED)
		REQUIRE(f.dst_mac == octets && f.src_mac == octets + MAC_OCTETS);
	if (kind == FRAME_TCP)
		require_good_segment(&f.seg, octets, len);
	if (kind == FRAME_ICMP)
		require_good_quote(&f.quote);
	REQUIRE(kind != FRAME_BAD_IP_CHECKSUM || !(trust & FRAME_TRUST_IP_CHECKSUM));
	REQUIRE(kind != FRAME_BAD_CHECKSUM || !(trust & FRAME_TRUST_L4_CHECKSUM));
	return kind;
}

// The octets as the beginning of a packet of a capture.
static void parse_captured(const uint8_t *octets, size_t len) {
	for (size_t more = 0; more <= 70000; more = more * 40 + 1) {
		struct frame_captured c;
		enum frame_kind kind = frame_parse_captured(octets, len, len + more, &c);
		REQUIRE(kind < FRAME_NB_KINDS);
		REQUIRE(kind != FRAME_BAD_CHECKSUM && kind != FRAME_BAD_IP_CHECKSUM);
		if (kind != FRAME_TCP)
			continue;
		const struct segment *seg = &c.frame.seg;
		REQUIRE(is_inside(seg->options, seg->options_len, octets, len));
		REQUIRE(c.is_cut == (seg->data == NULL));
		REQUIRE(c.is_cut || is_inside(seg->data, seg->data_len, octets, len));
		REQUIRE(seg->ip_len_octets >= seg->options_len + seg->data_len ||
			seg->ip_len_octets == UINT16_MAX);
		require_good_options(seg);
	}
	struct frame f;
	if (frame_parse_ip(octets, len, FRAME_TRUST_NOTHING, &f) == FRAME_TCP)
		require_good_segment(&f.seg, octets, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	uint8_t *octets = malloc(size ? size : 1);
	if (octets == NULL)
		abort();
	if (size > 0)
		memcpy(octets, data, size);
	enum frame_kind checked = parse(octets, size, FRAME_TRUST_NOTHING);
	for (unsigned int trust = 1; trust <= 3; trust++) {
		enum frame_kind kind = parse(octets, size, (enum frame_trust)trust);
		// trust changes nothing but what it spares
		bool is_checksum =
			checked == FRAME_BAD_IP_CHECKSUM || checked == FRAME_BAD_CHECKSUM;
		REQUIRE(kind == checked || is_checksum);
	}
	parse_captured(octets, size);
	if (size > ETHER_HEADER_OCTETS)
		parse_captured(octets + ETHER_HEADER_OCTETS, size - ETHER_HEADER_OCTETS);
	free(octets);
	return 0;
}
