#include "app/lcores.h"

#include <stdlib.h>
#include <string.h>

#define MAX_LCORE 1023u

// A number, or a range a-b: counted, and *end behind it.
static bool read_range(const char *p, const char **end, struct lcores *l) {
	char *next;
	if (*p < '0' || *p > '9')
		return false;
	unsigned long from = strtoul(p, &next, 10), to = from;
	if (*next == '-') {
		if (next[1] < '0' || next[1] > '9')
			return false;
		to = strtoul(next + 1, &next, 10);
	}
	*end = next;
	if (to > MAX_LCORE || from > to)
		return false;
	l->nb += (unsigned int)(to - from + 1);
	if (to > l->highest_cpu)
		l->highest_cpu = (unsigned int)to;
	return true;
}

// -l: 0-3,7
static bool read_list(const char *p, struct lcores *l) {
	while (read_range(p, &p, l)) {
		if (*p == '\0')
			return true;
		if (*p++ != ',')
			return false;
	}
	return false;
}

// "@(0,1)" or "@3": the CPUs that lcores float on.
static const char *skip_cpus(const char *p) {
	if (*p != '@')
		return p;
	if (p[1] == '(')
		return strchr(p, ')') ? strchr(p, ')') + 1 : NULL;
	return p + strcspn(p, ",");
}

// --lcores: 0@0,(1-7)@(0,1)
static bool read_map(const char *p, struct lcores *l) {
	while (p && *p) {
		bool is_group = *p == '(';
		p += is_group;
		while (read_range(p, &p, l) && is_group && *p == ',')
			p++;
		if (is_group && *p++ != ')')
			return false;
		p = skip_cpus(p);
		if (!p || (*p != '\0' && *p != ','))
			return false;
		p += *p == ',';
	}
	l->highest_cpu = 0; // lcores are no CPUs here
	return p && l->nb > 0;
}

// The value of an option, given as the next argument, glued on (short), or behind = (long).
static const char *value_of(const char *name, int i, int argc, char **argv) {
	size_t len = strlen(name);
	const char *arg = argv[i];
	if (strncmp(arg, name, len) != 0)
		return NULL;
	if (arg[len] == '\0')
		return i + 1 < argc ? argv[i + 1] : "";
	if (arg[len] == '=')
		return arg + len + 1;
	return name[1] != '-' ? arg + len : NULL;
}

struct lcores lcores_read(int argc, char **argv) {
	struct lcores l = {0};
	for (int i = 1; i < argc; i++) {
		const char *list = value_of("-l", i, argc, argv);
		const char *map = value_of("--lcores", i, argc, argv);
		if (!list && !map)
			continue;
		l = (struct lcores){.is_given = true};
		l.is_bad = !(list ? read_list(list, &l) : read_map(map, &l));
	}
	return l;
}

unsigned int lcores_nb_workers(unsigned int nb_lcores, unsigned int nb_collectors) {
	if (nb_lcores > nb_collectors)
		return nb_lcores - nb_collectors;
	return nb_collectors == 1 ? 1 : 0;
}
