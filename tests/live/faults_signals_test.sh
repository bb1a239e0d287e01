#!/usr/bin/env bash
# INT and TERM, once and twice, in the middle of a scan.
source "$(dirname "$0")/lib.sh"
source "$live/faults.sh"
need mkfifo

new_lab
make_lists

## signals
for signal in INT TERM; do
	what="$signal once"
	new_lab # servers still hold the connections of a scan that died
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
	new_lab
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
