# What scripts/bench measures besides frames a second: targets that answer, a scan, its lines and its
# start, and the state of the host. Sourced by it, whose functions and variables it uses.

readonly ANSWER_SLOTS=65536 RTT_US=1000

# The two CPUs of a virtual machine may be near or far: cycles until a cache line is back.
distance() {
	timeout 20 "$build/tests/distance" 1 0 2>/dev/null
}

look_at_distance() {
	figure distance_cycles "$(distance)"
}

# mode_of CYCLES
mode_of() {
	if [ "${1:-0}" = 0 ]; then
		echo unknown
	elif [ "$1" -lt 400 ]; then
		echo near
	else
		echo far
	fi
}

# run_answers NAME MIB ARGUMENTS…: one of the two programs that make answers themselves
run_answers() {
	local name=$1 mib=$2
	shift 2
	if [ ! -x "$build/tests/$name" ]; then
		note "$name: not built; it needs DPDK's net_ring"
		return 1
	fi
	eal "$name" "$mib"
	timeout 90 "$build/tests/$name" --lcores 0@1 "${options[@]}" -- "$@" >"$tmp/worker" \
		2>"$tmp/worker.err" </dev/null || {
		note "$name $*: $(tail -n 1 "$tmp/worker.err") $(grep '^wrong' "$tmp/worker")"
		return 1
	}
}

# measure_answering KEY MIX SLICES: every address behaves alike
measure_answering() {
	local name=$1 key
	run_answers answer_bench 768 "$2" $ANSWER_SLOTS $RTT_US "$3" || return 1
	for key in cycles_above_driver least most driver_cycles_per_target frames_per_target \
		cycles_per_frame targets wrong; do
		figure "$name.$key" "$(value "$key")"
	done
}

measure_match() {
	run_answers match_bench 256 $ANSWER_SLOTS || return 1
	figure match.cycles "$(value match_cycles)"
	figure match.least "$(value least)"
	figure match.found_percent "$(value found_percent)"
}

# In microseconds since the epoch.
now_us() {
	echo "${EPOCHREALTIME/./}"
}

# Read, checked, permuted, and printed: a dry run of the list that the scan has left.
measure_lines() {
	local nb start
	nb=$(wc -l <"$tmp/targets")
	start=$(now_us)
	"$build/app/dpdk-tfoscan" --dry-run --no-default-blocklist --targets "$tmp/targets" \
		>/dev/null 2>"$tmp/dry.err" </dev/null || {
		note "lines.per_s: $(tail -n 1 "$tmp/dry.err")"
		return 1
	}
	figure lines.per_s $((nb * 1000000 / ($(now_us) - start)))
}

# From the shell's fork to the stamp of the first SYN, which the record has.
measure_start() {
	local pid start from
	"$build/app/tfosim/tfosim" --vdev "net_memif0,role=server,id=0,socket=$tmp/first" -- --mix 2 \
		2>"$tmp/sim.err" </dev/null 8>&- &
	pid=$!
	pids+=("$pid")
	within 20 grep -q ': port' "$tmp/sim.err" || {
		note "start_ms: tfosim does not start"
		return 1
	}
	start=$(now_us)
	timeout 30 "$build/app/dpdk-tfoscan" --no-huge -m 512 --no-pci --no-shconf --no-telemetry \
		--file-prefix "tfobench-$$-first" --lcores 0@0,1@1 \
		--vdev "net_memif1,role=client,id=0,socket=$tmp/first" -- -S 10.99.0.3 \
		-G 02:00:00:00:00:02 --no-default-blocklist --rounds 1 --placebo 0 -c 0 -q \
		-o "$tmp/first.record" 198.51.100.1 2>"$tmp/scan.err" </dev/null
	kill -INT "$pid"
	within 10 bash -c "! kill -0 $pid"
	wait "$pid" 2>/dev/null
	from=$(jq -r .time.from "$tmp/first.record" 2>/dev/null)
	if [ -z "$from" ]; then
		note "start_ms: no record: $(tail -n 1 "$tmp/scan.err")"
		return 1
	fi
	figure start_ms $((($(date -u -d "$from" +%s%6N) - start) / 1000))
}

