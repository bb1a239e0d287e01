#!/bin/bash
# What lib/iface* say of interfaces that this script makes, changes and deletes.
#
#	tests/live/iface_test.sh PATH-OF-iface_driver
#
# Prints TAP. All happens in a network namespace of its own, which is gone when the script ends.
# Exit 77: such a namespace can't be made here, or a tool is missing.
set -eu
trap 'echo "not ok - line $LINENO of the test itself failed"' ERR

driver=$(realpath "${1:?path of iface_driver}")
if [ -z "${IFACE_TEST_INSIDE:-}" ]; then
	for tool in unshare nsenter ip ethtool; do
		command -v "$tool" >/dev/null || { echo "1..0 # SKIP needs $tool"; exit 77; }
	done
	as_root=()
	[ "$(id -u)" -eq 0 ] || as_root=(--map-root-user)
	unshare --net "${as_root[@]}" true 2>/dev/null ||
		{ echo "1..0 # SKIP no network namespace can be made"; exit 77; }
	IFACE_TEST_INSIDE=1 exec unshare --net "${as_root[@]}" -- "$0" "$driver"
fi

nb_tests=0
nb_failed=0
elsewhere= # process that keeps a second namespace
trap '[ -z "$elsewhere" ] || kill "$elsewhere" 2>/dev/null' EXIT

# verdict TRUTH SENTENCE EXPECTED GOT
verdict() {
	nb_tests=$((nb_tests + 1))
	if [ "$1" = true ]; then
		echo "ok $nb_tests - $2"
		return
	fi
	nb_failed=$((nb_failed + 1))
	echo "not ok $nb_tests - $2"
	printf '# expected: %s\n# got: %s\n' "${3//$'\n'/ / }" "${4//$'\n'/ / }"
}

# is SENTENCE EXPECTED COMMAND...: this is what the command prints
is() {
	local sentence=$1 expected=$2 got truth=false
	shift 2
	got=$("$@" 2>&1) || true
	[ "$got" != "$expected" ] || truth=true
	verdict $truth "$sentence" "$expected" "$got"
}

# differs SENTENCE OTHER COMMAND...: the command succeeds and prints something else
differs() {
	local sentence=$1 other=$2 got truth=false
	shift 2
	if got=$("$@" 2>&1) && [ "$got" != "$other" ]; then
		truth=true
	fi
	verdict $truth "$sentence" "not $other" "$got"
}

# has SENTENCE LINE COMMAND...: one line of what the command prints is this
has() {
	local sentence=$1 line=$2 got truth=false
	shift 2
	got=$("$@" 2>&1) || true
	! grep -qxF -- "$line" <<<"$got" || truth=true
	verdict $truth "$sentence" "a line: $line" "$got"
}

# soon_has SENTENCE LINE COMMAND...: within five seconds. The kernel tells some changes late.
soon_has() {
	local until=$((SECONDS + 5))
	until "${@:3}" 2>&1 | grep -xF -- "$2" >/dev/null || [ $SECONDS -gt $until ]; do :; done
	has "$@"
}

# watch [watch|watch-tap] IF, poll [LINE] as often as wanted, unwatch: a driver that polls the link
# when told to
watch() {
	coproc "$driver" "$@"
	watch_pid=$COPROC_PID
	# bash keeps the two of the coprocess from subshells
	exec {to_watch}>&"${COPROC[1]}" {from_watch}<&"${COPROC[0]}"
	eval "exec ${COPROC[1]}>&-"
	answer
}
answer() {
	local line=
	read -r -t 10 -u "$from_watch" line || true
	echo "$line"
}
# shellcheck disable=SC2120 # called by is()
poll() {
	echo "${1:-}" >&"$to_watch"
	answer
}
unwatch() {
	exec {to_watch}>&- {from_watch}<&-
	wait "$watch_pid"
}

# make_pair [WORDS OF ip link add]: the two ends of a cable, va and vb
make_pair() {
	ip link add name va "$@" address 02:00:00:00:00:0a type veth peer name vb
	ip link set va up
	ip link set vb up
}

# flood IF: more events than a socket holds
flood() {
	for _ in {1..2000}; do
		printf 'link set %s mtu 1400\nlink set %s mtu 1500\n' "$1" "$1"
	done | ip -batch -
}

ip link set lo up

