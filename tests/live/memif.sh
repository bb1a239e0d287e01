# A scan of the simulated Internet, each a program of its own, over shared memory. Source it behind
# lib.sh.
tfosim=${TFOSIM:-$(dirname "$program")/tfosim/tfosim}
[ -x "$tfosim" ] || skip "no program at $tfosim: build it, or say where with TFOSIM"

declare -A sim_pids scan_pids expect_options

# targets NB SEED: addresses, a quarter of them IPv6
targets() {
	python3 - "$@" <<-'PY'
		import ipaddress, random, sys
		nb = int(sys.argv[1])
		random.seed(int(sys.argv[2]))
		chosen = set()
		while len(chosen) < nb:
		    if random.random() < 0.25:
		        chosen.add(ipaddress.IPv6Address((0x2a << 120) | random.getrandbits(120)))
		    else:
		        chosen.add(ipaddress.IPv4Address(random.randrange(1 << 24, 224 << 24)))
		for address in sorted(chosen, key=lambda a: random.random()):
		    print(address)
	PY
}

cat >"$tmp/compare.py" <<'PY'
# compare.py EXPECTED RECORDS [BEHAVIOURS]: nothing, or what differs. Of these behaviours, or of all,
# the words that are there by chance are right, too.
import collections, json, sys
expected = {e["dip"]: e for e in map(json.loads, open(sys.argv[1]))}
disturbed = sys.argv[3].split(",") if len(sys.argv) > 3 else []
for e in expected.values():
    if disturbed and "all" not in disturbed and str(e["behaviour"]) not in disturbed:
        e.pop("by_chance", None)
times = collections.Counter()
wrong = collections.Counter()
for line in open(sys.argv[2]):
    record = json.loads(line)
    times[record["dip"]] += 1
    e = expected.get(record["dip"])
    if e is None:
        wrong["a record of nobody's: " + record["dip"]] += 1
        continue
    got, want = set(record["conditions"]), set(e["conditions"])
    more = got - want - set(e.get("by_chance", []))
    less = set() if "by_chance" in e else want - got
    if more or less or len(got) != len(record["conditions"]):
        wrong["behaviour %d: %s instead of %s, such as %s" % (e["behaviour"],
            sorted(more), sorted(less), record["dip"])] += 1
missing = [dip for dip in expected if times[dip] == 0]
twice = [dip for dip in times if times[dip] > 1]
if missing:
    print("%d have no record, such as %s" % (len(missing), missing[0]))
if twice:
    print("%d have more than one, such as %s" % (len(twice), twice[0]))
for what, nb in wrong.most_common():
    print("%d times %s" % (nb, what))
sys.exit(bool(missing or twice or wrong))
PY

# begin NAME TARGETS EXPECT-OPTIONS SIM-OPTIONS SCAN-OPTIONS: both programs, each list of options one
# argument. What a scan is expected to find is written meanwhile.
begin() {
	local name=$1 list=$2 expect=$3 sim=$4 scan=$5
	# shellcheck disable=SC2086
	"$tfosim" --vdev "net_memif0,role=server,id=0,socket=$tmp/$name.sock" -- $sim \
		2>"$tmp/$name.sim" </dev/null &
	sim_pids[$name]=$!
	started+=("$!")
	within 20 grep -q ': port' "$tmp/$name.sim" || fail "$name: tfosim starts" "$(cat "$tmp/$name.sim")"
	# shellcheck disable=SC2086
	"$program" --no-huge -m 1024 --no-pci --no-shconf --no-telemetry \
		--file-prefix "memif-$name-$$" --lcores "$lcores" \
		--vdev "net_memif1,role=client,id=0,socket=$tmp/$name.sock" -- \
		-S 10.99.0.3 -S fd00:99::3 -G 02:00:00:00:00:02 --no-default-blocklist \
		--targets "$list" --placebo 0 -c 0 -v -o "$tmp/$name.out" $scan \
		2>"$tmp/$name.err" </dev/null &
	scan_pids[$name]=$!
	started+=("$!")
	expect_options[$name]="$sim $expect --targets $list"
	# shellcheck disable=SC2086
	"$tfosim" --expect ${expect_options[$name]} >"$tmp/$name.expected"
}

# What may disturb a scan on a machine that does more than this, and is not the scanner's fault:
# targets were measured again, as it or tfosim was off its CPU, and these behaviours remember the
# first visit; or tfosim answered nobody for so long that connections were given up meanwhile.
remembering=6,9,30,33,36
# Of this one a fifth of all frames is lost: its words are there by chance, disturbed or not.
lossy=29
disturbed_by_load() {
	if [ "$(sim_counter "$1" longest_pause_us)" -gt 800000 ]; then
		echo all
	elif [ "$(counter launched_again)" -gt 0 ]; then
		echo "$remembering,$lossy"
	fi
}

# has_right_words NAME
has_right_words() {
	local name=$1 which
	which=$(disturbed_by_load "$name")
	if [ -z "$which" ] || [[ ${expect_options[$name]} = *--loss* ]]; then
		python3 "$tmp/compare.py" "$tmp/$name.expected" "$tmp/$name.out"
		return
	fi
	# shellcheck disable=SC2086
	"$tfosim" --expect ${expect_options[$name]} --loss 1 >"$tmp/$name.expected"
	python3 "$tmp/compare.py" "$tmp/$name.expected" "$tmp/$name.out" "$which"
}

# end SECONDS NAME
end() {
	local name=$2
	wait_end "$1" "${scan_pids[$name]}"
	cp "$tmp/$name.err" "$tmp/err"
	is "$name: exit code 0" 0 "$code"
	kill -INT "${sim_pids[$name]}"
	wait_end 10 "${sim_pids[$name]}"
	is "$name: tfosim lost nothing by itself" 0 "$code"
	expect "$name: one record for every target, with the words that are expected" \
		has_right_words "$name"
	note "$name: $(grep ' records in ' "$tmp/err" | sed 's/^dpdk-tfoscan: //')"
}

# sim_counter NAME COUNTER
sim_counter() {
	awk -v name="$2" '$1 == name { print $2 }' "$tmp/$1.sim"
}
