#include "lib/tfo/app.h"
#include "lib/tfo/name.h"

#include <assert.h>
#include <string.h>

static const char before_name[] = "HEAD / HTTP/1.1\r\nHost: ";
static const char behind_name[] = "\r\nConnection: close\r\n\r\n";
#define BEFORE_OCTETS (sizeof(before_name) - 1)
#define BEHIND_OCTETS (sizeof(behind_name) - 1)
static_assert(BEFORE_OCTETS + NAME_TEXT_MAX_OCTETS + BEHIND_OCTETS <= APP_PAYLOAD_MAX_OCTETS,
	"with the longest name it fits a SYN");

// A status line (RFC 9112 section 4) as far as it is looked at.
static const char version[] = "HTTP/1.";
#define MINOR_AT (sizeof(version) - 1)
#define STATUS_AT (MINOR_AT + 2)
#define STATUS_DIGITS 3
#define STATUS_END (STATUS_AT + STATUS_DIGITS)

static uint16_t http_payload_len(const struct question *q) {
	return (uint16_t)(BEFORE_OCTETS + name_text_len(q->len_octets) + BEHIND_OCTETS);
}

static void http_payload_write(const struct question *q, uint8_t *buf) {
	memcpy(buf, before_name, BEFORE_OCTETS);
	buf += BEFORE_OCTETS;
	name_text_write(q->octets, q->len_octets, buf);
	memcpy(buf + name_text_len(q->len_octets), behind_name, BEHIND_OCTETS);
}

static bool is_digit(uint8_t octet) {
	return octet >= '0' && octet <= '9';
}

// Whether the octet at this position may stand in a status line. Some servers leave out the blank
// behind the status where there is no reason, and the CR.
static bool http_octet_fits(uint32_t pos, uint8_t octet) {
	if (pos < MINOR_AT)
		return octet == version[pos];
	if (pos == STATUS_AT - 1)
		return octet == ' ';
	if (pos == STATUS_AT)
		return octet >= '1' && octet <= '9';
	if (pos == STATUS_END)
		return octet == ' ' || octet == '\r' || octet == '\n';
	return is_digit(octet);
}

// What comes behind the status is not looked at: an answer is complete with it, and a second one
// is no answer to our question.
static void http_answer_feed(
	struct answer *a, const struct question *q, const uint8_t *octets, size_t len) {
	(void)q;
	for (size_t i = 0; i < len && !a->is_foreign && a->nb_complete == 0; i++) {
		uint32_t pos = a->pos++;
		if (!http_octet_fits(pos, octets[i]))
			a->is_foreign = true;
		else if (pos == STATUS_END)
			a->nb_complete = 1;
		else if (pos >= STATUS_AT)
			a->code = (uint16_t)(10 * a->code + octets[i] - '0');
	}
}

const struct app app_http = {
	.name = "http",
	.default_port = 80,
	.asks_name = true,
	.answer_wanted = true,
	.code = APP_CODE_STATUS,
	.payload_len = http_payload_len,
	.payload_write = http_payload_write,
	.answer_feed = http_answer_feed,
};