# A scan of its own against the simulated Internet: it says itself whether it lost anything.
measure_scan() {
	local nb=$1 rate=$2 pid code
	awk -v nb="$nb" 'BEGIN { srand(1); while (n < nb) {
		a = 1 + int(rand() * 222); if (a == 127 || a == 10) continue
		printf "%d.%d.%d.%d\n", a, rand() * 256, rand() * 256, 1 + rand() * 250; n++ } }' >"$tmp/targets"
	"$build/app/tfosim/tfosim" --vdev "net_memif0,role=server,id=0,socket=$tmp/sim" -- --mix realistic \
		--rtt 1ms-40ms 2>"$tmp/sim.err" </dev/null 8>&- &
	pid=$!
	pids+=("$pid")
	within 20 grep -q ': port' "$tmp/sim.err" || {
		note "own_loss: tfosim does not start"
		return 1
	}
	timeout 60 "$build/app/dpdk-tfoscan" --no-huge -m 1024 --no-pci --no-shconf --no-telemetry \
		--file-prefix "tfobench-$$-scan" --lcores 0@0,1@1 \
		--vdev "net_memif1,role=client,id=0,socket=$tmp/sim" -- -S 10.99.0.3 -G 02:00:00:00:00:02 \
		--no-default-blocklist --rounds 1 --placebo 0 -c 0 -v -r "$rate" --targets "$tmp/targets" \
		-o "$tmp/records" 2>"$tmp/scan.err" </dev/null
	code=$?
	kill -INT "$pid"
	within 10 bash -c "! kill -0 $pid"
	wait "$pid" 2>/dev/null
	if [ "$code" != 0 ] && [ "$code" != 4 ]; then
		note "own_loss: the scan ended with $code: $(tail -n 1 "$tmp/scan.err")"
		return 1
	fi
	# every counter of the line, whatever it is called
	lost=$(sed -n 's/^dpdk-tfoscan: own loss: //p' "$tmp/scan.err" | tr , '\n' |
		awk '{ s += $NF } END { if (NR > 0) print s }')
	figure own_loss.frames "$lost"
	figure own_loss.targets "$nb"
	figure own_loss.rate "$rate"
	figure own_loss.records "$(wc -l <"$tmp/records")"
	figure own_loss.exit_code "$code"
}

# through NAME MIX WORKERS TARGETS: all of one behaviour, from the first SYN to the last verdict. What
# is in flight at a time is bounded, so that only measured targets make room for others.
through() {
	local name=$1 mix=$2 workers=$3 nb=$4 pid code lcores=0@0 i from to
	for ((i = 1; i <= workers; i++)); do
		lcores+=,$i@$i
	done
	head -n "$nb" "$tmp/targets" >"$tmp/through"
	"$build/app/tfosim/tfosim" --lcores 0@0 --vdev "net_memif0,role=server,id=0,socket=$tmp/sim" -- --mix "$mix" \
		--rtt 1ms --queues "$workers" 2>"$tmp/sim.err" </dev/null 8>&- &
	pid=$!
	pids+=("$pid")
	if ! within 20 grep -q ': port' "$tmp/sim.err"; then
		note "targets_per_s: tfosim does not start: $(tail -n 1 "$tmp/sim.err")"
		return 1
	fi
	timeout 60 "$build/app/dpdk-tfoscan" --no-huge -m 1024 --no-pci --no-shconf --no-telemetry \
		--file-prefix "tfobench-$$-through" --lcores "$lcores" \
		--vdev "net_memif1,role=client,id=0,socket=$tmp/sim" -- -S 10.99.0.3 -G 02:00:00:00:00:02 \
		--no-default-blocklist --rounds 1 --placebo 0 -c 0 -q -r 0 --max-in-flight $((16384 * workers)) \
		--targets "$tmp/through" -o "$tmp/records" --overwrite 2>"$tmp/scan.err" </dev/null
	code=$?
	kill -INT "$pid"
	within 10 bash -c "! kill -0 $pid"
	wait "$pid" 2>/dev/null
	if [ "$code" != 0 ] && [ "$code" != 4 ]; then
		note "targets_per_s: $name: the scan ended with $code: $(tail -n 1 "$tmp/scan.err")"
		return 1
	fi
	[ "$code" = 0 ] || note "targets_per_s: $name, $workers workers: the scan lost frames on its own side"
	IFS='|' read -r from to < <(sed -E 's/.*"time":\{"from":"([^"]*)","to":"([^"]*)".*/\1|\2/' "$tmp/records" |
		awk -F'|' 'NR == 1 || $1 < from { from = $1 } $2 > to { to = $2 } END { print from "|" to }')
	figure "through.$name.$workers" "$(jq -n --argjson nb "$(wc -l <"$tmp/records")" \
		--argjson from "$(date -u -d "$from" +%s.%N)" --argjson to "$(date -u -d "$to" +%s.%N)" \
		'$nb / ($to - $from) | round')"
}

# measure_through TARGETS "WORKERS…": as many as there are CPUs for, besides tfosim's
measure_through() {
	local workers
	for workers in $2; do
		if [ "$(nproc)" -le "$workers" ]; then
			note "targets_per_s with $workers workers: they and tfosim need $((workers + 1)) CPUs, there are $(nproc)"
			continue
		fi
		through plain 2 "$workers" "$1"
		through tfo 1 "$workers" "$1"
	done
}

measure_collector() {
	[ -x "$build/tests/collector_bench" ] || {
		note "collector.records_per_s: this tree has no collector_bench"
		return 1
	}
	timeout 60 "$build/tests/collector_bench" "/dev/shm/tfoscan-bench.$$" "$seconds" >"$tmp/collector" 2>/dev/null || true
	rm -f "/dev/shm/tfoscan-bench.$$"
	figure collector.records_per_s "$(awk '$1 == "collector.records_per_s" { print $2 }' "$tmp/collector")"
	figure collector.short_records_per_s "$(awk '$1 == "collector.short_records_per_s" { print $2 }' "$tmp/collector")"
}
