#include "lib/silentmap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION 1
#define PAGE_OCTETS 4096
#define PAGE_BITS (8 * PAGE_OCTETS)
// 8 MiB of bits: twice the targets that a scan may have in flight. Two pages that share a place are
// so far from each other.
#define NB_PAGES 2048

struct page {
	uint64_t number; // valid if is_used
	bool is_used, is_dirty;
	uint8_t octets[PAGE_OCTETS];
};

struct silentmap {
	pthread_mutex_t mutex;
	int fd;
	uint64_t seed, epoch;
	_Atomic uint64_t nb;
	atomic_int error;
	struct page pages[NB_PAGES];
};

static void put_le(uint8_t *p, uint64_t v, unsigned int nb_octets) {
	for (unsigned int i = 0; i < nb_octets; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static int write_at(struct silentmap *m, const uint8_t *octets, uint64_t offset) {
	for (size_t done = 0; done < PAGE_OCTETS;) {
		ssize_t n =
			pwrite(m->fd, octets + done, PAGE_OCTETS - done, (off_t)(offset + done));
		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int write_header(struct silentmap *m, bool has_ended) {
	uint8_t header[SILENTMAP_HEADER_OCTETS] = "TFOSILNT";
	put_le(header + 8, VERSION, 4);
	put_le(header + 12, SILENTMAP_HEADER_OCTETS, 4);
	put_le(header + 16, m->seed, 8);
	put_le(header + 24, m->epoch, 8);
	put_le(header + 32, silentmap_nb(m), 8);
	put_le(header + 40, has_ended, 8);
	return write_at(m, header, 0);
}

static uint64_t offset_of(uint64_t number) {
	return SILENTMAP_HEADER_OCTETS + number * PAGE_OCTETS;
}

static int write_page(struct silentmap *m, struct page *page) {
	int ret = page->is_dirty ? write_at(m, page->octets, offset_of(page->number)) : 0;
	if (ret == 0)
		page->is_dirty = false;
	return ret;
}

// What the file has of it; nothing behind its end.
static int read_page(struct silentmap *m, struct page *page, uint64_t number) {
	memset(page->octets, 0, sizeof(page->octets));
	page->is_used = false;
	for (size_t done = 0; done < PAGE_OCTETS;) {
		ssize_t n = pread(m->fd, page->octets + done, PAGE_OCTETS - done,
			(off_t)(offset_of(number) + done));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	page->number = number;
	page->is_used = true;
	return 0;
}

static int open_file(const char *path, bool overwrite) {
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	struct stat st;
	if (fd < 0)
		return -errno;
	int ret = fstat(fd, &st) < 0 ? -errno : 0;
	if (ret == 0 && st.st_size > 0 && !overwrite)
		ret = -EEXIST;
	if (ret == 0 && ftruncate(fd, 0) < 0)
		ret = -errno;
	if (ret == 0)
		return fd;
	close(fd);
	return ret;
}

int silentmap_create(
	struct silentmap **map, const char *path, bool overwrite, uint64_t seed, uint64_t epoch) {
	*map = NULL;
	int fd = open_file(path, overwrite);
	if (fd < 0)
		return fd;
	struct silentmap *m = calloc(1, sizeof(*m));
	if (!m) {
		close(fd);
		return -ENOMEM;
	}
	m->fd = fd;
	m->seed = seed;
	m->epoch = epoch;
	pthread_mutex_init(&m->mutex, NULL);
	*map = m;
	return 0;
}

// ---- one that is there

static int check_header(int fd, uint64_t seed) {
	uint8_t header[SILENTMAP_HEADER_OCTETS], want[24] = "TFOSILNT";
	ssize_t n = pread(fd, header, sizeof(header), 0);
	if (n < 0)
		return -errno;
	if (n != sizeof(header))
		return -ENODATA;
	put_le(want + 8, VERSION, 4);
	put_le(want + 12, SILENTMAP_HEADER_OCTETS, 4);
	put_le(want + 16, seed, 8);
	return memcmp(header, want, sizeof(want)) == 0 ? 0 : -EINVAL;
}

static uint64_t keep_done(
	struct page *page, bool (*is_done)(void *context, uint64_t index), void *context) {
	uint64_t nb = 0;
	for (uint64_t i = 0; i < PAGE_OCTETS; i++) {
		for (unsigned int bits = page->octets[i]; bits != 0; bits &= bits - 1) {
			unsigned int bit = (unsigned int)__builtin_ctz(bits);
			if (is_done(context, page->number * PAGE_BITS + i * 8 + bit)) {
				nb++;
				continue;
			}
			page->octets[i] &= (uint8_t) ~(1u << bit);
			page->is_dirty = true;
		}
	}
	return nb;
}

// Page after page, those without a bit left out by whoever keeps the file.
static int take_back(
	struct silentmap *m, bool (*is_done)(void *context, uint64_t index), void *context) {
	struct stat st;
	if (fstat(m->fd, &st) < 0)
		return -errno;
	uint64_t nb_pages = ((uint64_t)st.st_size + PAGE_OCTETS - 1) / PAGE_OCTETS - 1;
	struct page *page = &m->pages[0];
	int ret = 0;
	for (uint64_t number = 0; number < nb_pages && ret == 0; number++) {
		off_t data = lseek(m->fd, (off_t)offset_of(number), SEEK_DATA);
		if (data < 0 && errno == ENXIO)
			break; // a hole up to the end
		if (data > (off_t)offset_of(number))
			number = ((uint64_t)data - SILENTMAP_HEADER_OCTETS) / PAGE_OCTETS;
		ret = read_page(m, page, number);
		if (ret == 0)
			m->nb += keep_done(page, is_done, context);
		if (ret == 0)
			ret = write_page(m, page);
	}
	page->is_used = page->is_dirty = false;
	return ret;
}

int silentmap_resume(struct silentmap **map, const char *path, uint64_t seed, uint64_t epoch,
	bool (*is_done)(void *context, uint64_t index), void *context) {
	*map = NULL;
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	int ret = check_header(fd, seed);
	struct silentmap *m = ret == 0 ? calloc(1, sizeof(*m)) : NULL;
	if (!m) {
		close(fd);
		return ret == 0 ? -ENOMEM : ret;
	}
	m->fd = fd;
	m->seed = seed;
	m->epoch = epoch;
	pthread_mutex_init(&m->mutex, NULL);
	ret = take_back(m, is_done, context);
	if (ret == 0) {
		*map = m;
		return 0;
	}
	close(fd);
	free(m);
	return ret;
}

void silentmap_lock(struct silentmap *m) {
	pthread_mutex_lock(&m->mutex);
}

void silentmap_unlock(struct silentmap *m) {
	pthread_mutex_unlock(&m->mutex);
}

bool silentmap_add(struct silentmap *m, uint64_t index) {
	uint64_t number = index / PAGE_BITS;
	struct page *page = &m->pages[number % NB_PAGES];
	if (!page->is_used || page->number != number) {
		int ret = write_page(m, page);
		if (ret == 0)
			ret = read_page(m, page, number);
		atomic_store(&m->error, ret);
		if (ret != 0)
			return false;
	}
	uint8_t bit = (uint8_t)(1u << index % 8);
	uint8_t *octet = &page->octets[index % PAGE_BITS / 8];
	if (!(*octet & bit))
		atomic_fetch_add_explicit(&m->nb, 1, memory_order_relaxed);
	*octet |= bit;
	page->is_dirty = true;
	return true;
}

static int flush(struct silentmap *m, bool has_ended) {
	int ret = 0;
	for (unsigned int i = 0; i < NB_PAGES && ret == 0; i++)
		ret = write_page(m, &m->pages[i]);
	return ret == 0 ? write_header(m, has_ended) : ret;
}

int silentmap_flush(struct silentmap *m) {
	silentmap_lock(m);
	int ret = flush(m, false);
	atomic_store(&m->error, ret);
	silentmap_unlock(m);
	return ret;
}

int silentmap_sync(const struct silentmap *m) {
	return fdatasync(m->fd) < 0 ? -errno : 0;
}

int silentmap_error(const struct silentmap *m) {
	return atomic_load(&m->error);
}

uint64_t silentmap_nb(const struct silentmap *m) {
	return atomic_load(&m->nb);
}

int silentmap_close(struct silentmap *m) {
	if (!m)
		return 0;
	int ret = flush(m, true);
	if (close(m->fd) < 0 && ret == 0)
		ret = -errno;
	pthread_mutex_destroy(&m->mutex);
	free(m);
	return ret;
}
