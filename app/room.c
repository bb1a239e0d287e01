#include "app/room.h"

#include "app/say.h"
#include "lib/hostmem.h"

#include <rte_lcore.h>
#include <rte_malloc.h>

#define SYSFS "/sys"
// What a SYN takes on the line, gap and preamble included.
#define LINE_OCTETS_A_FRAME 100
// Of the memory that is there, one part in so many is left: pages that are not all used.
#define PART_LEFT 16
// Mbufs, rings and all else of an ordinary scan.
#define OTHER_OCTETS (UINT64_C(512) << 20)
#define MIB 20
#define PAGE_OCTETS (UINT64_C(2) << MIB)

// A silent target has two connections, and each waits a second for its last SYN.
uint64_t room_life_s(const struct options *o) {
	return 2 * (conn_syn_offset_ns(o->tries - 1u) / NSEC_PER_SEC + 1);
}

double room_silent_rate(const struct options *o, double nb_slots) {
	return nb_slots / (double)room_life_s(o) * 2 * o->tries;
}

static uint64_t fewer_of_known(uint64_t a, uint64_t b) {
	if (a == 0 || b == 0)
		return a + b;
	return a < b ? a : b;
}

static void fill_wishes(struct inflight_wishes *wishes, const struct options *o,
	uint64_t nb_targets, unsigned int nb_workers) {
	*wishes = (struct inflight_wishes){
		.nb_workers = nb_workers,
		.max_in_flight = o->max_in_flight,
		.max_answered = o->max_answered,
		.frames_per_s = o->rate_pps,
		.life_s = room_life_s(o),
		.nb_targets = fewer_of_known(nb_targets, o->max_targets),
	};
}

static void fill_costs(struct inflight_memory *memory, const struct options *o) {
	*memory = (struct inflight_memory){
		.fixed_octets = worker_fixed_octets(o->output_flows, o->max_per_prefix > 0),
		.slot_octets = sizeof(struct launch),
		.answered_octets = worker_answered_octets(o->output_flows),
	};
}

uint64_t room_wanted_octets(const struct options *o, uint64_t nb_targets) {
	struct inflight_wishes wishes;
	struct inflight_memory memory;
	struct inflight limits;
	fill_wishes(&wishes, o, nb_targets, 1);
	fill_costs(&memory, o);
	memory.free_octets = UINT64_MAX;
	inflight_choose(&wishes, &memory, &limits);
	return OTHER_OCTETS + limits.octets;
}

// Without a limit of the user's that of the line, if it is known; else 0.
static double line_frames_per_s(uint16_t port_id) {
	struct rte_eth_link link = {0};
	if (rte_eth_link_get_nowait(port_id, &link) != 0 ||
		link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN)
		return 0;
	return link.link_speed * 1e6 / 8 / LINE_OCTETS_A_FRAME;
}

static uint64_t free_octets(int socket_id) {
	struct rte_malloc_socket_stats heap = {0};
	rte_malloc_get_socket_stats(socket_id, &heap);
	uint64_t octets = heap.heap_freesz_bytes;
	if (rte_eal_has_hugepages())
		octets += hostmem_hugepages(SYSFS, socket_id); // taken on demand
	return octets;
}

static uint64_t all_free_octets(void) {
	uint64_t octets = 0;
	for (unsigned int i = 0; i < rte_socket_count(); i++)
		octets += free_octets(rte_socket_id_by_idx(i));
	return octets;
}

// Those of their lcores; of a node without memory: any.
static void choose_sockets(struct room *room, const struct scan *s) {
	unsigned int lcore = rte_get_main_lcore();
	for (unsigned int i = 0; i < s->nb_workers; i++) {
		if (!s->is_one_loop)
			lcore = rte_get_next_lcore(i == 0 ? -1u : lcore, 1, 0);
		int socket_id = (int)rte_lcore_to_socket_id(lcore);
		bool is_near = room->has_hugepages && free_octets(socket_id) > 0;
		room->sockets[i] = is_near ? socket_id : SOCKET_ID_ANY;
	}
}

// What is on a node is for the workers there.
static uint64_t least_share(const struct room *room, unsigned int nb_workers) {
	uint64_t least = all_free_octets() / nb_workers;
	for (unsigned int i = 0; i < nb_workers; i++) {
		unsigned int nb_there = 0;
		for (unsigned int k = 0; k < nb_workers; k++)
			nb_there += room->sockets[k] == room->sockets[i];
		uint64_t share = room->sockets[i] == SOCKET_ID_ANY
					 ? least
					 : free_octets(room->sockets[i]) / nb_there;
		if (share < least)
			least = share;
	}
	return least - least / PART_LEFT;
}

