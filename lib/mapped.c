#include "lib/mapped.h"

#include <assert.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static _Thread_local sigjmp_buf back;
static _Thread_local volatile sig_atomic_t is_copying;
static struct sigaction before;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void on_sigbus(int signal) {
	if (is_copying)
		siglongjmp(back, 1);
	// Somebody else's: it strikes again as soon as this returns.
	sigaction(signal, &before, NULL);
}

static void install(void) {
	// SA_NODEFER: we leave by a jump, which doesn't take the signal out of the mask.
	struct sigaction action = {.sa_handler = on_sigbus, .sa_flags = SA_NODEFER};
	sigaction(SIGBUS, &action, &before);
}

bool mapped_open(struct mapped *map, int fd) {
	struct stat status;
	*map = (struct mapped){.octets = NULL};
	if (fstat(fd, &status) != 0 || status.st_size <= 0)
		return false;
	void *octets = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (octets == MAP_FAILED)
		return false;
	pthread_once(&once, install);
	map->octets = octets;
	map->len = (size_t)status.st_size;
	return true;
}

void mapped_close(struct mapped *map) {
	if (map->octets)
		munmap((void *)(uintptr_t)map->octets, map->len);
	map->octets = NULL;
}

bool mapped_copy(const struct mapped *map, size_t at, void *to, size_t len) {
	assert(at <= map->len && len <= map->len - at);
	if (sigsetjmp(back, 0) != 0) {
		is_copying = 0;
		return false;
	}
	is_copying = 1;
	memcpy(to, map->octets + at, len);
	is_copying = 0;
	return true;
}
