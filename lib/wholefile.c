#include "lib/wholefile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int write_all(int fd, const char *octets, size_t len) {
	while (len > 0) {
		ssize_t n = write(fd, octets, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		octets += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int name_draft(const char *path, char draft[PATH_MAX]) {
	return snprintf(draft, PATH_MAX, "%s.tmp", path) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int write_draft(const char *draft, const void *octets, size_t len) {
	int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	int ret = write_all(fd, octets, len);
	if (close(fd) < 0 && ret == 0)
		ret = -errno;
	return ret;
}

int wholefile_sync_directory(const char *path) {
	char directory[PATH_MAX] = ".";
	const char *slash = strrchr(path, '/');
	size_t len = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
	if (len >= sizeof(directory))
		return -ENAMETOOLONG;
	if (len > 0) {
		memcpy(directory, path, len);
		directory[len] = '\0';
	}
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int ret = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return ret == -EINVAL ? 0 : ret; // a file system that has nothing to sync
}

int wholefile_try(const char *path) {
	char draft[PATH_MAX];
	int ret = name_draft(path, draft);
	if (ret < 0)
		return ret;
	ret = write_draft(draft, "", 0);
	unlink(draft);
	return ret;
}

int wholefile_write(const char *path, const void *octets, size_t len) {
	char draft[PATH_MAX];
	int ret = name_draft(path, draft);
	if (ret < 0)
		return ret;
	ret = write_draft(draft, octets, len);
	if (ret == 0 && rename(draft, path) < 0)
		ret = -errno;
	if (ret < 0)
		unlink(draft);
	return ret == 0 ? wholefile_sync_directory(path) : ret;
}
