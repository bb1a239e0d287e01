#!/usr/bin/env bash
# --check: what is there, what is missing, and a command that mends it, which does. --check --save and
# the configuration file: what a scan takes from it, and what is refused.
source "$(dirname "$0")/lib.sh"
need ethtool setpriv
new_lab
mac=$(in_scan cat /sys/class/net/scan0/address)
count_link_frames foreign "ether saddr != $mac" # not of the host's kernel

cd "$tmp" || exit 1
gateway=$(in_srv cat /sys/class/net/srv0/address)
in_scan ip route replace default via 10.99.0.1

# check ARGUMENTS…: sets code; the report is in $tmp/report
check() {
	in_scan "${wrap[@]+"${wrap[@]}"}" "$program" "$@" >report 2>err </dev/null
	code=$?
}

# finds SENTENCE PATTERN: one line of the report
finds() {
	is "$1" 1 "$(grep -cE -e "$2" report)"
}

# mends WHAT: run the command that the report gives for it
mends() {
	in_scan sh -c "$(sed -n "s/^needs  $1 .*; mend: //p" report)"
}

before=$(frames foreign)
check --check -i scan0
is "an interface that is well: exit code 0" 0 "$code"
finds "and said" '^a scan can start$'
finds "its driver" '^ok     driver  .*veth'
finds "its queues" '^ok     queues  .*1, '
finds "its gateway" '^ok     gateway  .*10\.99\.0\.1$'
finds "a source is proposed" '^ok     source  .*-S 10\.99\.0\.[0-9]+/24 '
is "nothing needed" 0 "$(grep -c '^needs' report)"
is "every line is a finding" "" "$(head -n -1 report | grep -vE '^(ok    |note  |needs ) [A-Za-z]')"
source=$(sed -n 's/^ok     source .*-S \([0-9./]*\) .*/\1/p' report)
check --check -i scan0 -S "$source" -G 10.99.0.1
is "the proposed source is fine" 0 "$code"
check --check -i scan0 -S 10.99.0.2
is "the kernel's own is not" 1 "$code"
finds "said" '^needs  addresses'

in_scan ip link set scan0 down
check --check -i scan0
is "an interface that is down: exit code 1" 1 "$code"
finds "no scan" '^no scan can start: '
mends link
in_scan ip route replace default via 10.99.0.1
in_scan ethtool -K scan0 gro on
check --check -i scan0
is "one that merges frames: exit code 1" 1 "$code"
mends offloads
is_well() {
	check --check -i scan0
	[ "$code" = 0 ]
}
expect "both are mended by what was said" within 10 is_well # the carrier is said late
check --check -i nosuch0
is "one that is not there: exit code 1" 1 "$code"
check --check
is "no port: exit code 1" 1 "$code"
finds "said, with what to give" '^needs  port .*-i eth0'

cp "$program" "$tmp/program" && chmod 755 "$tmp/program"
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all)
in_scan "${nobody[@]}" "$tmp/program" --check -i scan0 >report 2>err
is "without any privilege it can be asked" 1 "$?"
finds "and the lack is the only one" '^needs '
finds "named" '^needs  privileges .*CAP_NET_RAW'

# null_port LCORES ARGUMENTS…: check a port that has any number of queues
null_port() {
	local lcores=$1
	shift
	check --no-huge -m 256 --no-pci --no-shconf --no-telemetry --file-prefix "check-$$" --lcores "($lcores)@($cpus)" \
		--vdev net_null0 -- --check -S 10.99.0.3 -G "$gateway" "$@"
}
null_port 0-1
is "a port of DPDK's: exit code 0" 0 "$code"
finds "its driver" '^ok     port .*net_null'
finds "its offloads" '^ok     offloads .*checksums'
finds "that it starts" '^ok     start'

null_port 0-4
finds "a queue for each lcore but main's" '^ok     start .*with 4 queues'
null_port 0-4 --collectors 3
finds "none for those of collectors, as in a scan" '^ok     start .*with 2 queues'
null_port 0-1 --collectors 3
is "more collectors than lcores: exit code 1" 1 "$code"
finds "said" '^needs  lcores .*take 4'
check --no-huge -m 256 --no-pci --no-shconf --no-telemetry --file-prefix "check-$$" --lcores "(0-1)@($cpus)" -- --check
is "DPDK without a port: exit code 1" 1 "$code"
finds "said" '^needs  port .*DPDK has none'
is "all that sent nothing" "$before" "$(frames foreign)"

