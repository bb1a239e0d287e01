#include "lib/addrtext.h"

#include <arpa/inet.h>
#include <string.h>

static bool is_digit(char c) {
	return c >= '0' && c <= '9';
}

static bool consists_of(const char *text, size_t len, const char *set) {
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0' || strchr(set, text[i]) == NULL)
			return false;
	return len > 0;
}

size_t addrtext_v4_length(const char *text, size_t len, struct ip_addr *addr) {
	size_t pos = 0;
	uint8_t v4[ADDR4_OCTETS];
	for (int i = 0; i < ADDR4_OCTETS; i++) {
		if (i > 0 && (pos == len || text[pos++] != '.'))
			return 0;
		size_t start = pos;
		unsigned int value = 0;
		while (pos < len && pos < start + 4 && is_digit(text[pos]))
			value = value * 10 + (unsigned int)(text[pos++] - '0');
		bool is_octal = pos > start + 1 && text[start] == '0';
		if (pos == start || value > UINT8_MAX || is_octal)
			return 0;
		v4[i] = (uint8_t)value;
	}
	*addr = addr_from_v4(v4);
	return pos;
}

// One number of a dotted quad; *pos moves behind its digits.
static enum addrtext_result octet_parse(const char **pos, const char *end, uint8_t *octet) {
	const char *start = *pos;
	unsigned int value = 0;
	while (*pos < end && is_digit(**pos) && *pos - start < 4)
		value = value * 10 + (unsigned int)(*(*pos)++ - '0');

	if (*pos - start > 1 && *start == '0')
		return ADDRTEXT_OCTAL;
	if (*pos == start || value > UINT8_MAX)
		return ADDRTEXT_BAD_IPV4;
	*octet = (uint8_t)value;
	return ADDRTEXT_OK;
}

static enum addrtext_result v4_parse(const char *text, size_t len, struct ip_addr *addr) {
	const char *pos = text, *end = text + len;
	uint8_t v4[ADDR4_OCTETS];

	for (int i = 0; i < ADDR4_OCTETS; i++) {
		if (i > 0 && (pos == end || *pos++ != '.'))
			return ADDRTEXT_BAD_IPV4;
		enum addrtext_result result = octet_parse(&pos, end, &v4[i]);
		if (result != ADDRTEXT_OK)
			return result;
	}
	if (pos != end)
		return ADDRTEXT_BAD_IPV4;
	*addr = addr_from_v4(v4);
	return ADDRTEXT_OK;
}

static enum addrtext_result v6_parse(const char *text, size_t len, struct ip_addr *addr) {
	char terminated[INET6_ADDRSTRLEN];
	if (len >= sizeof(terminated))
		return ADDRTEXT_BAD_IPV6;
	memcpy(terminated, text, len);
	terminated[len] = '\0';

	uint8_t v6[ADDR6_OCTETS];
	if (inet_pton(AF_INET6, terminated, v6) != 1)
		return ADDRTEXT_BAD_IPV6;
	*addr = addr_from_v6(v6);
	return addr_is_v4(addr) ? ADDRTEXT_MAPPED : ADDRTEXT_OK;
}

enum addrtext_result addrtext_parse(const char *text, size_t len, struct ip_addr *addr) {
	// Nearly every line of a long list is one: tried first, explained if it isn't.
	enum addrtext_result result = v4_parse(text, len, addr);
	if (result == ADDRTEXT_OK || consists_of(text, len, "0123456789."))
		return result;

	// From here on there must be a colon: without one, hex digits and dots may be a name.
	if (len == 0 || memchr(text, ':', len) == NULL)
		return ADDRTEXT_OTHER;
	const char *zone = memchr(text, '%', len);
	if (consists_of(text, zone ? (size_t)(zone - text) : len, "0123456789abcdefABCDEF:."))
		return zone ? ADDRTEXT_ZONE : v6_parse(text, len, addr);
	return ADDRTEXT_OTHER;
}

const char *addrtext_print(const struct ip_addr *addr, char buf[static ADDRTEXT_OCTETS]) {
	bool is_v4 = addr_is_v4(addr);
	return inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? addr_v4(addr) : addr->octets, buf,
		ADDRTEXT_OCTETS);
}
