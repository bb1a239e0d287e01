// What the files of --check call in one another; for nobody else.
#pragma once

#include "app/options.h"

struct check {
	const struct options *o;
	unsigned int nb_needed;
	bool has_nic_of_dpdk; // the port is a NIC that is bound to DPDK
};

// mend: a command, or NULL.
void check_ok(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));
void check_note(const char *what, const char *mend, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void check_needs(struct check *c, const char *what, const char *mend, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

// check_host.c: privileges, memory, IOMMU, the cards on the bus.
void check_host(struct check *c);

// check_iface.c: the interface of -i, as the kernel knows it; --save writes it.
void check_iface(struct check *c);

// check_port.c: the ports of DPDK, which is started for that.
void check_ports(struct check *c, int eal_argc, char **eal_argv);
