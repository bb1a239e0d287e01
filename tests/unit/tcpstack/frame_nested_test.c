// What stands between the IP header and a segment: fragments, extension headers of IPv6, and the
// ICMP messages that quote one of ours.
#include "tests/unit/tcpstack/draft.h"

#define HOP_BY_HOP 0
#define ROUTING 43
#define FRAGMENT 44
#define DESTINATION 60

#define FLAG_MORE 0x0001

// ---- fragments of IPv4

Test(frame_nested, first_fragment_is_a_fragment) {
	struct draft d = COPY(captured_answer4);
	put_be16(d.octets + IP_AT + 6, 0x2000); // MF
	mend_ipv4(&d);
	cr_assert_eq(kind_of(&d), FRAME_FRAGMENT);
}

Test(frame_nested, later_fragment_is_a_fragment) {
	static const uint16_t offsets[] = {1, 0x1000, 0x1fff};
	for (size_t i = 0; i < NB(offsets); i++) {
		struct draft d = COPY(captured_answer4);
		put_be16(d.octets + IP_AT + 6, offsets[i]);
		mend_ipv4(&d);
		cr_assert_eq(kind_of(&d), FRAME_FRAGMENT, "offset %u", offsets[i]);
	}
}

Test(frame_nested, df_and_the_reserved_bit_make_no_fragment) {
	struct draft d = COPY(captured_answer4);
	put_be16(d.octets + IP_AT + 6, 0xc000);
	mend_ipv4(&d);
	cr_assert_eq(kind_of(&d), FRAME_TCP);
}

Test(frame_nested, fragment_of_icmp_is_a_fragment) {
	struct draft d = COPY(captured_icmp4);
	put_be16(d.octets + IP_AT + 6, 0x2000);
	mend_ipv4(&d);
	cr_assert_eq(kind_of(&d), FRAME_FRAGMENT);
}

// ---- extension headers

// The captured SYN, with nothing yet between its IPv6 header and its TCP header.
static struct draft bare_syn6(void) {
	return COPY(captured_syn6);
}

// One more extension header in front of all others.
static uint8_t *push_extension(struct draft *d, uint8_t type, size_t octets) {
	uint8_t *at = d->octets + TCP6_AT;
	memmove(at + octets, at, d->len - TCP6_AT);
	memset(at, 0, octets);
	at[0] = d->octets[IP_AT + 6];
	d->octets[IP_AT + 6] = type;
	if (type != FRAGMENT)
		at[1] = (uint8_t)(octets / 8 - 1);
	end_ipv6_at(d, d->len + octets);
	return at;
}

static void is_the_captured_syn(const struct draft *d) {
	struct frame f;
	cr_assert_eq(frame_parse(d->octets, d->len, FRAME_TRUST_NOTHING, &f), FRAME_TCP);
	cr_assert_eq(f.seg.sport, 60732);
	cr_assert_eq(f.seg.seq, 23180867);
	cr_assert_eq(f.seg.options_len, 20);
	cr_assert_eq(f.seg.data_len, 0);
	cr_assert_eq(f.seg.options, d->octets + d->len - 20);
}

Test(frame_nested, segment_behind_each_extension_header_is_read) {
	static const uint8_t types[] = {HOP_BY_HOP, ROUTING, DESTINATION, FRAGMENT};
	for (size_t i = 0; i < NB(types); i++) {
		struct draft d = bare_syn6();
		push_extension(&d, types[i], 8);
		is_the_captured_syn(&d);
	}
}

Test(frame_nested, long_extension_header_is_stepped_over) {
	struct draft d = bare_syn6();
	push_extension(&d, DESTINATION, 264);
	is_the_captured_syn(&d);
}

Test(frame_nested, segment_behind_several_extension_headers_is_read) {
	struct draft d = bare_syn6();
	push_extension(&d, DESTINATION, 16);
	push_extension(&d, FRAGMENT, 8);
	push_extension(&d, ROUTING, 24);
	push_extension(&d, HOP_BY_HOP, 8);
	is_the_captured_syn(&d);
}

Test(frame_nested, eight_extension_headers_are_enough) {
	struct draft d = bare_syn6();
	for (unsigned int n = 0; n < 8; n++)
		push_extension(&d, DESTINATION, 8);
	is_the_captured_syn(&d);
	push_extension(&d, DESTINATION, 8);
	cr_assert_eq(kind_of(&d), FRAME_BAD_LENGTH);
}

