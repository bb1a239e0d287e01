// Names in the form of a DNS question: labels, each behind an octet that says how long it is, then
// the root (RFC 1035 section 3.1). What is no good name may hold any octets.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_MAX_OCTETS 255	 // RFC 1035 section 2.3.4, root label counted
#define NAME_MAX_LABEL_OCTETS 63 // likewise
#define NAME_TEXT_MAX_OCTETS (NAME_MAX_OCTETS - 2)

// What host names are made of, and the underscore of service names. Other octets are legal in DNS;
// in a list of targets they are slips, and in the header of a protocol of text they could end it.
static inline bool name_is_label_octet(uint8_t c) {
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '_';
}

// The root, or labels of such octets alone and then the root, and nothing behind it.
bool name_is_good(const uint8_t *name, size_t len_octets);

// Of a good name: its text, dots between the labels and none at the end. The root has no text.
static inline uint16_t name_text_len(uint16_t len_octets) {
	return len_octets < 2 ? 0 : (uint16_t)(len_octets - 2);
}
void name_text_write(const uint8_t *name, uint16_t len_octets, uint8_t *text);

// A good name whose last label is a number is the address of a host, not its name (RFC 1123 section
// 2.1).
bool name_is_address(const uint8_t *name, uint16_t len_octets);
