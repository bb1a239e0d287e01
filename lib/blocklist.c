#include "lib/blocklist.h"

#include "lib/addrtext.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILE_OCTETS ((size_t)16 * 1024 * 1024)
#define READ_OCTETS 65536
#define FIRST_ROOM 64

// An address as a number, IPv4 in the lowest 32 bits: one code for both families.
__extension__ typedef unsigned __int128 address_number;

struct range {
	address_number first, last; // both are covered
};

struct ranges {
	struct range *items; // sealed: sorted, neither overlapping nor adjacent
	size_t nb;
	size_t room;
};

struct blocklist {
	struct ranges v4, v6;
	bool is_sealed;
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
	[ADDRTEXT_OTHER] = "not an address: write one address or CIDR a line, 192.0.2.0/24 or "
			   "2001:db8::/32; names and ranges are not read",
};

static const char *const prefix_mend =
	"the prefix length is a number up to 32 for IPv4, 128 for IPv6: 192.0.2.0/24";

struct blocklist *blocklist_create(void) {
	return calloc(1, sizeof(struct blocklist));
}

void blocklist_destroy(struct blocklist *list) {
	if (list == NULL)
		return;
	free(list->v4.items);
	free(list->v6.items);
	free(list);
}

static address_number number_of(const uint8_t *octets, size_t nb_octets) {
	address_number number = 0;
	for (size_t i = 0; i < nb_octets; i++)
		number = number << 8 | octets[i];
	return number;
}

static int ranges_add(struct ranges *ranges, address_number address, unsigned int host_bits) {
	if (ranges->nb == ranges->room) {
		size_t room = ranges->room == 0 ? FIRST_ROOM : ranges->room * 2;
		struct range *items = realloc(ranges->items, room * sizeof(*items));
		if (items == NULL)
			return -ENOMEM;
		ranges->items = items;
		ranges->room = room;
	}
	// In two shifts, as all 128 bits may be host bits.
	address_number hosts = host_bits == 0 ? 0 : ~(~(address_number)0 << (host_bits - 1) << 1);
	ranges->items[ranges->nb++] =
		(struct range){.first = address & ~hosts, .last = address | hosts};
	return 0;
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

// An address or a network, nothing around it. 0, -EINVAL with *mend filled, or -ENOMEM.
static int network_add(struct blocklist *list, const char *text, size_t len, const char **mend) {
	const char *slash = memchr(text, '/', len);
	size_t address_len = slash != NULL ? (size_t)(slash - text) : len;
	struct ip_addr address;
	enum addrtext_result result = addrtext_parse(text, address_len, &address);
	bool is_v4 = memchr(text, ':', len) == NULL;
	int bits = is_v4 ? 32 : 128, prefix_len = bits;

	if (result != ADDRTEXT_OK && result != ADDRTEXT_MAPPED) {
		*mend = address_mends[result];
		return -EINVAL;
	}
	if (slash != NULL) {
		prefix_len = prefix_len_parse(slash + 1, len - address_len - 1, bits);
		if (prefix_len < 0) {
			*mend = prefix_mend;
			return -EINVAL;
		}
	}
	// The whole of ::ffff:0:0/96 is in IANA's registry. It covers no target, as none is given
	// in that form; who writes a part of it thinks of IPv4, and would be let down.
	if (result == ADDRTEXT_MAPPED && prefix_len > 96) {
		*mend = address_mends[result];
		return -EINVAL;
	}
	unsigned int host_bits = (unsigned int)(bits - prefix_len);
	if (is_v4)
		return ranges_add(&list->v4, number_of(addr_v4(&address), ADDR4_OCTETS), host_bits);
	return ranges_add(&list->v6, number_of(address.octets, ADDR6_OCTETS), host_bits);
}

static bool is_blank(char c) {
	return c == ' ' || c == '\t' || c == '\r';
}

static int line_add(struct blocklist *list, const char *line, size_t len, const char **mend) {
	const char *comment = memchr(line, '#', len);
	if (comment != NULL)
		len = (size_t)(comment - line);
	while (len > 0 && is_blank(line[len - 1]))
		len--;
	while (len > 0 && is_blank(*line)) {
		line++;
		len--;
	}
	return len == 0 ? 0 : network_add(list, line, len, mend);
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
	assert(!list->is_sealed);
	const char *end = text + len;
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
	assert(!list->is_sealed);
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

static int range_compare(const void *left, const void *right) {
	const struct range *a = left, *b = right;
	return (a->first > b->first) - (a->first < b->first);
}

static void ranges_merge(struct ranges *ranges) {
	if (ranges->nb == 0)
		return;
	qsort(ranges->items, ranges->nb, sizeof(*ranges->items), range_compare);

	struct range *merged = ranges->items; // the last one that is done
	for (size_t i = 1; i < ranges->nb; i++) {
		const struct range *next = &ranges->items[i];
		if (next->first <= merged->last || next->first - 1 == merged->last) {
			if (next->last > merged->last)
				merged->last = next->last;
		} else {
			*++merged = *next;
		}
	}
	ranges->nb = (size_t)(merged - ranges->items) + 1;
}

void blocklist_seal(struct blocklist *list) {
	ranges_merge(&list->v4);
	ranges_merge(&list->v6);
	list->is_sealed = true;
}

static bool ranges_cover(const struct ranges *ranges, address_number address) {
	size_t low = 0, high = ranges->nb; // the first range that starts behind the address
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ranges->items[middle].first <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && address <= ranges->items[low - 1].last;
}

bool blocklist_covers(const struct blocklist *list, const struct ip_addr *addr) {
	assert(list->is_sealed);
	if (addr_is_v4(addr))
		return ranges_cover(&list->v4, number_of(addr_v4(addr), ADDR4_OCTETS));
	return ranges_cover(&list->v6, number_of(addr->octets, ADDR6_OCTETS));
}

uint64_t blocklist_nb_ipv4(const struct blocklist *list) {
	assert(list->is_sealed);
	uint64_t nb = 0;
	for (size_t i = 0; i < list->v4.nb; i++)
		nb += (uint64_t)(list->v4.items[i].last - list->v4.items[i].first) + 1;
	return nb;
}
