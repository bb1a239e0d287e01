// libFuzzer target: any octets as the options of a TCP header, however long.
#include "lib/tcpstack/tcpopt.h"

#include <stdlib.h>
#include <string.h>

#define REQUIRE(truth) ((truth) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_good_list(const uint8_t *octets, size_t len) {
	struct tcpopt_iter it = tcpopt_begin(octets, len);
	struct tcpopt opt = {0};
	enum tcpopt_step last;
	const uint8_t *from = octets;
	size_t nb_found = 0;
	while ((last = tcpopt_next(&it, &opt)) == TCPOPT_FOUND) {
		REQUIRE(opt.kind != TCPOPT_KIND_EOL && opt.kind != TCPOPT_KIND_NOP);
		REQUIRE(opt.value >= from + 2);
		REQUIRE(opt.value[-2] == opt.kind && opt.value[-1] == opt.len_octets + 2);
		from = opt.value + opt.len_octets;
		REQUIRE(from <= octets + len);
		nb_found++;
	}
	REQUIRE(nb_found <= len / 2);
	REQUIRE(it.pos >= from && it.pos <= octets + len);
	REQUIRE(last == TCPOPT_END || (opt.kind > TCPOPT_KIND_NOP && opt.len_octets == 0));
	REQUIRE(tcpopt_next(&it, &opt) == last); // and so it stays
}

// The whole input, and the part that a header has room for, in blocks of their exact size.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	require_good_list(data, size);
	size_t len = size < TCPOPT_MAX_OCTETS ? size : TCPOPT_MAX_OCTETS;
	uint8_t *header = malloc(len ? len : 1);
	if (header == NULL)
		abort();
	if (len > 0)
		memcpy(header, data, len);
	require_good_list(header, len);
	free(header);
	return 0;
}
