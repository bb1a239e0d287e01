#include "app/port_flow.h"

#include "lib/measure.h"

#include <rte_flow.h>

#include <string.h>

static const struct rte_flow_attr ingress = {.ingress = 1};

// What a rule says of the port: the item behind it looks at these.
struct tcp_item {
	struct rte_flow_item_tcp spec, last, mask;
};

static struct rte_flow_item name_ports(
	struct tcp_item *tcp, enum port_flow_form form, const struct port_range *part) {
	struct rte_flow_item item = {
		.type = RTE_FLOW_ITEM_TYPE_TCP, .spec = &tcp->spec, .mask = &tcp->mask};
	*tcp = (struct tcp_item){0};
	tcp->spec.hdr.dst_port = rte_cpu_to_be_16(part->first);
	tcp->mask.hdr.dst_port = RTE_BE16(UINT16_MAX);
	if (form == PORT_FLOW_BLOCKS) {
		tcp->mask.hdr.dst_port = rte_cpu_to_be_16((uint16_t) ~(part->count - 1));
		return item;
	}
	tcp->last.hdr.dst_port = rte_cpu_to_be_16((uint16_t)(part->first + part->count - 1));
	item.last = &tcp->last;
	return item;
}

static const char *make_rule(struct port_flow *f, uint16_t port_id, enum rte_flow_item_type family,
	const struct rte_flow_item *tcp, uint16_t queue) {
	const struct rte_flow_item pattern[] = {{.type = RTE_FLOW_ITEM_TYPE_ETH}, {.type = family},
		*tcp, {.type = RTE_FLOW_ITEM_TYPE_END}};
	const struct rte_flow_action_queue to = {.index = queue};
	const struct rte_flow_action actions[] = {{.type = RTE_FLOW_ACTION_TYPE_QUEUE, .conf = &to},
		{.type = RTE_FLOW_ACTION_TYPE_END}};
	struct rte_flow_error error = {0};
	if (f->nb == PORT_FLOW_MAX_RULES)
		return "there are too many";
	int ret = rte_flow_validate(port_id, &ingress, pattern, actions, &error);
	struct rte_flow *rule =
		ret == 0 ? rte_flow_create(port_id, &ingress, pattern, actions, &error) : NULL;
	if (rule == NULL)
		return error.message ? error.message : "it gives no reason";
	f->rules[f->nb++] = rule;
	return NULL;
}

const char *port_flow_make(struct port_flow *f, uint16_t port_id, enum port_flow_form form,
	const struct port_range *all, unsigned int nb_queues, bool has_v4, bool has_v6) {
	const char *why = NULL;
	*f = (struct port_flow){0};
	for (uint16_t q = 0; !why && q < nb_queues; q++) {
		const struct port_range part = measure_ports(all, nb_queues, q);
		struct tcp_item tcp;
		const struct rte_flow_item item = name_ports(&tcp, form, &part);
		if (has_v4)
			why = make_rule(f, port_id, RTE_FLOW_ITEM_TYPE_IPV4, &item, q);
		if (has_v6 && !why)
			why = make_rule(f, port_id, RTE_FLOW_ITEM_TYPE_IPV6, &item, q);
	}
	if (why)
		port_flow_destroy(f, port_id);
	return why;
}

void port_flow_destroy(struct port_flow *f, uint16_t port_id) {
	struct rte_flow_error error;
	while (f->nb > 0)
		rte_flow_destroy(port_id, f->rules[--f->nb], &error);
}
