#!/usr/bin/env bash
# How fast ZMap, masscan and a worker of the scanner send, each on one CPU, over the same veth pair:
# alternating in short rounds. Nothing leaves two network namespaces that are made for it. Not part of
# the tests; docs/performance.md says what the figures are. Root; Debian's zmap and masscan.
#
#	tests/bench/peers.sh [ROUNDS [SECONDS]]		(3, 2.5)
set -uo pipefail
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${BENCH_BUILD:-$root/build}
rounds=${1:-3}
seconds=${2:-2.5}
readonly CPU=1 NET=198.18.0.0/15 SENDER=198.18.0.1 GATEWAY_MAC=02:00:00:00:00:02
readonly WARM_S=2.5 # worker_bench measures its driver in the first of them
readonly HUGEPAGES=/proc/sys/vm/nr_hugepages NB_PAGES=192

die() {
	echo "peers: $*" >&2
	exit 1
}

[[ $rounds =~ ^[1-9][0-9]?$ && $seconds =~ ^[0-9]+(\.[0-9]+)?$ ]] || die "usage: peers.sh [ROUNDS [SECONDS]]"
[ "$EUID" = 0 ] || die "needs root"
for tool in ip jq taskset zmap masscan; do
	command -v "$tool" >/dev/null || die "$tool is missing (apt-get install zmap masscan; scripts/deps has the others)"
done
[ -x "$build/tests/worker_bench" ] || die "no worker_bench in $build: build it"
[ "$(nproc)" -gt "$CPU" ] || die "needs two CPUs"

tmp=$(mktemp -d)
from=peers-$$-from to=peers-$$-to
pages_added=0 pid=

clean_up() {
	[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null
	wait 2>/dev/null
	ip netns del "$from" 2>/dev/null
	ip netns del "$to" 2>/dev/null
	[ "$pages_added" = 0 ] || echo $(($(cat "$HUGEPAGES") - pages_added)) >"$HUGEPAGES"
	rm -rf "$tmp" "/var/run/dpdk/peers-$$"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# The receiving end has no address and no route: frames end there.
make_network() {
	local ns
	for ns in "$from" "$to"; do
		ip netns add "$ns" || return 1
		ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	done
	ip link add wire0 netns "$from" type veth peer name wire1 netns "$to" || return 1
	ip -n "$to" link set wire1 address "$GATEWAY_MAC" up
	ip -n "$from" addr add "$SENDER/15" dev wire0
	ip -n "$from" link set wire0 up
	mac=$(ip netns exec "$from" cat /sys/class/net/wire0/address)
}

# Again for each round, as somebody else may have taken what was there.
reserve_pages() {
	local free before
	free=$(awk '/^HugePages_Free/ { print $2 }' /proc/meminfo)
	[ "$free" -lt "$NB_PAGES" ] || return 0
	before=$(cat "$HUGEPAGES")
	echo $((before + NB_PAGES - free)) >"$HUGEPAGES"
	pages_added=$((pages_added + $(cat "$HUGEPAGES") - before))
	free=$(awk '/^HugePages_Free/ { print $2 }' /proc/meminfo)
	[ "$free" -ge "$NB_PAGES" ] || die "only $free free hugepages, $NB_PAGES are needed"
}

# The command of each, whose last bound is `timeout`.
zmap_command=(zmap -q --disable-syslog -C /dev/null -b "$tmp/none" -i wire0 -S "$SENDER" -G "$GATEWAY_MAC"
	-p 53 -r 100000000 -P 1000 -T 1 -c 0 -o /dev/null "$NET")
masscan_command=(masscan --adapter wire0 --adapter-ip "$SENDER" --router-mac "$GATEWAY_MAC"
	-p 1-65535 --max-rate 100000000 --wait 0 -oL /dev/null "$NET")
scanner_command=("$build/tests/worker_bench" --lcores "0@$CPU" --no-pci --no-telemetry --file-prefix "peers-$$"
	--huge-unlink -m 256 --vdev net_af_xdp0,iface=wire0,start_queue=0,queue_count=1 --
	65536 "$seconds" 60 2.5)

# now: nanoseconds, frames that left, ticks of the process, and of the whole machine when it was not idle
now() {
	echo "$(date +%s%N) $(ip netns exec "$from" cat /sys/class/net/wire0/statistics/tx_packets)" \
		"$(awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$pid/stat" 2>/dev/null)" \
		"$(awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 }' /proc/stat)"
}

# measure NAME COMMAND…: in its middle; a line of figures behind those of the others
measure() {
	local name=$1 begun ended
	shift
	ip netns exec "$from" taskset -c "$CPU" timeout --foreground 30 "$@" >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	sleep "$WARM_S"
	# timeout has one child
	pid=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)
	pid=${pid%% *}
	begun=$(now)
	sleep "$seconds"
	ended=$(now)
	kill -KILL "$pid" 2>/dev/null
	wait 2>/dev/null
	pid=
	awk -v name="$name" -v hz="$(getconf CLK_TCK)" -v a="$begun" -v b="$ended" 'BEGIN {
		if (split(a, x) != 4 || split(b, y) != 4 || y[2] == x[2] || y[3] == x[3]) exit 1
		s = (y[1] - x[1]) / 1e9; frames = y[2] - x[2]
		printf "%s %.0f %.0f %.0f\n", name, frames / s, frames / ((y[3] - x[3]) / hz), frames / ((y[4] - x[4]) / hz)
	}' >>"$tmp/figures" || die "$name: nothing was sent: $(tail -n 2 "$tmp/err" "$tmp/out")"
	tail -n 1 "$tmp/figures" >&2
}

