#include "lib/tfo/app.h"

#include "lib/tcpstack/bytes.h"
#include "lib/tfo/name.h"

#include <assert.h>
#include <string.h>

#define RECORD_HEADER_OCTETS 5
#define HANDSHAKE_HEADER_OCTETS 4
#define EXTENSION_HEADER_OCTETS 4
#define RANDOM_OCTETS 32
#define SESSION_ID_OCTETS 32
#define SHARE_OCTETS 32

// ---- the ClientHello (RFC 8446 section 4.1.2)

// Any 32 octets are a public key of X25519 (RFC 7748 section 5). Nobody has the private one: the
// handshake is never finished.
static const uint8_t suites_and_compression[] = {
	0, 28,						// octets of suites
	0x13, 0x01, 0x13, 0x02, 0x13, 0x03,		// of TLS 1.3
	0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, // ECDHE with AES-GCM
	0xcc, 0xa9, 0xcc, 0xa8,				// ECDHE with ChaCha20
	0xc0, 0x13, 0xc0, 0x14,				// ECDHE with AES-CBC
	0x00, 0x9c, 0x00, 0x2f, 0x00, 0x35,		// RSA, for old servers
	1, 0,						// no compression
};
static const uint8_t extensions[] = {
	0x00, 0x17, 0, 0,				   // extended_master_secret
	0xff, 0x01, 0, 1, 0,				   // renegotiation_info
	0x00, 0x0a, 0, 8, 0, 6, 0, 0x1d, 0, 0x17, 0, 0x18, // supported_groups: X25519, P-256, P-384
	0x00, 0x0b, 0, 2, 1, 0,				   // ec_point_formats: uncompressed
	0x00, 0x0d, 0, 22, 0, 20,			   // signature_algorithms
	0x04, 0x03, 0x05, 0x03, 0x06, 0x03,		   // ECDSA
	0x08, 0x04, 0x08, 0x05, 0x08, 0x06,		   // RSA-PSS
	0x04, 0x01, 0x05, 0x01, 0x06, 0x01, 0x02, 0x01,	   // RSA
	0x00, 0x2b, 0, 5, 4, 0x03, 0x04, 0x03, 0x03,	   // supported_versions: 1.3, 1.2
	0x00, 0x2d, 0, 2, 1, 1,				   // psk_key_exchange_modes
	0x00, 0x33, 0, 38, 0, 36, 0, 0x1d, 0, SHARE_OCTETS, // key_share; the share follows
};
#define SNI_OVERHEAD_OCTETS (EXTENSION_HEADER_OCTETS + 5)
// All of the handshake message but SNI and padding.
#define LEAST_OCTETS                                                                               \
	(HANDSHAKE_HEADER_OCTETS + 2 + RANDOM_OCTETS + 1 + SESSION_ID_OCTETS +                     \
		sizeof(suites_and_compression) + 2 + sizeof(extensions) + SHARE_OCTETS)
// Some old servers hang on handshake messages of 256 to 511 octets (RFC 7685 section 1).
#define HANG_OCTETS 256
#define HANG_NO_MORE_OCTETS 512
static_assert(RECORD_HEADER_OCTETS + LEAST_OCTETS + SNI_OVERHEAD_OCTETS + NAME_TEXT_MAX_OCTETS <
		      APP_PAYLOAD_MAX_OCTETS - HANG_NO_MORE_OCTETS + HANG_OCTETS,
	"with the longest name it fits a SYN");

static uint16_t sni_len(const struct question *q) {
	uint16_t name_len = name_text_len(q->len_octets);
	bool has_sni = name_len > 0 && !name_is_address(q->octets, q->len_octets);
	return has_sni ? (uint16_t)(SNI_OVERHEAD_OCTETS + name_len) : 0;
}

static uint16_t padding_len(uint16_t message_len) {
	if (message_len < HANG_OCTETS || message_len >= HANG_NO_MORE_OCTETS)
		return 0;
	uint16_t len = (uint16_t)(HANG_NO_MORE_OCTETS - message_len);
	return len < EXTENSION_HEADER_OCTETS ? EXTENSION_HEADER_OCTETS : len;
}

static uint16_t tls_payload_len(const struct question *q) {
	uint16_t message_len = (uint16_t)(LEAST_OCTETS + sni_len(q));
	return (uint16_t)(RECORD_HEADER_OCTETS + message_len + padding_len(message_len));
}

static uint8_t *put_octets(uint8_t *p, const uint8_t *octets, size_t len) {
	memcpy(p, octets, len);
	return p + len;
}

static uint8_t *put_16(uint8_t *p, size_t v) {
	put_be16(p, (uint16_t)v);
	return p + 2;
}

