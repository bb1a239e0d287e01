// Frames of connections that nobody keeps: what is answered, and how.
#include "lib/tfo/late.h"

#include <criterion/criterion.h>

static const struct ip_addr us4 = {.octets = {[10] = 0xff, [11] = 0xff, 10, 99, 0, 3}};
static const struct ip_addr us6 = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 3}};
static const struct ip_addr them4 = {.octets = {[10] = 0xff, [11] = 0xff, 198, 18, 3, 4}};
static const struct ip_addr them6 = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 4}};

static struct target_rules rules;
static struct segment out;
static struct conn_numbers numbers;
static uint8_t options[TCPOPT_MAX_OCTETS];

static void set_up(void) {
	rules = (struct target_rules){
		.ports = {.first = 40000, .count = 1000}, .laddr4 = us4, .laddr6 = us6};
	numbers_init(&rules.numbers, 5, 6);
	memset(&out, 0xee, sizeof(out));
}

TestSuite(late, .init = set_up);

// A segment to the port of the connection number ordinal, acknowledging so much behind its ISN.
static struct segment late_segment(
	bool is_v4, unsigned int ordinal, uint8_t flags, uint32_t acked) {
	const struct ip_addr *them = is_v4 ? &them4 : &them6;
	struct target_conn_id id = target_conn_id(&rules, them, 53, ordinal);
	return (struct segment){
		.src = *them,
		.dst = is_v4 ? us4 : us6,
		.sport = 53,
		.dport = id.lport,
		.seq = 0xfffffffe,
		.ack = id.numbers.isn + acked,
		.flags = flags,
	};
}

static bool answered(const struct segment *seg) {
	return late_answer(&rules, seg, &out, options, &numbers);
}

static void expect_reply(const struct segment *seg, uint8_t flags, uint32_t ack) {
	cr_assert(answered(seg));
	cr_expect_eq(out.flags, flags);
	cr_expect_eq(out.seq, seg->ack);
	cr_expect_eq(out.ack, ack);
	cr_expect(addr_equal(&out.src, &seg->dst));
	cr_expect(addr_equal(&out.dst, &seg->src));
	cr_expect_eq(out.sport, seg->dport);
	cr_expect_eq(out.dport, seg->sport);
	cr_expect_eq(out.data_len, 0);
	cr_expect_eq(out.ttl, 0);
}

Test(late, a_syn_ack_is_acknowledged_and_closed_in_one) {
	for (unsigned int ordinal = 0; ordinal < NUMBERS_MAX_CONNECTIONS; ordinal++) {
		struct segment v4 = late_segment(true, ordinal, TCP_SYN | TCP_ACK, 1);
		expect_reply(&v4, TCP_FIN | TCP_ACK, 0xffffffff);
		struct segment v6 = late_segment(false, ordinal, TCP_SYN | TCP_ACK, 1);
		expect_reply(&v6, TCP_FIN | TCP_ACK, 0xffffffff);
	}
}

Test(late, a_syn_ack_for_data_is_closed_behind_the_data) {
	struct segment seg = late_segment(true, 2, TCP_SYN | TCP_ACK, 1 + 33);
	expect_reply(&seg, TCP_FIN | TCP_ACK, 0xffffffff);
}

Test(late, a_syn_ack_with_payload_has_it_acknowledged) {
	static const uint8_t data[10] = {0};
	struct segment seg = late_segment(false, 2, TCP_SYN | TCP_ACK, 1);
	seg.data = data;
	seg.data_len = sizeof(data);
	expect_reply(&seg, TCP_FIN | TCP_ACK, 9);
}

Test(late, data_and_fin_are_acknowledged) {
	static const uint8_t data[10] = {0};
	struct segment seg = late_segment(true, 0, TCP_ACK | TCP_PSH, 34);
	seg.data = data;
	seg.data_len = sizeof(data);
	expect_reply(&seg, TCP_ACK, 8);
	seg.flags |= TCP_FIN;
	expect_reply(&seg, TCP_ACK, 9);
	struct segment fin = late_segment(false, 1, TCP_ACK | TCP_FIN, 35);
	expect_reply(&fin, TCP_ACK, 0xffffffff);
}

