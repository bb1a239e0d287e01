#!/usr/bin/env bash
# The link of a port of DPDK's own: it comes up after the start, goes while the scan runs, and is back.
# The other end is the simulated Internet, which is started, killed, and started again.
source "$(dirname "$0")/lib.sh"
need python3
tfosim=${TFOSIM:-$(dirname "$program")/tfosim/tfosim}
[ -x "$tfosim" ] || skip "no program at $tfosim: build it, or say where with TFOSIM"

python3 - >"$tmp/targets" <<-'PY'
	import random
	random.seed(7)
	for number in random.sample(range(1 << 24, 100 << 24), 6000):
	    print(".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0)))
PY
mix=(--mix 1:1,2:1,3:1,4:1,5:1 --seed 7 --rtt 20ms-60ms)

# The scanner has the socket, so that the other end can come and go.
start_sim() {
	"$tfosim" --vdev "net_memif0,role=client,id=0,socket=$tmp/sock" -- "${mix[@]}" \
		2>"$tmp/sim" </dev/null &
	sim_pid=$!
	started+=("$sim_pid")
}

"$program" --no-huge -m 512 --no-pci --no-shconf --no-telemetry --file-prefix "link-$$" \
	--lcores "(0-1)@($cpus)" --vdev "net_memif1,role=server,id=0,socket=$tmp/sock" -- \
	-S 10.99.0.3 -G 02:00:00:00:00:02 --no-default-blocklist --targets "$tmp/targets" \
	"${once[@]}" -c 0 -v -r 12000 -o "$out" 2>"$tmp/err" </dev/null &
scan_pid=$!
started+=("$scan_pid")
expect "a port without a link says that it waits" within 20 grep -q 'has no link yet: waiting' "$tmp/err"
start_sim
expect "the link comes up, and the scan begins" within 20 has_records 1500
kill -KILL "$sim_pid"
wait "$sim_pid" 2>/dev/null
nb_before=$(nb_records)
expect "the link goes: after 10 s it is said that launching waits" \
	within 30 grep -q 'port 0 (net_memif) has been down for 10 s: launching waits' "$tmp/err"
expect "and it was waited for with $nb_before records" [ "$(nb_records)" -lt 5000 ]
start_sim
expect "the link is back: said, too" within 20 grep -q 'port 0 (net_memif) is up again: going on' "$tmp/err"
wait_end 60 "$scan_pid"
done_code "and the scan ends well"
expect "what was in flight was measured again ($(counter launched_again))" [ "$(counter launched_again)" -gt 0 ]
"$tfosim" --expect "${mix[@]}" --rounds 1 --targets "$tmp/targets" >"$tmp/expected"
words() {
	jq -c '[.dip, (.conditions | sort)]' "$1" | sort
}
is "every target has its words, as if nothing had been" "" "$(diff <(words "$tmp/expected") <(words "$out") | head -n 5)"

finish
