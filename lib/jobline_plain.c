#include "lib/jobline_plain.h"

#include "lib/addrtext.h"
#include "lib/netset.h"

#include <string.h>

#define MAX_PORT_DIGITS 5

static bool holds(const char *text, size_t len, char c) {
	return memchr(text, c, len) != NULL;
}

// Letters of any alphabet count: an internationalised name may come as UTF-8.
static bool is_letter(char c) {
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (uint8_t)c >= 0x80;
}

static bool has_only(const char *text, size_t len, const char *set) {
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0' || strchr(set, text[i]) == NULL)
			return false;
	return len > 0;
}

static bool looks_like_name(const char *text, size_t len) {
	bool has_letter = false;
	for (size_t i = 0; i < len; i++) {
		if (!is_letter(text[i]) && !has_only(text + i, 1, "0123456789-_."))
			return false;
		has_letter = has_letter || is_letter(text[i]);
	}
	return has_letter;
}

bool jobline_plain_port(const char *text, size_t len, uint16_t *port) {
	if (len > MAX_PORT_DIGITS || !has_only(text, len, "0123456789") || *text == '0')
		return false;
	unsigned int value = 0;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + (unsigned int)(text[i] - '0');
	if (value > UINT16_MAX)
		return false;
	*port = (uint16_t)value;
	return true;
}

static enum jobline_result address_parse(const char *text, size_t len, struct ip_addr *addr) {
	switch (addrtext_parse(text, len, addr)) {
	case ADDRTEXT_OK:
		return JOBLINE_TARGET;
	case ADDRTEXT_OCTAL:
		return JOBLINE_OCTAL;
	case ADDRTEXT_MAPPED:
		return JOBLINE_MAPPED;
	case ADDRTEXT_ZONE:
		return JOBLINE_ZONE;
	case ADDRTEXT_BAD_IPV4:
		return JOBLINE_BAD_IPV4;
	case ADDRTEXT_BAD_IPV6:
		return JOBLINE_BAD_IPV6;
	case ADDRTEXT_OTHER:
		break;
	}
	return looks_like_name(text, len) ? JOBLINE_HOST_NAME : JOBLINE_NOT_ADDRESS;
}

// [2001:db8::1] or [2001:db8::1]:53; the text starts with the bracket.
static enum jobline_result bracketed_parse(const char *text, size_t len, struct jobline *job) {
	if (len > 1 && strchr("\"{[", text[1]) != NULL && text[1] != '\0')
		return JOBLINE_JSON_NOT_OBJECT;
	const char *close = memchr(text, ']', len);
	if (close == NULL)
		return JOBLINE_BRACKET;

	enum jobline_result result =
		address_parse(text + 1, (size_t)(close - text) - 1, &job->addr);
	if (result != JOBLINE_TARGET)
		return result;
	if (addr_is_v4(&job->addr))
		return JOBLINE_BRACKET;

	size_t rest = len - (size_t)(close + 1 - text);
	if (rest == 0)
		return JOBLINE_TARGET;
	if (close[1] != ':')
		return JOBLINE_BRACKET;
	return jobline_plain_port(close + 2, rest - 1, &job->port) ? JOBLINE_TARGET
								   : JOBLINE_BAD_PORT;
}

// 192.0.2.1:53; there is one colon and it is at colon.
static enum jobline_result with_port_parse(
	const char *text, size_t len, const char *colon, struct jobline *job) {
	size_t host_len = (size_t)(colon - text);
	enum jobline_result result = address_parse(text, host_len, &job->addr);
	if (result != JOBLINE_TARGET)
		return result;
	return jobline_plain_port(colon + 1, len - host_len - 1, &job->port) ? JOBLINE_TARGET
									     : JOBLINE_BAD_PORT;
}

static enum jobline_result explain_commas(const char *text, size_t len) {
	if (*text == '[')
		return JOBLINE_JSON_NOT_OBJECT;
	const char *comma = memchr(text, ',', len);
	if (comma != NULL && has_only(text, (size_t)(comma - text), "0123456789"))
		return JOBLINE_RANK_DOMAIN;
	return JOBLINE_CSV;
}

