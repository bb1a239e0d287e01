// Prints what lib/iface* say, for iface_test.sh to compare with what `ip` and `ethtool` were told:
//
//	facts IF            MAC, MTU, flags, addresses, gateways
//	owns ADDRESS        yes or no
//	prefix IF ADDRESS   length of the subnet that holds it
//	propose IF 4|6      a free address
//	offloads IF         GRO, LRO, GRO in hardware
//	watch IF            one poll for each line read, one line for each poll
//	watch-tap IF        the same of a tap interface, made here; before the poll each 0 in the
//	                    line takes its carrier away, each 1 gives it back
//	drops RX TX         fill a ring of RX with frames sent on TX, twice; the drops counted
//
// A refusal is printed as the name of its errno.
#include "lib/iface.h"
#include "lib/iface_offload.h"
#include "lib/iface_packet_drops.h"
#include "lib/iface_watch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define ETHERTYPE_EXPERIMENTAL 0x88b5 // IEEE 802: nobody else sends it
#define RING_FRAMES 4
#define RING_FRAME_OCTETS 2048
#define SENT_FRAMES 50

static int refuse(int error) {
	puts(strerrorname_np(-error));
	return EXIT_FAILURE;
}

static const char *text_of(const struct ip_addr *addr) {
	static char text[INET6_ADDRSTRLEN];
	if (addr_is_v4(addr))
		return inet_ntop(AF_INET, addr_v4(addr), text, sizeof(text));
	return inet_ntop(AF_INET6, addr->octets, text, sizeof(text));
}

static struct ip_addr addr_of(const char *text) {
	uint8_t octets[ADDR6_OCTETS];
	if (inet_pton(AF_INET, text, octets) == 1)
		return addr_from_v4(octets);
	if (inet_pton(AF_INET6, text, octets) == 1)
		return addr_from_v6(octets);
	fprintf(stderr, "iface_driver: %s is not an address\n", text);
	exit(EXIT_FAILURE);
}

static const char *yes_no(bool is_so) {
	return is_so ? "yes" : "no";
}

static int facts(char **args) {
	struct iface_info info;
	int error = iface_read(args[0], &info);
	if (error != 0)
		return refuse(error);
	printf("name %s index %u mtu %u\n", info.name, info.index, info.mtu_octets);
	printf("ethernet %s up %s running %s\n", yes_no(info.is_ethernet), yes_no(info.is_up),
		yes_no(info.is_running));
	printf("mac %02x:%02x:%02x:%02x:%02x:%02x\n", info.mac[0], info.mac[1], info.mac[2],
		info.mac[3], info.mac[4], info.mac[5]);
	for (size_t i = 0; i < info.nb_addrs; i++)
		printf("address %s/%u%s\n", text_of(&info.addrs[i].addr), info.addrs[i].prefix_bits,
			info.addrs[i].is_link_local ? " link-local" : "");
	printf("gateway4 %s\n", info.has_gateway4 ? text_of(&info.gateway4) : "none");
	printf("gateway6 %s\n", info.has_gateway6 ? text_of(&info.gateway6) : "none");
	return EXIT_SUCCESS;
}

static int owns(char **args) {
	struct ip_addr addr = addr_of(args[0]);
	bool is_owned;
	int error = iface_owns(&addr, &is_owned);
	if (error != 0)
		return refuse(error);
	puts(yes_no(is_owned));
	return EXIT_SUCCESS;
}

static int prefix(char **args) {
	struct iface_info info;
	struct ip_addr addr = addr_of(args[1]);
	int bits = iface_read(args[0], &info);
	if (bits == 0)
		bits = iface_prefix_bits(&info, &addr);
	if (bits < 0)
		return refuse(bits);
	printf("%d\n", bits);
	return EXIT_SUCCESS;
}

static int propose(char **args) {
	struct iface_info info;
	struct iface_addr found;
	int error = iface_read(args[0], &info);
	if (error == 0)
		error = iface_propose_source(
			&info, strcmp(args[1], "6") == 0 ? AF_INET6 : AF_INET, &found);
	if (error != 0)
		return refuse(error);
	printf("%s/%u\n", text_of(&found.addr), found.prefix_bits);
	return EXIT_SUCCESS;
}

static int offloads(char **args) {
	struct iface_offloads found;
	int error = iface_offload_read(args[0], &found);
	if (error != 0)
		return refuse(error);
	printf("gro %s lro %s%s gro-hw %s%s\n", yes_no(found.has_gro), yes_no(found.has_lro),
		found.is_lro_fixed ? " fixed" : "", yes_no(found.has_gro_hw),
		found.is_gro_hw_fixed ? " fixed" : "");
	return EXIT_SUCCESS;
}

