// What is said over a connection: one row a protocol, with the builder of its payload and the
// recogniser of its answer. The same payload goes out in all connections to a target.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// At most so many octets of payload: with 60 octets of TCP header it fits a SYN at the smallest
// MTU of IPv6 (1280, RFC 8200 section 5).
#define APP_PAYLOAD_MAX_OCTETS 1024

// How far the answer has come. Starts as all zero; octets are fed in the order of the stream.
struct answer {
	uint32_t pos; // octets of the current message that have passed
	uint16_t message_len;
	uint16_t code;	     // of the first of those that are complete, see enum app_code
	uint8_t nb_complete; // whole messages that answer our question
	uint8_t kind;	     // of the current message, where an application has several
	bool is_foreign;     // the current message is not our answer
};

// What an answer's code is. An answer of a kind that has none has APP_NO_CODE.
enum app_code {
	APP_CODE_RCODE,	 // of DNS; and of who looks for no answer, and never has one
	APP_CODE_STATUS, // of HTTP
	APP_CODE_ALERT,	 // of TLS
	NB_APP_CODES,
};
#define APP_NO_CODE UINT16_MAX

// What a target's payload is made of; the octets belong to the caller.
struct question {
	const uint8_t *octets; // a name in wire format (name.h); tcp: the payload itself
	uint16_t len_octets;
	uint16_t dns_id;
	uint64_t random; // what TLS draws its random octets from, the same for all connections
};

struct app {
	const char *name;
	uint16_t default_port;
	bool asks_name;	    // the question is a name; else the payload itself
	bool answer_wanted; // success is an answer; else what TCP says is enough
	enum app_code code;
	uint16_t (*payload_len)(const struct question *q);
	// Writes payload_len octets.
	void (*payload_write)(const struct question *q, uint8_t *buf);
	void (*answer_feed)(
		struct answer *a, const struct question *q, const uint8_t *octets, size_t len);
};

// dnstcp: an A query with RD=0 over TCP (RFC 1035 section 4, RFC 7766); a message answers it that
// has our ID, QR=1 and our question, whatever its RCODE.
extern const struct app app_dnstcp;
// tcp: any octets; no answer is looked for.
extern const struct app app_tcp;
// http: HEAD / with the name as Host (RFC 9112); a status line of HTTP/1.x answers it.
extern const struct app app_http;
// tls: a ClientHello of TLS 1.2 and 1.3 with the name as SNI, unless it is an address (RFC 8446
// section 4.1.2, RFC 6066 section 3); a ServerHello answers it, HelloRetryRequest included, or an
// alert.
extern const struct app app_tls;

// Whether a payload can be made of the octets: a good name, or octets that fit a SYN.
bool app_question_is_good(const struct app *app, const uint8_t *octets, size_t len_octets);

// The row of that name, or NULL.
const struct app *app_by_name(const char *name);
