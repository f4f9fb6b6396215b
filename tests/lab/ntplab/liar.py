"""A false time server: RFC 5905 replies of stratum 2 whose timestamps are off by OFFSET seconds.

Run as `python3 liar.py OFFSET`; it serves on port 123 of both address families until killed."""
import select
import socket
import struct
import sys
import time

UNIX_EPOCH = 2208988800  # in NTP seconds


def timestamp(seconds):
    whole = int(seconds // 1)
    return struct.pack("!II", (whole + UNIX_EPOCH) & 0xFFFFFFFF, int((seconds - whole) * (1 << 32)))


def answer(request, received, offset):
    """Returns the reply to a client packet, without its transmit timestamp."""
    version = request[0] >> 3 & 7
    head = struct.pack("!BBbbII4s", version << 3 | 4, 2, request[2] - 256 if request[2] > 127 else request[2], -24,
                       0, 0x0000_0010, bytes([127, 127, 1, 1]))
    return head + timestamp(received + offset - 5) + request[40:48] + timestamp(received + offset)


def main():
    offset = float(sys.argv[1])
    sockets = []
    for family, wildcard in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        listener = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((wildcard, 123))
        sockets.append(listener)
    while True:
        for listener in select.select(sockets, [], [])[0]:
            request, client = listener.recvfrom(1024)
            received = time.time()
            if len(request) >= 48 and request[0] & 7 == 3:
                packet = answer(request, received, offset)
                listener.sendto(packet + timestamp(time.time() + offset), client)


if __name__ == "__main__":
    main()
