// libFuzzer target: any octets as a pcapng file. What is said of a block lies inside the file, a
// packet that was read can be written, and the reader comes to an end.
#include "lib/pcapng.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define REQUIRE(truth) ((truth) ? (void)0 : abort())

#define MAX_COMMENTS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t touch(const uint8_t *octets, size_t len) {
	uint64_t sum = 0;
	for (size_t i = 0; i < len; i++)
		sum += octets[i];
	return sum;
}

static uint64_t read_options(const struct pcapng_block *block) {
	struct pcapng_option option;
	uint64_t sum = 0;
	size_t pos = 0, nb = 0;
	while (pcapng_option_next(block, &pos, &option)) {
		REQUIRE(option.value >= block->options);
		REQUIRE(option.value + option.len <= block->options + block->options_len);
		sum += touch(option.value, option.len);
		REQUIRE(++nb <= block->options_len / 4);
	}
	return sum;
}

static void require_written(const struct pcapng_block *block) {
	struct pcapng_text comments[MAX_COMMENTS];
	struct pcapng_packet packet = block->packet;
	struct pcapng_option option;
	packet.comments = comments;
	for (size_t pos = 0; pcapng_option_next(block, &pos, &option);) {
		if (option.code == PCAPNG_OPT_COMMENT && packet.nb_comments < MAX_COMMENTS)
			comments[packet.nb_comments++] = (struct pcapng_text){
				.text = (const char *)option.value, .len = option.len};
	}
	uint8_t *buf = malloc(PCAPNG_BLOCK_MAX_OCTETS);
	if (buf == NULL)
		abort();
	size_t len = pcapng_write_packet(buf, PCAPNG_BLOCK_MAX_OCTETS, &packet);
	// the flags and the end of options may be new
	REQUIRE(len > 0 || packet.len + 64 > PCAPNG_BLOCK_MAX_OCTETS / 2);
	REQUIRE(len % 4 == 0);
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	int fd = memfd_create("fuzz", 0);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	struct pcapng_reader r;
	struct pcapng_block block;
	if (pcapng_open(&r, fd) != 0)
		abort();
	enum pcapng_step step;
	uint64_t nb = 0, sum = 0;
	while ((step = pcapng_next(&r, &block)) == PCAPNG_FOUND) {
		REQUIRE(++nb <= size / 12);
		REQUIRE(r.nb_blocks == nb && r.offset < size);
		sum += read_options(&block);
		if (block.kind != PCAPNG_PACKET)
			continue;
		sum += touch(block.packet.octets, block.packet.len);
		require_written(&block);
	}
	REQUIRE(step != PCAPNG_FAILED);
	REQUIRE(step != PCAPNG_END || r.what == NULL);
	REQUIRE(r.offset <= size && sum < UINT64_MAX);
	pcapng_close(&r);
	close(fd);
	return 0;
}
