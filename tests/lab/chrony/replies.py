"""A chronyd whose replies are drawn from a seed: `replies.py SEED PORT`. The same request always gets the same reply, so that the
real chronyc and ours must print the same octets."""
import hashlib
import random
import socket
import struct
import sys

SOURCES = 12
CLIENTS = 21
N_SOURCES, SOURCE_DATA, TRACKING, SOURCESTATS, RTC, ACTIVITY, SERVER_STATS, NTP_DATA, AUTH_DATA, CLIENT_LIST, SELECT_DATA = (
    14, 15, 33, 34, 35, 44, 54, 57, 67, 68, 69)
LETTERS = b"NsMdDwWSOTPUx+*-~r"


class Draw:
    """Draws the fields of one reply."""

    def __init__(self, *seed):
        self._random = random.Random(hashlib.sha256(repr(seed).encode()).digest())

    def word(self, bits=32):
        """A number of this many bits, mostly a small one."""
        return self._random.getrandbits(self._random.choice((1, 4, bits // 2, bits))) & (1 << bits) - 1

    def age(self):
        return self._random.choice((0xffffffff, self.word(11), self.word(16), self.word(20), self.word()))

    def number(self):
        """A float of the protocol: of any size, of a usual size, or 0."""
        usual = self._random.randrange(-30, 12) % 128 << 25 | self._random.getrandbits(25)
        return struct.pack(">I", self._random.choice((0, self._random.getrandbits(32), usual, usual)))

    def time(self):
        seconds = self._random.choice((0, self._random.getrandbits(31), self._random.randrange(253402300800)))
        high = 0x7fffffff if seconds < 1 << 32 and self._random.random() < 0.5 else seconds >> 32
        return struct.pack(">III", high, seconds & 0xffffffff, self._random.choice((0, self._random.randrange(10**9), 0xffffffff)))

    def address(self, kinds=(0, 1, 1, 2, 2, 3)):
        kind = self._random.choice(kinds)
        octets = self._random.getrandbits(128).to_bytes(16, "big")
        if self._random.random() < 0.2:
            octets = bytes(12) + octets[:4]
        # The rest is no part of the address, and clients do not return it in their requests.
        octets = octets[:{0: 0, 2: 16}.get(kind, 4)].ljust(16, b"\0")
        return octets + struct.pack(">HH", kind, 0)

    def octet(self, choices=None):
        return self._random.choice(choices) if choices else self._random.getrandbits(8)

    def numbers(self, count):
        return b"".join(self.number() for _ in range(count))

    def words(self, count, bits=32):
        return b"".join(self.word(bits).to_bytes(bits // 8, "big") for _ in range(count))


def data(draw, code, index):
    """Returns the layout and the data of the reply to a request."""
    if code == N_SOURCES:
        return 2, struct.pack(">I", SOURCES)
    if code == SOURCE_DATA:
        return 3, draw.address() + struct.pack(">HHHHHHI", draw.word(16), draw.word(16), draw.octet(range(8)), draw.octet(range(4)), 0,
                                               draw.word(9), draw.age()) + draw.numbers(3)
    if code == TRACKING:
        return 5, draw.words(1) + draw.address() + struct.pack(">HH", draw.word(16), draw.octet(range(6))) + draw.time() + draw.numbers(9)
    if code == SOURCESTATS:
        return 6, draw.words(1) + draw.address() + draw.words(2) + struct.pack(">I", draw.age()) + draw.numbers(5)
    if code == RTC:
        return 7, draw.time() + draw.words(2, 16) + struct.pack(">I", draw.age()) + draw.numbers(2)
    if code == ACTIVITY:
        return 12, draw.words(5)
    if code == SERVER_STATS:
        return 25, draw.words(42)
    if code == NTP_DATA:
        return 26, (draw.address((1, 2)) + draw.address((1, 2)) + draw.words(1, 16) + bytes((draw.octet(range(5)), draw.octet(), draw.octet(range(7)),
                    draw.octet((0, 1, 2, 16)), draw.octet(), draw.octet())) + draw.numbers(2) + draw.words(1) + draw.time() + draw.numbers(5)
                    + draw.words(1, 16) + bytes((draw.octet(b"DKHx"), draw.octet(b"DKHx"))) + draw.words(12))
    if code == AUTH_DATA:
        return 20, struct.pack(">H", draw.octet(range(4))) + draw.words(1, 16) + draw.words(1) + draw.words(2, 16) + struct.pack(
            ">I", draw.age()) + draw.words(4, 16)
    if code == CLIENT_LIST:
        count = min(8, CLIENTS - index)
        client = lambda: (draw.address() + draw.words(6) + bytes(draw.octet((0, 5, 250, 127, 126)) for _ in range(4))
                          + struct.pack(">III", draw.age(), draw.age(), draw.age()))
        return 21, struct.pack(">III", CLIENTS, index + count, count) + b"".join(client() for _ in range(8))
    if code == SELECT_DATA:
        return 23, draw.words(1) + draw.address() + bytes((draw.octet(LETTERS), draw.octet((0, 1, 9)), draw.octet(range(6)), 0)) + draw.words(
            2, 16) + struct.pack(">I", draw.age()) + draw.numbers(3)
    return None


def reply(seed, request):
    """Returns the reply to a request: the same for the same content, whatever its sequence number."""
    code, = struct.unpack(">H", request[4:6])
    content = request[20:40] if code in (NTP_DATA, AUTH_DATA) else request[20:24]
    found = data(Draw(seed, code, content), code, struct.unpack(">I", request[20:24])[0])
    layout, body = found or (1, b"")
    status = 0 if found else 3
    return struct.pack(">BBHHHHHHH", 6, 2, 0, code, layout, status, 0, 0, 0)[:16] + request[8:12] + bytes(8) + body


def main():
    seed, port = sys.argv[1], int(sys.argv[2])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", port))
        print("ready", flush=True)
        while True:
            request, client = server.recvfrom(2048)
            if len(request) >= 24 and request[:2] == b"\x06\x01":
                server.sendto(reply(seed, request), client)


if __name__ == "__main__":
    main()
