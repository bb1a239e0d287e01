// The values of options, read strictly: NULL if all is well, else what is wrong, as the end of a
// sentence.
#pragma once

#include "lib/tcpstack/addr.h"

#include <stdint.h>

const char *value_number(const char *text, uint64_t min, uint64_t max, uint64_t *out);
const char *value_u32(const char *text, uint64_t min, uint64_t max, uint32_t *out);
const char *value_port(const char *text, uint16_t *out);
// A-B, at least 128 ports, none below 1024.
const char *value_port_range(const char *text, uint16_t *first, uint16_t *last);
// 10000, 10k, 1.5M, 0
const char *value_rate(const char *text, double *out);
// 1k, 100M, 10G
const char *value_bandwidth(const char *text, double *out);
// 0 to 1
const char *value_share(const char *text, double *out);
// 0 to 100, as millionths: 0.5 is 5000
const char *value_percent(const char *text, uint32_t *ppm);
// 250ns, 40us, 1.5ms, 2s, 0: an hour at most
const char *value_time(const char *text, uint64_t *out_ns);
// 1ms-40ms, or one time for both
const char *value_time_range(const char *text, uint64_t *min_ns, uint64_t *max_ns);
// An address, with a prefix length or (-1) without.
const char *value_prefix(const char *text, struct ip_addr *addr, int *bits);
const char *value_mac(const char *text, uint8_t mac[6]);
// The same of one station: not a group's.
const char *value_own_mac(const char *text, uint8_t mac[6]);
// The octets of a key in hex.
#define VALUE_RSS_KEY_OCTETS 40
const char *value_rss_key(const char *text, uint8_t key[VALUE_RSS_KEY_OCTETS]);
#define VALUE_MAX_FILES 64
// One file more, of an option that may be given so often.
const char *value_file(const char **files, unsigned int *nb, const char *text);
// A name that may go into a list of driver arguments.
const char *value_interface(const char *text);
