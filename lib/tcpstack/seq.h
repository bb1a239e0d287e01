// Serial-number arithmetic on sequence numbers (RFC 9293 section 3.4): they wrap at 2^32, so
// they are compared by the sign of their difference.
#pragma once

#include <stdbool.h>
#include <stdint.h>

static inline int32_t seq_diff(uint32_t a, uint32_t b) {
	return (int32_t)(a - b);
}

static inline bool seq_before(uint32_t a, uint32_t b) {
	return seq_diff(a, b) < 0;
}

static inline bool seq_after(uint32_t a, uint32_t b) {
	return seq_diff(a, b) > 0;
}
