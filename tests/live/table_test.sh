#!/usr/bin/env bash
# Every address of the lab, IPv4 and IPv6, by each shape of the program: one worker, two, seven, and
# one loop. What must be found is config/lab.tsv.
source "$(dirname "$0")/lib.sh"
need
new_lab

lab targets >"$tmp/targets"

# What the server refused or answered without TFO by itself would not be our error.
server_had_enough() {
	local before=$1 name
	for name in ListenOverflows ListenDrops SyncookiesSent TCPFastOpenListenOverflow; do
		echo "$name $(lab counters | sed -n "s/^$name //p")"
	done | diff "$before" -
}

# run NAME EAL-OPTIONS…
run() {
	local name=$1 eal=()
	shift
	[ $# -eq 0 ] || eal=("$@" --)
	server_had_enough /dev/null >"$tmp/before"
	sed -n 's/^> //p' "$tmp/before" >"$tmp/before.counters"
	trusted_scan 90 "${eal[@]+"${eal[@]}"}" "${usual[@]}" --targets "$tmp/targets" -r 15000 -v
	is "$name: exit code 0" 0 "$code"
	expect "$name: every record as the table says" all_right "$out" "$tmp/targets"
	expect "$name: every line whole" all_whole "$out"
	expect "$name: the server refused nobody" server_had_enough "$tmp/before.counters"
	is "$name: no frame had a wrong checksum" 0 "$(counter bad_checksum)"
}

run "one worker"
is "one worker: nobody to hand over to" 0 "$(counter handed_over)"

run "two workers" --lcores "(0-2)@($cpus)"
says "two workers: as many were started" ' with 2 workers,'
expect "two workers: frames were handed over" [ "$(counter handed_over)" -gt 0 ]
is "two workers: none was lost on the way" 0 "$(counter handover_full)"

run "seven workers" --lcores "(0-7)@($cpus)"
says "seven workers: as many were started" ' with 7 workers,'
expect "seven workers: frames were handed over" [ "$(counter handed_over)" -gt 0 ]
is "seven workers: none was lost on the way" 0 "$(counter handover_full)"

run "one loop" -l "${cpus%,*}"
says "one loop: one worker" ' with 1 worker,'

finish
