#include "lib/iface_packet_drops.h"

#include <dirent.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

static bool is_packet_socket(int fd, unsigned int ifindex) {
	int domain;
	socklen_t len = sizeof(domain);
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 || domain != AF_PACKET)
		return false;

	struct sockaddr_ll local = {0};
	len = sizeof(local);
	if (getsockname(fd, (struct sockaddr *)&local, &len) < 0)
		return false;
	return ifindex == 0 || (unsigned int)local.sll_ifindex == ifindex;
}

// The kernel's counter of one socket, which this sets back to zero. 0 or -errno.
static int take_drops(int fd, uint32_t *nb_dropped) {
	struct tpacket_stats stats = {0}; // the beginning of tpacket_stats_v3, too
	socklen_t len = sizeof(stats);
	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) < 0)
		return -errno;
	*nb_dropped = stats.tp_drops;
	return 0;
}

int iface_packet_drops_open(struct iface_packet_drops *drops, unsigned int ifindex) {
	*drops = (struct iface_packet_drops){0};
	DIR *open_files = opendir("/proc/self/fd");
	if (open_files == NULL)
		return -errno;

	int error = 0;
	for (struct dirent *entry; error == 0 && (entry = readdir(open_files)) != NULL;) {
		char *end;
		int fd = (int)strtol(entry->d_name, &end, 10);
		if (end == entry->d_name || !is_packet_socket(fd, ifindex))
			continue; // "." and "..", or another file
		if (drops->nb_sockets == IFACE_PACKET_DROPS_SOCKETS_MAX)
			error = -E2BIG;
		else
			drops->sockets[drops->nb_sockets++] = fd;
	}
	closedir(open_files);
	if (error == 0 && drops->nb_sockets == 0)
		error = -ENOENT;
	if (error == 0)
		error = iface_packet_drops_read(drops);
	drops->nb_dropped = 0;
	return error;
}

int iface_packet_drops_read(struct iface_packet_drops *drops) {
	int error = 0;
	for (size_t i = 0; i < drops->nb_sockets; i++) {
		uint32_t nb_dropped = 0;
		int failed = take_drops(drops->sockets[i], &nb_dropped);
		if (failed != 0)
			error = failed; // the others still count
		drops->nb_dropped += nb_dropped;
	}
	return error;
}
