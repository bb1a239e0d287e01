#include "lib/hostmem.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

static bool read_number(const char *path, uint64_t *value) {
	unsigned long long n;
	FILE *f = fopen(path, "re");
	bool is_read = f && fscanf(f, "%llu", &n) == 1;
	if (f)
		fclose(f);
	if (is_read)
		*value = n;
	return is_read;
}

// Of a directory with one of pages of each size: hugepages-2048kB.
static bool sum_sizes(const char *path, uint64_t *octets) {
	DIR *dir = opendir(path);
	if (!dir)
		return false;
	*octets = 0;
	for (struct dirent *e; (e = readdir(dir));) {
		char file[PATH_MAX];
		unsigned int size_kib;
		uint64_t nb;
		if (sscanf(e->d_name, "hugepages-%9ukB", &size_kib) != 1)
			continue;
		snprintf(file, sizeof(file), "%s/%s/free_hugepages", path, e->d_name);
		if (read_number(file, &nb))
			*octets += nb * size_kib << 10;
	}
	closedir(dir);
	return true;
}

uint64_t hostmem_hugepages(const char *sysfs, int node) {
	char path[PATH_MAX];
	uint64_t octets = 0;
	snprintf(path, sizeof(path), "%s/devices/system/node/node%d/hugepages", sysfs, node);
	if (node >= 0 && sum_sizes(path, &octets))
		return octets;
	snprintf(path, sizeof(path), "%s/kernel/mm/hugepages", sysfs);
	return sum_sizes(path, &octets) ? octets : 0;
}

uint64_t hostmem_available(const char *meminfo) {
	char line[128];
	unsigned long long kib = 0;
	FILE *f = fopen(meminfo, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
			break;
	}
	if (f)
		fclose(f);
	return (uint64_t)kib << 10;
}
