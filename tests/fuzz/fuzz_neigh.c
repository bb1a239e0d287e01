// libFuzzer target: any octets as a frame. What is accepted can be answered, and the answer can be
// read back.
#include "lib/tcpstack/neigh.h"

#include <stdlib.h>

#define REQUIRE(truth) ((truth) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_answer(const struct neigh_msg *request) {
	static const uint8_t our_mac[NEIGH_MAC_OCTETS] = {2, 0, 0, 0, 0, 0x77};
	uint8_t frame[NEIGH_FRAME_MAX_OCTETS];
	size_t len = neigh_reply_write(frame, sizeof(frame), our_mac, &request->target, request);
	REQUIRE(len > 0);

	// An ARP request may ask for an address that nobody can have; then nobody answers.
	struct neigh_msg answer;
	if (!neigh_parse(frame, len, &answer)) {
		REQUIRE(addr_is_v4(&request->target));
		return;
	}
	REQUIRE(answer.kind == NEIGH_REPLY);
	REQUIRE(addr_equal(&answer.sender, &request->target));
	REQUIRE(memcmp(answer.sender_mac, our_mac, sizeof(our_mac)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct neigh_msg msg;
	if (!neigh_parse(data, size, &msg))
		return 0;
	REQUIRE((msg.sender_mac[0] & 1) == 0);
	if (msg.kind == NEIGH_REQUEST)
		require_answer(&msg);
	return 0;
}
