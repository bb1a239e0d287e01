// What frame.c and frame_write.c share: numbers of Ethernet, IP and TCP.
#pragma once

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV6 0x86dd

#define IPV4_HEADER_OCTETS 20
#define IPV6_HEADER_OCTETS 40
#define TCP_HEADER_OCTETS 20

#define PROTO_TCP 6
