#include "app/port_start.h"

#include "app/exit_code.h"
#include "app/port_rss.h"
#include "app/say.h"

#include <string.h>

static int configure(const struct port *p, const struct rte_eth_dev_info *info,
	const struct port_plan *plan, const char **what) {
	struct rte_eth_conf conf = {
		.rxmode = {.mtu = plan->mtu_octets, .offloads = plan->rx_offloads},
		.txmode = {.offloads = plan->tx_offloads},
	};
	if (plan->has_rss)
		port_rss_wish(info, plan->nb_queues, &conf);
	*what = "its configuration";
	return rte_eth_dev_configure(p->id, plan->nb_queues, plan->nb_queues, &conf);
}

static int set_up_queues(const struct port *p, const struct port_plan *plan, const char **what) {
	unsigned int socket_id = (unsigned int)p->socket_id;
	int ret = 0;
	for (uint16_t q = 0; ret == 0 && q < plan->nb_queues; q++) {
		*what = "a receive queue";
		ret = rte_eth_rx_queue_setup(p->id, q, plan->nb_rx_desc, socket_id, NULL, p->pool);
		if (ret != 0)
			break;
		*what = "a transmit queue";
		ret = rte_eth_tx_queue_setup(p->id, q, plan->nb_tx_desc, socket_id, NULL);
	}
	return ret;
}

static int try_plan(const struct port *p, const struct rte_eth_dev_info *info,
	const struct port_plan *plan, const char **what) {
	int ret = configure(p, info, plan, what);
	if (ret == 0)
		ret = set_up_queues(p, plan, what);
	if (ret != 0)
		return ret;
	*what = "its start";
	return rte_eth_dev_start(p->id);
}

int port_start(const struct port *p, const struct rte_eth_dev_info *info, struct port_plan *plan) {
	const char *what;
	int ret;
	while ((ret = try_plan(p, info, plan, &what)) != 0) {
		const char *without = port_plan_weaken(info, plan);
		if (without == NULL) {
			say("port %u (%s) cannot be started: %s failed: %s (-v shows "
			    "what the driver says)",
				p->id, p->driver, what, strerror(-ret));
			return EXIT_CANNOT;
		}
		say("port %u (%s) refuses %s (%s): tried without %s", p->id, p->driver, what,
			strerror(-ret), without);
	}
	return 0;
}
