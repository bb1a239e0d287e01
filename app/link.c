#include "app/link.h"

#include "app/say.h"

#include <stdio.h>
#include <unistd.h>

#define WAIT_MS 10000u
#define WAIT_POLL_MS 10u
#define WAIT_SAID_MS 1000u
// Some drivers ask the firmware, which takes its time.
#define LOOK_NS UINT64_C(100000000)

// False: the driver does not know.
static bool ask_driver(uint16_t port_id, bool *is_up) {
	struct rte_eth_link link;
	if (rte_eth_link_get_nowait(port_id, &link) < 0)
		return false;
	*is_up = link.link_status == RTE_ETH_LINK_UP;
	return true;
}

void link_open(struct link *l, const struct port *p, const char *interface) {
	*l = (struct link){.port_id = p->id};
	if (interface) {
		snprintf(l->name, sizeof(l->name), "interface %s", interface);
		snprintf(l->mend, sizeof(l->mend), "ip link set %s up", interface);
		l->has_iface = iface_watch_open(&l->watch, interface) == 0;
		return;
	}
	bool is_up;
	snprintf(l->name, sizeof(l->name), "port %u (%s)", p->id, p->driver);
	snprintf(l->mend, sizeof(l->mend), "look at the cable, and at its other end");
	l->has_port = ask_driver(p->id, &is_up);
}

bool link_look(struct link *l, uint64_t now_ns, struct iface_watch_state *state) {
	if (l->has_iface)
		return iface_watch_poll(&l->watch, state) == 0;
	bool is_up;
	if (!l->has_port || now_ns < l->look_ns || !ask_driver(l->port_id, &is_up))
		return false;
	l->look_ns = now_ns + LOOK_NS;
	*state = (struct iface_watch_state){.link = is_up ? IFACE_LINK_UP : IFACE_LINK_DOWN};
	if (!is_up && rte_eth_dev_is_removed(l->port_id) == 1)
		state->link = IFACE_LINK_GONE;
	return true;
}

void link_close(struct link *l) {
	if (l->has_iface)
		iface_watch_close(&l->watch);
}

bool link_wait(const struct port *p) {
	for (unsigned int waited_ms = 0;; waited_ms += WAIT_POLL_MS) {
		bool is_up;
		if (!ask_driver(p->id, &is_up) || is_up)
			return true; // a driver that does not know is believed
		if (waited_ms >= WAIT_MS)
			return false;
		if (waited_ms == WAIT_SAID_MS)
			say("port %u (%s) has no link yet: waiting for it, 10 s at most", p->id,
				p->driver);
		usleep(WAIT_POLL_MS * 1000);
	}
}
