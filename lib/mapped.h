// A regular file, mapped, of which somebody may cut off the end at any moment. To touch what is no
// longer there raises SIGBUS, as a bad sector does; here it makes a copy fail instead.
//
// The first mapping installs a handler of SIGBUS for the process. It minds only threads that are in
// mapped_copy; in any other, the signal does what it did before.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapped {
	const uint8_t *octets; // NULL: nothing is mapped
	size_t len;
};

// All of the file as it is now. False: it is empty, or can't be mapped; nothing is lost, pread(2)
// reads it.
bool mapped_open(struct mapped *map, int fd);
void mapped_close(struct mapped *map);

// Octets from `at` on; the caller keeps within map->len. False: they can't be had any more.
bool mapped_copy(const struct mapped *map, size_t at, void *to, size_t len);
