// Which targets stayed silent, in a file of one bit a target: what --records answered keeps of
// those that it does not print. Memory does not grow with the list: the part of the map that is
// being filled lies in a cache, and pages of the file without a silent target take no room on the
// disk.
//
// The file: a header of 4096 octets, numbers in little endian, zeros behind
//	0	8 octets "TFOSILNT"
//	8	4 octets, version: 1
//	12	4 octets, where the bits begin: 4096
//	16	8 octets, the scan's seed
//	24	8 octets, the scan's epoch
//	32	8 octets, number of bits that are set
//	40	8 octets, 1: the scan has ended; 0: it runs, or was killed, and the last second may
// be 		missing
// then target n (from 0, in the order of the visit) as bit n % 8 (of value 1 << n % 8) of octet
// 4096 + n / 8. What is behind the end of the file is not set.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SILENTMAP_HEADER_OCTETS 4096

struct silentmap;

// A file that is not empty is refused (-EEXIST) unless overwrite says otherwise. 0, or -errno. It
// stays empty until the first silentmap_flush.
int silentmap_create(
	struct silentmap **map, const char *path, bool overwrite, uint64_t seed, uint64_t epoch);

// One that is there is written on. Bits of targets for which is_done is false are taken back: they
// were set after the moment to which a scan returns. -ENODATA: it is shorter than a header that
// says how many bits there are; -EINVAL: it is none, or of another seed; -errno. Nothing is changed
// then.
int silentmap_resume(struct silentmap **map, const char *path, uint64_t seed, uint64_t epoch,
	bool (*is_done)(void *context, uint64_t index), void *context);

// Several threads may add, each within a pair of these.
void silentmap_lock(struct silentmap *m);
void silentmap_unlock(struct silentmap *m);

// False: the file took nothing, silentmap_error says why. Try again later.
bool silentmap_add(struct silentmap *m, uint64_t index);

// Write what was added; for any thread, outside of the pair. 0 or -errno: it stays to be written.
int silentmap_flush(struct silentmap *m);

// What was flushed is on the disk: 0 or -errno. For any thread.
int silentmap_sync(const struct silentmap *m);

// Of the last access to the file: 0 or -errno.
int silentmap_error(const struct silentmap *m);

uint64_t silentmap_nb(const struct silentmap *m);

// All is written, or not: 0 or -errno. The map is gone. NULL is fine.
int silentmap_close(struct silentmap *m);