## saved, and read
check --check --save -i scan0 -C saved.conf
is "--save: exit code 0" 0 "$code"
finds "said where" 'saved .*saved\.conf'
is "what is needed later" "source-mac = $mac,source-ip = 10.99.0.2/24,source-ip = fd00:99::2/64,gateway = 10.99.0.1" \
	"$(grep -v '^#' saved.conf | paste -sd,)"
check --check --save -i scan0 -C saved.conf
is "again: it is our own" 0 "$code"
echo 'rate = 5' >mine.conf
check --check --save -i scan0 -C mine.conf
is "a file of the user's: refused" "1 rate = 5" "$code $(cat mine.conf)"
check --save
is "--save alone: refused" 2 "$code"

# run FILE ARGUMENTS…: a dry run with this configuration
run() {
	local file=$1
	shift
	"$program" -d -C "$file" --no-default-blocklist "$@" >dry 2>err </dev/null
	code=$?
}
printf '# mine\r\n\nmax-targets = 2 # two\nseed = "7"\nquiet\n' >good.conf
run good.conf 198.18.0.1 198.18.0.2 198.18.0.3
is "a configuration is read" "0 2" "$code $(wc -l <dry)"
run good.conf -n 3 198.18.0.1 198.18.0.2 198.18.0.3
is "the command line counts for more" "0 3" "$code $(wc -l <dry)"

# refuses LINE PATTERN: one line with file and number
refuses() {
	printf '# first\n%b\n' "$1" >bad.conf
	run bad.conf 198.18.0.1
	if [ "$code" = 2 ] && [ "$(wc -l <err)" = 1 ] && grep -qE "^dpdk-tfoscan: bad\.conf:2: .*$2" err; then
		pass "refused: ${1:0:30}"
	else
		fail "refused: ${1:0:30}" "exit code $code"$'\n'"$(cat err)"
	fi
}
refuses 'rate = fast' 'rate = fast: '
refuses 'frobnicate = 1' 'no such option'
refuses 'rate' 'needs a value'
refuses 'quiet = yes' 'takes no value'
refuses 'check' 'belongs on the command line'
refuses 'config = x' 'belongs on the command line'
refuses 'rate 5' 'must be: NAME = VALUE'
refuses 'pci = eth0' 'address of a PCI device'
refuses 'notes = "x' 'quote'
refuses 'rate = \001' 'no text'
refuses "rate = $(printf '%09000d' 5)" 'too long'
run nowhere.conf 198.18.0.1
is "a configuration that is not there: refused" 2 "$code"
says "said" 'nowhere\.conf: No such file'
yes 'quiet' | head -c 70000 >large.conf
run large.conf 198.18.0.1
is "one that is too large: refused" 2 "$code"
yes 'quiet' | head -n 300 >many.conf
run many.conf 198.18.0.1
is "one of too many lines: refused" 2 "$code"

## a NIC that was saved, and is now DPDK's: here, a virtual port over the same wire
sed 's/^source-ip = 10.*/source-ip = 10.99.0.3\/24/; /fd00/d' saved.conf >nic.conf
sed -i "s/^source-mac.*/source-mac = 02:00:00:99:00:03/" nic.conf
dpdk=(--no-huge -m 512 --no-pci --no-shconf --no-telemetry --file-prefix "check-$$" --lcores "(0-1)@($cpus)"
	--vdev "net_af_packet0,iface=scan0,blocksz=4096,framesz=2048,framecnt=4096" --)
lab targets live 20 >few
scan 40 "${dpdk[@]}" -C nic.conf --no-default-blocklist "${once[@]}" -c 0 -o "$out" --targets few
done_code "a scan with saved addresses: exit code 0"
says "source and gateway are the saved ones" "source 10\.99\.0\.3, gateway $gateway"
expect "every record as the table says" all_right "$out" few
echo 'pci = 0000:7f:00.0' >>nic.conf
scan 20 "${dpdk[@]}" -C nic.conf --no-default-blocklist 198.18.0.1
is "those of a NIC are not another port's" 2 "$code"
says "so none is there" 'no source address: .*--check --save'

finish