## facts
make_pair
ip link add name vaa type veth peer name fifteen-letters
ip address add 10.95.0.1/24 dev vaa
ip link set va mtu 1400
ip address add 10.99.0.1/24 dev va
ip address add 10.99.0.65/26 dev va label va:1
ip address add 169.254.7.7/16 dev va
ip address add 10.97.0.1/24 dev vb
ip -6 address add 2001:db8:99::1/64 dev va nodad
ip -6 address add fe80::99/64 dev va nodad
ip route add default via 10.99.0.254 dev va metric 200
ip route add default via 10.99.0.253 dev va metric 300
ip route add default via 10.97.0.254 dev vb metric 100
ip -6 route add default via fe80::fe dev va metric 512
index=$(ip -o link show va | cut -d: -f1)

has "name, index and MTU" "name va index $index mtu 1400" "$driver" facts va
has "MAC" "mac 02:00:00:00:00:0a" "$driver" facts va
has "a cable with two ends is up and running" "ethernet yes up yes running yes" "$driver" facts va
has "loopback is not Ethernet" "ethernet no up yes running yes" "$driver" facts lo
has "IPv4 address with its prefix" "address 10.99.0.1/24" "$driver" facts va
has "address with a label of its own" "address 10.99.0.65/26" "$driver" facts va
has "IPv6 address with its prefix" "address 2001:db8:99::1/64" "$driver" facts va
has "link-local address is marked, IPv6" "address fe80::99/64 link-local" "$driver" facts va
has "link-local address is marked, IPv4" "address 169.254.7.7/16 link-local" "$driver" facts va
has "IPv4 gateway of the lowest metric on this interface" "gateway4 10.99.0.254" "$driver" facts va
has "IPv4 gateway of the other interface" "gateway4 10.97.0.254" "$driver" facts vb
has "IPv6 gateway" "gateway6 fe80::fe" "$driver" facts va
has "no gateway on the other interface" "gateway6 none" "$driver" facts vb
is "addresses of other interfaces are not listed" "" grep -F 10.97. <("$driver" facts va)
is "unknown interface" ENODEV "$driver" facts vx
is "a name that begins like another is not that other" "" grep 10.95. <("$driver" facts va)
is "a name too long by one letter" ENODEV "$driver" facts fifteen-lettersX
is "a name too long by one letter, offloads" ENODEV "$driver" offloads fifteen-lettersX
is "a name too long by one letter, watched" ENODEV "$driver" watch fifteen-lettersX
is "prefix of the subnet that holds an address" 24 "$driver" prefix va 10.99.0.200
is "prefix of the smaller of two subnets" 26 "$driver" prefix va 10.99.0.100
is "prefix of the IPv6 subnet" 64 "$driver" prefix va 2001:db8:99::abcd
is "no subnet holds this address" ENOENT "$driver" prefix va 10.97.0.1
ip link set vb down
soon_has "a cable without its other end is up but not running" "ethernet yes up yes running no" \
	"$driver" facts va
ip link set vb up

## owned
is "assigned IPv4 address" yes "$driver" owns 10.99.0.1
is "assigned to the other interface" yes "$driver" owns 10.97.0.1
is "assigned IPv6 address" yes "$driver" owns 2001:db8:99::1
is "IPv6 link-local address" yes "$driver" owns fe80::99
echo 1 >/proc/sys/net/ipv6/conf/va/forwarding
is "the anycast address of a router" yes "$driver" owns 2001:db8:99::
echo 0 >/proc/sys/net/ipv6/conf/va/forwarding
is "loopback network" yes "$driver" owns 127.1.2.3
is "loopback address, IPv6" yes "$driver" owns ::1
is "free address of the subnet" no "$driver" owns 10.99.0.77
is "free IPv6 address of the subnet" no "$driver" owns 2001:db8:99::77
ip route add default via 10.97.0.254 dev vb
ip -6 route add default via 2001:db8:99::fe dev va
is "address behind the gateway" no "$driver" owns 203.0.113.7
is "IPv6 address behind the gateway" no "$driver" owns 2001:db8:ffff::7
ip route add local 198.51.100.0/24 dev lo
ip -6 route add local 2001:db8:2::/64 dev lo
is "AnyIP" yes "$driver" owns 198.51.100.200
is "beside AnyIP" no "$driver" owns 198.51.101.200
is "AnyIP, IPv6" yes "$driver" owns 2001:db8:2::1234
is "beside AnyIP, IPv6" no "$driver" owns 2001:db8:3::1234
for type in blackhole unreachable prohibit throw; do
	ip route add $type 203.0.113.0/24
	ip -6 route add $type 2001:db8:4::/64
	is "$type route" no "$driver" owns 203.0.113.7
	is "$type route, IPv6" no "$driver" owns 2001:db8:4::7
	ip route del $type 203.0.113.0/24
	ip -6 route del $type 2001:db8:4::/64
