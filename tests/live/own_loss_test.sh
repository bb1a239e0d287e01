#!/usr/bin/env bash
# What is lost on our own side, or because we are too fast, makes no wrong verdict, or is said: a queue
# that gets everything, a worker that is off its CPU, a bottleneck, a packet socket that overflows.
source "$(dirname "$0")/lib.sh"
need python3
source "$(dirname "$0")/memif.sh"

no_loss='own loss: imissed 0, ierrors 0, rx_nombuf 0, socket 0, hand-over 0, unsent 0'
# Servers whose behaviour does not hang on when, and how often, they are asked.
steady="1:10,2:25,3:25,32:20"
rtt="--rtt 1ms-40ms"
targets 8000 11 >"$tmp/some"
targets 8000 12 >"$tmp/many"

## a queue that gets everything, and a worker that starves
what=one_queue
lcores="(0-3)@($cpus)"
begin $what "$tmp/some" "--rounds 1" "--mix $steady --seed 5 --queues 3 --spread one $rtt" \
	"--rounds 1 -r 6000"
expect "$what: frames come" within 20 grep -q 'recv: [1-9]' "$tmp/$what.err"
expect "$what: a worker that is handed its frames stops for a second" \
	"$live/stop_thread.py" "${scan_pids[$what]}" rte-worker-2 1
end 90 $what
says "$what: three workers" ' with 3 workers,'
expect "$what: half of the frames, or more, were handed over" \
	[ "$(counter handed_over)" -gt $(($(counter frames_received) / 2)) ]
is "$what: no ring overflowed" 0 "$(counter handover_full)"
says "$what: the pause was noticed" 'a worker was off its CPU for over 0.3 s'
says "$what: no loss of our own" "$no_loss"

## a bottleneck: without a slow start up to half of the verdicts are wrong
what=bottleneck
lcores="(0-1)@($cpus)"
begin $what "$tmp/many" "--rounds 1" "--mix $steady --seed 6 $rtt --capacity 20000" \
	"--rounds 1 -r 300000"
wait_end 90 "${scan_pids[$what]}"
cp "$tmp/$what.err" "$tmp/err"
kill -INT "${sim_pids[$what]}"
is "$what: exit code 0" 0 "$code"
says "$what: no loss of our own" "$no_loss"
says "$what: the rate was taken back" 'taken back [1-9][0-9]* times because answers were lost'
expect "$what: known targets were asked again" [ "$(counter canaries)" -gt 0 ]
expect "$what: each target has one record" \
	diff <(jq -r .dip "$tmp/$what.out" | sort) <(sort "$tmp/many")
nb_wrong=$(python3 "$tmp/compare.py" "$tmp/$what.expected" "$tmp/$what.out" |
	awk '/ times behaviour / { nb += $1 } END { print nb + 0 }')
note "$what: $nb_wrong of 8000 verdicts are wrong; $(grep -o 'rate: .*' "$tmp/err")"
expect "$what: fewer than one verdict in 200 is wrong ($nb_wrong)" [ "$nb_wrong" -lt 40 ]

## a packet socket that overflows while its worker is off its CPU
what="socket"
new_lab
lab targets live 500 >"$tmp/live"
start_scan "${usual[@]}" -v --targets "$tmp/live" -r 700
expect "$what: frames come" within 20 grep -q 'recv: [1-9]' "$tmp/err"
cat >"$tmp/flood.py" <<'PY'
# Frames of nobody's, to the other end of the wire, for so many seconds.
import socket, sys, time
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind((sys.argv[1], 0))
frame = bytes.fromhex("ffffffffffff02000000000988b5") + bytes(50)
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    for i in range(100):
        wire.send(frame)
PY
"$live/stop_thread.py" "$scan_pid" rte-worker-1 2 &
in_srv python3 "$tmp/flood.py" "$LAB_SRV_IF" 1.8
wait $!
wait_end 60 "$scan_pid"
is "$what: exit code 4" 4 "$code"
says "$what: the line names the counter" 'not to be trusted: .* lost on our own side, most of them as socket: '
expect "$what: the loss is in the line of a second" grep -q 'drops: [1-9]' "$tmp/err"
expect "$what: and yet every record once, and right" all_right "$out" "$tmp/live"

finish
