// Which queue of the receiver a frame lands on, as a NIC with receive-side scaling decides: the
// Toeplitz hash of addresses and ports with the key that most drivers have by default, then a table
// of 128 entries in which the queues take turns. Frames without TCP land on queue 0.
#pragma once

#include <stddef.h>
#include <stdint.h>

// The hash of TCP over IPv4 or IPv6, or 0 if the frame is none.
uint32_t spread_hash(const uint8_t *octets, size_t len);

unsigned int spread_queue(const uint8_t *octets, size_t len, unsigned int nb_queues);
