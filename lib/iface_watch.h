// The link of one interface, watched: up, down or gone, and what happened between two looks at it.
// The interface is the one that had the name when the watch was opened. When it is deleted or moved
// to another network namespace it is gone for good, even if another takes its name: a port that was
// opened on the old one doesn't work with the new one.
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

enum iface_link {
	IFACE_LINK_UP,	 // set up by the administrator, and with a carrier
	IFACE_LINK_DOWN, // lacks one of the two
	IFACE_LINK_GONE,
};

struct iface_watch_state {
	enum iface_link link;
	// Up at the last poll and now, but not in between. If the kernel had more to tell than the
	// socket holds, this may be said of a link that stayed up.
	bool has_flapped;
	bool is_replaced; // gone, and another interface has its name
};

struct iface_watch {
	char name[IFNAMSIZ];
	unsigned int index;
	int event_fd; // told of every change
	int query_fd; // asked for what is
	enum iface_link last;
	uint32_t carrier_downs; // as the kernel counts them
};

// 0, or -errno and nothing to close; -ENODEV: no such interface.
int iface_watch_open(struct iface_watch *watch, const char *ifname);

// What is, and what happened since the last poll, or since the opening. Never waits. 0 or -errno.
int iface_watch_poll(struct iface_watch *watch, struct iface_watch_state *state);

void iface_watch_close(struct iface_watch *watch);
