// pcapng, as far as our own captures need it (draft-ietf-opsawg-pcapng): blocks written into a
// buffer of the caller's, and read again one by one. Times are nanoseconds since the epoch of UTC.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PCAPNG_LINK_ETHERNET 1
#define PCAPNG_BLOCK_MAX_OCTETS (1u << 20) // a longer one is not read, nor written
#define PCAPNG_MAX_INTERFACES 64

enum pcapng_direction {
	PCAPNG_UNKNOWN = 0,
	PCAPNG_INBOUND = 1,
	PCAPNG_OUTBOUND = 2,
};

// UTF-8 without NUL at its end; of length 0: the option is left out.
struct pcapng_text {
	const char *text;
	size_t len;
};

// ---- writing. All functions write a whole block, and return its octets, or 0 if capacity is too
// small, a text is longer than 65,535 octets, or the block longer than PCAPNG_BLOCK_MAX_OCTETS.

struct pcapng_section {
	struct pcapng_text comment, hardware, os, userappl;
};

struct pcapng_interface {
	uint16_t link_type;
	uint32_t snaplen; // 0: no limit
	struct pcapng_text name;
};

struct pcapng_packet {
	uint64_t time_ns;
	uint32_t interface;	// its number in the section, from 0
	uint32_t len, wire_len; // octets that are there, that there were
	const uint8_t *octets;
	enum pcapng_direction direction;
	const struct pcapng_text *comments; // read: NULL, see pcapng_option_next
	unsigned int nb_comments;
};

struct pcapng_statistics {
	uint64_t time_ns;
	uint32_t interface;
	uint64_t ifdrop, osdrop; // frames lost by the interface, by the system
	struct pcapng_text comment;
};

size_t pcapng_write_section(uint8_t *buf, size_t capacity, const struct pcapng_section *s);
size_t pcapng_write_interface(uint8_t *buf, size_t capacity, const struct pcapng_interface *i);
size_t pcapng_write_packet(uint8_t *buf, size_t capacity, const struct pcapng_packet *p);
size_t pcapng_write_statistics(uint8_t *buf, size_t capacity, const struct pcapng_statistics *s);

// ---- reading

enum pcapng_step {
	PCAPNG_FOUND,	   // *block holds the next one
	PCAPNG_END,	   // between two blocks: all was read
	PCAPNG_TRUNCATED,  // in the middle of one
	PCAPNG_BROKEN,	   // reader.what says what is wrong
	PCAPNG_NOT_PCAPNG, // the first octets are something else's
	PCAPNG_FAILED,	   // read(2) did: reader.os_error
};

enum pcapng_kind {
	PCAPNG_SECTION,
	PCAPNG_INTERFACE,
	PCAPNG_PACKET,
	PCAPNG_STATISTICS,
	PCAPNG_OTHER,
};

struct pcapng_block {
	enum pcapng_kind kind;
	struct pcapng_packet packet;	   // of PCAPNG_PACKET
	struct pcapng_interface interface; // of PCAPNG_INTERFACE, but for its name
	uint64_t statistics_time_ns;	   // of PCAPNG_STATISTICS
	uint32_t statistics_interface;
	const uint8_t *options; // octets of the options; see pcapng_option_next
	size_t options_len;
	bool is_swapped; // in the other order of octets than this machine's
};

enum pcapng_option_code {
	PCAPNG_OPT_COMMENT = 1,
	PCAPNG_SHB_HARDWARE = 2,
	PCAPNG_SHB_OS = 3,
	PCAPNG_SHB_USERAPPL = 4,
	PCAPNG_IF_NAME = 2,
	PCAPNG_IF_TSRESOL = 9,
	PCAPNG_IF_TSOFFSET = 14,
	PCAPNG_EPB_FLAGS = 2,
	PCAPNG_ISB_IFDROP = 5,
	PCAPNG_ISB_OSDROP = 7,
};

struct pcapng_option {
	uint16_t code, len;
	const uint8_t *value;
};

struct pcapng_reader {
	int fd;
	// read(2), unless somebody sets another one behind pcapng_open.
	ssize_t (*read)(int fd, void *buf, size_t len);
	uint8_t *buf;
	size_t start, end; // of the octets in buf that nobody has taken; until the second block is
			   // asked for, buf holds all that was read, from 0 to end
	bool is_at_end;
	bool is_swapped;
	uint64_t offset;    // in the file, of the block that was read last or could not be read
	uint64_t nb_blocks; // its number, from 1
	uint64_t next_offset;
	const char *what;
	int os_error;
	unsigned int nb_interfaces;
	struct pcapng_clock {
		uint8_t resolution; // as in if_tsresol
		int64_t offset_s;
	} clocks[PCAPNG_MAX_INTERFACES];
};

// fd stays the caller's, and is read from where it stands. 0, or -ENOMEM.
int pcapng_open(struct pcapng_reader *r, int fd);
void pcapng_close(struct pcapng_reader *r);

// The next block. What it points to is there until the next call. After anything but PCAPNG_FOUND
// there is no more.
enum pcapng_step pcapng_next(struct pcapng_reader *r, struct pcapng_block *block);

// Walk a block's options: *pos begins with 0. False behind the last one, or at a broken one.
bool pcapng_option_next(
	const struct pcapng_block *block, size_t *pos, struct pcapng_option *option);
