#include "lib/tfo/app.h"

#include <criterion/criterion.h>

static const uint8_t name[] = {
	3, 'w', 'w', 'w', 7, 'E', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0};
static const struct question question = {
	.octets = name, .len_octets = sizeof(name), .dns_id = 0x1234};

// 4660+ A? www.Example.com. (33), over TCP: two octets of length before it
static const uint8_t query[] = {0, 33, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'w', 'w', 'w',
	7, 'E', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0, 0, 1, 0, 1};

// 4660* 1/0/0 www.example.com. A 192.0.2.53 (49)
static const uint8_t answer_to_it[] = {0, 49, 0x12, 0x34, 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0, 3, 'w',
	'w', 'w', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0, 0, 1, 0, 1, 0xc0, 12,
	0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 53};

static struct answer feed(const uint8_t *octets, size_t len) {
	struct answer a = {0};
	app_dnstcp.answer_feed(&a, &question, octets, len);
	return a;
}

// The answer with one octet changed.
static struct answer feed_changed(size_t at, uint8_t octet) {
	uint8_t copy[sizeof(answer_to_it)];
	memcpy(copy, answer_to_it, sizeof(copy));
	copy[at] = octet;
	return feed(copy, sizeof(copy));
}

Test(app, the_query_asks_for_an_address_without_recursion) {
	uint8_t buf[APP_PAYLOAD_MAX_OCTETS];
	cr_assert_eq(app_dnstcp.payload_len(&question), sizeof(query));
	memset(buf, 0xee, sizeof(buf));
	app_dnstcp.payload_write(&question, buf);
	cr_expect_arr_eq(buf, query, sizeof(query));
	cr_expect_eq(buf[sizeof(query)], 0xee, "and not an octet more");
}

Test(app, the_longest_name_fits) {
	struct question q = question;
	q.len_octets = 255;
	cr_expect_leq(app_dnstcp.payload_len(&q), APP_PAYLOAD_MAX_OCTETS);
}

Test(app, an_answer_with_id_and_question_is_complete) {
	struct answer a = feed(answer_to_it, sizeof(answer_to_it));
	cr_expect_eq(a.nb_complete, 1, "names compare without case");
	cr_expect_eq(a.code, 0);
}

Test(app, an_answer_is_complete_with_its_last_octet) {
	for (size_t len = 0; len < sizeof(answer_to_it); len++)
		cr_expect_eq(feed(answer_to_it, len).nb_complete, 0);
}

Test(app, an_answer_may_come_in_any_pieces) {
	for (size_t cut = 0; cut <= sizeof(answer_to_it); cut++) {
		struct answer a = {0};
		app_dnstcp.answer_feed(&a, &question, answer_to_it, cut);
		app_dnstcp.answer_feed(
			&a, &question, answer_to_it + cut, sizeof(answer_to_it) - cut);
		cr_expect_eq(a.nb_complete, 1, "cut at %zu", cut);
	}
	struct answer a = {0};
	for (size_t i = 0; i < sizeof(answer_to_it); i++)
		app_dnstcp.answer_feed(&a, &question, answer_to_it + i, 1);
	cr_expect_eq(a.nb_complete, 1);
}

Test(app, any_rcode_answers) {
	for (uint8_t rcode = 0; rcode < 16; rcode++) {
		struct answer a = feed_changed(5, (uint8_t)(0x80 | rcode));
		cr_expect_eq(a.nb_complete, 1);
		cr_expect_eq(a.code, rcode);
	}
}

Test(app, another_id_question_or_direction_is_no_answer) {
	static const struct {
		size_t at;
		uint8_t octet;
		const char *what;
	} changes[] = {
		{2, 0x13, "ID"},
		{3, 0x35, "ID"},
		{4, 0x04, "a query"},
		{6, 1, "257 questions"},
		{7, 0, "no question"},
		{7, 2, "two questions"},
		{14, 4, "length of a label"},
		{15, 'x', "name"},
		{30, 1, "end of the name"},
		{32, 28, "type AAAA"},
		{34, 3, "class CH"},
		{31, 1, "type 257"},
		{33, 1, "class 257"},
	};
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		cr_expect_eq(feed_changed(changes[i].at, changes[i].octet).nb_complete, 0, "%s",
			changes[i].what);
}

Test(app, our_own_query_come_back_is_no_answer) {
	cr_expect_eq(feed(query, sizeof(query)).nb_complete, 0);
}

