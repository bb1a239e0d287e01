#!/usr/bin/env bash
# --driver af_xdp, on an interface without traffic of the host: the same records. A kernel that can't
# says so with exit code 77.
source "$(dirname "$0")/lib.sh"
need
new_lab

{ lab targets live 300 && lab targets live6 100 && lab targets impaired impaired6; } >"$tmp/targets"
options=(-i scan0 --driver af_xdp "${source4[@]}" "${source6[@]}" --no-default-blocklist "${once[@]}" -c 0 -o "$out")

scan 90 "${options[@]}" --targets "$tmp/targets" -r 5000
if [ "$code" = 1 ] && [ ! -s "$out" ] && grep -qE 'net_af_xdp|af_xdp' "$tmp/err"; then
	is "a refusal is one line of ours" 1 "$(grep -c '^dpdk-tfoscan: .*af_xdp' "$tmp/err")"
	[ "$nb_failed" -eq 0 ] || finish
	skip "AF_XDP does not work here: $(grep -E 'xdp|XDP' "$tmp/err" | tail -n 1)"
fi
done_code "exit code 0"
says "by net_af_xdp" 'net_af_xdp'
expect "every record as the table says" all_right "$out" "$tmp/targets"
expect "every line whole" all_whole "$out"
is "its program is gone from the interface afterwards" "" "$(ip -n "$LAB_SCAN_NS" link show scan0 | grep -o 'prog/xdp.*')"
expect "and the host has the interface back" within 10 in_scan ping -q -c 1 -W 1 10.99.0.1

finish
