// Pieces of JSON text: each function writes at p, NUL not included, and returns where it ended. The
// buffer belongs to the caller, who knows that it is large enough.
#pragma once

#include "lib/tcpstack/addr.h"

#include <stddef.h>

// As it is: what needs escapes is not to be handed in.
char *put_text(char *p, const char *text);
char *put_number(char *p, uint64_t v); // at most 20 digits
char *put_hex(char *p, const uint8_t *octets, size_t len);
// IPv6 as in RFC 5952, at most 39 octets; with quotes 41.
char *put_addr(char *p, const struct ip_addr *a);
char *put_quoted_addr(char *p, const struct ip_addr *a);
// Nanoseconds since the epoch as UTC: 2026-11-23 12:00:00.123456
char *put_time(char *p, uint64_t ns);

// ,"key":number, or null
char *put_member(char *p, const char *key, uint64_t v, bool is_null);
// ,"key":"word"
char *put_word_member(char *p, const char *key, const char *word);
// ,"key":true or false
char *put_bool_member(char *p, const char *key, bool truth);
// ,"time":{"from":"…","to":"…"}
char *put_time_member(char *p, uint64_t from_ns, uint64_t to_ns);
// ,"conditions":[…]: a set of CONDITION_BIT, in the order of conditions.h
char *put_conditions(char *p, uint64_t set, bool seed_only);
