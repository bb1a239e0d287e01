#!/usr/bin/env bash
# The scanner against the simulated Internet, each a program of its own, over shared memory and in
# real time: exactly one record for every target, and exactly the words that must be found there.
source "$(dirname "$0")/lib.sh"
need python3
source "$(dirname "$0")/memif.sh"

# refuses ARGUMENTS…: with the usage exit code and one line that names the option
refuses() {
	"$tfosim" "$@" 2>"$tmp/err" >"$tmp/said" </dev/null
	code=$?
	is "tfosim refuses $*" "2 1 0" "$code $(grep -c "^tfosim: $1" "$tmp/err") $(wc -l <"$tmp/said")"
}

refuses --mix often
refuses --loss 101
refuses --rtt 40ms-1ms
refuses --delay 5
refuses --mac 01:00:00:00:00:02
refuses --queues 0

rtt="--rtt 1ms-40ms"
targets 100000 1 >"$tmp/many"
targets 20000 2 >"$tmp/some"
targets 2000 3 >"$tmp/few"

# Rounds and controls take a minute, most of it pauses: meanwhile the others run. These are the
# behaviours that are done by then.
patient=1:1
for number in 2 3 4 5 6 7 8 9 17 20 21 22 23 24 25 26 31 32 37 38 40 41 42 43 44 45; do
	patient+=,$number:1
done
lcores="(0-1)@($cpus)"
begin patient "$tmp/few" --controls "--mix $patient --seed 3 $rtt" "--controls -r 10000"

begin even "$tmp/many" "--rounds 1" "--mix even $rtt" "--rounds 1 -r 80000"
end 180 even

lcores="(0-2)@($cpus)"
begin queues "$tmp/some" "--rounds 1" "--mix answering --seed 2 --queues 2 $rtt" \
	"--rounds 1 -r 40000"
end 90 queues
says "two queues: two workers" ' with 2 workers,'
expect "two queues: frames were handed over" [ "$(counter handed_over)" -gt 0 ]
is "two queues: none was lost on the way" 0 "$(counter handover_full)"
is "two queues: no strays" 0 "$(counter strays)"
is "two queues: no frame had a wrong checksum" 0 "$(counter bad_checksum)"

# The simulator spreads frames as a NIC with this key: whose ports are chosen by it hears all replies
# on the queues of their own workers. Who has it wrong must find the same.
key=6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa
wrong_key=${key:2}6d
lcores="(0-4)@($cpus)"
for name in steered missteered; do
	[ "$name" = steered ] && this=$key || this=$wrong_key
	begin "$name" "$tmp/few" "--rounds 1" "--mix answering --seed 6 --queues 4 $rtt" \
		"--rounds 1 -r 10000 --rss-key $this --write-pcap $tmp/$name.pcapng"
done
end 60 steered
is "steered: four queues, no TCP came to another one" 0 "$(counter elsewhere)"
expect "steered: ICMP found its way from the first queue" [ "$(counter handed_over)" -gt 0 ]
expect "steered: all replies came to their worker's queue" [ "$(counter steered)" -gt 1000 ]
is "steered: nobody is told that the NIC lies" 0 "$(grep -c 'spreads frames otherwise' "$tmp/err")"
is "steered: no strays" 0 "$(counter strays)"
expect "steered: its capture is read again" \
	"$program" --read-pcap "$tmp/steered.pcapng" -o "$tmp/steered.again"
expect "steered: the capture gives the same records" \
	cmp <(sort "$tmp/steered.out") <(sort "$tmp/steered.again")
end 60 missteered
says "missteered: a line says that the NIC lies" 'spreads frames otherwise than it says'
expect "missteered: frames were handed over" [ "$(counter handed_over)" -gt 1000 ]
is "missteered: none was lost on the way" 0 "$(counter handover_full)"

lcores="(0-1)@($cpus)"
bad="--loss 1 --duplicate 1 --reorder 2 --reorder-time 3ms --corrupt 0.5"
begin bad_path "$tmp/some" "--rounds 1" "--mix even --seed 4 $bad $rtt" "--rounds 1 -r 40000"
end 90 bad_path
for name in lost_in lost_out duplicated reordered corrupted; do
	expect "bad path: some frames were $name" [ "$(sim_counter bad_path $name)" -gt 100 ]
done
expect "bad path: the damaged frames were found" [ "$(counter bad_checksum)" -gt 100 ]

end 150 patient

finish
