#!/usr/bin/env bash
# What goes wrong in the middle of a scan, at moments that nobody chose: each fault has the outcome,
# the exit code and the one line that are promised, and never a record that is cut, wrong or twice.
# TFOSCAN_FULL=1: also the faults that last longer than a minute.
source "$(dirname "$0")/lib.sh"
need mountpoint

full=${TFOSCAN_FULL:-0}
seed=${TFOSCAN_TEST_SEED:-$RANDOM}
RANDOM=$seed
note "moments: TFOSCAN_TEST_SEED=$seed"

new_lab
lab targets live 6000 >"$tmp/live"
{ lab targets impaired impaired6 && lab targets live 3000 && lab targets live6 2500; } >"$tmp/mixed"

# A moment: so many records are written.
moment() {
	echo $((200 + RANDOM % 1500))
}

# begin TARGETS ARGUMENTS…: a scan, until some moment of it
begin() {
	local targets=$1 at
	shift
	at=$(moment)
	start_scan "${usual[@]}" --targets "$targets" -r 10000 "$@"
	if ! within 30 has_records "$at"; then
		fail "$what: a scan that runs" "$(own_lines)"
		return 1
	fi
	note "$what: at record $(nb_records)"
}

## server killed
what="server killed"
if begin "$tmp/live"; then
	kill -KILL "$LAB_DNSDIST_PID"
	before=$(nb_records)
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

## disk
new_lab
small=$tmp/small
mkdir "$small"
mount -t tmpfs -o size=1m tmpfs "$small" || skip "no tmpfs can be mounted"

sent() {
	ip -n "$LAB_SCAN_NS" -j -s link show scan0 | jq '.[0].stats64.tx.packets'
}

# Nothing is sent any more but what belongs to targets in flight.
is_still() {
	local before
	before=$(sent)
	sleep 0.5
	[ $(($(sent) - before)) -le 3 ]
}

what="disk full"
start_scan "${usual[@]}" --targets "$tmp/live" -r 10000 -o "$small/out"
expect "$what: it is said" within 60 grep -q 'no room on the disk' "$tmp/err"
expect "$what: launching waits" within 15 is_still
expect "$what: the scan does not end" is_running "$scan_pid"
mount -o remount,size=100m "$small"
wait_end 60 "$scan_pid"
done_code "$what: with room again it goes on to the end, exit code 0"
says "$what: one line when it began" 'no room on the disk'
says "$what: one line when there is room" 'room on the disk again: going on'
expect "$what: every record once, and right" all_right "$small/out" "$tmp/live"
expect "$what: every line whole" all_whole "$small/out"

what="disk full, then INT"
rm "$small/out"
mount -o remount,size=1m "$small"
start_scan "${usual[@]}" --targets "$tmp/live" -r 10000 -o "$small/out"
expect "$what: it is said" within 60 grep -q 'no room on the disk' "$tmp/err"
kill -INT "$scan_pid"
wait_end 16 "$scan_pid"
expect "$what: it ends, with code 3 or 1" [ "$code" = 3 -o "$code" = 1 ]
expect "$what: the file ends with a whole line" all_whole "$small/out"
expect "$what: the records there are right" right_so_far "$small/out"

if [ "$full" = 1 ]; then
	what="disk full for good"
	rm "$small/out"
	start_scan "${usual[@]}" --targets "$tmp/live" -r 10000 -o "$small/out"
	wait_end 120 "$scan_pid"
	is "$what: exit code 1" 1 "$code"
	says "$what: one line" 'for 60 s: stopped'
	expect "$what: the file ends with a whole line" all_whole "$small/out"
	expect "$what: the records there are right" right_so_far "$small/out"
fi
umount "$small"

## pipe
what="reader of the pipe gone"
mkfifo "$tmp/fifo"
ip netns exec "$LAB_SCAN_NS" "$program" "${usual[@]}" -o - --targets "$tmp/live" -r 10000 2>"$tmp/err" </dev/null >"$tmp/fifo" &
scan_pid=$!
started+=("$scan_pid")
head -n 5 <"$tmp/fifo" >"$tmp/five"
begun=$SECONDS
wait_end 10 "$scan_pid"
is "$what: exit code 1" 1 "$code"
expect "$what: promptly" [ $((SECONDS - begun)) -le 4 ]
says "$what: one line" 'reader of the output pipe is gone'
expect "$what: the five records are right" right_so_far "$tmp/five"

what="slow reader"
lab targets live 16000 >"$tmp/many"
ip netns exec "$LAB_SCAN_NS" "$program" "${usual[@]}" -o - --targets "$tmp/many" -r 20000 2>"$tmp/err" </dev/null >"$tmp/fifo" &
scan_pid=$!
started+=("$scan_pid")
exec {slow}<"$tmp/fifo"
head -c 100000 <&"$slow" >"$tmp/slow"
expect "$what: launching waits for it" within 60 is_still
expect "$what: the scan waits, too" is_running "$scan_pid"
cat <&"$slow" >>"$tmp/slow"
exec {slow}<&-
wait_end 60 "$scan_pid"
done_code "$what: exit code 0"
expect "$what: every record once, and right" all_right "$tmp/slow" "$tmp/many"

## signals
for signal in INT TERM; do
	what="$signal once"
	begin "$tmp/mixed" || continue
	kill -"$signal" "$scan_pid"
	wait_end 13 "$scan_pid"
	is "$what: exit code 3" 3 "$code"
	says "$what: it is said" 'interrupted: launching stopped'
	unfinished=$(sed -n 's/.*unfinished: \([0-9]*\).*/\1/p' "$tmp/err")
	expect "$what: the unfinished are counted ($unfinished)" [ "${unfinished:-0}" -gt 0 ]
	expect "$what: they and the records are no more than the targets" \
		[ $((unfinished + $(nb_records))) -le "$(wc -l <"$tmp/mixed")" ]
	expect "$what: every line whole" all_whole "$out"
	expect "$what: the records are right, none twice" right_so_far "$out"
done

for signal in INT TERM; do
	what="$signal twice"
	begin "$tmp/mixed" || continue
	kill -"$signal" "$scan_pid"
	within 5 grep -q interrupted "$tmp/err"
	kill -"$signal" "$scan_pid"
	begun=$SECONDS
	wait_end 10 "$scan_pid"
	expect "$what: at once" [ $((SECONDS - begun)) -le 3 ]
	is "$what: exit code 3" 3 "$code"
	expect "$what: every line whole" all_whole "$out"
	expect "$what: the records are right, none twice" right_so_far "$out"
done

what="INT before the first target"
mkfifo "$tmp/silent"
ip netns exec "$LAB_SCAN_NS" "$program" "${usual[@]}" --targets - -o "$out" 2>"$tmp/err" <>"$tmp/silent" &
scan_pid=$!
started+=("$scan_pid")
within 5 grep -q '[0-9]' "/proc/$scan_pid/status"
within 5 grep -q 'SigCgt:.*[0-9a-f]*4002$' "/proc/$scan_pid/status" # INT and TERM are caught
kill -INT "$scan_pid"
wait_end 5 "$scan_pid"
is "$what: exit code 3" 3 "$code"

finish
