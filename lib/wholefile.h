// A small file that is replaced as a whole: whoever reads it, and whatever happens meanwhile (a
// kill, a power loss, a full disk), finds either what was there before or all that is new.
//
// It is written as PATH.tmp, and renamed when it is on the disk.
#pragma once

#include <stddef.h>

// May wait for the disk. 0 or -errno: then what was there before stands.
int wholefile_write(const char *path, const void *octets, size_t len);

// On the disk are the entries of the directory that path lies in: a file that was just made is
// found again after a power loss. 0 or -errno.
int wholefile_sync_directory(const char *path);

// Whether it could: 0 or -errno; what is there stays as it is.
int wholefile_try(const char *path);