// IPv4 as IPv6 writes it has a place within ::/80, which is not to be scanned as IPv4.
static bool holds_mapped(const struct ip_addr *network, unsigned int bits) {
	static const struct ip_addr mapped = {.octets = {[10] = 0xff, [11] = 0xff}};
	struct ip_addr first = *network;
	for (unsigned int i = 0; i < ADDR6_OCTETS; i++) {
		unsigned int kept = bits <= 8 * i ? 0 : bits - 8 * i < 8 ? bits - 8 * i : 8;
		uint8_t mask = (uint8_t)(0xff00u >> kept);
		if ((first.octets[i] ^ mapped.octets[i]) & mask)
			return false;
	}
	return true;
}

// 192.0.2.0/24, 2001:db8::/112, [2001:db8::]/112; what is in front of the slash is no name.
static enum jobline_result network_parse(
	const char *text, size_t len, const char *bits_text, size_t bits_len, struct jobline *job) {
	enum jobline_result result = address_parse(text, len, &job->addr);
	if (result != JOBLINE_TARGET)
		return result;
	if (holds(bits_text, bits_len, ':'))
		return JOBLINE_NETWORK_PORT;
	if (bits_len == 0 || bits_len > 3 || !has_only(bits_text, bits_len, "0123456789") ||
		(bits_len > 1 && *bits_text == '0'))
		return JOBLINE_BAD_PREFIX;
	unsigned int bits = 0, most = addr_is_v4(&job->addr) ? 32 : 128;
	for (size_t i = 0; i < bits_len; i++)
		bits = bits * 10 + (unsigned int)(bits_text[i] - '0');
	if (bits > most)
		return JOBLINE_BAD_PREFIX;
	if (bits == most)
		return JOBLINE_TARGET;
	if (most == 128 && (bits < NETSET_MIN_PREFIX6 || holds_mapped(&job->addr, bits)))
		return JOBLINE_NETWORK_TOO_LARGE;
	job->prefix_bits = (uint8_t)bits;
	return JOBLINE_NETWORK;
}

static enum jobline_result slash_parse(
	const char *text, size_t len, const char *slash, struct jobline *job) {
	const char *end = text + len;
	size_t addr_len = (size_t)(slash - text);
	struct ip_addr addr;
	if (addr_len > 1 && text[0] == '[' && text[addr_len - 1] == ']') {
		text++;
		addr_len -= 2;
	}
	if (addrtext_parse(text, addr_len, &addr) == ADDRTEXT_OTHER)
		return JOBLINE_URL;
	return network_parse(text, addr_len, slash + 1, (size_t)(end - slash) - 1, job);
}

bool jobline_plain_quick(const char *line, size_t len, struct jobline *job) {
	len -= len > 0 && line[len - 1] == '\r';
	size_t used = addrtext_v4_length(line, len, &job->addr);
	if (used == 0 || used == len)
		return used > 0;
	return line[used] == ':' && jobline_plain_port(line + used + 1, len - used - 1, &job->port);
}

enum jobline_result jobline_plain_parse(const char *text, size_t len, struct jobline *job) {
	if (addrtext_parse(text, len, &job->addr) == ADDRTEXT_OK)
		return JOBLINE_TARGET;
	if (len == 0)
		return JOBLINE_NOT_ADDRESS;

	// A separator says what kind of list this is, whatever stands around it.
	if (holds(text, len, ',') || holds(text, len, ';'))
		return explain_commas(text, len);
	if (*text == '"' || *text == '\'')
		return JOBLINE_QUOTED;
	if (holds(text, len, ' ') || holds(text, len, '\t'))
		return JOBLINE_MANY_WORDS;
	const char *slash = memchr(text, '/', len);
	if (slash != NULL)
		return slash_parse(text, len, slash, job);
	if (holds(text + 1, len - 1, '-') && has_only(text, len, "0123456789.-"))
		return JOBLINE_RANGE;

	if (*text == '[')
		return bracketed_parse(text, len, job);
	if (holds(text, len, '[') || holds(text, len, ']'))
		return JOBLINE_BRACKET;
	const char *colon = memchr(text, ':', len);
	if (colon != NULL && !holds(colon + 1, len - (size_t)(colon + 1 - text), ':'))
		return with_port_parse(text, len, colon, job);
	return address_parse(text, len, &job->addr);
}
