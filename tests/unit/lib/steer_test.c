// Steering against DPDK's own Toeplitz hash, for keys and tables at random.
#include "lib/steer.h"

#include "lib/tcpstack/bytes.h"

#include <criterion/criterion.h>
#include <rte_thash.h>

#include <stdlib.h>

static const struct ip_addr us4 = {.octets = {[10] = 0xff, [11] = 0xff, 10, 99, 0, 3}};
static const struct ip_addr us6 = {.octets = {0xfd, [3] = 0x99, [15] = 3}};

static uint64_t state;

static uint64_t draw(void) {
	state += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = (state ^ state >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static struct ip_addr draw_addr(bool is_v4) {
	struct ip_addr addr = us4;
	for (unsigned int i = is_v4 ? 12 : 0; i < ADDR6_OCTETS; i++)
		addr.octets[i] = (uint8_t)draw();
	if (!is_v4)
		addr.octets[0] = 0x2a;
	return addr;
}

// The queues take turns and start anew after `turn` entries; 0: at random.
static struct steer draw_steer(uint16_t nb_entries, unsigned int nb_queues, unsigned int turn) {
	struct steer s = {.nb_entries = nb_entries};
	for (unsigned int i = 0; i < STEER_KEY_OCTETS; i++)
		s.key[i] = (uint8_t)draw();
	for (unsigned int i = 0; i < nb_entries; i++)
		s.queues[i] = (uint8_t)((turn ? i % turn : draw()) % nb_queues);
	return s;
}

// As a NIC does it; the octets of the key lie in the order of the wire.
static uint16_t queue_by_dpdk(
	const struct steer *s, const struct ip_addr *raddr, uint16_t rport, uint16_t lport) {
	bool is_v4 = addr_is_v4(raddr);
	unsigned int len = is_v4 ? ADDR4_OCTETS : ADDR6_OCTETS, nb = 0;
	const uint8_t *theirs = raddr->octets + ADDR6_OCTETS - len;
	const uint8_t *ours = (is_v4 ? us4 : us6).octets + ADDR6_OCTETS - len;
	uint32_t tuple[9];
	for (unsigned int i = 0; i < len; i += 4)
		tuple[nb++] = get_be32(theirs + i);
	for (unsigned int i = 0; i < len; i += 4)
		tuple[nb++] = get_be32(ours + i);
	tuple[nb++] = (uint32_t)rport << 16 | lport;
	return s->queues[rte_softrss(tuple, nb, s->key) & (s->nb_entries - 1u)];
}

static void check_target(const struct steer *s, const struct ports *p, uint16_t queue) {
	struct ip_addr raddr = draw_addr(draw() % 2);
	uint16_t rport = (uint16_t)draw();
	uint64_t hash = draw();
	bool is_used[1 << 16] = {false};
	for (unsigned int k = 0; k < NUMBERS_MAX_CONNECTIONS; k++) {
		uint16_t port = ports_choose(p, hash, &raddr, rport, k);
		cr_assert(port >= p->first && port - p->first < p->count);
		cr_assert(!is_used[port], "ordinal %u has the port of another", k);
		is_used[port] = true;
		cr_assert_eq(queue_by_dpdk(s, &raddr, rport, port), queue);
		cr_assert_eq(ports_ordinal(p, hash, &raddr, rport, port), k);
	}
}

// Returns how many of the workers can be steered.
static unsigned int check_workers(const struct steer *s, unsigned int nb_workers) {
	unsigned int nb_steered = 0;
	for (unsigned int w = 0; w < nb_workers; w++) {
		uint16_t count = (uint16_t)(64000 / nb_workers);
		struct port_range range = {(uint16_t)(1024 + w * count), count};
		void *memory = malloc(steer_octets(count));
		const struct ports_steering *steering =
			steer_build(s, (uint16_t)w, &range, &us4, &us6, memory);
		struct ports p = {range.first, range.count, steering};
		for (unsigned int i = 0; steering && i < 20; i++)
			check_target(s, &p, (uint16_t)w);
		nb_steered += steering != NULL;
		free(memory);
	}
	return nb_steered;
}

Test(steer, every_port_leads_a_reply_to_the_queue_and_is_found_again) {
	static const uint16_t sizes[] = {64, 128, 512};
	unsigned int nb_uneven = 0;
	for (unsigned int i = 0; i < 3; i++) {
		for (unsigned int nb = 1; nb <= 16; nb++) {
			struct steer even = draw_steer(sizes[i], nb, 64);
			cr_expect_eq(check_workers(&even, nb), nb, "%u entries, %u queues",
				sizes[i], nb);
			struct steer uneven = draw_steer(sizes[i], nb, 0);
			nb_uneven += check_workers(&uneven, nb);
		}
	}
	cr_expect_gt(nb_uneven, 3 * 16 * 17 / 4, "half of them: %u", nb_uneven);
}

Test(steer, the_plain_definition_is_that_of_dpdk) {
	for (unsigned int i = 0; i < 10000; i++) {
		struct steer s = draw_steer(512, 16, 0);
		struct ip_addr raddr = draw_addr(i % 2);
		uint16_t rport = (uint16_t)draw(), lport = (uint16_t)draw();
		cr_assert_eq(steer_queue(&s, &raddr, i % 2 ? &us4 : &us6, rport, lport),
			queue_by_dpdk(&s, &raddr, rport, lport));
	}
}

static const struct ports_steering *built(const struct steer *s, uint16_t queue, uint16_t count) {
	static max_align_t
		memory[(sizeof(struct ports_steering) + (8 << 16)) / sizeof(max_align_t)];
	struct port_range range = {1024, count};
	cr_assert_leq(steer_octets(count), sizeof(memory));
	return steer_build(s, queue, &range, &us4, &us6, memory);
}

Test(steer, what_cannot_be_steered_is_refused) {
	struct steer s = draw_steer(128, 4, 128);
	cr_expect_not_null(built(&s, 3, 64000));
	cr_expect_null(built(&s, 4, 64000), "no entry leads to the queue");
	cr_expect_null(built(&s, 3, 3), "a class without a port");
	cr_expect_null(built(&s, 3, 500), "too few ports for a target");
	s.nb_entries = 0;
	cr_expect_null(built(&s, 0, 64000), "no table");
	s.nb_entries = 100;
	cr_expect_null(built(&s, 0, 64000), "no power of two");
	s.nb_entries = 2 * PORTS_MAX_ENTRIES;
	cr_expect_null(built(&s, 0, 64000), "more than there is room for");
	s = draw_steer(128, 4, 128);
	memset(s.key, 0, sizeof(s.key));
	cr_expect_null(built(&s, 0, 64000), "a key that sends all to one entry");
}

Test(steer, the_ports_of_many_targets_are_spread_evenly) {
	static unsigned int hits[1 << 16];
	struct steer s = draw_steer(128, 4, 128);
	struct ports p = {1024, 64000, built(&s, 1, 64000)};
	cr_assert_not_null(p.steering);
	for (unsigned int i = 0; i < 640000; i++) {
		struct ip_addr raddr = draw_addr(true);
		hits[ports_choose(&p, draw(), &raddr, 53, 0)]++;
	}
	unsigned int most = 0;
	for (unsigned int i = 0; i < 1 << 16; i++)
		most = hits[i] > most ? hits[i] : most;
	cr_expect_lt(most, 40, "10 each, standard deviation 3.2: %u", most);
}
