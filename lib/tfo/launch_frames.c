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
	enum probe probe = moment < tries ? PROBE_BASELINE : PROBE_REQUEST;
	bool is_first = moment == 0 || moment == tries;
	uint16_t lport = ports_choose(
		&rules->ports, l->hash, &l->addr, l->port, (unsigned int)l->first_ordinal + probe);
	struct conn_numbers numbers = numbers_conn(l->hash, lport);
	uint64_t after_ms = is_first ? 0 : conn_elapsed_ms(launch_stage_ns(l), now_ns);
	const struct syn_pattern *pattern = &f->patterns[probe][l->is_v4];
	struct syn_fields fields = {
		.dst = &l->addr,
		.dst_mac = l->dst_mac,
		.seq = numbers.isn,
		.tsval = numbers.ts_base + (uint32_t)after_ms,
		.flow_label = numbers.flow_label,
		.sport = lport,
		.dport = l->port,
		.ip_id = numbers.ip_id,
	};
	syn_frame_write(buf, pattern, &fields);
	return pattern->len;
}
