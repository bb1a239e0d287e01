#include "lib/blocklist.h"

#include "lib/addrset.h"
#include "lib/addrtext.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILE_OCTETS ((size_t)16 * 1024 * 1024)
#define READ_OCTETS 65536
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct blocklist {
	struct addrset set;
};

static const char *const builtin_lines[] = {
#include "lib/blocklist_text.inc"
};

static const char *const address_mends[] = {
	[ADDRTEXT_OCTAL] = "a number with a zero in front is octal to some programs: leave it out",
	[ADDRTEXT_MAPPED] = "IPv4 written as IPv6: write it as IPv4, 192.0.2.0/24",
	[ADDRTEXT_ZONE] = "a zone (%eth0) has no place in a blocklist: leave it out",
	[ADDRTEXT_BAD_IPV4] = "not an IPv4 address: write four numbers, 192.0.2.0/24",
	[ADDRTEXT_BAD_IPV6] = "not an IPv6 address: write 2001:db8::/32",
	[ADDRTEXT_OTHER] = "not an address: write addresses, networks or ranges, 192.0.2.0/24 or "
			   "192.0.2.0-192.0.2.9; names are not read, and a comment begins with #",
};

static const char *const prefix_mend =
	"the prefix length is a number up to 32 for IPv4, 128 for IPv6: 192.0.2.0/24";
static const char *const range_mend =
	"a range has two addresses of one family, the lower one first: 192.0.2.0-192.0.2.9";

struct blocklist *blocklist_create(void) {
	return calloc(1, sizeof(struct blocklist));
}

void blocklist_destroy(struct blocklist *list) {
	if (list == NULL)
		return;
	addrset_free(&list->set);
	free(list);
}

// Decimal digits of a prefix length; -1 if they are none, or more than max.
static int prefix_len_parse(const char *text, size_t len, int max) {
	int value = 0;
	if (len == 0 || len > 3)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value <= max ? value : -1;
}

// An address as a number; *is_mapped: it was written in the form that stands for IPv4.
static const char *number_parse(
	const char *text, size_t len, bool is_v4, addrset_number *number, bool *is_mapped) {
	struct ip_addr address;
	enum addrtext_result result = addrtext_parse(text, len, &address);
	if (result != ADDRTEXT_OK && result != ADDRTEXT_MAPPED)
		return address_mends[result];
	*is_mapped = result == ADDRTEXT_MAPPED;
	const uint8_t *octets = is_v4 ? addr_v4(&address) : address.octets;
	*number = 0;
	for (unsigned int i = 0; i < (is_v4 ? ADDR4_OCTETS : ADDR6_OCTETS); i++)
		*number = *number << 8 | octets[i];
	return NULL;
}

static bool is_ipv4(const char *text, size_t len) {
	return memchr(text, ':', len) == NULL;
}

// 0, -EINVAL with *mend filled, or -ENOMEM.
static int range_add(
	struct blocklist *list, const char *text, size_t len, const char *dash, const char **mend) {
	size_t first_len = (size_t)(dash - text), last_len = len - first_len - 1;
	bool is_v4 = is_ipv4(text, first_len), is_mapped, is_mapped_too;
	addrset_number first, last;
	*mend = number_parse(text, first_len, is_v4, &first, &is_mapped);
	if (*mend)
		return -EINVAL;
	if (is_ipv4(dash + 1, last_len) != is_v4) {
		*mend = range_mend;
		return -EINVAL;
	}
	*mend = number_parse(dash + 1, last_len, is_v4, &last, &is_mapped_too);
	if (!*mend && (is_mapped || is_mapped_too))
		*mend = address_mends[ADDRTEXT_MAPPED];
	if (!*mend && first > last)
		*mend = range_mend;
	return *mend ? -EINVAL : addrset_add(&list->set, is_v4, first, last);
}

// The same for an address or a network.
static int network_add(struct blocklist *list, const char *text, size_t len, const char **mend) {
	const char *slash = memchr(text, '/', len);
	size_t address_len = slash != NULL ? (size_t)(slash - text) : len;
	bool is_v4 = is_ipv4(text, len), is_mapped;
	int bits = is_v4 ? 32 : 128, prefix_len = bits;
	addrset_number number;

	*mend = number_parse(text, address_len, is_v4, &number, &is_mapped);
	if (*mend)
		return -EINVAL;
	if (slash != NULL) {
		prefix_len = prefix_len_parse(slash + 1, len - address_len - 1, bits);
		if (prefix_len < 0) {
			*mend = prefix_mend;
			return -EINVAL;
		}
	}
	// The whole of ::ffff:0:0/96 is in IANA's registry. It covers no target, as none is given
	// in that form; who writes a part of it thinks of IPv4, and would be let down.
	if (is_mapped && prefix_len > 96) {
		*mend = address_mends[ADDRTEXT_MAPPED];
		return -EINVAL;
	}
	int host_bits = bits - prefix_len;
	// In two shifts, as all 128 bits may be host bits.
	addrset_number hosts = host_bits == 0 ? 0 : ~(~(addrset_number)0 << (host_bits - 1) << 1);
	return addrset_add(&list->set, is_v4, number & ~hosts, number | hosts);
}

