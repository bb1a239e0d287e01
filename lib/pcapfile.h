// A capture file, read by libpcap (pcap and pcapng, micro- and nanoseconds), packet by packet, down
// to the IP header.
#pragma once

#include <pcap/pcap.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PCAPFILE_ERROR_OCTETS 512

enum pcapfile_step {
	PCAPFILE_IP,	// *packet is an IP packet
	PCAPFILE_NO_IP, // something else, or cut before its IP header
	PCAPFILE_END,
	PCAPFILE_BROKEN, // error says what; nb_packets were read
};

struct pcapfile_packet {
	uint64_t time_ns; // since the epoch of UTC; also when not IP
	const uint8_t *octets;
	size_t len, wire_len; // octets that are there, that there were
};

struct pcapfile {
	pcap_t *pcap;
	int link_type;
	uint64_t nb_packets;
	char error[PCAPFILE_ERROR_OCTETS];
};

// Takes the stream: it is closed by pcapfile_close, and here if this fails. 0, or -1: error says
// why it is no capture, or none of a link type that we read.
int pcapfile_open(struct pcapfile *f, FILE *stream);
void pcapfile_close(struct pcapfile *f);

// The octets are there until the next call.
enum pcapfile_step pcapfile_next(struct pcapfile *f, struct pcapfile_packet *packet);

// The link layer alone: step over what stands before the IP header. False: no IP behind it.
bool pcapfile_skip_link(int link_type, struct pcapfile_packet *packet);
