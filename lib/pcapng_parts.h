// What pcapng.c and pcapng_read.c share: numbers of the format.
#pragma once

#define TYPE_SECTION 0x0a0d0d0au // a palindrome: the same in both orders
#define TYPE_INTERFACE 1u
#define TYPE_STATISTICS 5u
#define TYPE_PACKET 6u
#define MAGIC 0x1a2b3c4du

#define BLOCK_MIN_OCTETS 12 // type, length, length
#define BODY_AT 8
#define SECTION_OCTETS 16
#define INTERFACE_OCTETS 8
#define PACKET_OCTETS 20
#define STATISTICS_OCTETS 12
#define OPTION_HEADER_OCTETS 4

#define RESOLUTION_NS 9
