# What the live tests share; source it. Each test has a lab of its own (scripts/lab), and a directory
# that is gone afterwards; the program is $TFOSCAN, or the one in build/.
#
# A check prints one line, `ok` or `not ok`, and a test goes on after a failed one: `finish` ends it
# with 0 or 1. Waiting is for a condition, with a bound; what is bounded in seconds has room for a
# machine that compiles meanwhile.
set -uo pipefail
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"

live=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$live/../.." && pwd)
test_name=$(basename "$0" .sh)
program=$(realpath -m "${TFOSCAN:-$root/build/app/dpdk-tfoscan}")
python=/usr/bin/python3 # Debian's, which has scapy

nb_checks=0
nb_failed=0

skip() {
	echo "1..0 # SKIP $*"
	exit 77
}

# need TOOL…: root, the program, and these commands
need() {
	local tool
	[ "$EUID" = 0 ] || skip "needs root, for the network namespaces"
	[ -x "$program" ] || skip "no program at $program: build it, or say where with TFOSCAN"
	for tool in ip nft jq "$@"; do
		command -v "$tool" >/dev/null || skip "$tool is missing; scripts/deps installs it"
	done
}

# ---- checks

note() {
	echo "# $*"
}

pass() {
	nb_checks=$((nb_checks + 1))
	echo "ok $nb_checks - $*"
}

# fail SENTENCE [DETAILS]
fail() {
	nb_checks=$((nb_checks + 1))
	nb_failed=$((nb_failed + 1))
	echo "not ok $nb_checks - $1"
	[ -z "${2-}" ] || head -n 20 <<<"$2" | cut -c 1-300 | sed 's/^/# /'
}

# expect SENTENCE COMMAND…: the command succeeds; what it says is shown if not
expect() {
	local sentence=$1 said
	shift
	if said=$("$@" 2>&1); then
		pass "$sentence"
	else
		fail "$sentence" "$said"
	fi
}

# is SENTENCE EXPECTED GOT
is() {
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "expected: $2"$'\n'"got: $3"
	fi
}

# says SENTENCE PATTERN: one line, and only one, of what the program said on stderr matches
says() {
	local nb
	nb=$(grep -cE -e "$2" "$tmp/err")
	if [ "$nb" = 1 ]; then
		pass "$1"
	else
		fail "$1" "$nb lines match: $2"$'\n'"$(own_lines)"
	fi
}

# One line on stderr that says why, without those of the status and the start.
own_lines() {
	grep -vE '^ *[0-9]+:[0-9]{2} |no free hugepages|^EAL: ' "$tmp/err"
}

finish() {
	echo "1..$nb_checks"
	[ "$nb_failed" -eq 0 ]
	exit
}

# ---- the lab

nb_labs=0
lab_name=
started=() # pids to be ended

lab() {
	"$root/scripts/lab" --name "$lab_name" "$@"
}

in_scan() {
	ip netns exec "$LAB_SCAN_NS" "$@"
}

in_srv() {
	ip netns exec "$LAB_SRV_NS" "$@"
}

# A lab of our own, new if there was one: it is up in less than a second.
new_lab() {
	drop_lab
	nb_labs=$((nb_labs + 1))
	lab_name=live-${test_name%_test}-$$-$nb_labs
	lab up || skip "no lab can be made here (scripts/lab up)"
	eval "$(lab env)"
	# an end that goes down keeps its IPv6 addresses, as it keeps the others
	in_scan sysctl -qw net.ipv6.conf.scan0.keep_addr_on_down=1
	in_srv sysctl -qw net.ipv6.conf.srv0.keep_addr_on_down=1
}

drop_lab() {
	local pid
	[ -n "$lab_name" ] || return 0
	for pid in $(ip netns pids "${LAB_SCAN_NS-}" 2>/dev/null); do
		kill -KILL "$pid" 2>/dev/null
	done
	lab down
	lab_name=
}

