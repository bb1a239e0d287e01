#include "lib/pcapng.h"
#include "lib/pcapng_parts.h"

#include <string.h>

// ---- writing: the lengths first, then octets into a buffer that is large enough

static size_t padded(size_t len) {
	return (len + 3) & ~(size_t)3;
}

static size_t option_octets(size_t len) {
	return len > 0 ? OPTION_HEADER_OCTETS + padded(len) : 0;
}

static uint8_t *put16(uint8_t *p, uint16_t v) {
	memcpy(p, &v, sizeof(v));
	return p + sizeof(v);
}

static uint8_t *put32(uint8_t *p, uint32_t v) {
	memcpy(p, &v, sizeof(v));
	return p + sizeof(v);
}

static uint8_t *put64(uint8_t *p, uint64_t v) {
	memcpy(p, &v, sizeof(v));
	return p + sizeof(v);
}

// A time: its high half first, whatever the order of octets.
static uint8_t *put_time(uint8_t *p, uint64_t ns) {
	return put32(put32(p, (uint32_t)(ns >> 32)), (uint32_t)ns);
}

static uint8_t *put_octets(uint8_t *p, const void *octets, size_t len) {
	if (len == 0)
		return p;
	memcpy(p, octets, len);
	memset(p + len, 0, padded(len) - len);
	return p + padded(len);
}

static uint8_t *put_option(uint8_t *p, uint16_t code, const void *value, size_t len) {
	if (len == 0)
		return p;
	p = put16(put16(p, code), (uint16_t)len);
	return put_octets(p, value, len);
}

static uint8_t *put_text_option(uint8_t *p, uint16_t code, const struct pcapng_text *text) {
	return put_option(p, code, text->text, text->len);
}

static bool is_text(const struct pcapng_text *text) {
	return text->len <= UINT16_MAX;
}

// Its octets with the end of options, type and both lengths; 0 if that is too much.
static size_t block_octets(size_t capacity, size_t body, size_t options) {
	size_t total = BLOCK_MIN_OCTETS + body + options;
	total += options > 0 ? OPTION_HEADER_OCTETS : 0;
	return total > capacity || total > PCAPNG_BLOCK_MAX_OCTETS ? 0 : total;
}

static uint8_t *begin_block(uint8_t *buf, uint32_t type, size_t total) {
	return put32(put32(buf, type), (uint32_t)total);
}

static size_t end_block(uint8_t *p, size_t options, size_t total) {
	if (options > 0)
		p = put32(p, 0); // opt_endofopt
	put32(p, (uint32_t)total);
	return total;
}

size_t pcapng_write_section(uint8_t *buf, size_t capacity, const struct pcapng_section *s) {
	size_t options = option_octets(s->comment.len) + option_octets(s->hardware.len) +
			 option_octets(s->os.len) + option_octets(s->userappl.len);
	size_t total = block_octets(capacity, SECTION_OCTETS, options);
	bool is_good = is_text(&s->comment) && is_text(&s->hardware) && is_text(&s->os) &&
		       is_text(&s->userappl);
	if (total == 0 || !is_good)
		return 0;
	uint8_t *p = begin_block(buf, TYPE_SECTION, total);
	p = put32(p, MAGIC);
	p = put16(put16(p, 1), 0); // version
	p = put64(p, UINT64_MAX);  // the section's length is not known
	p = put_text_option(p, PCAPNG_OPT_COMMENT, &s->comment);
	p = put_text_option(p, PCAPNG_SHB_HARDWARE, &s->hardware);
	p = put_text_option(p, PCAPNG_SHB_OS, &s->os);
	p = put_text_option(p, PCAPNG_SHB_USERAPPL, &s->userappl);
	return end_block(p, options, total);
}

size_t pcapng_write_interface(uint8_t *buf, size_t capacity, const struct pcapng_interface *i) {
	static const uint8_t resolution = RESOLUTION_NS;
	size_t options = option_octets(i->name.len) + option_octets(sizeof(resolution));
	size_t total = block_octets(capacity, INTERFACE_OCTETS, options);
	if (total == 0 || !is_text(&i->name))
		return 0;
	uint8_t *p = begin_block(buf, TYPE_INTERFACE, total);
	p = put16(put16(p, i->link_type), 0);
	p = put32(p, i->snaplen);
	p = put_text_option(p, PCAPNG_IF_NAME, &i->name);
	p = put_option(p, PCAPNG_IF_TSRESOL, &resolution, sizeof(resolution));
	return end_block(p, options, total);
}

size_t pcapng_write_packet(uint8_t *buf, size_t capacity, const struct pcapng_packet *p) {
	uint32_t flags = p->direction;
	size_t options = option_octets(sizeof(flags));
	if (p->len > PCAPNG_BLOCK_MAX_OCTETS)
		return 0;
	for (unsigned int c = 0; c < p->nb_comments; c++) {
		if (!is_text(&p->comments[c]))
			return 0;
		options += option_octets(p->comments[c].len);
	}
	size_t total = block_octets(capacity, PACKET_OCTETS + padded(p->len), options);
	if (total == 0)
		return 0;
	uint8_t *at = begin_block(buf, TYPE_PACKET, total);
	at = put32(at, p->interface);
	at = put_time(at, p->time_ns);
	at = put32(put32(at, p->len), p->wire_len);
	at = put_octets(at, p->octets, p->len);
	at = put_option(at, PCAPNG_EPB_FLAGS, &flags, sizeof(flags));
	for (unsigned int c = 0; c < p->nb_comments; c++)
		at = put_text_option(at, PCAPNG_OPT_COMMENT, &p->comments[c]);
	return end_block(at, options, total);
}

size_t pcapng_write_statistics(uint8_t *buf, size_t capacity, const struct pcapng_statistics *s) {
	size_t options = option_octets(s->comment.len) + 2 * option_octets(sizeof(s->ifdrop));
	size_t total = block_octets(capacity, STATISTICS_OCTETS, options);
	if (total == 0 || !is_text(&s->comment))
		return 0;
	uint8_t *p = begin_block(buf, TYPE_STATISTICS, total);
	p = put32(p, s->interface);
	p = put_time(p, s->time_ns);
	p = put_option(p, PCAPNG_ISB_IFDROP, &s->ifdrop, sizeof(s->ifdrop));
	p = put_option(p, PCAPNG_ISB_OSDROP, &s->osdrop, sizeof(s->osdrop));
	p = put_text_option(p, PCAPNG_OPT_COMMENT, &s->comment);
	return end_block(p, options, total);
}