Test(late, nothing_answers_an_ack_alone_or_a_syn_alone) {
	struct segment ack = late_segment(true, 0, TCP_ACK, 1);
	cr_expect(!answered(&ack));
	struct segment syn = late_segment(true, 0, TCP_SYN, 1);
	cr_expect(!answered(&syn));
	struct segment fin = late_segment(true, 0, TCP_FIN, 1);
	cr_expect(!answered(&fin));
	struct segment none = late_segment(true, 0, 0, 1);
	cr_expect(!answered(&none));
}

Test(late, nothing_answers_a_rst_whatever_else_it_is) {
	static const uint8_t data[10] = {0};
	for (unsigned int flags = 0; flags < 256; flags++) {
		if (!(flags & TCP_RST))
			continue;
		struct segment seg = late_segment(true, 0, (uint8_t)flags, 1);
		seg.data = data;
		seg.data_len = sizeof(data);
		cr_expect(!answered(&seg));
	}
}

Test(late, no_reply_ever_is_a_rst) {
	for (unsigned int flags = 0; flags < 256; flags++) {
		struct segment seg = late_segment(false, 0, (uint8_t)flags, 1);
		if (answered(&seg))
			cr_expect_eq(out.flags & TCP_RST, 0);
	}
}

Test(late, only_numbers_that_can_be_ours_are_answered) {
	struct segment seg = late_segment(true, 1, TCP_SYN | TCP_ACK, 0);
	cr_expect(!answered(&seg), "the SYN is not acknowledged");
	seg.ack += 1 + APP_PAYLOAD_MAX_OCTETS + 1;
	cr_expect(answered(&seg), "SYN, the largest payload, FIN");
	seg.ack++;
	cr_expect(!answered(&seg));
	seg.ack += 0x80000000;
	cr_expect(!answered(&seg));
}

Test(late, only_ports_of_the_target_are_answered) {
	struct segment seg = late_segment(true, 0, TCP_SYN | TCP_ACK, 1);
	uint16_t port = seg.dport;
	for (uint32_t p = 0; p <= UINT16_MAX; p++) {
		seg.dport = (uint16_t)p;
		cr_expect_eq(answered(&seg), p == port, "port %u", p);
	}
	seg.dport = port;
	seg.sport = 54;
	cr_expect(!answered(&seg), "another port of theirs");
	seg.sport = 53;
	seg.src.octets[15] ^= 1;
	cr_expect(!answered(&seg), "another address");
}

// The largest number of connections that a target makes, not more: the numbers of the port behind
// them may be right by the same hash, but nobody has used it.
Test(late, a_port_behind_the_last_connection_is_not_answered) {
	struct segment seg = late_segment(true, NUMBERS_MAX_CONNECTIONS - 1, TCP_SYN | TCP_ACK, 1);
	cr_expect(answered(&seg));
	seg = late_segment(true, NUMBERS_MAX_CONNECTIONS, TCP_SYN | TCP_ACK, 1);
	cr_expect(!answered(&seg));
}

Test(late, timestamps_are_answered_by_timestamps) {
	// [nop,nop,TS val 16909060 ecr 4294967295]
	static const uint8_t theirs[] = {1, 1, 8, 10, 1, 2, 3, 4, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t ours[] = {1, 1, 8, 10, 0, 0, 0, 0, 1, 2, 3, 4};
	struct segment seg = late_segment(true, 0, TCP_SYN | TCP_ACK, 1);
	seg.options = theirs;
	seg.options_len = sizeof(theirs);
	cr_assert(answered(&seg));
	cr_assert_eq(out.options_len, sizeof(ours));
	cr_expect_arr_eq(out.options, ours, sizeof(ours), "one more than they know of us");
}

Test(late, without_timestamps_there_are_no_options) {
	struct segment seg = late_segment(false, 0, TCP_ACK | TCP_FIN, 1);
	cr_assert(answered(&seg));
	cr_expect_eq(out.options_len, 0);
	cr_expect_gt(out.window, 0);
}

Test(late, the_numbers_are_those_of_the_connection) {
	struct segment seg = late_segment(false, 2, TCP_ACK | TCP_FIN, 1);
	cr_assert(answered(&seg));
	struct conn_numbers want =
		numbers_conn(numbers_target(&rules.numbers, &them6, 53), seg.dport);
	cr_expect_eq(numbers.isn, want.isn);
	cr_expect_eq(numbers.flow_label, want.flow_label);
	cr_expect_eq(numbers.ip_id, want.ip_id);
}
