// LD_PRELOAD: counts what DPDK's worker threads ask of the allocator, of mutexes and of mmap from
// their first frame on, and what all other threads ask of the allocator, to show that counting
// works. At the end it writes one line a thread kind to the file that $COUNT_ALLOCATIONS names:
//
//	workers threads 2 malloc 0 calloc 0 realloc 0 free 0 aligned 0 mmap 0 lock 0
//	others malloc 5120
//
// A worker's first frame is its first sendto or poll: the driver's way to the kernel (af_packet).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t nb, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *old);

enum what {
	MALLOC,
	CALLOC,
	REALLOC,
	FREE,
	ALIGNED,
	MMAP,
	LOCK,
	NB_WHATS,
};

static const char *const names[NB_WHATS] = {
	"malloc", "calloc", "realloc", "free", "aligned", "mmap", "lock"};
static atomic_ulong of_workers[NB_WHATS], of_others;
static atomic_uint nb_threads;
static __thread bool has_begun; // a worker that has sent

static void count(enum what what) {
	if (has_begun)
		atomic_fetch_add(&of_workers[what], 1);
	else if (what == MALLOC)
		atomic_fetch_add(&of_others, 1);
}

static void note_frame(void) {
	char name[16] = "";
	if (has_begun)
		return;
	prctl(PR_GET_NAME, name);
	has_begun = strncmp(name, "lcore-worker", 12) == 0 || strncmp(name, "rte-worker", 10) == 0;
	if (has_begun)
		atomic_fetch_add(&nb_threads, 1);
}

void *malloc(size_t size) {
	count(MALLOC);
	return __libc_malloc(size);
}

void *calloc(size_t nb, size_t size) {
	count(CALLOC);
	return __libc_calloc(nb, size);
}

void *realloc(void *old, size_t size) {
	count(REALLOC);
	return __libc_realloc(old, size);
}

void free(void *old) {
	count(FREE);
	__libc_free(old);
}

void *aligned_alloc(size_t alignment, size_t size) {
	count(ALIGNED);
	return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size) {
	count(ALIGNED);
	*out = __libc_memalign(alignment, size);
	return *out ? 0 : 12; // ENOMEM
}

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset) {
	static void *(*next)(void *, size_t, int, int, int, off_t);
	if (!next)
		next = (void *(*)(void *, size_t, int, int, int, off_t))dlsym(RTLD_NEXT, "mmap");
	count(MMAP);
	return next(addr, len, prot, flags, fd, offset);
}

int pthread_mutex_lock(pthread_mutex_t *mutex) {
	static int (*next)(pthread_mutex_t *);
	if (!next)
		next = (int (*)(pthread_mutex_t *))dlsym(RTLD_NEXT, "pthread_mutex_lock");
	count(LOCK);
	return next(mutex);
}

ssize_t sendto(int fd, const void *octets, size_t len, int flags, const struct sockaddr *to,
	socklen_t to_len) {
	static ssize_t (*next)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
	if (!next)
		next = (ssize_t(*)(int, const void *, size_t, int, const struct sockaddr *,
			socklen_t))dlsym(RTLD_NEXT, "sendto");
	note_frame();
	return next(fd, octets, len, flags, to, to_len);
}

int poll(struct pollfd *fds, nfds_t nb, int timeout_ms) {
	static int (*next)(struct pollfd *, nfds_t, int);
	if (!next)
		next = (int (*)(struct pollfd *, nfds_t, int))dlsym(RTLD_NEXT, "poll");
	note_frame();
	return next(fds, nb, timeout_ms);
}

__attribute__((destructor)) static void report(void) {
	const char *path = getenv("COUNT_ALLOCATIONS");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
	if (fd < 0)
		return;
	dprintf(fd, "workers threads %u", atomic_load(&nb_threads));
	for (int i = 0; i < NB_WHATS; i++)
		dprintf(fd, " %s %lu", names[i], atomic_load(&of_workers[i]));
	dprintf(fd, "\nothers malloc %lu\n", atomic_load(&of_others));
	close(fd);
}