end_all() {
	local pid place
	for pid in "${started[@]+"${started[@]}"}"; do
		kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
	drop_lab
	for place in "$tmp"/*/; do
		mountpoint -q "$place" && umount -l "$place"
	done
	rm -rf "$tmp"
}

tmp=$(mktemp -d "${TMPDIR:-/tmp}/tfoscan-live.XXXXXX")
chmod 755 "$tmp"
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ---- waiting

# Who waits starts no process, for other tests have the CPUs meanwhile.
exec {never}<> <(:)
doze() {
	read -rt "$1" -u "$never" || true
}

# within SECONDS COMMAND…: true as soon as the command succeeds
within() {
	local deadline=$((SECONDS + $1 + 1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < deadline)) || return 1
		doze 0.02
	done
}

is_running() {
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null && [[ ${stat##*) } != Z* ]]
}

has_ended() {
	! is_running "$1"
}

# wait_end SECONDS PID: sets code, to 255 if it had to be killed
wait_end() {
	if ! within "$1" has_ended "$2"; then
		note "process $2 did not end within $1 s"
		kill -KILL "$2"
		wait "$2" 2>/dev/null
		code=255
		return 1
	fi
	wait "$2" 2>/dev/null
	code=$?
}

# ---- scans

source4=(-S 10.99.0.3/24 -G 10.99.0.1)
source6=(-S fd00:99::3/64 -G fd00:99::1)
out=$tmp/out
once=(--rounds 1 --placebo 0) # as the table of the lab has it
usual=(-i scan0 "${source4[@]}" "${source6[@]}" --no-default-blocklist "${once[@]}" -c 0 -o "$out")
wrap=() # what the program is started by: `env …`, `setpriv …`

# Two CPUs that we may use, for --lcores; one twice if there is no other.
cpus=$(taskset -pc $$ | sed 's/.*: //' | tr ',' '\n' | while IFS=- read -r a b; do seq "$a" "${b:-$a}"; done |
	head -n 2 | paste -sd,)

# scan SECONDS ARGUMENTS…: to the end; sets code. $out is gone before, stderr goes to $tmp/err.
scan() {
	local seconds=$1
	shift
	start_scan "$@"
	wait_end "$seconds" "$scan_pid"
}

# In the background; sets scan_pid. No function of ours may stand before the `&`: the pid would be
# that of a shell around it.
start_scan() {
	rm -f "$out"
	ip netns exec "$LAB_SCAN_NS" "${wrap[@]+"${wrap[@]}"}" "$program" "$@" 2>"$tmp/err" </dev/null &
	scan_pid=$!
	started+=("$scan_pid")
}

# counter NAME: of the table that -v prints
counter() {
	awk -v name="$1" '{ for (i = 1; i <= 2; i++) if ($i == name) { print $(i + 1); exit } }' "$tmp/err"
}

nb_records() {
	wc -l <"${1:-$out}"
}

has_records() {
	[ -e "$out" ] && [ "$(nb_records)" -ge "$1" ]
}

# The line by which a scan says that it is not to be trusted, if the machine took our CPU away: then a
# run proves nothing. Damaged frames, or a port that takes none, would be faults of the scanner's: they
# are no excuse. 50 pauses are forgiven, without such a line.
starved_reason() {
	local pauses
	[ "$code" = 4 ] || return 1
	grep -E 'not to be trusted: .* lost on our own side, most of them as (imissed|rx_nombuf|socket|hand-over|unsent):' \
		"$tmp/err" && return
	pauses=$(sed -n 's/.*: a worker was off its CPU for over 0\.3 s \([0-9]*\) times: .*/\1/p' "$tmp/err")
	[ "${pauses:-0}" -gt 50 ] && grep 'not to be trusted: .* a worker was off its CPU' "$tmp/err"
}

# trusted_scan SECONDS ARGUMENTS…: again, twice at most, if the machine took our CPU away
trusted_scan() {
	local try
	for try in 1 2 3; do
		scan "$@"
		starved_reason >/dev/null || return 0
		note "try $try: $(starved_reason)"
	done
}

# done_code SENTENCE: the scan came to its end
done_code() {
	if starved_reason >/dev/null; then
		pass "$1 (exit code 4: the machine took our CPU away)"
	else
		is "$1" 0 "$code"
	fi
}

# ---- records

# Every line is one JSON object, the last one too.
all_whole() {
	[ -s "$1" ] || return 0
	[ "$(tail -c 1 "$1" | od -An -tu1 | tr -d ' ')" = 10 ] || {
		echo "the last line is cut: $(tail -n 1 "$1")"
		return 1
	}
	jq -es 'all(type == "object" and has("conditions") and has("time"))' "$1"
}

# each_once RECORDS TARGETS: addresses
each_once() {
	diff <(jq -r .dip "$1" | sort) <(sort "$2") | head
}

# none_twice RECORDS
none_twice() {
	local twice
	twice=$(jq -r .dip "$1" | sort | uniq -d | head -n 3)
	[ -z "$twice" ] || {
		echo "more than one record: $twice"
		return 1
	}
}

all_right() {
	local said
	said=$(lab check "$1" "$2") || {
		grep '^wrong' <<<"$said" | head
		tail -n 1 <<<"$said"
		return 1
	}
}

# The records that are there are right, though not all are.
right_so_far() {
	jq -r .dip "$1" >"$tmp/so-far"
	all_right "$1" "$tmp/so-far"
}

# ---- counting frames, in the kernel of the servers' end, before anything else looks at them

declare -A count_families

# count_at HOOK NAME NFT-EXPRESSION
count_at() {
	count_families[$2]=${1%% *}
	in_srv nft -f - <<-NFT
		table ${1%% *} count_$2 {
			chain c {
				type filter hook ${1#* } priority -500;
				$3 counter
			}
		}
	NFT
}

# count_frames NAME NFT-EXPRESSION: IP alone
count_frames() {
	count_at 'inet prerouting' "$1" "$2"
}

# count_link_frames NAME NFT-EXPRESSION: all, ARP too; but here nft 1.0.6 with kernel 6.18 does not
# always find the header behind that of IPv6.
count_link_frames() {
	count_at 'netdev ingress device srv0' "$1" "$2"
}

frames() {
	in_srv nft list chain "${count_families[$1]}" "count_$1" c | sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
}
