#include "lib/tfo/app.h"

#include "lib/tcpstack/bytes.h"

#include <criterion/criterion.h>

static const uint8_t name[] = {
	3, 'w', 'w', 'w', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0};
static const struct question question = {
	.octets = name, .len_octets = sizeof(name), .random = 0x0123456789abcdef};

static uint8_t hello[APP_PAYLOAD_MAX_OCTETS + 1];

static uint16_t write_hello(const struct question *q) {
	memset(hello, 0xee, sizeof(hello));
	uint16_t len = app_tls.payload_len(q);
	cr_assert_leq(len, APP_PAYLOAD_MAX_OCTETS);
	app_tls.payload_write(q, hello);
	cr_expect_eq(hello[len], 0xee, "and not an octet more");
	return len;
}

#define EXTENSIONS_AT (5 + 4 + 2 + 32 + 1 + 32 + 2 + 28 + 2 + 2)

// An extension of the hello, NULL: it has none. All lengths must add up to the end.
static const uint8_t *extension(uint16_t len, uint16_t type, uint16_t *extension_len) {
	const uint8_t *found = NULL;
	size_t pos = EXTENSIONS_AT;
	while (pos < len) {
		cr_assert_leq(pos + 4, len);
		uint16_t octets = get_be16(hello + pos + 2);
		if (get_be16(hello + pos) == type) {
			cr_expect_null(found, "extension %u stands there once", type);
			found = hello + pos + 4;
			*extension_len = octets;
		}
		pos += 4u + octets;
	}
	cr_assert_eq(pos, len);
	return found;
}

Test(app_tls, the_hello_is_one_record_of_the_handshake_whose_lengths_fit) {
	uint16_t len = write_hello(&question);
	static const uint8_t head[] = {22, 3, 1};
	cr_expect_arr_eq(hello, head, 3);
	cr_expect_eq(get_be16(hello + 3), len - 5);
	cr_expect_eq(get_be16(hello + 5), 0x0100, "ClientHello");
	cr_expect_eq(get_be16(hello + 7), len - 9);
	cr_expect_eq(get_be16(hello + 9), 0x0303);
	cr_expect_eq(hello[43], 32, "octets of the session's ID");
	cr_expect_eq(get_be16(hello + 76), 28, "octets of the cipher suites");
	cr_expect_eq(get_be16(hello + EXTENSIONS_AT - 2), len - EXTENSIONS_AT);
}

Test(app_tls, the_hello_has_what_tls_1_3_and_1_2_need) {
	static const uint8_t versions[] = {4, 3, 4, 3, 3}, share[] = {0, 36, 0, 0x1d, 0, 32};
	uint16_t len = write_hello(&question), octets = 0;
	const uint8_t *e = extension(len, 43, &octets);
	cr_assert_not_null(e);
	cr_assert_eq(octets, sizeof(versions));
	cr_expect_arr_eq(e, versions, sizeof(versions));
	e = extension(len, 51, &octets);
	cr_assert_not_null(e);
	cr_assert_eq(octets, sizeof(share) + 32);
	cr_expect_arr_eq(e, share, sizeof(share));
	cr_expect_not_null(extension(len, 10, &octets), "supported_groups");
	cr_expect_not_null(extension(len, 13, &octets), "signature_algorithms");
}

Test(app_tls, the_name_is_the_sni) {
	static const uint8_t sni[] = {0, 18, 0, 0, 15, 'w', 'w', 'w', '.', 'e', 'x', 'a', 'm', 'p',
		'l', 'e', '.', 'c', 'o', 'm'};
	uint16_t octets = 0;
	const uint8_t *e = extension(write_hello(&question), 0, &octets);
	cr_assert_not_null(e);
	cr_assert_eq(octets, sizeof(sni));
	cr_expect_arr_eq(e, sni, sizeof(sni));
}

Test(app_tls, an_address_and_the_root_are_no_sni) {
	static const uint8_t root[] = {0},
			     address[] = {3, '1', '9', '2', 1, '0', 1, '2', 1, '1', 0};
	const struct question questions[] = {
		{.octets = root, .len_octets = 1},
		{.octets = address, .len_octets = sizeof(address)},
	};
	for (unsigned int i = 0; i < 2; i++) {
		uint16_t octets, len = write_hello(&questions[i]);
		cr_expect_null(extension(len, 0, &octets));
	}
}

Test(app_tls, a_hello_of_any_name_fits_and_is_never_of_a_length_that_old_servers_hang_on) {
	uint8_t longest[255];
	for (unsigned int i = 0; i < 254; i += 2)
		memcpy(longest + i, "\1a", 2);
	for (uint16_t len = 1; len <= 255; len = (uint16_t)(len + 2)) {
		longest[len - 1] = 0;
		const struct question q = {.octets = longest, .len_octets = len};
		uint16_t octets, hello_len = write_hello(&q);
		extension(hello_len, 0, &octets);
		cr_expect(hello_len - 5 < 256 || hello_len - 5 >= 512, "%u", hello_len);
		longest[len - 1] = 1;
	}
}

