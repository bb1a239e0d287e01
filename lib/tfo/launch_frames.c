#include "lib/tfo/launch_frames.h"

void launch_frames_init(struct launch_frames *f, const struct target_rules *rules,
	const uint8_t our_mac[MAC_OCTETS]) {
	static const uint8_t nobody[ADDR6_OCTETS];
	const struct ip_addr addrs[2] = {addr_from_v6(nobody), addr_from_v4(nobody)};
	for (unsigned int is_v4 = 0; is_v4 < 2; is_v4++) {
		struct launch l;
		launch_start(&l, rules, &addrs[is_v4], 0);
		for (enum probe probe = PROBE_BASELINE; probe <= PROBE_REQUEST; probe++) {
			struct segment seg;
			struct conn_numbers numbers;
			uint8_t options[TCPOPT_MAX_OCTETS];
			unsigned int moment = probe == PROBE_BASELINE ? 0 : rules->conn.syn_tries;
			launch_syn(&l, rules, moment, 0, &seg, options, &numbers);
			syn_pattern_init(&f->patterns[probe][is_v4], our_mac, &seg);
		}
	}
}

size_t launch_frame_write(const struct launch_frames *f, const struct launch *l,
	const struct target_rules *rules, unsigned int moment, uint64_t now_ns, uint8_t *buf) {
	unsigned int tries = rules->conn.syn_tries;
	enum probe probe = launch_probe_at(tries, moment);
	struct target_conn_id id = launch_conn_id(l, rules, probe);
	uint64_t first_ns = launch_first_ns(l, tries, moment, now_ns);
	const struct syn_pattern *pattern = &f->patterns[probe][l->is_v4];
	struct syn_fields fields = {
		.dst = &l->addr,
		.dst_mac = l->dst_mac,
		.seq = id.numbers.isn,
		.tsval = id.numbers.ts_base + (uint32_t)conn_elapsed_ms(first_ns, now_ns),
		.flow_label = id.numbers.flow_label,
		.sport = id.lport,
		.dport = l->port,
		.ip_id = id.numbers.ip_id,
	};
	syn_frame_write(buf, pattern, &fields);
	return pattern->len;
}
