#include "lib/tfo/app.h"

#include "lib/tcpstack/bytes.h"
#include "lib/tfo/name.h"

#include <string.h>

#define DNS_LENGTH_OCTETS 2
#define DNS_HEADER_OCTETS 12
#define DNS_TYPE_AND_CLASS_OCTETS 4
#define DNS_QUESTION_AT (DNS_LENGTH_OCTETS + DNS_HEADER_OCTETS)

static const uint8_t type_a_class_in[DNS_TYPE_AND_CLASS_OCTETS] = {0, 1, 0, 1};

static uint16_t dns_payload_len(const struct question *q) {
	return (uint16_t)(DNS_QUESTION_AT + q->len_octets + DNS_TYPE_AND_CLASS_OCTETS);
}

static void dns_payload_write(const struct question *q, uint8_t *buf) {
	memset(buf, 0, DNS_QUESTION_AT);
	put_be16(buf, (uint16_t)(dns_payload_len(q) - DNS_LENGTH_OCTETS));
	put_be16(buf + 2, q->dns_id);
	put_be16(buf + 6, 1); // QDCOUNT; every flag is 0
	memcpy(buf + DNS_QUESTION_AT, q->octets, q->len_octets);
	memcpy(buf + DNS_QUESTION_AT + q->len_octets, type_a_class_in, sizeof(type_a_class_in));
}

static uint8_t lower(uint8_t c) {
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

// Whether the octet at this position of a message (length octets included) may stand in an answer
// to our question.
static bool dns_octet_fits(const struct question *q, uint32_t pos, uint8_t octet) {
	uint32_t name_end = DNS_QUESTION_AT + (uint32_t)q->len_octets;
	switch (pos) {
	case 2:
		return octet == q->dns_id >> 8;
	case 3:
		return octet == (q->dns_id & 0xff);
	case 4:
		return octet & 0x80; // QR
	case 6:
		return octet == 0; // QDCOUNT
	case 7:
		return octet == 1;
	default:
		break;
	}
	if (pos >= DNS_QUESTION_AT && pos < name_end) // names compare without case (RFC 4343)
		return lower(octet) == lower(q->octets[pos - DNS_QUESTION_AT]);
	if (pos >= name_end && pos < name_end + DNS_TYPE_AND_CLASS_OCTETS)
		return octet == ((pos - name_end) & 1); // type A, class IN
	return true;
}

static void dns_message_complete(struct answer *a, const struct question *q) {
	bool has_question = a->pos >= dns_payload_len(q);
	if (!a->is_foreign && has_question && a->nb_complete < UINT8_MAX)
		a->nb_complete++;
	a->pos = 0;
	a->is_foreign = false;
}

// One whole message in one piece, with our question in our own letters: what nearly all answers
// are. False: it has to be looked at octet by octet.
static bool dns_take_whole(
	struct answer *a, const struct question *q, const uint8_t *octets, size_t len) {
	if (a->pos != 0 || len < dns_payload_len(q) ||
		len != DNS_LENGTH_OCTETS + (size_t)get_be16(octets))
		return false;
	const uint8_t *question = octets + DNS_QUESTION_AT;
	bool fits = get_be16(octets + 2) == q->dns_id && (octets[4] & 0x80) &&
		    get_be16(octets + 6) == 1 && memcmp(question, q->octets, q->len_octets) == 0 &&
		    memcmp(question + q->len_octets, type_a_class_in, sizeof(type_a_class_in)) == 0;
	if (!fits || a->nb_complete > 0)
		return false;
	a->message_len = get_be16(octets);
	a->code = octets[5] & 0x0f;
	a->nb_complete = 1;
	return true;
}

static void dns_answer_feed(
	struct answer *a, const struct question *q, const uint8_t *octets, size_t len) {
	if (dns_take_whole(a, q, octets, len))
		return;
	for (size_t i = 0; i < len; i++) {
		uint8_t octet = octets[i];
		uint32_t pos = a->pos++;
		if (pos < DNS_LENGTH_OCTETS)
			a->message_len = (uint16_t)(a->message_len << 8 | octet);
		else if (!dns_octet_fits(q, pos, octet))
			a->is_foreign = true;
		else if (pos == 5 && a->nb_complete == 0)
			a->code = octet & 0x0f;
		if (a->pos >= DNS_LENGTH_OCTETS &&
			a->pos == DNS_LENGTH_OCTETS + (uint32_t)a->message_len)
			dns_message_complete(a, q);
	}
}

static uint16_t raw_payload_len(const struct question *q) {
	return q->len_octets;
}

static void raw_payload_write(const struct question *q, uint8_t *buf) {
	memcpy(buf, q->octets, q->len_octets);
}

static void raw_answer_feed(
	struct answer *a, const struct question *q, const uint8_t *octets, size_t len) {
	(void)a;
	(void)q;
	(void)octets;
	(void)len;
}

const struct app app_dnstcp = {
	.name = "dnstcp",
	.default_port = 53,
	.asks_name = true,
	.answer_wanted = true,
	.code = APP_CODE_RCODE,
	.payload_len = dns_payload_len,
	.payload_write = dns_payload_write,
	.answer_feed = dns_answer_feed,
};

const struct app app_tcp = {
	.name = "tcp",
	.default_port = 80,
	.payload_len = raw_payload_len,
	.payload_write = raw_payload_write,
	.answer_feed = raw_answer_feed,
};

bool app_question_is_good(const struct app *app, const uint8_t *octets, size_t len_octets) {
	if (app->asks_name)
		return name_is_good(octets, len_octets);
	return len_octets > 0 && len_octets <= APP_PAYLOAD_MAX_OCTETS;
}

const struct app *app_by_name(const char *name) {
	static const struct app *const apps[] = {&app_dnstcp, &app_tcp, &app_http, &app_tls};
	for (size_t i = 0; i < sizeof(apps) / sizeof(apps[0]); i++) {
		if (strcmp(apps[i]->name, name) == 0)
			return apps[i];
	}
	return NULL;
}
