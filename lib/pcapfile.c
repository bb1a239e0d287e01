#include "lib/pcapfile.h"

#include "lib/tcpstack/bytes.h"

#include <string.h>

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100 // IEEE 802.1Q
#define ETHERTYPE_QINQ 0x88a8 // IEEE 802.1ad
#define ETHERTYPE_OLD_QINQ 0x9100

#define TAG_OCTETS 4
#define MAX_TAGS 4
#define NSEC_PER_SEC UINT64_C(1000000000)

// What stands before the IP header, and where in it the type of what follows.
struct link_layer {
	int type;
	uint8_t header_octets, type_at;
	bool has_type;
};

static const struct link_layer links[] = {
	{DLT_EN10MB, 14, 12, true},
	{DLT_LINUX_SLL, 16, 14, true},
	{DLT_LINUX_SLL2, 20, 0, true},
	{DLT_RAW, 0, 0, false},
	{DLT_IPV4, 0, 0, false},
	{DLT_IPV6, 0, 0, false},
	{DLT_NULL, 4, 0, false}, // family, in the order of the machine that captured
	{DLT_LOOP, 4, 0, false},
};

static const struct link_layer *link_of(int type) {
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (links[i].type == type)
			return &links[i];
	}
	return NULL;
}

static bool skip(struct pcapfile_packet *packet, size_t octets) {
	if (packet->len < octets)
		return false;
	packet->octets += octets;
	packet->len -= octets;
	packet->wire_len -= octets;
	return true;
}

static bool is_tag(uint16_t type) {
	return type == ETHERTYPE_VLAN || type == ETHERTYPE_QINQ || type == ETHERTYPE_OLD_QINQ;
}

bool pcapfile_skip_link(int link_type, struct pcapfile_packet *packet) {
	const struct link_layer *link = link_of(link_type);
	const uint8_t *header = packet->octets;
	if (link == NULL || !skip(packet, link->header_octets))
		return false;
	if (link->has_type) {
		uint16_t type = get_be16(header + link->type_at);
		for (int i = 0; is_tag(type) && i < MAX_TAGS; i++) {
			const uint8_t *tag = packet->octets;
			if (!skip(packet, TAG_OCTETS))
				return false;
			type = get_be16(tag + 2);
		}
		if (type != ETHERTYPE_IPV4 && type != ETHERTYPE_IPV6)
			return false;
	}
	if (packet->len == 0)
		return false;
	uint8_t version = packet->octets[0] >> 4;
	return version == 4 || version == 6;
}

int pcapfile_open(struct pcapfile *f, FILE *stream) {
	char error[PCAP_ERRBUF_SIZE] = "";
	*f = (struct pcapfile){.link_type = -1};
	f->pcap =
		pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, error);
	if (f->pcap == NULL) {
		snprintf(f->error, sizeof(f->error), "%s", error);
		fclose(stream);
		return -1;
	}
	f->link_type = pcap_datalink(f->pcap);
	if (link_of(f->link_type) != NULL)
		return 0;
	const char *name = pcap_datalink_val_to_name(f->link_type);
	snprintf(f->error, sizeof(f->error), "its link type is %s (%d), which is not read",
		name ? name : "unknown", f->link_type);
	pcapfile_close(f);
	return -1;
}

void pcapfile_close(struct pcapfile *f) {
	if (f->pcap != NULL)
		pcap_close(f->pcap);
	f->pcap = NULL;
}

enum pcapfile_step pcapfile_next(struct pcapfile *f, struct pcapfile_packet *packet) {
	struct pcap_pkthdr *header;
	const u_char *octets;
	int result = pcap_next_ex(f->pcap, &header, &octets);
	if (result == PCAP_ERROR_BREAK)
		return PCAPFILE_END;
	if (result != 1) {
		snprintf(f->error, sizeof(f->error), "%s", pcap_geterr(f->pcap));
		return PCAPFILE_BROKEN;
	}
	f->nb_packets++;
	// of nanoseconds, in spite of its name
	bool is_time = header->ts.tv_sec >= 0 && header->ts.tv_usec >= 0;
	uint64_t seconds = is_time ? (uint64_t)header->ts.tv_sec : 0;
	if (seconds >= UINT64_MAX / NSEC_PER_SEC)
		seconds = UINT64_MAX / NSEC_PER_SEC - 1;
	*packet = (struct pcapfile_packet){
		.time_ns = seconds * NSEC_PER_SEC + (is_time ? (uint64_t)header->ts.tv_usec : 0),
		.octets = octets,
		.len = header->caplen,
		.wire_len = header->len < header->caplen ? header->caplen : header->len,
	};
	return pcapfile_skip_link(f->link_type, packet) ? PCAPFILE_IP : PCAPFILE_NO_IP;
}