Test(frame_nested, cut_extension_headers_are_truncated_at_every_length) {
	struct draft d = bare_syn6();
	push_extension(&d, DESTINATION, 16);
	push_extension(&d, HOP_BY_HOP, 8);
	truncated_at_every_length(d.octets, d.len);
}

// The IPv6 header's length is right for the frame, but ends within the extension header.
Test(frame_nested, extension_header_beyond_the_packet_is_refused) {
	for (size_t len = 1; len < 16; len++) {
		struct draft d = bare_syn6();
		push_extension(&d, DESTINATION, 16);
		end_ipv6_at(&d, TCP6_AT + len);
		cr_assert_eq(kind_of(&d), FRAME_TRUNCATED, "length %zu", len);
	}
}

Test(frame_nested, packet_without_anything_behind_its_headers_is_truncated) {
	struct draft d = bare_syn6();
	push_extension(&d, DESTINATION, 16);
	end_ipv6_at(&d, TCP6_AT + 16);
	cr_assert_eq(kind_of(&d), FRAME_TRUNCATED);
}

Test(frame_nested, extension_header_alone_is_whole) {
	struct draft d = bare_syn6();
	uint8_t *at = push_extension(&d, DESTINATION, 8);
	at[0] = 59; // no next header
	end_ipv6_at(&d, TCP6_AT + 8);
	cr_assert_eq(kind_of(&d), FRAME_OTHER);
}

Test(frame_nested, ipv6_fragments_are_fragments) {
	static const uint16_t fields[] = {FLAG_MORE, 0x0008, 0xfff8, 0xfff9};
	for (size_t i = 0; i < NB(fields); i++) {
		struct draft d = bare_syn6();
		put_be16(push_extension(&d, FRAGMENT, 8) + 2, fields[i]);
		cr_assert_eq(kind_of(&d), FRAME_FRAGMENT, "%#x", fields[i]);
	}
}

// RFC 6946: a fragment that is the whole packet; the two reserved bits say nothing
Test(frame_nested, atomic_fragment_is_a_whole_packet) {
	struct draft d = bare_syn6();
	put_be16(push_extension(&d, FRAGMENT, 8) + 2, 0x0006);
	is_the_captured_syn(&d);
}

// Behind a fragment's header stands the middle of something; its octets are no headers.
Test(frame_nested, nothing_behind_a_fragment_header_is_looked_at) {
	struct draft d = bare_syn6();
	uint8_t *inner = push_extension(&d, DESTINATION, 8);
	inner[1] = 255;
	put_be16(push_extension(&d, FRAGMENT, 8) + 2, 0x0100);
	cr_assert_eq(kind_of(&d), FRAME_FRAGMENT);
}

// RFC 6980: neighbour discovery is not fragmented
Test(frame_nested, fragmented_neighbour_discovery_is_a_fragment) {
	struct draft d = COPY(captured_icmp6);
	d.octets[TCP6_AT] = 135;
	put_be16(push_extension(&d, FRAGMENT, 8) + 2, FLAG_MORE);
	cr_assert_eq(kind_of(&d), FRAME_FRAGMENT);
}

// ---- ICMP

Test(frame_nested, icmp_unreachable_is_read) {
	struct frame f;
	enum frame_kind kind =
		frame_parse(captured_icmp4, sizeof(captured_icmp4), FRAME_TRUST_NOTHING, &f);
	struct ip_addr src = v4(192, 0, 2, 1), dst = v4(198, 51, 100, 7);
	cr_assert_eq(kind, FRAME_ICMP);
	cr_assert_eq(f.quote.type, 3);
	cr_assert_eq(f.quote.code, 1);
	cr_assert(addr_equal(&f.quote.src, &src));
	cr_assert(addr_equal(&f.quote.dst, &dst));
	cr_assert_eq(f.quote.sport, 45848);
	cr_assert_eq(f.quote.dport, 53);
	cr_assert_eq(f.quote.seq, 3840888099);
}