// Octets that look random: nobody has to be kept from foretelling them (numbers.h).
static uint8_t *put_random(uint8_t *p, uint64_t *state, size_t len) {
	for (size_t i = 0; i < len; i += 4) {
		*state += UINT64_C(0x9e3779b97f4a7c15);
		uint64_t mixed = (*state ^ *state >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
		put_be32(p + i, (uint32_t)(mixed >> 32));
	}
	return p + len;
}

// RFC 6066 section 3: a list of one name, a host's.
static uint8_t *put_sni(uint8_t *p, const struct question *q) {
	uint16_t len = sni_len(q);
	if (len == 0)
		return p;
	uint16_t name_len = name_text_len(q->len_octets);
	put_16(p, 0);
	put_16(p + 2, len - EXTENSION_HEADER_OCTETS);
	put_16(p + 4, name_len + 3u);
	p[6] = 0;
	put_16(p + 7, name_len);
	name_text_write(q->octets, q->len_octets, p + SNI_OVERHEAD_OCTETS);
	return p + len;
}

static void put_padding(uint8_t *p, uint16_t len) {
	if (len == 0)
		return;
	memset(p, 0, len);
	put_16(p, 21);
	put_16(p + 2, len - EXTENSION_HEADER_OCTETS);
}

static void tls_payload_write(const struct question *q, uint8_t *buf) {
	uint16_t record_len = (uint16_t)(tls_payload_len(q) - RECORD_HEADER_OCTETS);
	uint16_t message_len = (uint16_t)(LEAST_OCTETS + sni_len(q));
	const uint8_t *end = buf + RECORD_HEADER_OCTETS + record_len;
	uint64_t random = q->random;
	uint8_t *p = put_octets(buf, (const uint8_t[]){22, 3, 1}, 3); // handshake
	p = put_16(p, record_len);
	p = put_octets(p, (const uint8_t[]){1, 0}, 2); // ClientHello
	p = put_16(p, record_len - HANDSHAKE_HEADER_OCTETS);
	p = put_16(p, 0x0303);
	p = put_random(p, &random, RANDOM_OCTETS);
	*p++ = SESSION_ID_OCTETS;
	p = put_random(p, &random, SESSION_ID_OCTETS);
	p = put_octets(p, suites_and_compression, sizeof(suites_and_compression));
	p = put_16(p, (size_t)(end - p) - 2);
	p = put_sni(p, q);
	p = put_octets(p, extensions, sizeof(extensions));
	p = put_random(p, &random, SHARE_OCTETS);
	put_padding(p, padding_len(message_len));
}

// ---- the answer

enum record_type {
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
};

#define HELLO_LEAST_OCTETS (2 + RANDOM_OCTETS + 1 + 2 + 1)
#define RECORD_MAX_OCTETS (1u << 14) // RFC 8446 section 5.1
#define ALERT_OCTETS 2

// Type, version, length.
static bool header_fits(struct answer *a, uint32_t pos, uint8_t octet) {
	switch (pos) {
	case 0:
		a->kind = octet;
		return octet == RECORD_HANDSHAKE || octet == RECORD_ALERT;
	case 1:
		return octet == 3;
	case 2:
		return octet <= 4;
	default:
		a->message_len = (uint16_t)(a->message_len << 8 | octet);
		break;
	}
	if (pos < RECORD_HEADER_OCTETS - 1)
		return true;
	if (a->kind == RECORD_ALERT)
		return a->message_len == ALERT_OCTETS;
	return a->message_len >= HANDSHAKE_HEADER_OCTETS + HELLO_LEAST_OCTETS &&
	       a->message_len <= RECORD_MAX_OCTETS;
}

// Level, description.
static bool alert_fits(struct answer *a, uint32_t at, uint8_t octet) {
	if (at == 0)
		return octet == 1 || octet == 2;
	a->code = octet;
	a->nb_complete = 1;
	return true;
}

// From here on message_len is that of the ServerHello, which need not fill its record.
static bool hello_fits(struct answer *a, uint32_t at, uint8_t octet) {
	switch (at) {
	case 0:
		a->message_len = 0;
		return octet == 2;
	case 1:
		return octet == 0;
	case 2:
		a->message_len = (uint16_t)(octet << 8);
		return true;
	case 3:
		a->message_len |= octet;
		return a->message_len >= HELLO_LEAST_OCTETS && a->message_len <= RECORD_MAX_OCTETS;
	case 4:
		return octet == 3;
	default:
		break;
	}
	if (at + 1 == HANDSHAKE_HEADER_OCTETS + (uint32_t)a->message_len) {
		a->code = APP_NO_CODE;
		a->nb_complete = 1;
	}
	return true;
}

static bool tls_octet_fits(struct answer *a, uint32_t pos, uint8_t octet) {
	if (pos < RECORD_HEADER_OCTETS)
		return header_fits(a, pos, octet);
	uint32_t at = pos - RECORD_HEADER_OCTETS;
	return a->kind == RECORD_ALERT ? alert_fits(a, at, octet) : hello_fits(a, at, octet);
}

// What comes behind is not looked at: certificates, or what only who has the keys can read.
static void tls_answer_feed(
	struct answer *a, const struct question *q, const uint8_t *octets, size_t len) {
	(void)q;
	for (size_t i = 0; i < len && !a->is_foreign && a->nb_complete == 0; i++)
		a->is_foreign = !tls_octet_fits(a, a->pos++, octets[i]);
}

const struct app app_tls = {
	.name = "tls",
	.default_port = 443,
	.asks_name = true,
	.answer_wanted = true,
	.code = APP_CODE_ALERT,
	.payload_len = tls_payload_len,
	.payload_write = tls_payload_write,
	.answer_feed = tls_answer_feed,
};