static int watch_link(char **args, int tap) {
	static const char *const names[] = {
		[IFACE_LINK_UP] = "up", [IFACE_LINK_DOWN] = "down", [IFACE_LINK_GONE] = "gone"};
	struct iface_watch link;
	int error = iface_watch_open(&link, args[0]);
	if (error != 0)
		return refuse(error);
	setlinebuf(stdout);
	printf("watching %s\n", names[link.last]);
	for (int c; error == 0 && (c = getchar()) != EOF;) {
		struct iface_watch_state state;
		int carrier = c - '0';
		if (c != '\n' && ioctl(tap, TUNSETCARRIER, &carrier) < 0)
			perror("iface_driver: carrier");
		if (c != '\n')
			continue;
		error = iface_watch_poll(&link, &state);
		if (error == 0)
			printf("%s%s%s\n", names[state.link], state.has_flapped ? " flapped" : "",
				state.is_replaced ? " replaced" : "");
	}
	iface_watch_close(&link);
	return error == 0 ? EXIT_SUCCESS : refuse(error);
}

static int watch(char **args) {
	return watch_link(args, -1);
}

static int watch_tap(char **args) {
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", args[0]);
	int tap = open("/dev/net/tun", O_RDWR);
	if (tap < 0 || ioctl(tap, TUNSETIFF, &request) < 0)
		return refuse(-errno);
	int control = socket(AF_INET, SOCK_DGRAM, 0);
	request.ifr_flags = IFF_UP;
	if (control < 0 || ioctl(control, SIOCSIFFLAGS, &request) < 0)
		return refuse(-errno);
	return watch_link(args, tap);
}

static int packet_socket(unsigned int ifindex) {
	struct sockaddr_ll local = {.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE_EXPERIMENTAL),
		.sll_ifindex = (int)ifindex};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&local, sizeof(local)) == 0)
		return fd;
	perror("iface_driver: packet socket");
	exit(EXIT_FAILURE);
}

// As net_af_packet makes it: TPACKET_V2, mapped. Nobody empties it.
static void add_ring(int fd) {
	const int version = TPACKET_V2;
	const struct tpacket_req ring = {.tp_block_size = RING_FRAMES * RING_FRAME_OCTETS,
		.tp_block_nr = 1,
		.tp_frame_size = RING_FRAME_OCTETS,
		.tp_frame_nr = RING_FRAMES};
	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0 ||
		setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring)) < 0 ||
		mmap(NULL, ring.tp_block_size, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED) {
		perror("iface_driver: ring");
		exit(EXIT_FAILURE);
	}
}

static void send_frames(int fd) {
	uint8_t frame[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 0x88, 0xb5};
	for (int i = 0; i < SENT_FRAMES; i++)
		if (send(fd, frame, sizeof(frame), 0) < 0)
			perror("iface_driver: send");
}

static int drops(char **args) {
	unsigned int rx = if_nametoindex(args[0]), tx = if_nametoindex(args[1]);
	struct iface_packet_drops counted;
	int sender = packet_socket(tx), receiver = packet_socket(rx);
	add_ring(receiver);

	send_frames(sender); // before the opening: don't count
	int error = iface_packet_drops_open(&counted, rx);
	if (error != 0)
		return refuse(error);
	printf("sockets %zu dropped %lu", counted.nb_sockets, counted.nb_dropped);
	for (int round = 0; round < 2 && error == 0; round++) {
		send_frames(sender);
		error = iface_packet_drops_read(&counted);
		printf(" %lu", counted.nb_dropped);
	}
	puts("");
	if (error == 0)
		error = iface_packet_drops_open(&counted, 0);
	printf("sockets of any interface %zu\n", counted.nb_sockets);
	return error == 0 ? EXIT_SUCCESS : refuse(error);
}

int main(int argc, char **argv) {
	static const struct {
		const char *name;
		int nb_args;
		int (*run)(char **args);
	} commands[] = {{"facts", 1, facts}, {"owns", 1, owns}, {"prefix", 2, prefix},
		{"propose", 2, propose}, {"offloads", 1, offloads}, {"watch", 1, watch},
		{"watch-tap", 1, watch_tap}, {"drops", 2, drops}};
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[1], commands[i].name) == 0 && argc == commands[i].nb_args + 2)
			return commands[i].run(argv + 2);
	fputs("usage: iface_driver COMMAND [ARGUMENT ...], see its source\n", stderr);
	return EXIT_FAILURE;
}
