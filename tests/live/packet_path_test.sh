#!/usr/bin/env bash
# What a worker does between receiving and sending: it allocates nothing, takes no mutex, maps no
# memory (a library in front of libc counts), and asks nothing of the kernel but what its driver does
# to move frames (strace of the thread).
source "$(dirname "$0")/lib.sh"
need gcc strace
new_lab

lab targets >"$tmp/targets"
lab targets live 20000 >"$tmp/many"
gcc -O2 -Wall -Wextra -shared -fPIC -o "$tmp/count.so" "$live/count_allocations.c" -ldl ||
	skip "count_allocations.c does not compile"

# counted NAME: what the workers did so often
counted() {
	sed -n "s/^workers.* $1 \([0-9]*\).*/\1/p" "$tmp/counts"
}

# no_allocation NAME NB-WORKERS EAL-OPTIONS…
no_allocation() {
	local name=$1 nb=$2 what
	shift 2
	rm -f "$tmp/counts"
	wrap=(env "LD_PRELOAD=$tmp/count.so" "COUNT_ALLOCATIONS=$tmp/counts")
	scan 90 "$@" -- "${usual[@]}" --targets "$tmp/targets" -r 15000
	wrap=()
	done_code "$name: exit code 0"
	expect "$name: every record as the table says" all_right "$out" "$tmp/targets"
	is "$name: all workers were watched" "$nb" "$(counted threads)"
	expect "$name: other threads were seen to allocate" grep -q '^others malloc [1-9]' "$tmp/counts"
	for what in malloc calloc realloc free aligned mmap lock; do
		is "$name: no $what in a worker" 0 "$(counted $what)"
	done
}

no_allocation "one worker" 1 --lcores "(0-1)@($cpus)"
no_allocation "two workers" 2 --lcores "(0-2)@($cpus)"

## strace
worker_threads() {
	local task
	for task in "/proc/$scan_pid/task/"*; do
		grep -qE '^(lcore|rte)-worker' "$task/comm" 2>/dev/null && echo "${task##*/}"
	done
}

has_lines() {
	[ -s "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]
}

start_scan --lcores "(0-2)@($cpus)" -- "${usual[@]}" --targets "$tmp/many" -r 10000
expect "a scan that runs" within 30 has_records 100
nb=0
for thread in $(worker_threads); do
	nb=$((nb + 1))
	rm -f "$tmp/trace"
	strace -q -p "$thread" -o "$tmp/trace" 2>"$tmp/strace.err" &
	tracer=$!
	started+=("$tracer")
	# its loop is endless: a thousand calls are many hundred rounds, with what is sent in them
	within 20 has_lines "$tmp/trace" 1000
	expect "worker $nb: the scan was not at its end" is_running "$scan_pid"
	kill -INT "$tracer" 2>/dev/null
	wait_end 10 "$tracer"
	sed -nE 's/^([a-z_0-9]+)\(.*/\1/p' "$tmp/trace" | sort | uniq -c >"$tmp/calls"
	if ! has_lines "$tmp/trace" 100; then
		note "strace: $(head -n 1 "$tmp/strace.err")"
		fail "worker $nb: some hundred calls were seen" "$(cat "$tmp/calls")"
		continue
	fi
	expect "worker $nb: frames were sent meanwhile" grep -q ' sendto$' "$tmp/calls"
	# and what it rests by, when it has nothing to do
	is "worker $nb: no call but the driver's" "" \
		"$(grep -vE ' (sendto|poll|ppoll|clock_nanosleep|restart_syscall)$' "$tmp/calls")"
	is "worker $nb: no rest is longer than half a millisecond" "" \
		"$(grep -o '{tv_sec=[0-9]*, tv_nsec=[0-9]*}' "$tmp/trace" | tr -dc '0-9 \n' |
			awk '$1 > 0 || $2 > 500000' | head -n 3)"
	# a poll that waits would stop the whole worker
	is "worker $nb: no poll that waits for a frame to come" "" \
		"$(grep -E 'POLLIN.*, (-1|[1-9][0-9]*)\)' "$tmp/trace" | head -n 3)"
	note "worker $nb:$(tr '\n' ';' <"$tmp/calls" | tr -s ' ')"
done
is "two workers were looked at" 2 "$nb"
kill -INT "$scan_pid"
within 5 grep -q interrupted "$tmp/err"
kill -INT "$scan_pid"
wait_end 10 "$scan_pid"

finish
