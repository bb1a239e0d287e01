#include "lib/tfo/name.h"

#include <criterion/criterion.h>

// The wire form of a name that is given as text; returns its octets.
static uint16_t wire(const char *text, uint8_t *name) {
	uint16_t len = 0;
	while (*text != '\0') {
		size_t label = strcspn(text, ".");
		name[len++] = (uint8_t)label;
		memcpy(name + len, text, label);
		len = (uint16_t)(len + label);
		text += label + (text[label] == '.');
	}
	name[len++] = 0;
	return len;
}

static bool is_good(const char *octets, size_t len) {
	return name_is_good((const uint8_t *)octets, len);
}
#define IS_GOOD(literal) is_good(literal, sizeof(literal) - 1)

Test(name, labels_of_letters_digits_hyphens_and_underscores_are_good) {
	cr_expect(IS_GOOD("\3www\7example\3com\0"));
	cr_expect(IS_GOOD("\5_x-9Z\0"));
	cr_expect(IS_GOOD("\0"), "the root");
}

Test(name, no_octet_that_could_end_a_line_is_good) {
	uint8_t name[] = {3, 'a', 'x', 'c', 0};
	unsigned int nb_good = 0;
	for (unsigned int octet = 0; octet < 256; octet++) {
		name[2] = (uint8_t)octet;
		nb_good += name_is_good(name, sizeof(name));
	}
	cr_expect_eq(nb_good, 2 * 26 + 10 + 2);
	cr_expect(!IS_GOOD("\7a\r\nHost\0"));
}

Test(name, labels_must_fill_the_octets) {
	cr_expect(!IS_GOOD(""));
	cr_expect(!IS_GOOD("\3www"), "no root");
	cr_expect(!IS_GOOD("\4www\0"), "a label over the end");
	cr_expect(!IS_GOOD("\3www\0\0"), "something behind the root");
	cr_expect(!IS_GOOD("\0\3www\0"));
	cr_expect(!IS_GOOD("\377www\0"));
	cr_expect(!IS_GOOD("\300\14"), "a pointer");
}

Test(name, labels_have_63_octets_and_names_255_at_most) {
	uint8_t name[300];
	memset(name, 'a', sizeof(name));
	name[0] = 64;
	name[65] = 0;
	cr_expect(!name_is_good(name, 66));
	name[0] = 63;
	name[64] = 0;
	cr_expect(name_is_good(name, 65));
	memset(name, 'a', sizeof(name));
	for (unsigned int i = 0; i < 254; i += 2)
		name[i] = 1;
	name[254] = 0;
	cr_expect(name_is_good(name, 255));
	name[254] = 1;
	name[256] = 0;
	cr_expect(!name_is_good(name, 257));
}

Test(name, the_text_has_dots_between_the_labels) {
	static const char *const texts[] = {"www.example.com", "a", "a.b", "", "x.y.z.1"};
	for (unsigned int i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		uint8_t name[32], text[32];
		uint16_t len = wire(texts[i], name);
		memset(text, 0xee, sizeof(text));
		cr_assert_eq(name_text_len(len), strlen(texts[i]));
		name_text_write(name, len, text);
		cr_expect_eq(memcmp(text, texts[i], strlen(texts[i])), 0, "%s", texts[i]);
		cr_expect_eq(text[strlen(texts[i])], 0xee, "%s: and not an octet more", texts[i]);
	}
}

Test(name, a_label_as_long_as_a_digit_is_no_digit_of_the_text) {
	uint8_t name[128], text[128];
	char long_label[64] = "";
	memset(long_label, 'x', '0');
	uint16_t len = wire(long_label, name);
	memcpy(name + len - 1, "\1y\0", 3);
	len = (uint16_t)(len + 2);
	name_text_write(name, len, text);
	cr_expect_eq(text['0'], '.');
	cr_expect_eq(text['0' + 1], 'y');
}

Test(name, an_address_ends_in_a_number) {
	static const struct {
		const char *text;
		bool is_address;
	} names[] = {{"192.0.2.1", true}, {"1", true}, {"a.1", true}, {"1.a", false}, {"", false},
		{"example.com", false}, {"192.0.2.1a", false}, {"192.0.2.-1", false}};
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint8_t name[32];
		uint16_t len = wire(names[i].text, name);
		cr_expect_eq(name_is_address(name, len), names[i].is_address, "%s", names[i].text);
	}
}