Test(app_tls, the_octets_are_the_same_for_a_target_and_others_for_another) {
	static uint8_t first[APP_PAYLOAD_MAX_OCTETS];
	uint16_t len = write_hello(&question);
	memcpy(first, hello, len);
	write_hello(&question);
	cr_expect_arr_eq(hello, first, len);
	struct question other = question;
	other.random++;
	write_hello(&other);
	cr_expect_arr_neq(hello + 11, first + 11, 32, "random");
	cr_expect_arr_neq(hello + 44, first + 44, 32, "session");
	cr_expect_arr_neq(hello + 11, hello + 44, 32);
	cr_expect_arr_neq(hello + len - 32, first + len - 32, 32, "share");
}

// ---- answers

#define SESSION_OCTETS 32
#define HELLO_OCTETS (2 + 32 + 1 + SESSION_OCTETS + 2 + 1)

// A ServerHello with a session, and one octet of what follows it.
static uint8_t server_hello[5 + 4 + HELLO_OCTETS + 1] = {
	22, 3, 3, 0, 4 + HELLO_OCTETS, 2, 0, 0, HELLO_OCTETS, 3, 3, [43] = SESSION_OCTETS};

static struct answer feed(const uint8_t *octets, size_t len) {
	struct answer a = {0};
	app_tls.answer_feed(&a, &question, octets, len);
	return a;
}

Test(app_tls, a_server_hello_answers_with_its_last_octet) {
	for (size_t len = 0; len <= sizeof(server_hello); len++) {
		struct answer a = feed(server_hello, len);
		cr_expect_eq(a.nb_complete, len >= sizeof(server_hello) - 1, "%zu", len);
		cr_expect(!a.is_foreign);
	}
	cr_expect_eq(feed(server_hello, sizeof(server_hello)).code, APP_NO_CODE);
}

Test(app_tls, an_alert_answers_and_tells_its_description) {
	uint8_t alert[] = {21, 3, 1, 0, 2, 2, 40};
	for (unsigned int description = 0; description < 256; description++) {
		alert[6] = (uint8_t)description;
		struct answer a = feed(alert, sizeof(alert));
		cr_expect_eq(a.nb_complete, 1);
		cr_expect_eq(a.code, description);
	}
	cr_expect_eq(feed(alert, sizeof(alert) - 1).nb_complete, 0);
}

Test(app_tls, an_answer_may_come_in_any_pieces) {
	for (size_t cut = 0; cut <= sizeof(server_hello); cut++) {
		struct answer a = feed(server_hello, cut);
		app_tls.answer_feed(&a, &question, server_hello + cut, sizeof(server_hello) - cut);
		cr_expect_eq(a.nb_complete, 1, "cut at %zu", cut);
	}
}

Test(app_tls, a_hello_need_not_fill_its_record) {
	uint8_t longer[sizeof(server_hello)];
	memcpy(longer, server_hello, sizeof(longer));
	put_be16(longer + 3, 4000); // the certificate in the same one
	cr_expect_eq(feed(longer, sizeof(longer)).nb_complete, 1);
}

Test(app_tls, anything_else_is_foreign) {
	static const struct {
		size_t at;
		uint8_t octet;
		const char *what;
	} changes[] = {
		{0, 23, "application data"},
		{0, 20, "ChangeCipherSpec"},
		{0, 'H', "HTTP"},
		{1, 2, "SSL 2"},
		{2, 5, "a version that is not there"},
		{3, 0x80, "a record that is too long"},
		{4, 41, "a record without room for a ServerHello"},
		{5, 1, "a ClientHello: our own come back"},
		{5, 11, "a certificate"},
		{6, 1, "a message of 64 KiB"},
		{7, 0x80, "a message that is too long"},
		{8, 37, "a message that is too short"},
		{9, 2, "a version of SSL 2"},
	};
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		uint8_t copy[sizeof(server_hello)];
		memcpy(copy, server_hello, sizeof(copy));
		copy[changes[i].at] = changes[i].octet;
		struct answer a = feed(copy, sizeof(copy));
		cr_expect(a.is_foreign, "%s", changes[i].what);
		cr_expect_eq(a.nb_complete, 0, "%s", changes[i].what);
		app_tls.answer_feed(&a, &question, server_hello, sizeof(server_hello));
		cr_expect_eq(a.nb_complete, 0, "%s, whatever follows", changes[i].what);
	}
}

Test(app_tls, an_alert_that_is_encrypted_or_of_no_level_is_foreign) {
	static const uint8_t encrypted[] = {21, 3, 3, 0, 26, 2, 40},
			     odd[] = {21, 3, 3, 0, 2, 3, 40};
	cr_expect(feed(encrypted, sizeof(encrypted)).is_foreign);
	cr_expect(feed(odd, sizeof(odd)).is_foreign);
}
