// Runs a fuzz target over stored inputs, without libFuzzer: every file of the directories that are
// named on the command line. Linked with one fuzz_*.c; ends as that one does.
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_INPUT_OCTETS (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *path) {
	fprintf(stderr, "%s: %s\n", path, strerror(errno));
	exit(EXIT_FAILURE);
}

// The input gets a block of its exact size, so that a sanitizer sees a read beyond it.
static void replay(const char *path) {
	static uint8_t octets[MAX_INPUT_OCTETS];
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		fail(path);
	size_t size = fread(octets, 1, sizeof(octets), file);
	if (ferror(file))
		fail(path);
	fclose(file);
	uint8_t *input = malloc(size ? size : 1);
	if (input == NULL)
		fail(path);
	memcpy(input, octets, size);
	LLVMFuzzerTestOneInput(input, size);
	free(input);
}

static unsigned int replay_directory(const char *path) {
	DIR *dir = opendir(path);
	if (dir == NULL)
		fail(path);
	unsigned int nb_inputs = 0;
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		char name[4096];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		replay(name);
		nb_inputs++;
	}
	closedir(dir);
	return nb_inputs;
}

int main(int argc, char **argv) {
	unsigned int nb_inputs = 0;
	for (int i = 1; i < argc; i++)
		nb_inputs += replay_directory(argv[i]);
	printf("%u inputs replayed\n", nb_inputs);
	return nb_inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE; // an empty corpus tests nothing
}
