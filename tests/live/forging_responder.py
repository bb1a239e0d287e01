"""Hosts that do not answer, and somebody who guesses: each SYN to one of the addresses brings a frame
that does not know our numbers. Every TCP frame from the scanner is written down.

    forging_responder.py INTERFACE LOG ADDRESS=KIND …      KIND: icmp, rst, synack, data
"""
import sys

from scapy.all import ARP, ICMP, IP, TCP, Ether, Raw, conf, get_if_hwaddr, sendp, sniff

interface, path = sys.argv[1], sys.argv[2]
kinds = dict(word.split("=") for word in sys.argv[3:])
conf.verb = 0
mac = get_if_hwaddr(interface)
log = open(path, "w", encoding="ascii", buffering=1)


def forged(ip, tcp, kind):
    head = IP(src=ip.dst, dst=ip.src)
    ports = {"sport": tcp.dport, "dport": tcp.sport}
    if kind == "icmp":
        quoted = tcp.copy()
        quoted.seq = tcp.seq + 1 & 0xFFFFFFFF
        return head / ICMP(type=3, code=13) / IP(src=ip.src, dst=ip.dst) / bytes(quoted)[:8]
    if kind == "rst":
        return head / TCP(**ports, flags="RA", seq=0, ack=tcp.seq + 77 & 0xFFFFFFFF)
    if kind == "synack":
        return head / TCP(**ports, flags="SA", seq=1, ack=tcp.seq - 9 & 0xFFFFFFFF, window=9)
    return head / TCP(**ports, flags="", seq=1, window=9) / Raw(b"x")


def heard(frame):
    if ARP in frame and frame[ARP].op == 1 and frame[ARP].pdst in kinds:
        arp = frame[ARP]
        reply = ARP(op=2, hwsrc=mac, psrc=arp.pdst, hwdst=arp.hwsrc, pdst=arp.psrc)
        sendp(Ether(src=mac, dst=arp.hwsrc) / reply, iface=interface)
    elif TCP in frame and frame[IP].dst in kinds:
        ip, tcp = frame[IP], frame[TCP]
        log.write(f"heard {ip.dst} {tcp.flags}\n")
        answer = Ether(src=mac, dst=frame[Ether].src) / forged(ip, tcp, kinds[ip.dst])
        sendp(answer, iface=interface)


log.write("ready\n")
sniff(iface=interface, prn=heard, store=False, lfilter=lambda f: f[Ether].src != mac)
