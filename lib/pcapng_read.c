// The reading half of pcapng.h.
#include "lib/pcapng.h"
#include "lib/pcapng_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RESOLUTION_DEFAULT 6 // microseconds
#define RESOLUTION_BINARY 0x80
#define NSEC_PER_SEC UINT64_C(1000000000)

#define BUFFER_OCTETS (2u * PCAPNG_BLOCK_MAX_OCTETS)
#define DIRECTION_BITS 3u

int pcapng_open(struct pcapng_reader *r, int fd) {
	*r = (struct pcapng_reader){.fd = fd, .read = read, .buf = malloc(BUFFER_OCTETS)};
	return r->buf ? 0 : -ENOMEM;
}

void pcapng_close(struct pcapng_reader *r) {
	free(r->buf);
	r->buf = NULL;
}

static uint16_t get16(bool is_swapped, const uint8_t *p) {
	uint16_t v;
	memcpy(&v, p, sizeof(v));
	return is_swapped ? __builtin_bswap16(v) : v;
}

static uint32_t get32(bool is_swapped, const uint8_t *p) {
	uint32_t v;
	memcpy(&v, p, sizeof(v));
	return is_swapped ? __builtin_bswap32(v) : v;
}

static uint64_t get64(bool is_swapped, const uint8_t *p) {
	uint64_t v;
	memcpy(&v, p, sizeof(v));
	return is_swapped ? __builtin_bswap64(v) : v;
}

// Get so many octets into the buffer, if the file has them. False: read(2) failed.
static bool fill(struct pcapng_reader *r, size_t wanted) {
	if (r->end - r->start >= wanted)
		return true;
	memmove(r->buf, r->buf + r->start, r->end - r->start);
	r->end -= r->start;
	r->start = 0;
	while (r->end < wanted && !r->is_at_end) {
		ssize_t n = r->read(r->fd, r->buf + r->end, BUFFER_OCTETS - r->end);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r->os_error = errno;
			return false;
		}
		r->is_at_end = n == 0;
		r->end += (size_t)n;
	}
	return true;
}

static enum pcapng_step broken(struct pcapng_reader *r, const char *what) {
	r->what = what;
	return r->nb_blocks == 1 ? PCAPNG_NOT_PCAPNG : PCAPNG_BROKEN;
}

bool pcapng_option_next(
	const struct pcapng_block *block, size_t *pos, struct pcapng_option *option) {
	if (*pos > block->options_len || block->options_len - *pos < OPTION_HEADER_OCTETS)
		return false;
	const uint8_t *p = block->options + *pos;
	option->code = get16(block->is_swapped, p);
	option->len = get16(block->is_swapped, p + 2);
	option->value = p + OPTION_HEADER_OCTETS;
	size_t room = block->options_len - *pos - OPTION_HEADER_OCTETS;
	size_t octets = ((size_t)option->len + 3) & ~(size_t)3;
	if (option->code == 0 || octets > room)
		return false;
	*pos += OPTION_HEADER_OCTETS + octets;
	return true;
}

// ---- times

// A time beyond what nanoseconds since 1970 can hold is the last of them.
static uint64_t to_ns(const struct pcapng_clock *clock, uint64_t ticks) {
	if (clock->resolution == RESOLUTION_NS && clock->offset_s == 0)
		return ticks;
	unsigned __int128 ns = ticks;
	unsigned int exponent = clock->resolution & 0x7f;
	if (clock->resolution & RESOLUTION_BINARY) {
		ns = exponent < 64 ? (ns * NSEC_PER_SEC) >> exponent : 0;
	} else {
		for (; exponent < RESOLUTION_NS; exponent++)
			ns *= 10;
		for (; exponent > RESOLUTION_NS && ns > 0; exponent--)
			ns /= 10;
	}
	__int128 sum = (__int128)ns + (__int128)clock->offset_s * (int64_t)NSEC_PER_SEC;
	if (sum < 0)
		return 0;
	return sum > (__int128)UINT64_MAX ? UINT64_MAX : (uint64_t)sum;
}

static uint64_t get_time(const struct pcapng_reader *r, uint32_t interface, const uint8_t *p) {
	uint64_t ticks = (uint64_t)get32(r->is_swapped, p) << 32 | get32(r->is_swapped, p + 4);
	return to_ns(&r->clocks[interface], ticks);
}

// ---- blocks: body and len are what stands between the two lengths

static void set_options(struct pcapng_block *block, const uint8_t *body, size_t len, size_t at) {
	block->options = body + at;
	block->options_len = len - at;
}

static enum pcapng_step read_section(
	struct pcapng_reader *r, struct pcapng_block *block, const uint8_t *body, size_t len) {
	block->kind = PCAPNG_SECTION;
	if (len < SECTION_OCTETS)
		return broken(r, "a section header that is too short");
	if (get16(r->is_swapped, body + 4) != 1)
		return broken(r, "a version of pcapng other than 1");
	r->nb_interfaces = 0;
	set_options(block, body, len, SECTION_OCTETS);
	return PCAPNG_FOUND;
}