static bool is_between(char c) {
	return c == ' ' || c == '\t' || c == '\r' || c == ',';
}

static bool is_comment(char c) {
	return c == '#' || c == ';';
}

// All networks of a line. 0, -EINVAL with *mend filled, or -ENOMEM.
static int line_add(struct blocklist *list, const char *line, size_t len, const char **mend) {
	const char *at = line, *end = line + len;
	int code = 0;
	while (code == 0) {
		while (at < end && is_between(*at))
			at++;
		if (at == end || is_comment(*at))
			break;
		const char *word = at;
		while (at < end && !is_between(*at) && !is_comment(*at))
			at++;
		size_t word_len = (size_t)(at - word);
		const char *dash = memchr(word, '-', word_len);
		bool is_range = dash && !memchr(word, '/', word_len);
		code = is_range ? range_add(list, word, word_len, dash, mend)
				: network_add(list, word, word_len, mend);
	}
	return code;
}

// mend: NULL if not the line is to blame but the system.
static int refuse(struct blocklist_error *error, const char *source, uint64_t line, int code,
	const char *mend) {
	*error = (struct blocklist_error){
		.source = source,
		.line = line,
		.os_error = mend == NULL ? -code : 0,
		.mend = mend,
	};
	return code;
}

int blocklist_add_text(struct blocklist *list, const char *name, const char *text, size_t len,
	struct blocklist_error *error) {
	assert(!list->set.is_sealed);
	const char *end = text + len;
	if (len >= strlen(BYTE_ORDER_MARK) &&
		memcmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		text += strlen(BYTE_ORDER_MARK);
	for (uint64_t line = 1; text < end; line++) {
		const char *lf = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = lf != NULL ? lf : end;
		const char *mend = NULL;
		int code = line_add(list, text, (size_t)(line_end - text), &mend);
		if (code < 0)
			return refuse(error, name, line, code, mend);
		text = lf != NULL ? lf + 1 : end;
	}
	return 0;
}

int blocklist_add_builtin(struct blocklist *list, struct blocklist_error *error) {
	assert(!list->set.is_sealed);
	for (size_t i = 0; i < sizeof(builtin_lines) / sizeof(builtin_lines[0]); i++) {
		const char *mend = NULL;
		int code = line_add(list, builtin_lines[i], strlen(builtin_lines[i]), &mend);
		if (code < 0)
			return refuse(error, "built-in blocklist", i + 1, code, mend);
	}
	return 0;
}

// All of the file in *text, which the caller frees. 0 or -errno.
static int file_read(int fd, char **text, size_t *len) {
	size_t room = 0;
	*text = NULL;
	*len = 0;
	for (;;) {
		if (room - *len < READ_OCTETS) {
			room = room * 2 + READ_OCTETS;
			char *grown = realloc(*text, room);
			if (grown == NULL)
				return -ENOMEM;
			*text = grown;
		}
		ssize_t octets = read(fd, *text + *len, room - *len);
		if (octets == 0)
			return 0;
		if (octets < 0 && errno != EINTR)
			return -errno;
		*len += octets > 0 ? (size_t)octets : 0;
		if (*len > MAX_FILE_OCTETS)
			return -EFBIG;
	}
}

int blocklist_add_file(struct blocklist *list, const char *path, struct blocklist_error *error) {
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return refuse(error, path, 0, -errno, NULL);

	char *text;
	size_t len;
	int code = file_read(fd, &text, &len);
	if (code < 0)
		refuse(error, path, 0, code, NULL);
	else
		code = blocklist_add_text(list, path, text, len, error);
	free(text);
	close(fd);
	return code;
}

int blocklist_seal(struct blocklist *list) {
	return addrset_seal(&list->set);
}

bool blocklist_covers(const struct blocklist *list, const struct ip_addr *addr) {
	return addrset_covers(&list->set, addr);
}

const struct addrset *blocklist_set(const struct blocklist *list) {
	return &list->set;
}

#define NUMBER_OCTETS 16

static uint8_t *put_number(uint8_t *p, addrset_number number) {
	for (unsigned int i = 0; i < NUMBER_OCTETS; i++)
		p[i] = (uint8_t)(number >> (8 * (NUMBER_OCTETS - 1 - i)));
	return p + NUMBER_OCTETS;
}

static uint8_t *put_ranges(uint8_t *p, const struct addrset_family *family) {
	p = put_number(p, family->nb);
	for (size_t i = 0; i < family->nb; i++)
		p = put_number(put_number(p, family->ranges[i].first), family->ranges[i].last);
	return p;
}

int blocklist_digest(const struct blocklist *list, char text[DIGEST_TEXT_OCTETS]) {
	const struct addrset *set = blocklist_set(list);
	uint8_t *octets = malloc((2 + 2 * (set->v4.nb + set->v6.nb)) * NUMBER_OCTETS);
	if (octets == NULL)
		return -ENOMEM;
	uint8_t *end = put_ranges(put_ranges(octets, &set->v4), &set->v6);
	int ret = digest_octets(octets, (size_t)(end - octets), text);
	free(octets);
	return ret;
}
