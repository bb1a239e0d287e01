#include "app/option_value.h"

#include "lib/addrtext.h"

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *value_number(const char *text, uint64_t min, uint64_t max, uint64_t *out) {
	static char range[80]; // set-up runs on one thread
	char *end;
	errno = 0;
	bool is_digit = text[0] >= '0' && text[0] <= '9';
	uint64_t v = is_digit ? strtoull(text, &end, 10) : 0;
	if (!is_digit || *end != '\0' || errno != 0 || v < min || v > max) {
		snprintf(range, sizeof(range), "must be a number from %llu to %llu",
			(unsigned long long)min, (unsigned long long)max);
		return range;
	}
	*out = v;
	return NULL;
}

const char *value_u32(const char *text, uint64_t min, uint64_t max, uint32_t *out) {
	uint64_t v;
	const char *wrong = value_number(text, min, max, &v);
	if (!wrong)
		*out = (uint32_t)v;
	return wrong;
}

const char *value_port(const char *text, uint16_t *out) {
	uint64_t v;
	const char *wrong = value_number(text, 1, 65535, &v);
	if (!wrong)
		*out = (uint16_t)v;
	return wrong;
}

const char *value_port_range(const char *text, uint16_t *first, uint16_t *last) {
	static const char wrong[] = "must be A-B, 1024 to 65535 and at least 128 ports";
	char a[6], b[6], rest;
	uint16_t from, to;
	if (sscanf(text, "%5[0-9]-%5[0-9]%c", a, b, &rest) != 2)
		return wrong;
	if (value_port(a, &from) || value_port(b, &to) || from < 1024 || to < from + 127)
		return wrong;
	*first = from;
	*last = to;
	return NULL;
}

// Digits, and k, M or G behind them.
static bool read_with_unit(const char *text, double *out) {
	char *end;
	bool is_digit = text[0] >= '0' && text[0] <= '9';
	double v = is_digit ? strtod(text, &end) : 0;
	if (!is_digit || text[1] == 'x' || text[1] == 'X')
		return false;
	double unit = 1;
	if (*end == 'k' || *end == 'K')
		unit = 1e3;
	else if (*end == 'M')
		unit = 1e6;
	else if (*end == 'G')
		unit = 1e9;
	if (unit > 1)
		end++;
	*out = v * unit;
	return *end == '\0';
}

const char *value_rate(const char *text, double *out) {
	double v;
	if (!read_with_unit(text, &v) || v > 1e10 || (v > 0 && v < 1))
		return "must be frames a second: 10000, 10k, 1.5M, or 0 for no limit";
	*out = v;
	return NULL;
}

const char *value_bandwidth(const char *text, double *out) {
	double v;
	if (!read_with_unit(text, &v) || v < 1000 || v > 1e12)
		return "must be bits a second, 1k to 1000G: 100M, 10G";
	*out = v;
	return NULL;
}

const char *value_share(const char *text, double *out) {
	static const char wrong[] = "must be a share from 0 to 1, such as 0.01";
	char *end;
	bool is_digit = (text[0] >= '0' && text[0] <= '9') || text[0] == '.';
	double v = is_digit ? strtod(text, &end) : 0;
	if (!is_digit || text[1] == 'x' || text[1] == 'X' || end == text || *end != '\0' || v > 1)
		return wrong;
	*out = v;
	return NULL;
}

// Digits, with a point among them or without: where they end, or NULL. The value is below 1e9.
static const char *read_decimal(const char *text, size_t len, double *out) {
	char digits[24], *end;
	size_t nb = strspn(text, "0123456789.");
	if (nb > len || nb == 0 || nb >= sizeof(digits) || text[0] == '.' || text[nb - 1] == '.')
		return NULL;
	memcpy(digits, text, nb);
	digits[nb] = '\0';
	*out = strtod(digits, &end);
	return *end == '\0' && *out < 1e9 ? text + nb : NULL;
}

