#include "app/tfosim/spread.h"

#include "lib/tcpstack/bytes.h"
#include "lib/tcpstack/frame.h"

#include <criterion/criterion.h>

#include <arpa/inet.h>

// The frame of a segment without data.
static size_t write_frame(const char *src, uint16_t sport, const char *dst, uint16_t dport,
	uint8_t frame[static FRAME_MAX_OCTETS]) {
	bool is_v6 = strchr(src, ':') != NULL;
	uint8_t from[ADDR6_OCTETS], to[ADDR6_OCTETS];
	cr_assert_eq(inet_pton(is_v6 ? AF_INET6 : AF_INET, src, from), 1);
	cr_assert_eq(inet_pton(is_v6 ? AF_INET6 : AF_INET, dst, to), 1);
	const struct frame_route route = {0};
	const struct segment seg = {.src = is_v6 ? addr_from_v6(from) : addr_from_v4(from),
		.dst = is_v6 ? addr_from_v6(to) : addr_from_v4(to),
		.sport = sport,
		.dport = dport,
		.flags = TCP_SYN};
	return frame_write(frame, FRAME_MAX_OCTETS, &route, &seg);
}

static uint32_t hash_of(const char *src, uint16_t sport, const char *dst, uint16_t dport) {
	uint8_t frame[FRAME_MAX_OCTETS];
	size_t len = write_frame(src, sport, dst, dport, frame);
	return spread_hash(frame, len);
}

// Of Microsoft's verification suite.
Test(tfosim_spread, the_hashes_are_those_of_the_verification_suite) {
	cr_assert_eq(hash_of("66.9.149.187", 2794, "161.142.100.80", 1766), 0x51ccc178);
	cr_assert_eq(hash_of("199.92.111.2", 14230, "65.69.140.83", 4739), 0xc626b0ea);
	cr_assert_eq(
		hash_of("3ffe:2501:200:1fff::7", 2794, "3ffe:2501:200:3::1", 1766), 0x40207d3d);
	cr_assert_eq(hash_of("3ffe:501:8::260:97ff:fe40:efab", 14230, "ff02::1", 4739), 0xdde51bbf);
}

Test(tfosim_spread, what_is_no_tcp_or_cut_lands_on_queue_0) {
	uint8_t frame[FRAME_MAX_OCTETS];
	size_t len = write_frame("199.92.111.2", 14230, "65.69.140.83", 4739, frame);
	cr_assert_eq(spread_queue(frame, len, 64), 0xc626b0ea % 128 % 64);
	cr_assert_neq(spread_queue(frame, len, 64), 0);
	for (size_t cut = 0; cut < ETHER_HEADER_OCTETS + 24; cut++)
		cr_assert_eq(spread_hash(frame, cut), 0, "%zu octets", cut);
	frame[ETHER_HEADER_OCTETS + 9] = 1; // ICMP
	cr_assert_eq(spread_queue(frame, len, 64), 0);

	len = write_frame("2001:db8::1", 53, "2001:db8::2", 40000, frame);
	cr_assert_neq(spread_hash(frame, len), 0);
	for (size_t cut = 0; cut < ETHER_HEADER_OCTETS + 44; cut++)
		cr_assert_eq(spread_hash(frame, cut), 0, "%zu octets", cut);
	put_be16(frame + 2 * MAC_OCTETS, 0x0806); // ARP
	cr_assert_eq(spread_hash(frame, len), 0);
}

Test(tfosim_spread, all_queues_get_their_share) {
	unsigned int nb[3] = {0};
	uint8_t frame[FRAME_MAX_OCTETS];
	for (uint16_t port = 0; port < 3000; port++) {
		size_t len = write_frame("192.0.2.1", 53, "192.0.2.2", port, frame);
		nb[spread_queue(frame, len, 3)]++;
		cr_assert_eq(spread_queue(frame, len, 1), 0);
	}
	for (unsigned int q = 0; q < 3; q++)
		cr_assert(nb[q] > 900 && nb[q] < 1100, "queue %u has %u", q, nb[q]);
}