Test(frame_nested, icmpv6_unreachable_is_read) {
	struct frame f;
	enum frame_kind kind =
		frame_parse(captured_icmp6, sizeof(captured_icmp6), FRAME_TRUST_NOTHING, &f);
	struct ip_addr src = v6(0, 1), dst = v6(1, 7);
	cr_assert_eq(kind, FRAME_ICMP);
	cr_assert_eq(f.quote.type, 1);
	cr_assert_eq(f.quote.code, captured_icmp6[TCP6_AT + 1]);
	cr_assert(addr_equal(&f.quote.src, &src));
	cr_assert(addr_equal(&f.quote.dst, &dst));
	cr_assert_eq(f.quote.sport, 45780);
	cr_assert_eq(f.quote.dport, 53);
	cr_assert_eq(f.quote.seq, 3033246894);
}

Test(frame_nested, every_code_of_unreachable_is_read) {
	for (unsigned int code = 0; code < 16; code++) {
		struct draft d = COPY(captured_icmp4);
		d.octets[TCP4_AT + 1] = (uint8_t)code;
		mend_icmp(&d);
		struct frame f;
		cr_assert_eq(frame_parse(d.octets, d.len, FRAME_TRUST_NOTHING, &f), FRAME_ICMP);
		cr_assert_eq(f.quote.code, code);
	}
}

// RFC 792 promises the IP header and eight octets; what is behind them may be cut anywhere.
Test(frame_nested, quote_cut_behind_eight_octets_is_read) {
	for (size_t len = QUOTE4_AT + 20 + 8; len < sizeof(captured_icmp4); len++) {
		struct draft d = COPY(captured_icmp4);
		end_ipv4_at(&d, len);
		mend_icmp(&d);
		struct frame f;
		cr_assert_eq(parse_cut(d.octets, d.len, FRAME_TRUST_NOTHING, &f), FRAME_ICMP);
		cr_assert_eq(f.quote.seq, 3840888099);
	}
}

Test(frame_nested, quote_cut_before_its_eighth_octet_is_truncated) {
	for (size_t len = TCP4_AT; len < QUOTE4_AT + 20 + 8; len++) {
		struct draft d = COPY(captured_icmp4);
		end_ipv4_at(&d, len);
		mend_icmp(&d);
		cr_assert_eq(kind_of(&d), FRAME_TRUNCATED, "length %zu", len);
	}
}

Test(frame_nested, ipv6_quote_cut_behind_eight_octets_is_read) {
	for (size_t len = QUOTE6_AT + 40 + 8; len < sizeof(captured_icmp6); len++) {
		struct draft d = COPY(captured_icmp6);
		end_ipv6_at(&d, len);
		mend_icmp6(&d);
		struct frame f;
		cr_assert_eq(parse_cut(d.octets, d.len, FRAME_TRUST_NOTHING, &f), FRAME_ICMP);
		cr_assert_eq(f.quote.seq, 3033246894);
	}
}

Test(frame_nested, ipv6_quote_cut_before_its_eighth_octet_is_truncated) {
	for (size_t len = TCP6_AT; len < QUOTE6_AT + 40 + 8; len++) {
		struct draft d = COPY(captured_icmp6);
		end_ipv6_at(&d, len);
		mend_icmp6(&d);
		cr_assert_eq(kind_of(&d), FRAME_TRUNCATED, "length %zu", len);
	}
}

// RFC 4884: zeros fill the quote up to 128 octets, and extensions follow
Test(frame_nested, icmp_extensions_behind_the_quote_do_not_matter) {
	struct draft d = COPY(captured_icmp4);
	memset(d.octets + d.len, 0, 128 - 60 + 12);
	d.octets[TCP4_AT + 5] = 128 / 4;
	end_ipv4_at(&d, d.len + 128 - 60 + 12);
	mend_icmp(&d);
	struct frame f;
	cr_assert_eq(frame_parse(d.octets, d.len, FRAME_TRUST_NOTHING, &f), FRAME_ICMP);
	cr_assert_eq(f.quote.sport, 45848);
}

// Routers decrement the TTL and not always mend the checksum before they quote.
Test(frame_nested, checksum_of_a_quoted_header_does_not_matter) {
	struct draft d = COPY(captured_icmp4);
	d.octets[QUOTE4_AT + 8]--;
	mend_icmp(&d);
	cr_assert_eq(kind_of(&d), FRAME_ICMP);
}

