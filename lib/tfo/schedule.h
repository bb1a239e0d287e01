// Which connection of a target follows the one at hand, and when: the order of a round, the pause
// before another round, and which controls can still say something. Nothing here changes anything.
#pragma once

#include "lib/tfo/target.h"

// Pauses before the second and the third round, each with a share of chance on top.
#define SCHEDULE_PAUSE_2_NS (5 * NSEC_PER_SEC)
#define SCHEDULE_PAUSE_3_NS (30 * NSEC_PER_SEC)
// A server or path that holds something against us has forgotten it by then.
#define SCHEDULE_LONE_BASELINE_NS (150 * NSEC_PER_SEC)
// From the second to the third request for a cookie.
#define SCHEDULE_STABILITY_NS (60 * NSEC_PER_SEC)
#define SCHEDULE_HOLD_ACK_MIN_NS (100 * NSEC_PER_MSEC)

// The probe after the one at hand, which is over; NB_ALL_PROBES: none. *from_ns: not before.
enum probe schedule_next(
	const struct target *t, const struct target_rules *rules, uint64_t *from_ns);

// The probe begins a round, or is a control: what an ending scan does not begin any more.
bool schedule_is_extra(enum probe probe);

// What sets one probe's SYN apart from another's.
bool schedule_has_data(enum probe probe);

// The server's port that the probe goes to.
uint16_t schedule_port(const struct target *t, const struct target_rules *rules, enum probe probe);