static enum pcapng_step read_interface(
	struct pcapng_reader *r, struct pcapng_block *block, const uint8_t *body, size_t len) {
	block->kind = PCAPNG_INTERFACE;
	if (len < INTERFACE_OCTETS)
		return broken(r, "an interface description that is too short");
	if (r->nb_interfaces == PCAPNG_MAX_INTERFACES)
		return broken(r, "more interfaces than 64");
	block->interface.link_type = get16(r->is_swapped, body);
	block->interface.snaplen = get32(r->is_swapped, body + 4);
	set_options(block, body, len, INTERFACE_OCTETS);

	struct pcapng_clock *clock = &r->clocks[r->nb_interfaces++];
	*clock = (struct pcapng_clock){.resolution = RESOLUTION_DEFAULT};
	struct pcapng_option option;
	for (size_t pos = 0; pcapng_option_next(block, &pos, &option);) {
		if (option.code == PCAPNG_IF_TSRESOL && option.len == 1)
			clock->resolution = option.value[0];
		else if (option.code == PCAPNG_IF_TSOFFSET && option.len == 8)
			clock->offset_s = (int64_t)get64(r->is_swapped, option.value);
	}
	return PCAPNG_FOUND;
}

static enum pcapng_direction direction_of(const struct pcapng_block *block) {
	struct pcapng_option option;
	for (size_t pos = 0; pcapng_option_next(block, &pos, &option);) {
		if (option.code == PCAPNG_EPB_FLAGS && option.len == 4) {
			uint32_t bits = get32(block->is_swapped, option.value) & DIRECTION_BITS;
			return bits == DIRECTION_BITS ? PCAPNG_UNKNOWN
						      : (enum pcapng_direction)bits;
		}
	}
	return PCAPNG_UNKNOWN;
}

static enum pcapng_step read_packet(
	struct pcapng_reader *r, struct pcapng_block *block, const uint8_t *body, size_t len) {
	block->kind = PCAPNG_PACKET;
	if (len < PACKET_OCTETS)
		return broken(r, "a packet block that is too short");
	struct pcapng_packet *packet = &block->packet;
	packet->interface = get32(r->is_swapped, body);
	packet->len = get32(r->is_swapped, body + 12);
	packet->wire_len = get32(r->is_swapped, body + 16);
	packet->octets = body + PACKET_OCTETS;
	if (packet->interface >= r->nb_interfaces)
		return broken(r, "a packet of an interface that was not described");
	if (packet->len > len - PACKET_OCTETS)
		return broken(r, "a packet that is longer than its block");
	packet->time_ns = get_time(r, packet->interface, body + 4);
	size_t octets = ((size_t)packet->len + 3) & ~(size_t)3;
	set_options(block, body, len, PACKET_OCTETS + octets);
	packet->direction = direction_of(block);
	return PCAPNG_FOUND;
}

static enum pcapng_step read_statistics(
	struct pcapng_reader *r, struct pcapng_block *block, const uint8_t *body, size_t len) {
	block->kind = PCAPNG_STATISTICS;
	if (len < STATISTICS_OCTETS)
		return broken(r, "interface statistics that are too short");
	block->statistics_interface = get32(r->is_swapped, body);
	if (block->statistics_interface >= r->nb_interfaces)
		return broken(r, "statistics of an interface that was not described");
	block->statistics_time_ns = get_time(r, block->statistics_interface, body + 4);
	set_options(block, body, len, STATISTICS_OCTETS);
	return PCAPNG_FOUND;
}

static enum pcapng_step read_body(struct pcapng_reader *r, struct pcapng_block *block,
	uint32_t type, const uint8_t *body, size_t len) {
	*block = (struct pcapng_block){.kind = PCAPNG_OTHER, .is_swapped = r->is_swapped};
	switch (type) {
	case TYPE_SECTION:
		return read_section(r, block, body, len);
	case TYPE_INTERFACE:
		return read_interface(r, block, body, len);
	case TYPE_PACKET:
		return read_packet(r, block, body, len);
	case TYPE_STATISTICS:
		return read_statistics(r, block, body, len);
	default:
		return PCAPNG_FOUND;
	}
}

static enum pcapng_step short_of(struct pcapng_reader *r) {
	r->what = "the file ends in the middle of a block";
	return r->nb_blocks == 1 ? PCAPNG_NOT_PCAPNG : PCAPNG_TRUNCATED;
}

enum pcapng_step pcapng_next(struct pcapng_reader *r, struct pcapng_block *block) {
	if (r->what != NULL)
		return PCAPNG_END;
	r->offset = r->next_offset;
	r->nb_blocks++;
	if (!fill(r, BLOCK_MIN_OCTETS))
		return PCAPNG_FAILED;
	size_t there = r->end - r->start;
	if (there == 0 && r->nb_blocks > 1)
		return PCAPNG_END;
	if (there < BLOCK_MIN_OCTETS)
		return short_of(r);

	const uint8_t *p = r->buf + r->start;
	uint32_t type = get32(false, p);
	if (type == TYPE_SECTION) {
		uint32_t magic = get32(false, p + BODY_AT);
		r->is_swapped = magic == __builtin_bswap32(MAGIC);
		if (magic != MAGIC && !r->is_swapped)
			return broken(r, "a section header without its magic number");
	} else if (r->nb_blocks == 1) {
		return broken(r, "it does not begin with a section header");
	}
	type = get32(r->is_swapped, p);
	size_t total = get32(r->is_swapped, p + 4);
	if (total < BLOCK_MIN_OCTETS || total % 4 != 0)
		return broken(r, "a block whose length is none");
	if (total > PCAPNG_BLOCK_MAX_OCTETS)
		return broken(r, "a block longer than 1 MiB");
	if (!fill(r, total))
		return PCAPNG_FAILED;
	if (r->end - r->start < total)
		return short_of(r);
	p = r->buf + r->start;
	if (get32(r->is_swapped, p + total - 4) != total)
		return broken(r, "a block whose two lengths differ");
	r->start += total;
	r->next_offset += total;
	return read_body(r, block, type, p + BODY_AT, total - BLOCK_MIN_OCTETS);
}
