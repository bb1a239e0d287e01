#!/usr/bin/env bash
# Records have nowhere to go in the middle of a scan: a full disk, a reader that is gone or slow.
source "$(dirname "$0")/lib.sh"
source "$live/faults.sh"
need mountpoint mkfifo

## disk
new_lab
make_lists
small=$tmp/small
mkdir "$small"
mount -t tmpfs -o size=1m tmpfs "$small" || skip "no tmpfs can be mounted"

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

	what="disk full for good, with a checkpoint elsewhere"
	rm "$small/out"
	start_scan "${usual[@]}" --targets "$tmp/live" -r 10000 -o "$small/out" --checkpoint "$tmp/checkpoint"
	wait_end 120 "$scan_pid"
	is "$what: exit code 3" 3 "$code"
	mount -o remount,size=100m "$small"
	start_scan "${usual[@]}" --targets "$tmp/live" -r 10000 -o "$small/out" --resume "$tmp/checkpoint"
	wait_end 120 "$scan_pid"
	done_code "$what: with room it goes on"
	is "$what: every target has one record" "" "$(each_once "$small/out" "$tmp/live")"
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
new_lab # servers still hold the connections of a scan that died
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

finish
