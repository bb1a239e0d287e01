// libFuzzer target: any octets as what a server says, to each application. The pieces in which they
// come change nothing; and any question that is good gives a payload of the length that was told.
//
// Input: the application, octets a piece, octets of the question, the question, the server's
// octets.
#include "lib/tfo/app.h"

#include <stdlib.h>
#include <string.h>

#define REQUIRE(truth) ((truth) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct app *const apps[] = {&app_dnstcp, &app_tcp, &app_http, &app_tls};
static const uint8_t usual[] = {7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'c', 'o', 'm', 0};

static struct answer feed(const struct app *app, const struct question *q, const uint8_t *octets,
	size_t len, size_t piece) {
	struct answer a = {0};
	for (size_t pos = 0; pos < len; pos += piece) {
		uint8_t nb_before = a.nb_complete;
		app->answer_feed(&a, q, octets + pos, len - pos < piece ? len - pos : piece);
		REQUIRE(a.nb_complete >= nb_before);
	}
	return a;
}

static void require_same(const struct answer *a, const struct answer *b) {
	REQUIRE(a->nb_complete == b->nb_complete);
	REQUIRE(a->nb_complete == 0 || a->code == b->code);
}

static void require_code(const struct app *app, const struct answer *a) {
	if (a->nb_complete == 0)
		return;
	REQUIRE(app->answer_wanted);
	REQUIRE(app != &app_dnstcp || a->code <= 15);
	REQUIRE(app != &app_http || (a->code >= 100 && a->code <= 999));
	REQUIRE(app != &app_tls || a->code <= UINT8_MAX || a->code == APP_NO_CODE);
}

// In a block of its exact size.
static void require_payload(const struct app *app, const struct question *q) {
	size_t len = app->payload_len(q), nb_returns = 0, nb_feeds = 0;
	REQUIRE(len > 0 && len <= APP_PAYLOAD_MAX_OCTETS);
	uint8_t *payload = malloc(len);
	if (payload == NULL)
		abort();
	app->payload_write(q, payload);
	for (size_t i = 0; i < len; i++) {
		nb_returns += payload[i] == '\r';
		nb_feeds += payload[i] == '\n';
	}
	REQUIRE(app != &app_http || (nb_returns == 4 && nb_feeds == 4)); // no header of the name's
	free(payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	if (size < 3)
		return 0;
	const struct app *app = apps[data[0] % 4];
	size_t piece = 1u + data[1], question_len = data[2];
	const uint8_t *octets = data + 3;
	size_t len = size - 3;
	struct question q = {.octets = usual, .len_octets = sizeof(usual), .dns_id = 0x1234};
	if (question_len <= len) {
		if (app_question_is_good(app, octets, question_len))
			q = (struct question){octets, (uint16_t)question_len, 0x1234, question_len};
		octets += question_len;
		len -= question_len;
	}
	require_payload(app, &q);
	struct answer whole = feed(app, &q, octets, len, len + 1);
	struct answer pieces = feed(app, &q, octets, len, piece);
	struct answer single = feed(app, &q, octets, len, 1);
	require_same(&whole, &pieces);
	require_same(&whole, &single);
	require_code(app, &whole);
	return 0;
}
