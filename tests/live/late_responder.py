"""A host that is late: answers ARP for an address, and the first SYN from each port of the scanner
with a SYN-ACK that comes so many seconds later. Every TCP frame from the scanner is written down.

    late_responder.py INTERFACE ADDRESS SECONDS LOG
"""
import sys
import threading
import time

from scapy.all import ARP, IP, TCP, Ether, conf, get_if_hwaddr, sendp, sniff

interface, address, delay, path = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4]
conf.verb = 0
mac = get_if_hwaddr(interface)
ports = set()
log = open(path, "w", encoding="ascii", buffering=1)


def syn_ack(frame):
    ip, tcp = frame[IP], frame[TCP]
    answer = (
        Ether(src=mac, dst=frame[Ether].src)
        / IP(src=ip.dst, dst=ip.src)
        / TCP(sport=tcp.dport, dport=tcp.sport, flags="SA", seq=1000, ack=tcp.seq + 1, window=64240)
    )
    log.write(f"late {tcp.sport} SA {tcp.seq + 1 & 0xFFFFFFFF}\n")
    sendp(answer, iface=interface)


def heard(frame):
    if ARP in frame and frame[ARP].op == 1 and frame[ARP].pdst == address:
        reply = ARP(op=2, hwsrc=mac, psrc=address, hwdst=frame[ARP].hwsrc, pdst=frame[ARP].psrc)
        sendp(Ether(src=mac, dst=frame[ARP].hwsrc) / reply, iface=interface)
    elif TCP in frame and frame[IP].dst == address:
        tcp = frame[TCP]
        log.write(f"heard {tcp.sport} {tcp.flags} {tcp.seq}\n")
        if tcp.flags == "S" and tcp.sport not in ports:
            ports.add(tcp.sport)
            threading.Timer(delay, syn_ack, (frame,)).start()


log.write("ready\n")
sniff(iface=interface, prn=heard, store=False, lfilter=lambda f: f[Ether].src != mac)
