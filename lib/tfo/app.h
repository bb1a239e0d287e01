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
	uint8_t nb_complete; // whole messages that answer our question
	uint8_t rcode;	     // of the first of them
	bool is_foreign;     // the current message is not our answer
};

// What a target's payload is made of; the octets belong to the caller.
struct question {
	const uint8_t *octets; // a name in wire format (name.h); tcp: the payload itself
	uint16_t len_octets;
	uint16_t dns_id;
};

struct app {
	const char *name;
	uint16_t default_port;
	bool asks_name;	    // the question is a name; else the payload itself
	bool answer_wanted; // success is an answer; else what TCP says is enough
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

// Whether a payload can be made of the octets: a good name, or octets that fit a SYN.
bool app_question_is_good(const struct app *app, const uint8_t *octets, size_t len_octets);

// The row of that name, or NULL.
const struct app *app_by_name(const char *name);