const char *value_percent(const char *text, uint32_t *ppm) {
	static const char wrong[] = "must be a percentage from 0 to 100, such as 0.5";
	double v = 0;
	const char *end = read_decimal(text, strlen(text), &v);
	if (!end || *end != '\0' || v > 100)
		return wrong;
	if (v > 0 && v < 1e-4)
		return "must be 0.0001 at least, or 0";
	*ppm = (uint32_t)(v * 1e4 + 0.5);
	return NULL;
}

static bool read_time(const char *text, size_t len, uint64_t *out_ns) {
	static const struct {
		const char *name;
		double ns;
	} units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
	double v = 0;
	const char *end = read_decimal(text, len, &v);
	if (!end)
		return false;
	size_t rest = len - (size_t)(end - text);
	double ns = -1;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (rest == strlen(units[i].name) && strncmp(end, units[i].name, rest) == 0)
			ns = v * units[i].ns;
	}
	if (rest == 0 && v == 0)
		ns = 0;
	if (ns < 0 || ns > 3600e9)
		return false;
	*out_ns = (uint64_t)(ns + 0.5);
	return true;
}

const char *value_time(const char *text, uint64_t *out_ns) {
	if (read_time(text, strlen(text), out_ns))
		return NULL;
	return "must be a time, an hour at most: 250us, 1.5ms, 2s, or 0";
}

const char *value_time_range(const char *text, uint64_t *min_ns, uint64_t *max_ns) {
	static const char wrong[] = "must be two times such as 1ms-40ms, the smaller one first";
	uint64_t min, max;
	size_t len = strcspn(text, "-");
	if (!read_time(text, len, &min))
		return wrong;
	max = min;
	if (text[len] == '-' && !read_time(text + len + 1, strlen(text + len + 1), &max))
		return wrong;
	if (max < min)
		return wrong;
	*min_ns = min;
	*max_ns = max;
	return NULL;
}

const char *value_prefix(const char *text, struct ip_addr *addr, int *bits) {
	static const char wrong[] = "must be an address, or an address and /LEN";
	size_t len = strcspn(text, "/");
	if (addrtext_parse(text, len, addr) != ADDRTEXT_OK)
		return wrong;
	*bits = -1;
	if (text[len] == '\0')
		return NULL;
	uint64_t v;
	if (value_number(text + len + 1, 0, addr_is_v4(addr) ? 32 : 128, &v))
		return wrong;
	*bits = (int)v;
	return NULL;
}

const char *value_mac(const char *text, uint8_t mac[6]) {
	static const char wrong[] = "must be six octets in hex: 02:00:00:00:00:01";
	unsigned int o[6];
	char rest;
	if (strlen(text) != 17 || strspn(text, "0123456789abcdefABCDEF:") != 17 ||
		sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &o[0], &o[1], &o[2], &o[3], &o[4], &o[5],
			&rest) != 6)
		return wrong;
	for (int i = 0; i < 6; i++)
		mac[i] = (uint8_t)o[i];
	return NULL;
}

const char *value_own_mac(const char *text, uint8_t mac[6]) {
	const char *wrong = value_mac(text, mac);
	if (!wrong && (mac[0] & 1))
		return "must not be a group address (an odd first octet)";
	return wrong;
}

const char *value_file(const char **files, unsigned int *nb, const char *text) {
	if (*nb == VALUE_MAX_FILES)
		return "is given too often (64 times at most)";
	files[(*nb)++] = text;
	return NULL;
}

const char *value_interface(const char *text) {
	size_t len = strlen(text);
	if (len == 0 || len >= IFNAMSIZ || strpbrk(text, ",/=[] \t"))
		return "must be the name of an interface";
	return NULL;
}

const char *value_rss_key(const char *text, uint8_t key[VALUE_RSS_KEY_OCTETS]) {
	static const char wrong[] = "must be 80 hex digits, the 40 octets of a key";
	if (strlen(text) != 2 * VALUE_RSS_KEY_OCTETS ||
		strspn(text, "0123456789abcdefABCDEF") != 2 * VALUE_RSS_KEY_OCTETS)
		return wrong;
	for (unsigned int i = 0; i < VALUE_RSS_KEY_OCTETS; i++) {
		const char digits[] = {text[2 * i], text[2 * i + 1], '\0'};
		key[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return NULL;
}
