#include "lib/tfo/app.h"

#include <criterion/criterion.h>

static const uint8_t name[] = {
	3, 'w', 'w', 'w', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0};
static const struct question question = {.octets = name, .len_octets = sizeof(name)};

static struct answer feed(const char *text) {
	struct answer a = {0};
	app_http.answer_feed(&a, &question, (const uint8_t *)text, strlen(text));
	return a;
}

static void expect_request(const struct question *q, const char *request) {
	uint8_t buf[APP_PAYLOAD_MAX_OCTETS + 1];
	memset(buf, 0xee, sizeof(buf));
	cr_assert_eq(app_http.payload_len(q), strlen(request));
	app_http.payload_write(q, buf);
	cr_expect_eq(memcmp(buf, request, strlen(request)), 0, "%.*s", (int)strlen(request), buf);
	cr_expect_eq(buf[strlen(request)], 0xee, "and not an octet more");
}

Test(app_http, the_name_is_the_host) {
	expect_request(
		&question, "HEAD / HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n");
}

Test(app_http, the_root_is_an_empty_host) {
	static const uint8_t root[] = {0};
	const struct question q = {.octets = root, .len_octets = 1};
	expect_request(&q, "HEAD / HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n");
}

Test(app_http, a_status_line_answers) {
	static const struct {
		const char *text;
		uint16_t status;
	} lines[] = {
		{"HTTP/1.1 200 OK\r\n", 200},
		{"HTTP/1.0 404 Not Found\r\nServer: x\r\n\r\n", 404},
		{"HTTP/1.1 100 Continue\r\n\r\n", 100},
		{"HTTP/1.1 503\r\n", 503},
		{"HTTP/1.0 204\n", 204},
		{"HTTP/1.9 999 ", 999},
	};
	for (unsigned int i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct answer a = feed(lines[i].text);
		cr_expect_eq(a.nb_complete, 1, "%s", lines[i].text);
		cr_expect_eq(a.code, lines[i].status, "%s: %u", lines[i].text, a.code);
	}
}

Test(app_http, anything_else_is_foreign) {
	static const char *const texts[] = {"<html>", "HTTP/2.0 200 OK", "http/1.1 200 OK",
		"HTTP/1.1  200", "HTTP/1.1 000 ", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK",
		"HTTP/1.x 200 OK", "HTTP/1.10 200 OK", "\r\nHTTP/1.1 200 OK", "SSH-2.0-x\r\n",
		"HTTP/1.1 2a0 OK", "ICY 200 OK\r\n", "HTTP/1.1\r\n"};
	for (unsigned int i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct answer a = feed(texts[i]);
		cr_expect_eq(a.nb_complete, 0, "%s", texts[i]);
		cr_expect(a.is_foreign, "%s", texts[i]);
	}
}

Test(app_http, nothing_mends_what_was_foreign) {
	struct answer a = feed("?");
	static const char line[] = "HTTP/1.1 200 OK\r\n";
	for (unsigned int i = 0; i < 3; i++)
		app_http.answer_feed(&a, &question, (const uint8_t *)line, sizeof(line) - 1);
	cr_expect_eq(a.nb_complete, 0);
}

Test(app_http, an_answer_may_come_in_any_pieces) {
	static const char line[] = "HTTP/1.1 301 Moved\r\n";
	size_t len = sizeof(line) - 1;
	for (size_t cut = 0; cut <= len; cut++) {
		struct answer a = {0};
		app_http.answer_feed(&a, &question, (const uint8_t *)line, cut);
		cr_expect_eq(a.nb_complete, cut >= 13, "up to %zu", cut);
		app_http.answer_feed(&a, &question, (const uint8_t *)line + cut, len - cut);
		cr_expect_eq(a.nb_complete, 1, "cut at %zu", cut);
		cr_expect_eq(a.code, 301, "cut at %zu", cut);
	}
}

Test(app_http, what_follows_the_status_changes_nothing) {
	struct answer a = feed("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 500 No\r\n\r\n");
	cr_expect_eq(a.nb_complete, 1);
	cr_expect_eq(a.code, 200);
}
