#include "lib/tfo/jsonput.h"

#include "lib/tcpstack/conn.h"
#include "lib/tfo/conditions.h"

#include <string.h>

#define SECONDS_PER_DAY 86400

char *put_text(char *p, const char *text) {
	size_t len = strlen(text);
	memcpy(p, text, len);
	return p + len;
}

char *put_number(char *p, uint64_t v) {
	char digits[20];
	size_t n = 0;
	do {
		digits[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	while (n > 0)
		*p++ = digits[--n];
	return p;
}

char *put_hex(char *p, const uint8_t *octets, size_t len) {
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < len; i++) {
		*p++ = digits[octets[i] >> 4];
		*p++ = digits[octets[i] & 0x0f];
	}
	return p;
}

// RFC 5952 text of an IPv6 address.
static char *put_addr6(char *p, const uint8_t *octets) {
	unsigned int best = 8, best_len = 1; // a run of one zero group is not shortened
	for (unsigned int i = 0; i < 8; i++) {
		unsigned int n = 0;
		while (i + n < 8 && octets[2 * (i + n)] == 0 && octets[2 * (i + n) + 1] == 0)
			n++;
		if (n > best_len) {
			best = i;
			best_len = n;
		}
	}
	for (unsigned int i = 0; i < 8;) {
		if (i == best) {
			p = put_text(p, "::");
			i += best_len;
			continue;
		}
		if (i > 0 && p[-1] != ':')
			*p++ = ':';
		char hex[4];
		put_hex(hex, octets + 2 * (size_t)i, 2);
		unsigned int skip = 0;
		while (skip < 3 && hex[skip] == '0')
			skip++;
		memcpy(p, hex + skip, 4 - skip);
		p += 4 - skip;
		i++;
	}
	return p;
}

char *put_addr(char *p, const struct ip_addr *a) {
	if (!addr_is_v4(a))
		return put_addr6(p, a->octets);
	for (unsigned int i = 0; i < ADDR4_OCTETS; i++) {
		if (i > 0)
			*p++ = '.';
		p = put_number(p, addr_v4(a)[i]);
	}
	return p;
}

char *put_quoted_addr(char *p, const struct ip_addr *a) {
	*p++ = '"';
	p = put_addr(p, a);
	*p++ = '"';
	return p;
}

static char *put_padded(char *p, uint32_t v, unsigned int width) {
	for (unsigned int i = width; i-- > 0; v /= 10)
		p[i] = (char)('0' + v % 10);
	return p + width;
}

// The date of a day since 1970-01-01 in the Gregorian calendar. Years are counted from March, so
// that the leap day is the last one.
static char *put_date(char *p, uint32_t day) {
	uint32_t since_0000_03_01 = day + 719468;
	uint32_t era = since_0000_03_01 / 146097; // of 400 years
	uint32_t rest = since_0000_03_01 % 146097;
	uint32_t year_of_era = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
	rest -= 365 * year_of_era + year_of_era / 4 - year_of_era / 100;
	uint32_t month_from_march = (5 * rest + 2) / 153;
	uint32_t day_of_month = rest - (153 * month_from_march + 2) / 5 + 1;
	bool is_next_year = month_from_march >= 10;
	p = put_padded(p, 400 * era + year_of_era + is_next_year, 4);
	*p++ = '-';
	p = put_padded(p, is_next_year ? month_from_march - 9 : month_from_march + 3, 2);
	*p++ = '-';
	return put_padded(p, day_of_month, 2);
}

char *put_time(char *p, uint64_t ns) {
	uint64_t seconds = ns / NSEC_PER_SEC;
	uint32_t of_day = (uint32_t)(seconds % SECONDS_PER_DAY);
	p = put_date(p, (uint32_t)(seconds / SECONDS_PER_DAY));
	*p++ = ' ';
	p = put_padded(p, of_day / 3600, 2);
	*p++ = ':';
	p = put_padded(p, of_day / 60 % 60, 2);
	*p++ = ':';
	p = put_padded(p, of_day % 60, 2);
	*p++ = '.';
	return put_padded(p, (uint32_t)(ns % NSEC_PER_SEC / NSEC_PER_USEC), 6);
}

char *put_member(char *p, const char *key, uint64_t v, bool is_null) {
	*p++ = ',';
	*p++ = '"';
	p = put_text(p, key);
	p = put_text(p, "\":");
	return is_null ? put_text(p, "null") : put_number(p, v);
}

char *put_word_member(char *p, const char *key, const char *word) {
	p = put_text(p, ",\"");
	p = put_text(p, key);
	p = put_text(p, "\":\"");
	p = put_text(p, word);
	*p++ = '"';
	return p;
}

char *put_bool_member(char *p, const char *key, bool truth) {
	p = put_text(p, ",\"");
	p = put_text(p, key);
	return put_text(p, truth ? "\":true" : "\":false");
}

char *put_time_member(char *p, uint64_t from_ns, uint64_t to_ns) {
	p = put_text(p, ",\"time\":{\"from\":\"");
	p = put_time(p, from_ns);
	p = put_text(p, "\",\"to\":\"");
	p = put_time(p, to_ns);
	return put_text(p, "\"}");
}

char *put_conditions(char *p, uint64_t set, bool seed_only) {
	unsigned int end = seed_only ? NB_SEED_CONDITIONS : NB_CONDITIONS;
	p = put_text(p, ",\"conditions\":[");
	bool is_first = true;
	for (unsigned int c = 0; c < end; c++) {
		if (!(set & CONDITION_BIT(c)))
			continue;
		p = put_text(p, is_first ? "\"" : ",\"");
		p = put_text(p, condition_word(c));
		*p++ = '"';
		is_first = false;
	}
	*p++ = ']';
	return p;
}
