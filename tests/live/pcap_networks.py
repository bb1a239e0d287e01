#!/usr/bin/python3
# What a capture of a scan (Ethernet, pcap) says of the networks and addresses that were asked:
#
#   pcap_networks.py rates FILE OURS…   a line a network (/24, /48): it, frames sent to it, most of them
#                                       in any second, first and last SYN of a target, seconds since
#                                       the capture's first
#   pcap_networks.py open FILE OURS…    a line an address: it, connections, most of them at a time
#
# OURS: the scanner's addresses. A connection is open from its SYN to a RST, or until our FIN is
# acknowledged.
import collections
import ipaddress
import sys

from scapy.all import IP, TCP, IPv6, PcapReader

FIN, SYN, RST, ACK = 1, 2, 4, 16


def segments(path):
    for packet in PcapReader(path):
        ip = packet.getlayer(IP) or packet.getlayer(IPv6)
        if ip is not None and TCP in packet:
            yield float(packet.time), ip.src, ip.dst, packet[TCP]


def network(address):
    bits = 24 if "." in address else 48
    return ipaddress.ip_network(f"{address}/{bits}", strict=False)


def most_in_a_second(times):
    most, first = 0, 0
    for last, time in enumerate(times):
        while time - times[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def rates(path, ours):
    frames, begun = collections.defaultdict(list), collections.defaultdict(dict)
    for time, src, dst, tcp in segments(path):
        if src not in ours:
            continue
        frames[network(dst)].append(time)
        if tcp.flags & SYN:
            begun[network(dst)].setdefault((dst, tcp.dport), time)
    start = min(times[0] for times in frames.values())
    for net, times in frames.items():
        first = sorted(begun[net].values())
        print(net, len(times), most_in_a_second(times), f"{first[0] - start:.3f} {first[-1] - start:.3f}")


def connections(path, ours):
    is_open, most, seen = collections.defaultdict(dict), collections.Counter(), collections.defaultdict(set)
    for _, src, dst, tcp in segments(path):
        is_out = src in ours
        peer, key = (dst, (tcp.sport, tcp.dport)) if is_out else (src, (tcp.dport, tcp.sport))
        conns = is_open[peer]
        if tcp.flags & RST:
            conns.pop(key, None)
        elif is_out and tcp.flags & SYN:
            conns.setdefault(key, None)
            seen[peer].add(key)
        elif is_out and tcp.flags & FIN and key in conns:
            conns[key] = (tcp.seq + len(tcp.payload) + 1) & 0xFFFFFFFF
        elif not is_out and tcp.flags & ACK and conns.get(key) is not None and tcp.ack == conns[key]:
            del conns[key]
        most[peer] = max(most[peer], len(conns))
    for peer in seen:
        print(peer, len(seen[peer]), most[peer])


if __name__ == "__main__":
    {"rates": rates, "open": connections}[sys.argv[1]](sys.argv[2], set(sys.argv[3:]))
