#include "lib/sim/sim_app.h"

#include "lib/tcpstack/bytes.h"

#include <criterion/criterion.h>

static const uint8_t question[] = {0, 17, 0xab, 0xcd, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1};
static const char head[] = "HEAD / HTTP/1.0\r\n\r\n";

static struct sim_conn c;
static uint8_t stream[SIM_APP_STREAM_OCTETS];

static void begin(uint16_t port) {
	c = (struct sim_conn){.ends = {.port = port}};
}

Test(sim_app, a_question_of_dns_is_complete_with_its_last_octet) {
	begin(53);
	for (size_t i = 0; i + 1 < sizeof(question); i++)
		cr_expect(!sim_app_take(&c, question + i, 1), "octet %zu", i);
	cr_expect(sim_app_take(&c, question + sizeof(question) - 1, 1));
	cr_expect_eq(c.nb_questions, 1);
	cr_expect(!sim_app_take(&c, question, 0), "nothing new");
}

Test(sim_app, the_answer_is_the_question_with_an_address_behind_it) {
	begin(853);
	cr_assert(sim_app_take(&c, question, sizeof(question)));
	cr_expect_eq(sim_app_len(&c), 0);
	sim_app_answer(&c);
	cr_assert_eq(sim_app_len(&c), sizeof(question) + SIM_APP_RECORD_OCTETS);
	sim_app_write(&c, stream);
	cr_expect_eq(get_be16(stream), sim_app_len(&c) - 2);
	cr_expect_eq(get_be16(stream + 2), 0xabcd, "the same ID");
	cr_expect_eq(stream[4], 0x80, "a response");
	cr_expect_eq(get_be16(stream + 8), 1, "one answer");
	cr_expect_arr_eq(stream + 14, question + 14, sizeof(question) - 14);
	cr_expect(!c.out_fin);
}

Test(sim_app, a_second_answer_is_the_same_and_the_fifth_is_not_given) {
	begin(53);
	sim_app_take(&c, question, sizeof(question));
	sim_app_answer(&c);
	uint32_t len = sim_app_len(&c);
	sim_app_answer(&c);
	cr_assert_eq(sim_app_len(&c), 2 * len);
	sim_app_write(&c, stream);
	cr_expect_arr_eq(stream, stream + len, len);
	for (unsigned int i = 0; i < 300; i++)
		sim_app_answer(&c);
	cr_expect_eq(sim_app_len(&c), SIM_APP_MAX_ANSWERS * len);
}

Test(sim_app, a_question_that_is_too_short_or_too_long_never_completes) {
	static const uint8_t empty[64] = {0}, longer[1000] = {1, 200};
	begin(53);
	cr_expect(!sim_app_take(&c, empty, sizeof(empty)));
	begin(53);
	for (unsigned int i = 0; i < 5; i++)
		cr_expect(!sim_app_take(&c, longer, sizeof(longer)));
	c.in_len = UINT32_MAX;
	cr_expect(!sim_app_take(&c, longer, sizeof(longer)));
	cr_expect_eq(c.in_len, UINT32_MAX, "the count stays at its end");
}

Test(sim_app, the_longest_question_fits_and_its_answers_fit_the_stream) {
	uint8_t longest[SIM_QUESTION_OCTETS] = {
		(SIM_QUESTION_OCTETS - 2) >> 8, (SIM_QUESTION_OCTETS - 2) & 0xff};
	begin(53);
	cr_assert(sim_app_take(&c, longest, sizeof(longest)));
	for (unsigned int i = 0; i < SIM_APP_MAX_ANSWERS; i++)
		sim_app_answer(&c);
	cr_expect_eq(sim_app_len(&c), SIM_APP_STREAM_OCTETS);
	sim_app_write(&c, stream);
}

Test(sim_app, a_head_of_http_ends_with_an_empty_line_and_the_answer_with_fin) {
	static const uint16_t ports[] = {80, 8080};
	for (unsigned int i = 0; i < 2; i++) {
		begin(ports[i]);
		cr_expect(!sim_app_take(&c, (const uint8_t *)head, sizeof(head) - 2));
		cr_expect(sim_app_take(&c, (const uint8_t *)head + sizeof(head) - 2, 1));
		sim_app_answer(&c);
		cr_expect(c.out_fin);
		sim_app_write(&c, stream);
		cr_expect_eq(memcmp(stream, "HTTP/1.0 200", 12), 0);
	}
}

Test(sim_app, a_record_of_the_handshake_is_answered_by_a_server_hello) {
	static const uint8_t hello[] = {22, 3, 1, 0, 3, 1, 2, 3};
	begin(443);
	for (size_t i = 0; i + 1 < sizeof(hello); i++)
		cr_expect(!sim_app_take(&c, hello + i, 1), "octet %zu", i);
	cr_expect(sim_app_take(&c, hello + sizeof(hello) - 1, 1));
	sim_app_answer(&c);
	sim_app_answer(&c);
	cr_expect(!c.out_fin, "the client speaks next");
	uint32_t len = sim_app_len(&c) / 2;
	sim_app_write(&c, stream);
	cr_expect_eq(stream[0], 22);
	cr_expect_eq(get_be16(stream + 3), len - 5, "one record");
	cr_expect_eq(stream[5], 2, "ServerHello");
	cr_expect_eq(get_be16(stream + 7), len - 9);
	cr_expect_arr_eq(stream, stream + len, len);
}

Test(sim_app, what_is_no_record_of_the_handshake_is_never_answered_on_443) {
	begin(443);
	cr_expect(!sim_app_take(&c, (const uint8_t *)head, sizeof(head) - 1));
}
