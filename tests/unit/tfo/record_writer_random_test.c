// Lines of random records against those that printf writes: slow, plain, and an independent
// witness.
#include "lib/tfo/record_writer.h"

#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define NB_RECORDS 50000

static char line[RECORD_LINE_MAX_OCTETS], wanted[RECORD_LINE_MAX_OCTETS];
static size_t wanted_len;
static struct record_style style;

static uint64_t random_state = 7;

static uint32_t below(uint32_t n) {
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)((random_state >> 32) * n >> 32);
}

// Small ones and round ones are what is written otherwise.
static uint32_t number(uint32_t max) {
	uint32_t powers[] = {1, 10, 100, 10000, 1000000, 100000000};
	uint32_t v = below(2) ? below(UINT32_MAX) : powers[below(6)] - below(2);
	return below(5) == 0 ? max : v % max;
}

static struct ip_addr address(bool is_v4) {
	struct ip_addr a;
	for (unsigned int i = 0; i < sizeof(a.octets); i++)
		a.octets[i] = below(3) == 0 ? (uint8_t)below(256) : 0;
	if (is_v4)
		return addr_from_v4(a.octets);
	a.octets[0] = 0x20; // inet_ntop writes what begins with zeros otherwise
	return a;
}

static struct cookie cookie(void) {
	struct cookie c = {.len_octets = below(2) ? 0 : (uint8_t)(4 + 2 * below(7))};
	for (unsigned int i = 0; i < c.len_octets; i++)
		c.octets[i] = (uint8_t)below(256);
	return c;
}

static struct evidence evidence(void) {
	return (struct evidence){
		.syn_rtt_us = number(EVIDENCE_NO_TIME),
		.answer_us = number(EVIDENCE_NO_TIME),
		.marks = below(2) ? MARK_SYNACK : MARK_BADACK,
		.sport = below(5) ? (uint16_t)below(65536) : 0,
		.data_len = (uint16_t)number(EVIDENCE_NO_LENGTH),
		.data_acked = (uint16_t)number(EVIDENCE_NO_LENGTH),
		.mss = (uint16_t)(below(2) ? below(65536) : 0),
		.window = (uint16_t)number(65535),
		.syns = (uint8_t)below(256),
		.outcome = (uint8_t)below(NB_OUTCOMES),
		.ttl = (uint8_t)below(256),
		.code = (uint16_t)number(EVIDENCE_NO_CODE),
		.option_out = (uint8_t)below(3),
		.option_in = (uint8_t)below(3),
		.cookie_raw_len = (uint8_t)below(256),
		.cookie_out = cookie(),
		.cookie_in = cookie(),
	};
}

static void want(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void want(const char *format, ...) {
	va_list args;
	va_start(args, format);
	wanted_len +=
		(size_t)vsnprintf(wanted + wanted_len, sizeof(wanted) - wanted_len, format, args);
	va_end(args);
}

static void want_number(const char *key, uint64_t v, bool is_null) {
	if (is_null)
		want(",\"%s\":null", key);
	else
		want(",\"%s\":%" PRIu64, key, v);
}

static const char *text_of(const struct ip_addr *a) {
	static char text[INET6_ADDRSTRLEN];
	bool is_v4 = addr_is_v4(a);
	inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? addr_v4(a) : a->octets, text, sizeof(text));
	return text;
}

static void want_time(uint64_t ns) {
	time_t seconds = (time_t)(ns / NSEC_PER_SEC);
	struct tm tm;
	char text[64];
	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	want("\"%s.%06" PRIu64 "\"", text, ns % NSEC_PER_SEC / 1000);
}

static void want_cookie(const char *key, const struct cookie *c) {
	if (c->len_octets == 0) {
		want(",\"%s\":null", key);
		return;
	}
	want(",\"%s\":\"", key);
	uint64_t hash = siphash13(&style.cookie_key, c->octets, c->len_octets);
	for (unsigned int i = 0; i < (style.raw_cookies ? c->len_octets : 4u); i++)
		want("%02x", style.raw_cookies ? c->octets[i] : (uint8_t)(hash >> (8 * i)));
	want("\"");
}

