"""Usual, unusual and invalid values: every function draws one from a `random.Random`."""
import struct

NTP_NOW = 0xEE300000  # a time in 2026
WORDS = ("lo", "eth0", "enp3s0f1", "v4wildcard", "wlan0:1", "a-very-long-interface-name-x31", "")


def number(bits):
    """An unsigned number: often small, sometimes at the ends of its range."""
    top = (1 << bits) - 1
    def draw(dice):
        return dice.choice((0, 1, 2, dice.randrange(10), dice.randrange(min(top, 100000) + 1), dice.randrange(top + 1), top >> 1,
                            (top >> 1) + 1, top)).to_bytes(bits // 8, "big")
    return draw


def bits(count):
    """Flags: none, one, some or all."""
    def draw(dice):
        top = (1 << count) - 1
        return dice.choice((0, 1 << dice.randrange(count), 1 << dice.randrange(count), dice.randrange(top + 1), top)).to_bytes(count // 8, "big")
    return draw


def below(limit):
    """An octet, mostly below a limit."""
    return lambda dice: bytes([dice.randrange(limit) if dice.random() < 0.85 else dice.randrange(256)])


def host_order(octets):
    """A number in the byte order of the daemon's machine, mostly little-endian."""
    def draw(dice):
        value = number(octets * 8)(dice)
        return value if dice.random() < 0.25 else value[::-1]
    return draw


def seconds(octets):
    """Fixed-point seconds, half of the bits for the fraction; small and any values."""
    def draw(dice):
        half = octets * 4
        value = dice.choice((0, 1, -1, dice.randrange(1 << half), -dice.randrange(1 << half), dice.randrange(-20 << half, 20 << half),
                             dice.randrange(-(1 << octets * 8 - 1), 1 << octets * 8 - 1), -(1 << octets * 8 - 1), (1 << octets * 8 - 1) - 1,
                             dice.randrange(-9, 9) << (half - 1)))
        return (value & (1 << octets * 8) - 1).to_bytes(octets, "big")
    return draw


def stamp(dice):
    """A timestamp: zero, recent, or any."""
    second = dice.choice((0, NTP_NOW - dice.randrange(100000), NTP_NOW, dice.randrange(1 << 32), 0x80000000, 0xFFFFFFFF, 1))
    return struct.pack("!II", second, dice.choice((0, dice.randrange(1 << 32), 0xFFFFFFFF)))


def ipv4(dice):
    """An address: a host, a reference clock, zero, broadcast, or any."""
    return bytes(dice.choice(((0, 0, 0, 0), (255, 255, 255, 255), (10, 0, dice.randrange(256), dice.randrange(256)),
                              (127, 127, dice.randrange(60), dice.randrange(4)), (192, 0, 2, dice.randrange(256)), (127, 0, 0, 1),
                              (224, 0, 1, 1), tuple(dice.randrange(256) for _ in range(4)))))


def ipv4_mask(dice):
    return dice.choice((0xFFFFFFFF, 0xFFFFFF00, 0xFF000000, 0, 0xFFFFFFFE, 0x80000000, 0xFF00FF00, dice.randrange(1 << 32))).to_bytes(4, "big")


def ipv6(dice):
    """An IPv6 address of any textual form."""
    some = bytes(dice.randrange(256) for _ in range(8))
    return dice.choice((bytes(16), bytes(15) + b"\1", b"\x20\1\x0d\xb8" + bytes(11) + b"\1", b"\xfe\x80" + bytes(6) + some, b"\xff\5" + bytes(12) + b"\1\1",
                        bytes(10) + b"\xff\xff" + ipv4(dice), bytes(12) + ipv4(dice), b"\x20\1\x0d\xb8\0\0\0\1\0\0" + some[:6],
                        b"\x20\1\0\0" + some[:4] + bytes(8), some * 2))


def ipv6_mask(dice):
    length = dice.choice((0, 32, 64, 128, dice.randrange(129)))
    return ((1 << 128) - (1 << 128 - length)).to_bytes(16, "big")


def mark(dice):
    """The flag for IPv6 addresses, in either byte order."""
    return dice.choice((bytes(4), bytes(4), bytes(4), b"\1\0\0\0", b"\1\0\0\0", b"\0\0\0\1", bytes(dice.randrange(256) for _ in range(4))))


def nothing(octets):
    """Padding between fields."""
    return lambda dice: bytes(octets) if dice.random() < 0.7 else dice.randbytes(octets)


def printable(dice, longest):
    return "".join(chr(dice.randrange(0x21, 0x7F)) for _ in range(dice.randrange(longest + 1)))


def name(octets):
    """A NUL-terminated text in a field of this size."""
    def draw(dice):
        text = dice.choice((dice.choice(WORDS), printable(dice, octets - 1), printable(dice, 5))).encode()[:octets - 1]
        return text.ljust(octets, b"\0")
    return draw


def reference_id(dice):
    """Up to four letters, or an address."""
    return dice.choice((b"GPS\0", b"LOCL", b"INIT", b"\0\0\0\0", b"A\0B\0", ipv4(dice)))


def shown_id(dice):
    """A reference ID to be shown as text: without control characters."""
    return dice.choice((b"GPS\0", b"LOCL", b"INIT", b"\0\0\0\0", b"A\0B\0", b"P P\0", printable(dice, 4).encode().ljust(4, b"\0")))