done
ip link set vb down
ip -6 address add 2001:db8:97::1/64 dev vb
is "assigned to an interface that is down" yes "$driver" owns 10.97.0.1
is "IPv6 address that waits for its check" yes "$driver" owns 2001:db8:97::1
ip link set vb up
ip route flush default
ip -6 route flush default
is "address without any route" no "$driver" owns 203.0.113.7
is "IPv6 address without any route" no "$driver" owns 2001:db8:ffff::7

## proposals
ip address flush dev va
ip address add 10.99.0.1/24 dev va
ip -6 address add 2001:db8:99::1/64 dev va nodad
proposal=$("$driver" propose va 4)
is "a proposal is of the subnet" 10.99.0 echo "${proposal%.*}"
is "a proposal has the prefix of the subnet" 24 echo "${proposal#*/}"
is "a proposal is the same again" "$proposal" "$driver" propose va 4
is "a proposal is not owned" no "$driver" owns "${proposal%/*}"
ip neighbour add "${proposal%/*}" lladdr 02:00:00:00:00:77 dev va nud stale
differs "a neighbour is not proposed" "$proposal" "$driver" propose va 4
proposal=$("$driver" propose va 6)
is "an IPv6 proposal is of the subnet" 2001:db8:99: echo "${proposal%:*:*}"
ip -6 neighbour add "${proposal%/*}" lladdr 02:00:00:00:00:77 dev va nud stale
differs "an IPv6 neighbour is not proposed" "$proposal" "$driver" propose va 6

# A small subnet in which each address but one is taken in another way.
ip address flush dev va
ip address add 10.99.2.1/29 dev va
ip neighbour add 10.99.2.2 lladdr 02:00:00:00:00:22 dev va
ip neighbour add 10.99.2.3 lladdr 02:00:00:00:00:23 dev va nud stale
ip route add local 10.99.2.4 dev lo
ip route add default via 10.99.2.6 dev va
is "the one free address of a subnet is proposed" 10.99.2.5/29 "$driver" propose va 4
ip neighbour add 10.99.2.5 dev va nud failed
is "a neighbour that never answered is free" 10.99.2.5/29 "$driver" propose va 4
ip address add 10.99.2.5/32 dev vb
is "an address of another interface is not" EADDRNOTAVAIL "$driver" propose va 4
ip address del 10.99.2.5/32 dev vb
ip address add 10.99.2.5/32 dev vaa # which is down
is "nor if that interface is down" EADDRNOTAVAIL "$driver" propose va 4

ip -6 address add 2001:db8:98::1/125 dev va nodad
ip -6 neighbour add 2001:db8:98::2 lladdr 02:00:00:00:00:22 dev va
ip -6 neighbour add 2001:db8:98::3 lladdr 02:00:00:00:00:23 dev va nud stale
ip -6 route add local 2001:db8:98::4 dev lo
ip -6 route add default via 2001:db8:98::6 dev va
is "the one free IPv6 address is proposed" 2001:db8:98::5/125 "$driver" propose va 6
ip -6 address add 2001:db8:98::5/128 dev vb nodad
is "an IPv6 address of another interface is not" EADDRNOTAVAIL "$driver" propose va 6
ip -6 address del 2001:db8:98::5/128 dev vb
ip -6 address add 2001:db8:98::5/128 dev vaa
is "nor if that interface is down, IPv6" EADDRNOTAVAIL "$driver" propose va 6

ip address flush dev va
ip address flush dev vb
ip address add 10.99.3.1/29 dev va
ip address add 10.99.3.2/30 dev va
for host in 4 5 6; do
	ip neighbour add 10.99.3.$host lladdr 02:00:00:00:00:2$host dev va
