#include "app/network.h"

#include "app/exit_code.h"
#include "app/say.h"
#include "lib/addrtext.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

// "-S 10.99.0.77/24", or what stands in its place if the kernel knows no subnet.
static void propose(const struct network *net, int family, char *buf, size_t len) {
	char text[ADDRTEXT_OCTETS];
	struct iface_addr free_addr;
	if (net->has_iface && iface_propose_source(&net->iface, family, &free_addr) == 0)
		snprintf(buf, len, "-S %s/%u", addrtext_print(&free_addr.addr, text),
			free_addr.prefix_bits);
	else
		snprintf(buf, len, "-S ADDRESS/LEN, an address of the subnet that nobody has");
}

static int check_source(
	const struct network *net, const struct options *o, const struct source_option *source) {
	bool is_owned = false;
	int ret = iface_owns(&source->addr, &is_owned);
	if (ret < 0) {
		say("cannot ask the kernel whose address the source is: %s", strerror(-ret));
		return EXIT_CANNOT;
	}
	if (!is_owned || o->kernel_owns_source)
		return 0;
	char proposal[128], text[ADDRTEXT_OCTETS];
	propose(net, addr_is_v4(&source->addr) ? AF_INET : AF_INET6, proposal, sizeof(proposal));
	say("source address %s is the kernel's, which would answer with RSTs: give a free one "
	    "(%s), or "
	    "go on with --kernel-owns-source",
		addrtext_print(&source->addr, text), proposal);
	return EXIT_USAGE;
}

// The prefix length of -S, or of the kernel's subnet around it: -1 if neither is known.
static int prefix_of(const struct network *net, const struct source_option *source) {
	if (source->prefix_bits >= 0)
		return source->prefix_bits;
	int bits = net->has_iface ? iface_prefix_bits(&net->iface, &source->addr) : -1;
	return bits < 0 ? -1 : bits;
}

static void plan_sources(struct network *net, const struct options *o) {
	struct next_hop *hop = &net->hop;
	hop->has_v4 = o->source4.is_given;
	hop->has_v6 = o->source6.is_given;
	hop->laddr4 = o->source4.addr;
	hop->laddr6 = o->source6.addr;
	int bits4 = hop->has_v4 ? prefix_of(net, &o->source4) : -1;
	int bits6 = hop->has_v6 ? prefix_of(net, &o->source6) : -1;
	hop->has_onlink4 = bits4 >= 0;
	hop->has_onlink6 = bits6 >= 0;
	hop->prefix4_bits = (uint8_t)(bits4 >= 0 ? bits4 : 0);
	hop->prefix6_bits = (uint8_t)(bits6 >= 0 ? bits6 : 0);
}

static void plan_gateways(struct network *net, const struct options *o) {
	struct next_hop *hop = &net->hop;
	if (o->has_gateway_mac) {
		memcpy(hop->gateway4_mac, o->gateway_mac, MAC_OCTETS);
		memcpy(hop->gateway6_mac, o->gateway_mac, MAC_OCTETS);
		hop->has_gateway4 = hop->has_gateway6 = true;
		return;
	}
	net->ask_gateway4 = hop->has_v4 && (o->has_gateway4 || net->iface.has_gateway4);
	net->ask_gateway6 = hop->has_v6 && (o->has_gateway6 || net->iface.has_gateway6);
	net->gateway4 = o->has_gateway4 ? o->gateway4 : net->iface.gateway4;
	net->gateway6 = o->has_gateway6 ? o->gateway6 : net->iface.gateway6;
}

// With no way out at all there is nothing to scan.
static int check_ways(const struct network *net) {
	const struct next_hop *hop = &net->hop;
	bool has_way4 = hop->has_onlink4 || hop->has_gateway4 || net->ask_gateway4;
	bool has_way6 = hop->has_onlink6 || hop->has_gateway6 || net->ask_gateway6;
	if ((!hop->has_v4 || has_way4) && (!hop->has_v6 || has_way6))
		return 0;
	say("no next hop for %s: give the gateway (-G MAC or -G IP), or the subnet with the source "
	    "(-S A/LEN)",
		hop->has_v4 && !has_way4 ? "IPv4" : "IPv6");
	return EXIT_USAGE;
}

int network_plan(struct network *net, const struct options *o) {
	*net = (struct network){.kernel_owns_source = o->kernel_owns_source};
	if (o->interface) {
		int ret = iface_read(o->interface, &net->iface);
		if (ret < 0) {
			say("interface %s: %s (ip link lists those that are there)", o->interface,
				strerror(-ret));
			return EXIT_CANNOT;
		}
		net->has_iface = true;
	}
	if (!o->source4.is_given && !o->source6.is_given) {
		char proposal[128];
		propose(net, AF_INET, proposal, sizeof(proposal));
		say("no source address: give one that no kernel owns (%s)%s", proposal,
			net->has_iface ? ""
				       : ", or have it saved before the NIC is bound "
					 "(dpdk-tfoscan -i eth0 --check --save)");
		return EXIT_USAGE;
	}
	int code = o->source4.is_given ? check_source(net, o, &o->source4) : 0;
	if (code == 0 && o->source6.is_given)
		code = check_source(net, o, &o->source6);
	if (code != 0)
		return code;
	plan_sources(net, o);
	plan_gateways(net, o);
	return check_ways(net);
}
