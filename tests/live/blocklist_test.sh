#!/usr/bin/env bash
# Who is on a blocklist, or not on the allowlist, gets not one packet: what a scan of a network in which
# every address answers sends is captured by others, from the start and after SIGHUP.
source "$(dirname "$0")/lib.sh"
need tcpdump
new_lab
cd "$tmp" || exit 1

# 4096 addresses that all answer, half of them on the list in every form that a list knows, as ZMap's and
# masscan's users write it.
awk 'BEGIN {
	srand(7)
	print "# ZMap and masscan users have files like this one" >"blocked"
	print "8.12.162.0-8.12.164.255\n2001:db8::/32   # documentation\n" >"blocked"
	for (n = 0; n < 4096; n++) {
		addr = "198.18." 16 + int(n / 256) "." n % 256
		print addr >"all"
		if (rand() < 0.5) { print addr >"free"; continue }
		print addr >"not-free"
		form = n % 4
		print form == 0 ? addr : form == 1 ? addr "/32\t# opt-out" : form == 2 ? addr "-" addr : addr ", " addr ";" >"blocked"
	}
}'
sort -o free free
sort -o not-free not-free

# watch: what arrives at the servers from now on goes to the file seen; sets watch_pid
watch() {
	rm -f seen watch.err
	in_srv tcpdump -i srv0 -B 65536 -s 128 -U -n -w seen 'ip and src 10.99.0.3' 2>watch.err &
	watch_pid=$!
	started+=("$watch_pid")
	within 10 grep -q 'listening on' watch.err
}

# watched [FILTER]: until now; the addresses that something was sent to
watched() {
	tcpdump -n -r seen "${1-ip}" 2>/dev/null | sed -nE 's/.* > ([0-9.]+)\.[0-9]+: .*/\1/p' | sort -u
}

# end_watch [FILE]: once all of the addresses in it have been seen, if they ever are
sees_all() {
	[ -z "$(comm -13 <(watched) "$1")" ]
}
end_watch() {
	local scan_code=$code
	[ $# = 0 ] || within 20 sees_all "$1" || note "some of $1 were not seen"
	kill -TERM "$watch_pid"
	wait_end 10 "$watch_pid"
	code=$scan_code
}

common=(-i scan0 "${source4[@]}" --no-default-blocklist "${once[@]}" -c 0 -o "$out" --targets all)

## from the start
watch
trusted_scan 60 "${common[@]}" -r 20000 -b blocked
end_watch free
done_code "a scan of a space of which half is blocked: exit code 0"
is "everybody else was sent something, and nobody who is blocked was" "" "$(diff <(watched) free | head -n 4)"
is "and has a record" "" "$(diff <(jq -r .dip "$out" | sort) free | head -n 4)"
says "the blocked are counted" " $(wc -l <not-free) blocked"

watch
trusted_scan 60 "${common[@]}" -r 20000 -w blocked
end_watch not-free
done_code "-w with the same list: exit code 0"
is "it is the other half that was sent something" "" "$(diff <(watched) not-free | head -n 4)"
head -n 1024 not-free >few
comm -23 not-free few >rest
watch
trusted_scan 60 "${common[@]}" -r 20000 -w blocked -b few
end_watch rest
is "-b counts for more than -w" "" "$(diff <(watched) rest | head -n 4)"

## SIGHUP
# Silent targets, with SYNs to be repeated, and answering ones that wait for their placebo among them.
in_srv nft -f - <<-'NFT'
	table ip silent {
		chain c {
			type filter hook prerouting priority -400;
			ip daddr 198.18.24.0/21 drop
		}
	}
NFT
echo '# nobody yet' >list
is_said() {
	grep -qE "$1" "$tmp/err"
}
# hangup PATTERN: the signal, and the line that answers it
hangup() {
	kill -HUP "$scan_pid"
	within 10 is_said "$1"
}
shuf --random-source=<(yes) all >mixed
mixed=(-i scan0 "${source4[@]}" --no-default-blocklist --rounds 1 --placebo 1 -c 0 -o "$out" --targets mixed -v)
watch
start_scan "${mixed[@]}" -r 3000 -b list
within 20 has_records 500
cp blocked list.new
mv list.new list
hangup 'lists read again, and in force: blocked are [0-9]+ IPv4' || note "no answer to SIGHUP"
reloaded=$(date +%s.%N -d '0.1 seconds') # a frame may have been on its way
wait_end 60 "$scan_pid"
end_watch
done_code "SIGHUP in the middle of a scan: it goes to its end"
tcpdump -tt -n -r seen 'tcp[tcpflags] & tcp-syn != 0' 2>/dev/null |
	awk -v at="$reloaded" '{ sub(/\.[0-9]+:$/, "", $5); print ($1 < at ? "before" : "after"), $5 }' >syns
after=$(grep ^after syns | cut -d' ' -f2 | sort -u | comm -12 - not-free | head -n 4)
is "from then on not one SYN goes to who has come onto the list" "" "$after"
before=$(grep ^before syns | cut -d' ' -f2 | sort -u | comm -12 - not-free)
expect "though many of them had been begun ($(wc -l <<<"$before"))" [ "$(wc -l <<<"$before")" -gt 200 ]
expect "and others went on ($(grep -c ^after syns) SYNs)" [ "$(grep -c ^after syns)" -gt 1000 ]
is "all others have their record" "" "$(comm -13 <(jq -r .dip "$out" | sort) free | head -n 4)"
nb_blocked=$(comm -23 not-free <(jq -r .dip "$out" | sort) | wc -l)
nb_counted=$(sed -nE 's/.*skipped: .* ([0-9]+) blocked.*/\1/p' err)
given_up=$(sed -nE 's/^  blocked +([0-9]+) .*/\1/p' err)
expect "some of who had been begun were given up ($given_up)" [ "$given_up" -gt 50 ]
says "who has none is counted" "skipped: .* $nb_blocked blocked"

# a scan that waits for a target that nobody answers for
waiting=(-i scan0 "${source4[@]}" --no-default-blocklist --rounds 1 --tries 8 -c 0 -o "$out" 198.18.24.1)
# stop: at once
stop() {
	kill -INT "$scan_pid"
	within 10 is_said interrupted
	kill -INT "$scan_pid"
	wait_end 10 "$scan_pid"
}
echo '# nobody' >list
start_scan "${waiting[@]}" -b list -w all
within 10 is_said 'at most 1 targets'
printf '198.18.24.1\n198.18.24.0/33\n' >list
expect "SIGHUP: a bad line is named, and nothing changes" hangup '^dpdk-tfoscan: blocklist list:2: .*; the lists from before stay in force'
rm list
expect "a list that is gone is named" hangup 'blocklist list: No such file or directory; the lists from before'
mkfifo list
expect "a pipe is not waited for" hangup 'list is no regular file .*; the lists from before'
rm list
echo 198.18.24.2 >list
echo x >>all
expect "the same for an allowlist" hangup 'allowlist all:4097: .*; the lists from before'
sed -i '$d' all
expect "and what has been mended is read" hangup 'in force: blocked are 1 IPv4 addresses and 0 ranges of IPv6; allowed are 4096 '
stop
is "the scan has gone on meanwhile" "3 0" "$code $(nb_records)"

start_scan "${waiting[@]}"
within 10 is_said 'at most 1 targets'
expect "SIGHUP without a list: says so" hangup 'SIGHUP: there is no list to be read again'
stop
is "and goes on" "3 0" "$code $(nb_records)"
finish