static unsigned int mib_of(uint64_t octets) {
	return (unsigned int)((octets + (1u << MIB) - 1) >> MIB);
}

// Where more memory comes from.
static const char *mend(const struct room *room, uint64_t octets, char *text, size_t size) {
	octets += OTHER_OCTETS;
	if (room->has_hugepages)
		snprintf(text, size, "more hugepages (sysctl vm.nr_hugepages=%u)",
			(unsigned int)((octets + PAGE_OCTETS - 1) / PAGE_OCTETS));
	else
		snprintf(text, size, "hugepages (sysctl vm.nr_hugepages=%u), or -m %u before --",
			(unsigned int)((octets + PAGE_OCTETS - 1) / PAGE_OCTETS), mib_of(octets));
	return text;
}

static void say_lack(const struct room *room) {
	const struct inflight *l = &room->limits;
	const struct inflight_wishes *w = &room->wishes;
	uint64_t octets = l->octets * w->nb_workers;
	uint64_t free_all = room->memory.free_octets * w->nb_workers;
	bool is_answered = l->lack == INFLIGHT_LACK_ANSWERED;
	char fewer[96] = "", more[96];
	if (l->fits > 0)
		snprintf(fewer, sizeof(fewer), "give --%s %u, or ",
			is_answered ? "max-answered" : "max-in-flight", l->fits);
	mend(room, octets, more, sizeof(more));
	if (l->lack == INFLIGHT_LACK_LEAST)
		say("no memory for targets in flight: %u MiB are wanted, %u MiB free: give %s",
			mib_of(octets), mib_of(free_all), more);
	else
		say("--%s %u is too much for the memory: %u MiB are wanted, %u MiB free: %s%s%s",
			is_answered ? "max-answered" : "max-in-flight",
			is_answered ? w->max_answered : w->max_in_flight, mib_of(octets),
			mib_of(free_all), fewer, l->fits > 0 ? "" : "give ", more);
}

static bool choose(struct room *room) {
	inflight_choose(&room->wishes, &room->memory, &room->limits);
	if (room->limits.lack == INFLIGHT_LACK_NOTHING)
		return true;
	say_lack(room);
	return false;
}

bool room_choose(struct room *room, const struct scan *s) {
	const struct options *o = &s->options;
	*room = (struct room){.has_hugepages = rte_eal_has_hugepages()};
	choose_sockets(room, s);
	fill_wishes(&room->wishes, o, s->nb_lines, s->nb_workers);
	if (o->rate_pps <= 0)
		room->wishes.frames_per_s = line_frames_per_s(s->port.id);
	fill_costs(&room->memory, o);
	room->memory.fixed_octets += measure_steer_octets(&s->measure);
	room->memory.free_octets = least_share(room, s->nb_workers);
	return choose(room);
}

bool room_choose_less(struct room *room) {
	room->memory.free_octets = room->limits.octets - 1;
	return choose(room);
}

void room_say(const struct room *room, const struct options *o) {
	static const char *const reasons[INFLIGHT_NB_BY] = {
		[INFLIGHT_BY_OPTION] = "as asked for",
		[INFLIGHT_BY_TARGETS] = "there are no more in the list",
		[INFLIGHT_BY_RATE] = "the rate needs no more",
		[INFLIGHT_BY_MEMORY] = "there is no memory for more",
		[INFLIGHT_BY_MOST] = "the most that can be",
	};
	const struct inflight *l = &room->limits;
	unsigned int nb = room->wishes.nb_workers;
	if (o->verbose > 0)
		say("room for %u targets in flight (%s), %u of them answered, in %u MiB of %s; %u "
		    "MiB are free",
			l->nb_slots * nb, reasons[l->by], l->nb_answered * nb,
			mib_of(l->octets * nb), room->has_hugepages ? "hugepages" : "memory",
			mib_of(room->memory.free_octets * nb));
	double silent = room_silent_rate(o, (double)l->nb_slots * nb);
	if (o->quiet || l->by != INFLIGHT_BY_MEMORY || o->rate_pps <= silent)
		return;
	struct inflight_memory all = room->memory;
	struct inflight enough;
	char more[96];
	all.free_octets = UINT64_MAX;
	inflight_choose(&room->wishes, &all, &enough);
	say("memory for %u targets in flight: if they are silent that is %.0f frames a second, not "
	    "%.0f; for more give %s",
		l->nb_slots * nb, silent, o->rate_pps,
		mend(room, enough.octets * nb, more, sizeof(more)));
}
