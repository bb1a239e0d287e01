// SHA-256, as sha256sum prints it: by which two lists are known to be the same one.
#pragma once

#include <stddef.h>

#define DIGEST_TEXT_OCTETS 65 // with its NUL

// 0 or -errno (-EIO: the library has no such hash).
int digest_octets(const void *octets, size_t len, char text[DIGEST_TEXT_OCTETS]);

// Of a whole file. A pipe, a terminal or any other thing that can be read only once is not even
// opened: -ESPIPE.
int digest_file(const char *path, char text[DIGEST_TEXT_OCTETS]);