done
is "the broadcast address of a subnet in the subnet is not proposed" EADDRNOTAVAIL \
	"$driver" propose va 4
is "no subnet, no proposal" EADDRNOTAVAIL "$driver" propose vb 4

## offloads
ethtool -K va gro off
is "GRO switched off" "gro no lro no fixed gro-hw no fixed" "$driver" offloads va
ethtool -K va gro on
is "GRO switched on" "gro yes lro no fixed gro-hw no fixed" "$driver" offloads va

## drops
ip link set va up
ip link set vb up
is "what doesn't fit the ring is counted, again and again" \
	"sockets 1 dropped 0 50 100"$'\n'"sockets of any interface 2" "$driver" drops va vb

## the link
is "unknown link is not watched" ENODEV "$driver" watch vx
watch watch va >/dev/null
is "a link left alone is up" "up" poll
ip link set va mtu 1300
ip link set va promisc on
ip address add 10.99.4.1/24 dev va
is "other changes are no flap" "up" poll
ip link set va down
is "set down" "down" poll
is "still down" "down" poll
ip link set va up
is "up again, and no flap, for that it was down was told" "up" poll
is "stays up" "up" poll
ip link set vb down
is "no carrier" "down" poll
ip link set vb up
is "carrier" "up" poll
printf 'link set va down\nlink set va up\n' | ip -batch -
is "down and up by hand between two polls" "up flapped" poll
is "a flap is told once" "up" poll
printf 'link set vb down\nlink set vb up\n' | ip -batch -
is "carrier lost and found between two polls" "up flapped" poll
is "a lost carrier is told once" "up" poll
ip link set va down
is "down again" "down" poll
ip link set va name vz
ip link set vz up
is "another name is the same link" "up" poll
ip link set vz name va
if ip link add name bridge0 type bridge 2>/dev/null; then
	ip link set va master bridge0
	ip link set va nomaster
	is "a bridge that the interface leaves is no deletion" "up" poll
	ip link del bridge0
else
	echo "# no bridge in this kernel"
fi
flood vb
is "a flood of events of another interface is no flap" "up" poll
flood va
poll "" >/dev/null # "flapped" is allowed, for events were lost
is "a flood of its own events is survived" "up" poll
ip link del va
is "deleted" "gone" poll
make_pair
is "another interface of the name is not the one watched" "gone replaced" poll
unwatch

watch watch va >/dev/null
ip link del va
make_pair
is "deleted and made again between two polls" "gone replaced" poll
is "gone for good" "gone replaced" poll
unwatch

watch watch va >/dev/null
index=$(ip -o link show va | cut -d: -f1)
ip link del va
make_pair index "$index"
is "made again with the same index" "gone replaced" poll
unwatch

watch watch va >/dev/null
ip link set va down
unshare --net sleep 600 &
elsewhere=$!
for _ in {1..1000}; do # until it has left our namespace
	[ "$(readlink "/proc/$elsewhere/ns/net")" = "$(readlink /proc/$$/ns/net)" ] || break
done
ip link set va netns "$elsewhere"
is "moved to another namespace" "gone" poll
nsenter --net --target "$elsewhere" ip link set va netns $$
is "and back: a port on it would not work" "gone replaced" poll
unwatch

# Loopback keeps its carrier when it is down: only the events tell.
watch watch lo >/dev/null
printf 'link set lo down\nlink set lo up\n' | ip -batch -
is "down and up by hand without a loss of carrier" "up flapped" poll
unwatch

# A tap loses its carrier as a card does: short losses make no event.
if [ -w /dev/net/tun ]; then
	watch watch-tap tap0 >/dev/null
	is "a carrier lost and found within microseconds" "up flapped" poll 01
	is "is told once" "up" poll
	is "a carrier lost is seen at once" "down" poll 0
	is "a carrier found is seen at once" "up" poll 1
	is "several losses" "up flapped" poll 010101
	unwatch
else
	echo "# no tap interfaces here"
fi

## without IPv6
echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
is "IPv6 address where IPv6 is disabled" no "$driver" owns 2001:db8:5::1
has "no IPv6 gateway where IPv6 is disabled" "gateway6 none" "$driver" facts va
is "no IPv6 proposal where IPv6 is disabled" EADDRNOTAVAIL "$driver" propose va 6

echo "1..$nb_tests"
exit $((nb_failed > 0))
