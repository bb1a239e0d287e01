#include "app/metadata_parts.h"

#include "lib/addrtext.h"

#include <rte_version.h>

#include <stdio.h>
#include <sys/utsname.h>

#define MAC_TEXT_OCTETS 18

static void add_mac(cJSON *to, const char *key, const uint8_t *mac) {
	char text[MAC_TEXT_OCTETS];
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		mac[3], mac[4], mac[5]);
	cJSON_AddStringToObject(to, key, text);
}

static void add_address(cJSON *array, bool is_there, const struct ip_addr *addr) {
	char text[ADDRTEXT_OCTETS];
	if (is_there)
		cJSON_AddItemToArray(array, cJSON_CreateString(addrtext_print(addr, text)));
}

static void add_programs(cJSON *to) {
	struct utsname name;
	cJSON_AddStringToObject(to, "program", PROGRAM_NAME);
	cJSON_AddStringToObject(to, "version", TFOSCAN_VERSION);
	cJSON_AddStringToObject(to, "dpdk_version", rte_version());
	if (uname(&name) < 0)
		return;
	char kernel[sizeof(name.sysname) + sizeof(name.release) + sizeof(name.machine) + 3];
	snprintf(kernel, sizeof(kernel), "%s %s %s", name.sysname, name.release, name.machine);
	cJSON_AddStringToObject(to, "kernel", kernel);
	cJSON_AddStringToObject(to, "local_hostname", name.nodename);
}

static void add_nic(cJSON *to, const struct scan *s) {
	const struct port *p = &s->port;
	cJSON *nic = cJSON_AddObjectToObject(to, "nic");
	cJSON_AddStringToObject(nic, "driver", p->driver);
	cJSON_AddStringToObject(nic, "name", s->link.name);
	json_add_number(nic, "port", p->id);
	json_add_number(nic, "mtu", p->mtu);
	json_add_number(nic, "queues", p->nb_queues);
	cJSON_AddBoolToObject(nic, "is_steered", s->is_steered);
}

void metadata_add_host(cJSON *to, const struct scan *s) {
	const struct next_hop *hop = &s->network.hop;
	add_programs(to);
	json_add_text(to, "iface", s->options.interface);
	add_nic(to, s);
	json_add_number(to, "senders", s->nb_workers);
	json_add_number(to, "collectors", s->collectors.nb);
	json_add_number(to, "source_port_first", s->options.source_port_first);
	json_add_number(to, "source_port_last", s->options.source_port_last);
	add_mac(to, "source_mac", hop->our_mac);
	cJSON *sources = cJSON_AddArrayToObject(to, "source_ips");
	add_address(sources, hop->has_v4, &hop->laddr4);
	add_address(sources, hop->has_v6, &hop->laddr6);
	cJSON_AddBoolToObject(to, "kernel_owns_source", s->network.kernel_owns_source);
	if (hop->has_gateway4 || hop->has_gateway6)
		add_mac(to, "gateway_mac",
			hop->has_gateway4 ? hop->gateway4_mac : hop->gateway6_mac);
	else
		cJSON_AddNullToObject(to, "gateway_mac");
	if (hop->has_gateway6)
		add_mac(to, "gateway_mac6", hop->gateway6_mac);
	else
		cJSON_AddNullToObject(to, "gateway_mac6");
}
