// The SYNs of targets that nobody has answered, as frames: one pattern for each probe and family,
// so that a SYN costs no more than the octets that are its own (lib/tcpstack/syn_frame.h).
#pragma once

#include "lib/tcpstack/syn_frame.h"
#include "lib/tfo/launch.h"

struct launch_frames {
	struct syn_pattern patterns[2][2]; // by enum probe, and by is_v4
};

void launch_frames_init(struct launch_frames *f, const struct target_rules *rules,
	const uint8_t our_mac[MAC_OCTETS]);

// The frame of launch_syn, as it leaves at now_ns. buf: SYN_FRAME_MAX_OCTETS. Returns its octets.
size_t launch_frame_write(const struct launch_frames *f, const struct launch *l,
	const struct target_rules *rules, unsigned int moment, uint64_t now_ns, uint8_t *buf);