# print_medians: name, frames a second, frames a CPU-second of the process, the same of the machine
print_medians() {
	jq -Rn '
		def middle: sort | if length % 2 == 1 then .[length / 2 | floor]
			else (.[length / 2 - 1] + .[length / 2]) / 2 end;
		def mega: . / 1e4 | round / 100;
		def ratio($a; $b): $a / $b * 100 | round / 100;
		[inputs | split(" ") | {name: .[0], v: (.[1:] | map(tonumber))}] as $all |
		def of($n; $i): [$all[] | select(.name == $n) | .v[$i]];
		def median($n; $i): of($n; $i) | middle;
		# within each round
		def against($n; $i): [of("scanner"; $i), of($n; $i)] | transpose | map(ratio(.[0]; .[1])) | middle;
		["scanner", "zmap", "masscan"] | map({key: ., value: {
			mpps: (median(.; 0) | mega), mpps_least: (of(.; 0) | min | mega), mpps_most: (of(.; 0) | max | mega),
			mega_frames_per_cpu_second: (median(.; 1) | mega),
			mega_frames_per_busy_second_of_all_cpus: (median(.; 2) | mega)}}) | from_entries |
		.scanner_to_zmap = {frames_per_s: against("zmap"; 0), frames_per_cpu_second: against("zmap"; 1)} |
		.scanner_to_masscan = {frames_per_s: against("masscan"; 0), frames_per_cpu_second: against("masscan"; 1)}
	' "$tmp/figures"
}

: >"$tmp/none" >"$tmp/figures"
make_network || die "no network namespaces can be made here"
masscan_command+=(--adapter-mac "$mac")
for ((round = 1; round <= rounds; round++)); do
	measure zmap "${zmap_command[@]}"
	reserve_pages
	measure scanner "${scanner_command[@]}"
	measure masscan "${masscan_command[@]}"
done
print_medians | jq --arg zmap "$(zmap --version)" --arg masscan "$(masscan --version | sed -n 's/^Masscan version \([^ ]*\).*/\1/p')" \
	--arg kernel "$(uname -r)" --arg dpdk "$(pkg-config --modversion libdpdk)" --arg date "$(date -u +%FT%TZ)" \
	--argjson rounds "$rounds" '. + {$date, $rounds, versions: {$zmap, $masscan, $dpdk, $kernel}}'
