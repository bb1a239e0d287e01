#!/usr/bin/env bash
# --driver af_xdp, on an interface that the host uses as well: the same records as with af_packet, and
# the host notices nothing, for the XDP program takes only what is the scanner's. A kernel that can't
# says so with exit code 77.
source "$(dirname "$0")/lib.sh"
source "$live/host_traffic.sh"
need ping ethtool
new_lab

{ lab targets live 300 && lab targets live6 100 && lab targets impaired impaired6; } >"$tmp/targets"
options=(-i scan0 --driver af_xdp --no-default-blocklist "${once[@]}" -c 0 -o "$out")
both=("${options[@]}" "${source4[@]}" "${source6[@]}")

xdp_program() {
	ip -n "$LAB_SCAN_NS" link show scan0 | grep -o 'prog/xdp.*'
}

# A server of the host's, for others to connect to.
ip netns exec "$LAB_SCAN_NS" "$python" -m http.server 7779 --bind 10.99.0.2 --directory "$live" >"$tmp/http" 2>&1 &
started+=($!)
fetch() {
	in_srv timeout 5 "$python" -c 'import urllib.request as r; print(r.urlopen("http://10.99.0.2:7779/lib.sh", timeout=3).status)'
}
expect "a server on the host" within 20 fetch
begin_host_traffic

start_scan "${both[@]}" --targets "$tmp/targets" -r 2000
if ! within 30 has_records 1 && [ ! -s "$out" ] && grep -qE 'net_af_xdp|af_xdp' "$tmp/err"; then
	wait_end 10 "$scan_pid"
	is "a refusal is one line of ours" 1 "$(grep -c '^dpdk-tfoscan: .*af_xdp' "$tmp/err")"
	[ "$nb_failed" -eq 0 ] || finish
	skip "AF_XDP does not work here: $(grep -E 'xdp|XDP' "$tmp/err" | tail -n 1)"
fi
expect "the program on the interface is ours" grep -q 'tfoscan_ours' <(xdp_program)
in_srv ip neigh flush dev srv0
expect "while it scans, who asks for the host's MAC and pings it has an answer" in_srv ping -q -c 1 -W 2 10.99.0.2
expect "the same over IPv6" in_srv ping -q -c 1 -W 2 fd00:99::2
is "and a new connection to the host's server is served" 200 "$(fetch)"
in_srv ip neigh flush dev srv0
expect "all that while the scan ran" is_running "$scan_pid"
wait_end 120 "$scan_pid"
done_code "exit code 0"
says "by net_af_xdp" 'net_af_xdp on scan0'
expect "every record as the table says" all_right "$out" "$tmp/targets"
expect "every line whole" all_whole "$out"
is "its program is gone from the interface afterwards" "" "$(xdp_program)"
end_host_traffic

## a scan that is killed
start_scan "${both[@]}" --targets "$tmp/targets" -r 500
expect "a scan that will be killed" within 30 has_records 5
kill -KILL "$scan_pid"
wait "$scan_pid" 2>/dev/null
expect "leaves its program behind" grep -q 'tfoscan_ours' <(xdp_program)
expect "which harms nobody" in_scan ping -q -c 1 -W 2 10.99.0.1
scan 20 "${both[@]}" 198.18.0.1
is "the next scan is refused" 1 "$code"
says "with the command that mends it" 'ip link set scan0 xdp off$'
in_scan sh -c "$(sed -n 's/.*: \(ip link set scan0 xdp off\)$/\1/p' "$tmp/err")"
scan 20 "${both[@]}" 198.18.0.1
is "which does" "0 1" "$code $(nb_records)"

## the kernel's own address
gateway=$(in_srv cat /sys/class/net/srv0/address)
own=("${options[@]}" -S 10.99.0.2/32 --kernel-owns-source -s 61001-65000)
scan 20 "${own[@]}" -G 10.99.0.1 198.18.0.1
is "the kernel's MAC, and a gateway whose MAC would have to be asked for: refused" 2 "$code"
says "with what to give" 'give the gateway.s MAC with -G'
count_frames rst 'ip saddr 10.99.0.2 tcp flags & rst == rst'
lab targets live 50 >"$tmp/few"
scan 30 "${own[@]}" -G "$gateway" --targets "$tmp/few"
done_code "with the kernel's address and ports of our own: exit code 0"
expect "every record as the table says" all_right "$out" "$tmp/few"
is "and the kernel sends no RST" 0 "$(frames rst)"

## two queues, of which DPDK's driver would serve one
in_scan ethtool -L scan0 rx 2 tx 2
scan 20 "${both[@]}" 198.18.0.1
is "an interface of two queues: refused" 2 "$code"
says "with the command that mends it" 'ethtool -L scan0 rx 1$'
in_scan sh -c "$(sed -n 's/.*: \(ethtool -L scan0 rx 1\)$/\1/p' "$tmp/err")"
scan 20 "${both[@]}" 198.18.0.1
is "which does" "0 1" "$code $(nb_records)"

finish
