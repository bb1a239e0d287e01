// The text form of one address, and nothing else: no port, no prefix length, no blanks. Stricter
// than inet_pton, as a list of targets may be hostile or come from a sloppy program: what two
// programs read differently is refused, each refusal with its own word.
//
// Pure: nothing is allocated, the text needs no NUL at its end and may hold any octet.
#pragma once

#include "lib/tcpstack/addr.h"

#include <stddef.h>

enum addrtext_result {
	ADDRTEXT_OK,
	ADDRTEXT_OCTAL,	   // 010.1.1.1: ten to us, eight to inet_aton
	ADDRTEXT_MAPPED,   // ::ffff:192.0.2.1: IPv4 in IPv6's clothes
	ADDRTEXT_ZONE,	   // fe80::1%eth0
	ADDRTEXT_BAD_IPV4, // digits and dots only, but not four numbers up to 255
	ADDRTEXT_BAD_IPV6, // hex digits and colons only, but not an address
	ADDRTEXT_OTHER,	   // a name, a network, rubbish
};

// *addr is written with ADDRTEXT_OK, and with ADDRTEXT_MAPPED, for who wants it all the same.
enum addrtext_result addrtext_parse(const char *text, size_t len, struct ip_addr *addr);

// The dotted quad that the text starts with: its length, or 0 if there is none. Quick, for the many
// lines that hold little else; what may come behind it is the caller's affair.
size_t addrtext_v4_length(const char *text, size_t len, struct ip_addr *addr);

#define ADDRTEXT_OCTETS 46 // of the longest text, NUL included

// The address as people read it (RFC 5952); returns buf.
const char *addrtext_print(const struct ip_addr *addr, char buf[static ADDRTEXT_OCTETS]);
