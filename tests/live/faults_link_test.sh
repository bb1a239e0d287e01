#!/usr/bin/env bash
# The server, the link, the interface or the program itself goes away in the middle of a scan.
source "$(dirname "$0")/lib.sh"
source "$live/faults.sh"
need

new_lab
make_lists

## server killed
what="server killed"
if begin "$tmp/live"; then
	before=$(nb_records)
	kill -KILL "$LAB_DNSDIST_PID"
	wait_end 60 "$scan_pid"
	done_code "$what: exit code 0"
	expect "$what: every target has one record" each_once "$out" "$tmp/live"
	head -n "$before" "$out" >"$tmp/before"
	expect "$what: the records until then are right" right_so_far "$tmp/before"
	expect "$what: every line whole" all_whole "$out"
	refused=$(jq -c 'select(.conditions | index("tfo.connectivity.offline") or index("tfo.baseline.closed"))' "$out" | wc -l)
	expect "$what: and it shows ($refused records of a closed port)" [ "$refused" -gt 0 ]
fi

## link
new_lab

# link_fault TEXT COMMAND…: what happens at some moment of a scan of all rules leaves no trace
link_fault() {
	what=$1
	shift
	begin "$tmp/mixed" -v || return
	"$@"
	wait_end 90 "$scan_pid"
	done_code "$what: exit code 0"
	expect "$what: every record once, and right" all_right "$out" "$tmp/mixed"
	expect "$what: every line whole" all_whole "$out"
}

# The fault itself lasts so long. The server is asleep meanwhile, and shortly before, so that many
# targets are in flight.
down_for() {
	local ns=$1 interface=$2
	kill -STOP "$LAB_DNSDIST_PID"
	sleep 0.3
	ip -n "$ns" link set "$interface" down
	sleep "$3"
	kill -CONT "$LAB_DNSDIST_PID"
	ip -n "$ns" link set "$interface" up
}

link_fault "interface down for 3 s" down_for "$LAB_SCAN_NS" scan0 3
expect "$what: what was in flight was measured again" [ "$(counter launched_again)" -gt 0 ]
link_fault "no carrier for 3 s" down_for "$LAB_SRV_NS" srv0 3
link_fault "interface down and up at once" \
	ip -n "$LAB_SCAN_NS" -batch - <<<$'link set scan0 down\nlink set scan0 up'
link_fault "interface down for 11 s" down_for "$LAB_SCAN_NS" scan0 11
says "$what: it is said when launching waits" 'scan0 has been down for 10 s: launching waits'
says "$what: and when it goes on" 'scan0 is up again: going on'

# All of it stands still, main too: who is back sees by its own clock that nothing was heard.
stand_still() {
	kill -STOP "$LAB_DNSDIST_PID"
	sleep 0.3
	kill -STOP "$scan_pid"
	kill -CONT "$LAB_DNSDIST_PID"
	sleep 6
	kill -CONT "$scan_pid"
}
link_fault "the program stopped for 6 s" stand_still
expect "$what: what was under way was measured again" [ "$(counter launched_again)" -gt 0 ]
says "$what: and it is said" 'a worker was off its CPU for over 0.3 s'

if [ "$full" = 1 ]; then
	what="interface down for good"
	if begin "$tmp/mixed"; then
		ip -n "$LAB_SCAN_NS" link set scan0 down
		wait_end 100 "$scan_pid"
		is "$what: exit code 1" 1 "$code"
		says "$what: one line" 'scan0 stayed down'
		expect "$what: the records so far are whole" all_whole "$out"
		expect "$what: the records so far are right" right_so_far "$out"
	fi
fi

what="interface deleted"
new_lab
if begin "$tmp/mixed"; then
	ip -n "$LAB_SCAN_NS" link del scan0
	wait_end 10 "$scan_pid"
	is "$what: exit code 1" 1 "$code"
	says "$what: one line" 'scan0 is gone'
	expect "$what: the records so far are whole" all_whole "$out"
	expect "$what: the records so far are right, none twice" right_so_far "$out"
fi

finish
