#include "lib/sim/sim_app.h"

#include "lib/tcpstack/bytes.h"

#define DNS_LEN_OCTETS 2
#define DNS_LEAST_OCTETS (DNS_LEN_OCTETS + 12 + 5) // a header, and a question for the root
#define END_OCTETS 4

#define RECORD_HEADER_OCTETS 5
#define RECORD_HANDSHAKE 22

static const char http_page[] = "HTTP/1.0 200 OK\r\n\r\n";

// A ServerHello of TLS 1.2: 32 random octets, no session, ECDHE with AES-GCM, no extension.
static const uint8_t server_hello[] = {RECORD_HANDSHAKE, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3, //
	0x6e, 0x1f, 0x02, 0xa5, 0x90, 0x37, 0xd4, 0x4b, 0x58, 0xc3, 0x11, 0x7a, 0xe8, 0x2d, 0x66,
	0x9c, 0x05, 0xbb, 0x43, 0xf0, 0x8e, 0x19, 0xd7, 0x72, 0xac, 0x3e, 0x50, 0xe1, 0x94, 0x2b,
	0xcf, 0x68, //
	0, 0xc0, 0x2f, 0};

enum language {
	DNS,
	HTTP,
	TLS,
};

static enum language language(const struct sim_conn *c) {
	if (c->ends.port == 443)
		return TLS;
	return c->ends.port == 80 || c->ends.port == 8080 ? HTTP : DNS;
}

static void keep_end(struct sim_conn *c, const uint8_t *octets, size_t len) {
	for (size_t i = len > END_OCTETS ? len - END_OCTETS : 0; i < len; i++) {
		memmove(c->in, c->in + 1, END_OCTETS - 1);
		c->in[END_OCTETS - 1] = octets[i];
	}
}

static void keep_start(struct sim_conn *c, const uint8_t *octets, size_t len) {
	if (c->in_len >= sizeof(c->in))
		return;
	size_t room = sizeof(c->in) - c->in_len;
	memcpy(c->in + c->in_len, octets, len < room ? len : room);
}

static uint32_t dns_question_len(const struct sim_conn *c) {
	return DNS_LEN_OCTETS + (uint32_t)get_be16(c->in);
}

// One record, whatever kind of handshake message is in it.
static bool has_hello(const struct sim_conn *c) {
	return c->in_len >= RECORD_HEADER_OCTETS && c->in[0] == RECORD_HANDSHAKE &&
	       c->in_len >= RECORD_HEADER_OCTETS + (uint32_t)get_be16(c->in + 3);
}

static bool has_question(const struct sim_conn *c) {
	if (language(c) == HTTP)
		return memcmp(c->in, "\r\n\r\n", END_OCTETS) == 0;
	if (language(c) == TLS)
		return has_hello(c);
	if (c->in_len < DNS_LEAST_OCTETS)
		return false;
	uint32_t len = dns_question_len(c);
	return len >= DNS_LEAST_OCTETS && len <= sizeof(c->in) && len <= c->in_len;
}

bool sim_app_take(struct sim_conn *c, const uint8_t *octets, size_t len) {
	if (len == 0)
		return false;
	if (language(c) == HTTP)
		keep_end(c, octets, len);
	else
		keep_start(c, octets, len);
	c->in_len = c->in_len > UINT32_MAX - len ? UINT32_MAX : c->in_len + (uint32_t)len;
	if (!has_question(c))
		return false;
	if (c->nb_questions < UINT8_MAX)
		c->nb_questions++;
	return true;
}

void sim_app_answer(struct sim_conn *c) {
	if (c->nb_answers < SIM_APP_MAX_ANSWERS)
		c->nb_answers++;
	if (language(c) == HTTP)
		c->out_fin = true;
}

static uint32_t answer_len(const struct sim_conn *c) {
	if (language(c) == HTTP)
		return sizeof(http_page) - 1;
	if (language(c) == TLS)
		return sizeof(server_hello);
	return dns_question_len(c) + SIM_APP_RECORD_OCTETS;
}

uint32_t sim_app_len(const struct sim_conn *c) {
	return c->nb_answers > 0 ? c->nb_answers * answer_len(c) : 0;
}

// A question with one address behind it.
static void write_dns(const struct sim_conn *c, uint8_t *p) {
	static const uint8_t record[SIM_APP_RECORD_OCTETS] = {
		0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 53};
	uint32_t len = dns_question_len(c);
	memcpy(p, c->in, len);
	memcpy(p + len, record, sizeof(record));
	put_be16(p, (uint16_t)(len - DNS_LEN_OCTETS + sizeof(record)));
	p[4] |= 0x80; // QR
	p[9] = 1;     // ANCOUNT
}

void sim_app_write(const struct sim_conn *c, uint8_t stream[SIM_APP_STREAM_OCTETS]) {
	for (unsigned int i = 0; i < c->nb_answers; i++) {
		uint8_t *p = stream + i * answer_len(c);
		if (language(c) == HTTP)
			memcpy(p, http_page, sizeof(http_page) - 1);
		else if (language(c) == TLS)
			memcpy(p, server_hello, sizeof(server_hello));
		else
			write_dns(c, p);
	}
}