static void want_evidence(const char *key, const struct evidence *ev) {
	static const char *const options[] = {"none", "kind34", "kind254"};
	static const char *const outcomes[] = {
		"ok", "rst", "icmp", "badack", "stall", "reset_after", "none"};
	want(",\"%s\":%s", key, ev->sport == 0 ? "null" : "");
	if (ev->sport == 0)
		return;
	bool no_synack = !(ev->marks & MARK_SYNACK);
	want("{\"sport\":%u,\"syns\":%u,\"outcome\":\"%s\"", ev->sport, ev->syns,
		outcomes[ev->outcome]);
	want_number("syn_rtt_us", ev->syn_rtt_us, ev->syn_rtt_us == EVIDENCE_NO_TIME);
	want_number("answer_us", ev->answer_us, ev->answer_us == EVIDENCE_NO_TIME);
	want_number("data_len", ev->data_len, ev->data_len == EVIDENCE_NO_LENGTH);
	want_number("data_acked", ev->data_acked, ev->data_acked == EVIDENCE_NO_LENGTH);
	want(",\"option_out\":\"%s\"", options[ev->option_out]);
	want_cookie("cookie_out", &ev->cookie_out);
	want(",\"option_in\":\"%s\"", options[ev->option_in]);
	want_cookie("cookie_in", &ev->cookie_in);
	want_number("cookie_in_len", ev->cookie_raw_len, ev->option_in == COOKIE_OPTION_NONE);
	want_number("ttl", ev->ttl, no_synack);
	want_number("mss", ev->mss, no_synack || ev->mss == 0);
	want_number("window", ev->window, no_synack);
	bool has_none = ev->code == EVIDENCE_NO_CODE;
	want_number("rcode", ev->code, has_none || style.code != APP_CODE_RCODE);
	want_number("status", ev->code, has_none || style.code != APP_CODE_STATUS);
	want_number("alert", ev->code, has_none || style.code != APP_CODE_ALERT);
	want("}");
}

static void want_record(const struct record *r) {
	static const char *const first[] = {"works", "broken", "offline", "transient"};
	const char *sip = addr_is_v4(&r->addr) ? "10.99.0.3" : "2001:db8::3";
	wanted_len = 0;
	want("{\"dip\":\"%s\",\"dp\":%u,\"sip\":\"%s\"", text_of(&r->addr), r->port, sip);
	if (!r->is_silent)
		want(",\"path\":[\"%s\",\"%s\"]", sip, text_of(&r->addr));
	want(",\"time\":{\"from\":");
	want_time(r->from_ns);
	want(",\"to\":");
	want_time(r->to_ns);
	want("},\"conditions\":[");
	const char *comma = "";
	for (unsigned int c = 0; c < NB_CONDITIONS; c++) {
		if (!(r->conditions & CONDITION_BIT(c)))
			continue;
		want("%s\"%s\"", comma, condition_word(c));
		comma = ",";
	}
	want("]");
	if (!r->is_silent) {
		want(",\"evidence\":{\"rounds\":%u,\"first_round\":\"%s\"", r->rounds,
			first[r->first_round]);
		want_evidence("baseline", &r->evidence[PROBE_BASELINE]);
		want_evidence("request", &r->evidence[PROBE_REQUEST]);
		want_evidence("data", &r->evidence[PROBE_DATA]);
		want("}");
	}
	want("}\n");
}

static struct record random_record(void) {
	uint64_t words = (uint64_t)below(UINT32_MAX) << 32 | below(UINT32_MAX);
	return (struct record){
		.addr = address(below(2)),
		.port = (uint16_t)below(65536),
		.from_ns = below(2) ? 1795435200 * NSEC_PER_SEC + below(2000000000) : words >> 2,
		.to_ns = 1795435201 * NSEC_PER_SEC + below(2000000000),
		.conditions = words & ((CONDITION_BIT(NB_CONDITIONS - 1) << 1) - 1),
		.rounds = (uint8_t)(1 + below(3)),
		.first_round = (uint8_t)below(4),
		.is_silent = below(5) == 0,
		.evidence = {evidence(), evidence(), evidence()},
	};
}

Test(record_writer_random, every_line_is_the_one_that_printf_writes) {
	static const struct record_job no_job;
	struct record_writer writer;
	for (unsigned int i = 0; i < NB_RECORDS; i++) {
		style = (struct record_style){
			.laddr4 = {.octets = {[10] = 0xff, [11] = 0xff, 10, 99, 0, 3}},
			.laddr6 = {.octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 3}},
			.cookie_key = {1, 2},
			.raw_cookies = i % 2,
			.code = i / 100 % NB_APP_CODES,
		};
		if (i < 2 || i % 100 == 0)
			record_writer_init(&writer, &style);
		style.raw_cookies = writer.style.raw_cookies;
		style.code = writer.style.code;
		struct record r = random_record();
		want_record(&r);
		size_t len = record_writer_write(&writer, &r, NULL, &no_job, line);
		cr_assert_eq(len, wanted_len, "%.*s instead of %s", (int)len, line, wanted);
		cr_assert_eq(
			memcmp(line, wanted, len), 0, "%.*s instead of %s", (int)len, line, wanted);
	}
}

Test(record_writer_random, the_line_of_the_short_form_is_that_of_the_record) {
	static const struct record_job no_job;
	struct record_writer writer;
	style = (struct record_style){.domain = "example.com"};
	record_writer_init(&writer, &style);
	for (unsigned int i = 0; i < 1000; i++) {
		struct record_short s = {
			.addr = address(i % 2),
			.from_ns = below(UINT32_MAX),
			.to_ns = below(UINT32_MAX),
			.port = (uint16_t)below(65536),
		};
		struct record r;
		record_of_short(&s, &r);
		size_t len = record_writer_write(&writer, &r, NULL, &no_job, wanted);
		cr_assert_eq(record_writer_short(&writer, &s, &no_job, line), len);
		cr_assert_eq(memcmp(line, wanted, len), 0);
	}
}