Test(frame_nested, ip_options_in_the_quote_are_stepped_over) {
	struct draft d = COPY(captured_icmp4);
	memmove(d.octets + QUOTE4_AT + 24, d.octets + QUOTE4_AT + 20, d.len - QUOTE4_AT - 20);
	memset(d.octets + QUOTE4_AT + 20, 1, 4);
	d.octets[QUOTE4_AT] = 0x46;
	put_be16(d.octets + QUOTE4_AT + 2, 64);
	end_ipv4_at(&d, d.len + 4);
	mend_icmp(&d);
	struct frame f;
	cr_assert_eq(frame_parse(d.octets, d.len, FRAME_TRUST_NOTHING, &f), FRAME_ICMP);
	cr_assert_eq(f.quote.seq, 3840888099);
}

Test(frame_nested, quote_of_another_protocol_is_other) {
	struct draft d = COPY(captured_icmp4);
	d.octets[QUOTE4_AT + 9] = PROTO_UDP;
	mend_icmp(&d);
	cr_assert_eq(kind_of(&d), FRAME_OTHER);
	d = COPY(captured_icmp6);
	d.octets[QUOTE6_AT + 6] = PROTO_UDP;
	mend_icmp6(&d);
	cr_assert_eq(kind_of(&d), FRAME_OTHER);
}

Test(frame_nested, quote_of_a_fragment_is_other) {
	struct draft d = COPY(captured_icmp4);
	put_be16(d.octets + QUOTE4_AT + 6, 0x0001);
	mend_icmp(&d);
	cr_assert_eq(kind_of(&d), FRAME_OTHER);
}

Test(frame_nested, quote_of_the_other_family_is_a_bad_length) {
	struct draft d = COPY(captured_icmp4);
	d.octets[QUOTE4_AT] = 0x65;
	mend_icmp(&d);
	cr_assert_eq(kind_of(&d), FRAME_BAD_LENGTH);
	d = COPY(captured_icmp6);
	d.octets[QUOTE6_AT] = 0x45;
	mend_icmp6(&d);
	cr_assert_eq(kind_of(&d), FRAME_BAD_LENGTH);
}

Test(frame_nested, quoted_lengths_that_contradict_are_a_bad_length) {
	struct draft d = COPY(captured_icmp4);
	d.octets[QUOTE4_AT] = 0x44;
	mend_icmp(&d);
	cr_assert_eq(kind_of(&d), FRAME_BAD_LENGTH);
	d = COPY(captured_icmp4);
	put_be16(d.octets + QUOTE4_AT + 2, 19);
	mend_icmp(&d);
	cr_assert_eq(kind_of(&d), FRAME_BAD_LENGTH);
}

Test(frame_nested, quote_does_not_end_behind_its_own_total_length) {
	struct draft d = COPY(captured_icmp4);
	put_be16(d.octets + QUOTE4_AT + 2, 27);
	mend_icmp(&d);
	cr_assert_eq(kind_of(&d), FRAME_TRUNCATED);
}

Test(frame_nested, mapped_address_in_an_ipv6_quote_is_forged) {
	struct draft d = COPY(captured_icmp6);
	struct ip_addr mapped = v4(192, 0, 2, 1);
	memcpy(d.octets + QUOTE6_AT + 8, mapped.octets, sizeof(mapped.octets));
	mend_icmp6(&d);
	cr_assert_eq(kind_of(&d), FRAME_FORGED);
}

Test(frame_nested, extension_headers_in_an_ipv6_quote_are_stepped_over) {
	struct draft d = COPY(captured_icmp6);
	uint8_t *at = d.octets + QUOTE6_AT + 40;
	memmove(at + 8, at, d.len - QUOTE6_AT - 40);
	memset(at, 0, 8);
	at[0] = PROTO_TCP;
	d.octets[QUOTE6_AT + 6] = DESTINATION;
	put_be16(d.octets + QUOTE6_AT + 4, 48);
	end_ipv6_at(&d, d.len + 8);
	mend_icmp6(&d);
	struct frame f;
	cr_assert_eq(frame_parse(d.octets, d.len, FRAME_TRUST_NOTHING, &f), FRAME_ICMP);
	cr_assert_eq(f.quote.seq, 3033246894);
}
