#!/usr/bin/env bash
# scripts/quickstart as a newcomer runs it: everything right, the files there, and the host as it
# was: no daemon listens, no namespace, hugepage or policy-rc.d is left behind.
set -euo pipefail
cd "$(dirname "$0")/../.."

status=0
ok() {
	echo "ok - $1"
}
not_ok() {
	echo "not ok - $1"
	status=1
}
same() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1: before: $2; after: $3"; fi
}

listening() {
	ss -Hltnu | awk '{ print $1, $5 }' | sort
}
# of the quickstart's own names: other tests may make and end namespaces meanwhile
namespaces() {
	ip netns | awk '/quick/ { print $1 }' | sort
}
policy() {
	if [ -e /usr/sbin/policy-rc.d ]; then
		stat -c '%a %s' /usr/sbin/policy-rc.d
		sha256sum </usr/sbin/policy-rc.d
	else
		echo none
	fi
}
enabled() {
	find /etc/rc[2-5].d /etc/systemd/system -name '*dnsdist*' -o -name '*knot*' 2>/dev/null |
		grep -v '/K[0-9]' | sort || true
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT

before=$(listening)
before_namespaces=$(namespaces)
before_policy=$(policy)
before_enabled=$(enabled)
before_hugepages=$(cat /proc/sys/vm/nr_hugepages)
if scripts/quickstart </dev/null >"$log" 2>&1; then
	ok 'it ends with 0'
else
	not_ok "it ends with $?"
	tail -n 40 "$log"
fi
same 'the same sockets listen on the host' "$before" "$(listening)"
same 'no namespace is left' "$before_namespaces" "$(namespaces)"
same 'policy-rc.d is as it was' "$before_policy" "$(policy)"
same 'no daemon is enabled that was not' "$before_enabled" "$(enabled)"
same 'hugepages are given back' "$before_hugepages" "$(cat /proc/sys/vm/nr_hugepages)"

same 'it has 2060 records' 2060 "$(wc -l <quickstart-results/results.ndjson)"
same 'all of them are JSON' 2060 "$(jq -c .dip quickstart-results/results.ndjson | wc -l)"
for word in 'send:' 'tfo.connectivity.works' 'expected' '"dip"' 'docs/ethics.md' ' -d'; do
	if grep -qF -e "$word" "$log"; then ok "it shows $word"; else not_ok "it does not show $word"; fi
done
if grep -qE ' 0 wrong' "$log"; then ok 'none is wrong'; else
	not_ok 'none is wrong'
	grep -E 'wrong' "$log" | head -n 20 || true
fi
exit "$status"
