#!/usr/bin/env bash
# How many targets may be in flight: by the list, the rate, the memory, and what is asked for. The port
# takes every frame and hears nothing; of a scan no more than its start is of interest here.
source "$(dirname "$0")/lib.sh"
need

yes 198.51.100.7 | awk '{ print "198.51." int(NR / 250) "." NR % 250 + 1 } NR == 3000 { exit }' >"$tmp/list"
mkfifo "$tmp/stdin"

# begin_with MIB ARGUMENTS…: a scan of what comes on stdin, which stays open until `end`
begin_with() {
	local mib=$1
	shift
	"$program" --no-huge -m "$mib" --no-pci --no-shconf --no-telemetry --file-prefix "limits-$$" \
		--lcores "0@($cpus)" --vdev net_null0,no-rx=1 -- -S 10.99.0.3 -G 02:00:00:00:00:02 \
		--no-default-blocklist "${once[@]}" -c 0 -o /dev/null "$@" 2>"$tmp/err" <"$tmp/stdin" &
	scan_pid=$!
	started+=("$scan_pid")
	exec 7>"$tmp/stdin"
	head -n 20 "$tmp/list" >&7
}

end() {
	exec 7>&-
	kill -KILL "$scan_pid" 2>/dev/null
	wait "$scan_pid" 2>/dev/null
	rm -rf "/var/run/dpdk/limits-$$"
}

# chosen SENTENCE PATTERN MIB ARGUMENTS…: what -v says of it
chosen() {
	local sentence=$1 pattern=$2
	shift 2
	begin_with "$@" -v
	expect "$sentence" within 20 grep -qE ": room for $pattern" "$tmp/err"
	end
}

# too_much SENTENCE NAME NUMBER MIB: refused, and the number that is said to fit does
too_much() {
	local sentence=$1 name=$2 number=$3 mib=$4 fits
	begin_with "$mib" "--$name" "$number"
	exec 7>&-
	wait_end 20 "$scan_pid"
	is "$sentence: exit code" 1 "$code"
	says "$sentence" "--$name $number is too much for the memory: .* MiB are wanted, .* MiB free: give --$name [0-9]+, or"
	fits=$(sed -nE "s/.*: give --$name ([0-9]+), or.*/\1/p" "$tmp/err")
	chosen "the number that is said to fit does: $fits" '[0-9]+ targets in flight' "$mib" \
		"--$name" "${fits:-none}"
}

chosen "the rate says how many are needed" \
	'65536 targets in flight \(the rate needs no more\), 16384 of them answered' 256
chosen "without a rate the memory decides" '[0-9]+ targets in flight \(there is no memory for more\)' 96 -r 0
chosen "so it does if it is small for the rate" '[0-9]+ targets in flight \(there is no memory for more\)' 96 -r 4000000
says "and then it is said what the rate comes to" \
	'memory for [0-9]+ targets in flight: if they are silent that is [0-9]+ frames a second, not 4000000; for more give'
chosen "what is asked for is given" '4096 targets in flight \(as asked for\), 1024 of them answered' 96 \
	--max-in-flight 5000 --max-answered 1024
chosen "a short list needs no room for a long one" \
	'1024 targets in flight \(there are no more in the list\)' 96 -r 0 --targets "$tmp/list" --max-targets 100
too_much "too many in flight for the memory" max-in-flight 33554432 96
too_much "too many answered for the memory" max-answered 4194304 96
finish
