#include "lib/tcpstack/segment.h"

#include "lib/tcpstack/bytes.h"

#define TIMESTAMPS_VALUE_OCTETS 8
#define MSS_VALUE_OCTETS 2
// NOP, NOP, kind and length: timestamps alone, as nearly all segments behind a SYN have them
// (RFC 7323 appendix A).
#define BARE_TIMESTAMPS 0x0101080au
#define BARE_TIMESTAMPS_OCTETS 12

void segment_options_read(const struct segment *seg, struct segment_options *out) {
	*out = (struct segment_options){0};
	if (seg->options_len == BARE_TIMESTAMPS_OCTETS &&
		get_be32(seg->options) == BARE_TIMESTAMPS) {
		out->has_timestamps = true;
		out->tsval = get_be32(seg->options + 4);
		out->tsecr = get_be32(seg->options + 8);
		return;
	}
	struct tcpopt_iter it = tcpopt_begin(seg->options, seg->options_len);
	struct tcpopt opt;
	while (tcpopt_next(&it, &opt) == TCPOPT_FOUND) {
		if (opt.kind == TCPOPT_KIND_TIMESTAMPS &&
			opt.len_octets == TIMESTAMPS_VALUE_OCTETS) {
			out->has_timestamps = true;
			out->tsval = get_be32(opt.value);
			out->tsecr = get_be32(opt.value + 4);
		} else if (opt.kind == TCPOPT_KIND_MSS && opt.len_octets == MSS_VALUE_OCTETS) {
			out->has_mss = true;
			out->mss = get_be16(opt.value);
		}
	}
}