Test(app, a_message_without_room_for_the_question_is_no_answer) {
	uint8_t copy[sizeof(answer_to_it)];
	for (uint8_t len = 0; len < 33; len++) {
		memcpy(copy, answer_to_it, sizeof(copy));
		copy[1] = len;
		cr_expect_eq(feed(copy, 2u + len).nb_complete, 0, "of %u octets", len);
	}
	memcpy(copy, answer_to_it, sizeof(copy));
	copy[1] = 33; // header and question alone
	cr_expect_eq(feed(copy, 35).nb_complete, 1);
}

Test(app, a_foreign_message_before_the_answer_does_not_hide_it) {
	uint8_t stream[2 + 2 * sizeof(answer_to_it)] = {0, 0}; // an empty message first
	memcpy(stream + 2, answer_to_it, sizeof(answer_to_it));
	stream[2 + 2] ^= 1; // foreign ID
	stream[2 + 5] = 5;  // REFUSED
	memcpy(stream + 2 + sizeof(answer_to_it), answer_to_it, sizeof(answer_to_it));
	struct answer a = feed(stream, sizeof(stream));
	cr_expect_eq(a.nb_complete, 1);
	cr_expect_eq(a.code, 0, "that of the answer");
}

Test(app, two_answers_are_counted_and_the_first_gives_the_rcode) {
	uint8_t stream[2 * sizeof(answer_to_it)];
	memcpy(stream, answer_to_it, sizeof(answer_to_it));
	memcpy(stream + sizeof(answer_to_it), answer_to_it, sizeof(answer_to_it));
	stream[5] = 2;
	struct answer a = feed(stream, sizeof(stream));
	cr_expect_eq(a.nb_complete, 2);
	cr_expect_eq(a.code, 2);
}

Test(app, answers_without_end_are_counted_up_to_255) {
	struct answer a = {0};
	for (int i = 0; i < 300; i++)
		app_dnstcp.answer_feed(&a, &question, answer_to_it, sizeof(answer_to_it));
	cr_expect_eq(a.nb_complete, 255);
}

Test(app, the_longest_message_is_read_to_its_end) {
	static uint8_t stream[2 + 65535 + sizeof(answer_to_it)];
	stream[0] = stream[1] = 0xff;
	memcpy(stream + 2 + 65535, answer_to_it, sizeof(answer_to_it));
	cr_expect_eq(feed(stream, sizeof(stream)).nb_complete, 1);
}

Test(app, tcp_mode_sends_the_octets_as_they_are_and_looks_for_no_answer) {
	static const uint8_t head[] = "HEAD / HTTP/1.0\r\n\r\n";
	struct question q = {.octets = head, .len_octets = sizeof(head) - 1};
	uint8_t buf[APP_PAYLOAD_MAX_OCTETS];
	cr_assert_eq(app_tcp.payload_len(&q), sizeof(head) - 1);
	app_tcp.payload_write(&q, buf);
	cr_expect_arr_eq(buf, head, sizeof(head) - 1);
	struct answer a = {0};
	app_tcp.answer_feed(&a, &q, head, sizeof(head));
	cr_expect_eq(a.nb_complete, 0);
	cr_expect(!app_tcp.answer_wanted);
	cr_expect(app_dnstcp.answer_wanted);
}

Test(app, a_question_is_a_name_or_octets_that_fit_a_syn) {
	static const uint8_t many[APP_PAYLOAD_MAX_OCTETS + 1] = {1};
	static const struct app *const of_names[] = {&app_dnstcp, &app_http, &app_tls};
	for (size_t i = 0; i < 3; i++) {
		cr_expect(app_question_is_good(of_names[i], name, sizeof(name)));
		cr_expect(!app_question_is_good(of_names[i], name, sizeof(name) - 1));
		cr_expect(!app_question_is_good(of_names[i], many, sizeof(many)));
	}
	cr_expect(app_question_is_good(&app_tcp, many, sizeof(many) - 1));
	cr_expect(!app_question_is_good(&app_tcp, many, sizeof(many)));
	cr_expect(!app_question_is_good(&app_tcp, many, 0));
}

Test(app, a_protocol_is_found_by_its_name) {
	cr_expect_eq(app_by_name("dnstcp"), &app_dnstcp);
	cr_expect_eq(app_by_name("tcp"), &app_tcp);
	cr_expect_eq(app_by_name("http"), &app_http);
	cr_expect_eq(app_by_name("tls"), &app_tls);
	cr_expect_null(app_by_name("dns"));
	cr_expect_null(app_by_name(""));
	cr_expect_eq(app_dnstcp.default_port, 53);
	cr_expect_eq(app_tcp.default_port, 80);
	cr_expect_eq(app_http.default_port, 80);
	cr_expect_eq(app_tls.default_port, 443);
}
