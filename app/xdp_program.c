#include "app/xdp_program.h"

#include "app/xdp_object.h" // made by the build, out of xdp_ours.bpf.c

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Where the constants stand in the object; -1: not once.
static ssize_t find_mark(void) {
	static const char mark[] = XDP_OURS_MARK;
	const uint8_t *first = memmem(xdp_object, sizeof(xdp_object), mark, sizeof(mark));
	if (first == NULL)
		return -1;
	size_t at = (size_t)(first - xdp_object), behind = at + sizeof(mark);
	if (at + sizeof(struct xdp_ours) > sizeof(xdp_object) ||
		memmem(xdp_object + behind, sizeof(xdp_object) - behind, mark, sizeof(mark)))
		return -1;
	return (ssize_t)at;
}

static int write_all(int fd, const void *octets, size_t len) {
	const uint8_t *p = octets;
	while (len > 0) {
		ssize_t nb = write(fd, p, len);
		if (nb < 0)
			return -errno;
		p += nb;
		len -= (size_t)nb;
	}
	return 0;
}

int xdp_program_open(const struct xdp_ours *ours) {
	ssize_t at = find_mark();
	if (at < 0)
		return -EBADF;
	struct xdp_ours constants = *ours;
	memset(constants.mark, 0, sizeof(constants.mark));
	int fd = memfd_create("tfoscan_ours", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	int ret = write_all(fd, xdp_object, sizeof(xdp_object));
	if (ret == 0 && pwrite(fd, &constants, sizeof(constants), at) != sizeof(constants))
		ret = -EIO;
	if (ret == 0)
		return fd;
	close(fd);
	return ret;
}
