// The link of the port while the scan runs. Of a kernel's interface (-i) the kernel tells, of a
// port of DPDK's its driver.
#pragma once

#include "app/port.h"
#include "lib/iface_watch.h"

struct link {
	char name[96];	// for the user: "interface eth0", "port 0 (net_e1000_igb)"
	char mend[48];	// what may bring it up again
	bool has_iface; // watch is open
	struct iface_watch watch;
	bool has_port; // the driver knows of a link
	uint16_t port_id;
	uint64_t look_ns; // when the driver is to be asked again
};

// interface: of -i, or NULL. There is nothing that can fail: a link that nobody tells of is up.
void link_open(struct link *l, const struct port *p, const char *interface);

// True: *state says what is, and what was since the last look. False: nothing new.
bool link_look(struct link *l, uint64_t now_ns, struct iface_watch_state *state);

void link_close(struct link *l);

// Wait until there is a link, 10 s at most; false: there is none. Many drivers say at first that it
// is down: the two ends agree on a speed for seconds.
bool link_wait(const struct port *p);
