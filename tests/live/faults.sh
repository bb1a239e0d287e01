# What the tests of faults share, of what goes wrong in the middle of a scan at moments that nobody
# chose: each fault has the outcome, the exit code and the one line that are promised, and never a
# record that is cut, wrong or twice. Source it behind lib.sh.
# TFOSCAN_FULL=1: also the faults that last longer than a minute.
# shellcheck disable=SC2034
full=${TFOSCAN_FULL:-0}
seed=${TFOSCAN_TEST_SEED:-$RANDOM}
RANDOM=$seed
note "moments: TFOSCAN_TEST_SEED=$seed"

# A moment: so many records are written.
moment() {
	echo $((200 + RANDOM % 1500))
}

# A list of servers that are well, and one of all rules.
make_lists() {
	lab targets live 6000 >"$tmp/live"
	{ lab targets impaired impaired6 && lab targets live 3000 && lab targets live6 2500; } >"$tmp/mixed"
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
