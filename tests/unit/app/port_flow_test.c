// Rules for a NIC that is made up here: the functions of rte_flow below are its driver. Which rules
// a real one takes is not known by this.
#include "app/port_flow.h"

#include "lib/measure.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <rte_flow.h>

#define NO_QUEUE 99

struct rte_flow {
	bool is_used, is_v4;
	uint16_t first, last, mask, queue;
};

static struct rte_flow nic[PORT_FLOW_MAX_RULES + 1];
static unsigned int nb_room = PORT_FLOW_MAX_RULES;
static bool knows_ranges, knows_masks;

static unsigned int nb_used(void) {
	unsigned int nb = 0;
	for (unsigned int i = 0; i < PORT_FLOW_MAX_RULES; i++)
		nb += nic[i].is_used;
	return nb;
}

int rte_flow_validate(uint16_t port_id, const struct rte_flow_attr *attr,
	const struct rte_flow_item pattern[], const struct rte_flow_action actions[],
	struct rte_flow_error *error) {
	cr_assert(port_id == 5 && attr->ingress && pattern[3].type == RTE_FLOW_ITEM_TYPE_END);
	cr_assert(pattern[0].type == RTE_FLOW_ITEM_TYPE_ETH && !pattern[0].spec);
	cr_assert_eq(actions[0].type, RTE_FLOW_ACTION_TYPE_QUEUE);
	cr_assert_eq(actions[1].type, RTE_FLOW_ACTION_TYPE_END);
	const struct rte_flow_item_tcp *mask = pattern[2].mask;
	bool is_masked = mask->hdr.dst_port != UINT16_MAX;
	if ((!is_masked || knows_masks) && (!pattern[2].last || knows_ranges))
		return 0;
	error->message = is_masked ? "no masks" : "no ranges";
	return -EINVAL;
}

struct rte_flow *rte_flow_create(uint16_t port_id, const struct rte_flow_attr *attr,
	const struct rte_flow_item pattern[], const struct rte_flow_action actions[],
	struct rte_flow_error *error) {
	cr_assert_eq(rte_flow_validate(port_id, attr, pattern, actions, error), 0);
	error->message = "no room";
	if (nb_used() == nb_room)
		return NULL;
	struct rte_flow *rule = nic;
	while (rule->is_used)
		rule++;
	const struct rte_flow_item_tcp *spec = pattern[2].spec, *mask = pattern[2].mask;
	const struct rte_flow_item_tcp *last = pattern[2].last ? pattern[2].last : spec;
	const struct rte_flow_action_queue *to = actions[0].conf;
	*rule = (struct rte_flow){.is_used = true,
		.is_v4 = pattern[1].type == RTE_FLOW_ITEM_TYPE_IPV4,
		.first = rte_be_to_cpu_16(spec->hdr.dst_port),
		.last = rte_be_to_cpu_16(last->hdr.dst_port),
		.mask = rte_be_to_cpu_16(mask->hdr.dst_port),
		.queue = to->index};
	return rule;
}

int rte_flow_destroy(uint16_t port_id, struct rte_flow *rule, struct rte_flow_error *error) {
	(void)error;
	cr_assert(port_id == 5 && rule->is_used);
	rule->is_used = false;
	return 0;
}

static uint16_t queue_of(bool is_v4, uint16_t port) {
	for (unsigned int i = 0; i < PORT_FLOW_MAX_RULES; i++) {
		const struct rte_flow *r = &nic[i];
		if (r->is_used && r->is_v4 == is_v4 && (port & r->mask) >= (r->first & r->mask) &&
			(port & r->mask) <= (r->last & r->mask))
			return r->queue;
	}
	return NO_QUEUE;
}

// Every port of every worker leads to its queue, and those around lead nowhere.
static void each_port_leads(const struct port_range *all, unsigned int nb, bool v4, bool v6) {
	uint32_t port = all->first;
	for (unsigned int q = 0; q < nb; q++) {
		for (unsigned int i = 0; i < all->count / nb; i++, port++) {
			cr_assert_eq(queue_of(true, (uint16_t)port), v4 ? q : NO_QUEUE);
			cr_assert_eq(queue_of(false, (uint16_t)port), v6 ? q : NO_QUEUE);
		}
	}
	cr_assert_eq(queue_of(v4, (uint16_t)port), NO_QUEUE);
	cr_assert_eq(queue_of(v4, (uint16_t)(all->first - 1)), NO_QUEUE);
}

static const struct port_range usual = {.first = 32768, .count = 28233};

Test(port_flow, blocks_lead_to_the_queues_of_their_workers) {
	struct port_flow f;
	knows_masks = true;
	for (unsigned int nb = 2; nb <= 64; nb += 3) {
		struct port_range blocks = measure_blocks(&usual, nb);
		cr_assert_null(port_flow_make(&f, 5, PORT_FLOW_BLOCKS, &blocks, nb, true, true));
		each_port_leads(&blocks, nb, true, true);
		port_flow_destroy(&f, 5);
		cr_assert_eq(nb_used(), 0);
	}
}

Test(port_flow, ranges_lead_to_the_queues_of_their_workers) {
	struct port_flow f;
	knows_ranges = true;
	cr_assert_null(port_flow_make(&f, 5, PORT_FLOW_RANGES, &usual, 7, true, false));
	each_port_leads(&usual, 7, true, false);
	cr_assert_eq(f.nb, 7);
}

Test(port_flow, what_the_driver_says_is_handed_on_and_nothing_is_left) {
	struct port_flow f;
	struct port_range blocks = measure_blocks(&usual, 4);
	cr_assert_str_eq(
		port_flow_make(&f, 5, PORT_FLOW_BLOCKS, &blocks, 4, true, true), "no masks");
	cr_assert_str_eq(
		port_flow_make(&f, 5, PORT_FLOW_RANGES, &usual, 4, true, true), "no ranges");
	cr_assert_eq(nb_used(), 0);
}

Test(port_flow, a_nic_with_room_for_some_of_the_rules_gets_none) {
	struct port_flow f;
	knows_ranges = true;
	nb_room = 5;
	cr_assert_str_eq(port_flow_make(&f, 5, PORT_FLOW_RANGES, &usual, 3, true, true), "no room");
	cr_assert_eq(nb_used(), 0);
	cr_assert_eq(f.nb, 0);
}
