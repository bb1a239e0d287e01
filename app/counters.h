// What a worker counts. It alone writes; main reads while it runs, so a sum may be a burst behind.
#pragma once

#include <stdint.h>

// X(name, what it counts)
#define WORKER_COUNTERS(X)                                                                         \
	X(frames_received, "frames from the driver")                                               \
	X(frames_sent, "frames that the driver took")                                              \
	X(tx_refused, "times that the driver took fewer frames than offered; they were kept")      \
	X(tx_kept, "frames in that: they are offered again until they are taken")                  \
	X(late_syns, "SYNs repeated, or of a request, that left over 5 ms after their moment")     \
	X(no_mbuf, "frames put off because the mempool was empty")                                 \
	X(not_for_us, "frames to another MAC, address or protocol")                                \
	X(truncated, "frames or headers cut short")                                                \
	X(bad_length, "length fields that contradict the frame")                                   \
	X(bad_checksum, "IPv4, TCP, ICMP or ICMPv6 checksum wrong")                                \
	X(fragments, "IP fragments, which are not put together")                                   \
	X(segmented, "frames in more than one mbuf")                                               \
	X(strays, "TCP to our address, but to no port of ours")                                    \
	X(steered, "TCP to our ports that came to its worker's queue")                             \
	X(elsewhere, "TCP to our ports that came to another queue")                                \
	X(handed_over, "frames for another worker's ports")                                        \
	X(taken_over, "frames from other workers")                                                 \
	X(handover_waits, "bursts left with the driver because such a ring was nearly full")       \
	X(handover_full, "frames lost because that worker's ring was full")                        \
	X(odd, "segments and ICMP messages that belong to nothing we know")                        \
	X(closed_late, "late frames that were acknowledged and closed")                            \
	X(neigh_requests, "ARP and neighbour requests that were answered")                         \
	X(launched, "targets begun")                                                               \
	X(launched_again, "targets begun again, because not all could be heard meanwhile")         \
	X(neigh_failed, "on-link targets whose MAC nobody told")                                   \
	X(answered, "targets from which a frame came")                                             \
	X(answered_full, "first answers put off because the answered table was full")              \
	X(deferred, "targets that waited for another one at the same address")                     \
	X(prefix_waits, "targets that waited for the rate of their network")                       \
	X(prohibited, "targets whose first answer was ICMP, administratively prohibited")          \
	X(slowed_prefixes, "networks whose rate was lowered because they said no")                 \
	X(prefix_cuts, "times that such a rate was lowered")                                       \
	X(done, "targets with their record")                                                       \
	X(blocked, "targets given up because lists that were read again forbid them")              \
	X(unfinished, "targets given up at the end, between rounds or controls")                   \
	X(capture_lost, "frames missing in the capture, because it had no room for them")          \
	X(placebos, "targets that were measured a second time, without Fast Open")                 \
	X(canaries, "SYNs to targets known to answer, to see whether the rate is too high")        \
	X(canaries_silent, "of those, without an answer in time")                                  \
	X(busy_cycles, "of the TSC, in rounds in which anything came, went, began or ended")       \
	X(driver_cycles, "those of them in which the driver gave or took frames")

struct worker_counters {
#define X(name, text) uint64_t name;
	WORKER_COUNTERS(X)
#undef X
};
