#include "lib/tfo/name.h"

#include <string.h>

bool name_is_good(const uint8_t *name, size_t len_octets) {
	size_t pos = 0;
	if (len_octets == 0 || len_octets > NAME_MAX_OCTETS)
		return false;
	while (name[pos] != 0) {
		size_t end = pos + 1 + name[pos];
		if (name[pos] > NAME_MAX_LABEL_OCTETS || end >= len_octets)
			return false;
		while (++pos < end) {
			if (!name_is_label_octet(name[pos]))
				return false;
		}
	}
	return pos + 1 == len_octets;
}

void name_text_write(const uint8_t *name, uint16_t len_octets, uint8_t *text) {
	uint16_t len = name_text_len(len_octets);
	if (len == 0)
		return;
	memcpy(text, name + 1, len);
	for (size_t pos = name[0]; pos < len; pos += 1u + name[pos + 1])
		text[pos] = '.';
}

bool name_is_address(const uint8_t *name, uint16_t len_octets) {
	size_t last = 0;
	for (size_t pos = 0; name[pos] != 0; pos += 1u + name[pos])
		last = pos;
	bool is_number = len_octets > 1;
	for (size_t i = last + 1; i + 1 < len_octets; i++)
		is_number &= name[i] >= '0' && name[i] <= '9';
	return is_number;
}
