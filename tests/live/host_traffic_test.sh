#!/usr/bin/env bash
# The host that shares its interface with a scan: its pings and its TCP session, IPv4 and IPv6, go on
# without a loss, and its kernel takes no part in the scan's conversations.
source "$(dirname "$0")/lib.sh"
need ping nstat
new_lab

lab targets >"$tmp/targets"
lab targets live 3000 >"$tmp/live"

# Sent by anybody from our addresses, and by the host's kernel from any.
count_frames rst4 'ip saddr 10.99.0.3 tcp flags & rst == rst'
count_frames rst6 'ip6 saddr fd00:99::3 tcp flags & rst == rst'
count_frames syn4 'ip saddr 10.99.0.3 tcp flags & (syn | ack) == syn'
count_frames icmp4 'ip saddr { 10.99.0.2, 10.99.0.3 } icmp type destination-unreachable'
count_frames icmp6 'ip6 saddr { fd00:99::2, fd00:99::3 } icmpv6 type destination-unreachable'

# Numbered lines to a server that sends them back, until a file appears; says how many came back.
cat >"$tmp/session.py" <<'PYTHON'
import os, socket, sys, threading, time

def serve(family, address, port):
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen()
    while True:
        connection, _ = listener.accept()
        def echo(connection=connection):
            while octets := connection.recv(4096):
                connection.sendall(octets)
        threading.Thread(target=echo, daemon=True).start()

def talk(address, port, stop):
    connection = socket.create_connection((address, port), timeout=10)
    stream = connection.makefile("rb")
    nb, slowest = 0, 0
    while not os.path.exists(stop):
        line = b"line %d\n" % nb
        begun = time.monotonic()
        connection.sendall(line)
        if stream.readline() != line:
            print("line", nb, "came back changed")
            sys.exit(1)
        slowest = max(slowest, time.monotonic() - begun)
        nb += 1
        time.sleep(0.01)
    print(nb, "lines, slowest %.3f s" % slowest)

if sys.argv[1] == "serve":
    threading.Thread(target=serve, args=(socket.AF_INET, "0.0.0.0", 7777), daemon=True).start()
    serve(socket.AF_INET6, "fd00:99::1", 7778)
talk(sys.argv[2], int(sys.argv[3]), sys.argv[4])
PYTHON

listens() {
	in_srv ss -Hltn "sport = :$1" | grep -q .
}

ip netns exec "$LAB_SRV_NS" "$python" "$tmp/session.py" serve &
started+=($!)
expect "a server for the host" within 10 listens 7778

# a lab that is new needs a moment for IPv6
for address in 10.99.0.1 fd00:99::1; do
	expect "$address answers" within 10 in_scan ping -q -c 1 -W 1 "$address"
done

ip netns exec "$LAB_SCAN_NS" "$python" "$tmp/session.py" talk 10.99.0.1 7777 "$tmp/stop" >"$tmp/tcp4" 2>&1 &
tcp4=$!
ip netns exec "$LAB_SCAN_NS" "$python" "$tmp/session.py" talk fd00:99::1 7778 "$tmp/stop" >"$tmp/tcp6" 2>&1 &
tcp6=$!
ip netns exec "$LAB_SCAN_NS" ping -q -i 0.02 10.99.0.1 >"$tmp/ping4" 2>&1 &
ping4=$!
ip netns exec "$LAB_SCAN_NS" ping -q -i 0.02 fd00:99::1 >"$tmp/ping6" 2>&1 &
ping6=$!
started+=("$tcp4" "$tcp6" "$ping4" "$ping6")

resets() {
	in_scan nstat -asz TcpOutRsts | awk '/TcpOutRsts/ { print $2 }'
}
resets_before=$(resets)

trusted_scan 90 "${usual[@]}" --targets "$tmp/targets" -r 15000
done_code "a scan beside the host's traffic: exit code 0"
expect "every record as the table says" all_right "$out" "$tmp/targets"
expect "the TCP session over IPv4 is alive" is_running "$tcp4"
expect "the TCP session over IPv6 is alive" is_running "$tcp6"

touch "$tmp/stop"
for session in tcp4 tcp6; do
	wait_end 15 "${!session}"
	is "$session: every line came back as it was ($(tail -n 1 "$tmp/$session"))" 0 "$code"
	expect "$session: and there were many" grep -qE '^[0-9]{3,} lines' "$tmp/$session"
done
for ping in ping4 ping6; do
	kill -INT "${!ping}"
	wait_end 10 "${!ping}"
	# one may be under way when it ends
	lost=$(awk '/packets transmitted/ { print $1 - $4 }' "$tmp/$ping")
	expect "$ping: none lost ($(grep transmitted "$tmp/$ping"))" [ "${lost:-99}" -le 1 ]
done

expect "the scan's SYNs were counted" [ "$(frames syn4)" -gt 2000 ]
is "the host's kernel sent no RST" "$resets_before" "$(resets)"
is "no port unreachable or the like from the host, IPv4" 0 "$(frames icmp4)"
is "no port unreachable or the like from the host, IPv6" 0 "$(frames icmp6)"

rst4_before=$(frames rst4)
trusted_scan 90 "${usual[@]}" --targets "$tmp/live" -r 15000
is "a server that is well gets no RST from our address" "$rst4_before" "$(frames rst4)"
is "nor over IPv6" 0 "$(frames rst6)"

# Proof that RSTs would have been seen: an address that the kernel owns, as the program warns.
scan 60 -i scan0 -S 10.99.0.2/24 -G 10.99.0.1 --kernel-owns-source --no-default-blocklist -c 0 -o "$out" \
	198.18.0.1 198.18.0.2
expect "with the kernel's own address it would have sent some" [ "$(resets)" -gt "$resets_before" ]

finish
