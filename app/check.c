#include "app/check.h"

#include "app/check_parts.h"
#include "app/exit_code.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_OCTETS 512

static void print_line(
	const char *word, const char *what, const char *mend, const char *format, va_list args) {
	char text[LINE_OCTETS];
	vsnprintf(text, sizeof(text), format, args);
	printf("%-6s %-14s %s%s%s\n", word, what, text, mend ? "; mend: " : "", mend ? mend : "");
}

void check_ok(const char *what, const char *format, ...) {
	va_list args;
	va_start(args, format);
	print_line("ok", what, NULL, format, args);
	va_end(args);
}

void check_note(const char *what, const char *mend, const char *format, ...) {
	va_list args;
	va_start(args, format);
	print_line("note", what, mend, format, args);
	va_end(args);
}

void check_needs(struct check *c, const char *what, const char *mend, const char *format, ...) {
	va_list args;
	c->nb_needed++;
	va_start(args, format);
	print_line("needs", what, mend, format, args);
	va_end(args);
}

// Is the port a NIC of the bus, with its memory in hugepages?
static bool has_nic(const struct options *o, int eal_argc, char **eal_argv) {
	if (o->interface || (eal_argc == 1 && o->pci == NULL))
		return false;
	for (int i = 1; i < eal_argc; i++) {
		if (strncmp(eal_argv[i], "--vdev", 6) == 0 ||
			strcmp(eal_argv[i], "--no-pci") == 0 ||
			strcmp(eal_argv[i], "--no-huge") == 0)
			return false;
	}
	return true;
}

int check_run(const struct options *o, int eal_argc, char **eal_argv) {
	struct check c = {.o = o};
	c.has_nic_of_dpdk = has_nic(o, eal_argc, eal_argv);
	check_host(&c);
	if (o->interface)
		check_iface(&c);
	else if (eal_argc > 1 || o->pci)
		check_ports(&c, eal_argc, eal_argv);
	else
		check_needs(&c, "port",
			"dpdk-tfoscan --check -i eth0, or -a 0000:01:00.0 -- --check",
			"none is named");
	if (c.nb_needed == 0)
		puts("a scan can start");
	else
		printf("no scan can start: %u thing%s needed\n", c.nb_needed,
			c.nb_needed > 1 ? "s are" : " is");
	if (fflush(stdout) != 0)
		return EXIT_CANNOT;
	return c.nb_needed == 0 ? EXIT_DONE : EXIT_CANNOT;
}
