"""Faulty servers and the command lines."""
from dataclasses import dataclass
from typing import Tuple

from .timeserver import code, stamp


def fields(**values):
    """Returns a fault that always sets these fields."""
    def fault(answer, _number, _packet):
        answer.update(values)
    return fault


def letters(text):
    return int.from_bytes(text.encode().ljust(4, b"\0"), "big")


def every_second(_answer, number, _packet):
    return number % 2 == 0


def rate_at_third(answer, number, _packet):
    if number >= 3:
        answer.update(leap=3, stratum=0, refid=letters("RATE"))


def transmit_first(answer, _number, packet):
    now = answer["reference"] + 30
    answer.update(receive=stamp(now), transmit=stamp(now - 1))


def negative_delay(answer, _number, packet):
    now = answer["reference"] + 30
    answer.update(receive=stamp(now - 5), transmit=stamp(now + 5))


def authentic_by_turns(answer, number, _packet):
    answer["key"] = (1, b"secretmd5key" if number % 2 else b"wrong")


def verifying(answer, _number, packet):
    """Answers only authentic requests, with the key of the request."""
    number = int.from_bytes(packet[48:52], "big")
    digest = DIGESTS.get(number, "MD5")
    if code(digest, b"secretkey", packet[:48]) != packet[52:]:
        return False
    answer["key"] = (number, b"secretkey", digest)
    return True


SERVERS = {
    "good": None,
    "wire-stratum-16": fields(stratum=16),
    "leap-3": fields(leap=3),
    "rate": fields(leap=3, stratum=0, refid=letters("RATE")),
    "deny": fields(leap=3, stratum=0, refid=letters("DENY")),
    "init": fields(leap=0, stratum=0, refid=letters("INIT")),
    "set-a-day-ago": lambda answer, *_: answer.update(reference=answer["reference"] + 30 - 86400),
    "set-in-its-future": lambda answer, *_: answer.update(reference=answer["reference"] + 35),
    "no-receive-time": fields(receive=0),
    "sends-before-it-receives": transmit_first,
    "wrong-origin": fields(origin=1),
    "mode-3": fields(mode=3),
    "mode-5": fields(mode=5),
    "mode-1": fields(mode=1),
    "mode-2": fields(mode=2),
    "version-0": fields(version=0),
    "version-5": fields(version=5),
    "version-1": fields(version=1),
    "forty-octets": fields(length=40),
    "far-ahead": fields(offset=1000.505),
    "behind": fields(offset=-0.255),
    "behind-coarse": fields(offset=-0.255, precision=-2),
    "stratum-1-letters": fields(stratum=1, refid=letters("G\x01S")),
    "stratum-15": fields(stratum=15),
    "every-second-answer": every_second,
    "rate-at-third": rate_at_third,
    "every-answer-twice": fields(copies=2),
    "wrong-port": fields(elsewhere=True),
    "negative-delay": negative_delay,
    "next-era": fields(offset=float(1 << 31) - 3e8 + 0.005),
    "coarse": fields(precision=-6),
    "leap-1": fields(leap=1),
    "authentic": fields(key=(1, b"secretmd5key")),
    "wrong-secret": fields(key=(1, b"another")),
    "other-key": fields(key=(2, b"secretmd5key")),
    "crypto-nak": fields(tail=bytes(4)),
    "authentic-by-turns": authentic_by_turns,
    "silent": lambda *_: False,
    "verifying": verifying,
}

# Python has no MD4; AES128CMAC is tested with a real server
DIGESTS = dict(enumerate("MD5 SHA1 SHA256 SHA384 SHA512 RIPEMD160 SHA224 SHA3-224 SHA3-256 SHA3-384 SHA3-512 SHA512-224 SHA512-256 "
                         "SHAKE128 SHAKE256 SM3 MD5-SHA1".split(), 1))
TYPES = {**DIGESTS, 31: "m", 41: "SHA", 42: "MDC2", 43: "MD2", 44: "BLAKE2b512", 45: "AES256CMAC"}
KEYS_OF_ALL_TYPES = "".join(f"{number} {name} secretkey\n" for number, name in TYPES.items())

# servers with which the default dialect prints the same, except for its unsigned numbers
ALIKE = {"good", "leap-3", "set-a-day-ago", "set-in-its-future", "mode-2", "version-1", "far-ahead", "behind",
         "stratum-1-letters", "stratum-15", "next-era", "coarse", "leap-1", "init"}
# the trace cuts these offsets to ten characters, and without the plus sign one more digit fits
CUT = {"far-ahead", "next-era"}


@dataclass(frozen=True)
class Case:
    """A command line; `@NAME@` stands for the address of that server."""
    name: str
    words: Tuple[str, ...]
    alike: bool = False


KEYS = "1 MD5 secretmd5key\n2 SHA1 bd0aa8d8b763670d38a3f00e46979da07e8495ac\n3 AES128CMAC 000102030405060708090a0b0c0d0e0f\n6 nosuch x\n"
BAD_KEYS = "0 MD5 a\n1\n2 MD5\n70000 MD5 a\n3 MD5 0123456789012345678901xyz\n8 MD5 a 1.2.3.4/40\n9 MD5\n"


def cases():
    each = [Case(f"{form[0]} {name}", (*form, "-t", "1", f"@{name}@"), name in ALIKE - (CUT if form[0] == "-d" else set()))
            for name in SERVERS for form in (("-q",), ("-d", "-p", "2"))]
    keyed = [Case(f"{form[0]} -a 1 {name}", (*form, "-t", "1", "-a", "1", "-k", "@KEYS@", f"@{name}@"))
             for name in ("good", "authentic", "wrong-secret", "other-key", "crypto-nak", "authentic-by-turns")
             for form in (("-q",), ("-d", "-p", "2"))]
    keyed += [Case(f"-q a key of type {name}", ("-q", "-t", "1", "-a", str(number), "-k", "@ALLKEYS@", "@verifying@"), number < 40)
              for number, name in TYPES.items()]
    return [*each, *keyed, *(Case(" ".join(words), tuple(words), alike) for alike, words in LINES)]


LINES = [
    (False, []), (True, ["-q"]), (True, ["-z"]), (True, ["-q", "-a"]), (True, ["-q", "-p", "0", "@good@"]),
    (True, ["-q", "-p", "9", "@good@"]), (True, ["-q", "-p", "x", "@good@"]), (True, ["-q", "-t", "abc", "@good@"]),
    (True, ["-q", "-e", "2", "@good@"]), (True, ["-q", "-e", "x", "-z", "@good@"]), (False, ["-h"]), (False, ["--help"]),
    (False, ["--version"]), (True, ["--", "-q"]), (False, ["-q", "@good@", "-x"]), (True, ["-qb", "@good@"]),
    (True, ["-qB", "@far-ahead@"]), (True, ["-qbB", "@far-ahead@"]), (True, ["-qBb", "@good@"]), (True, ["-q", "-o", "1", "@good@"]),
    (True, ["-q", "-o", "3", "@good@"]), (True, ["-q", "-e", "0.5", "@good@"]), (False, ["-d", "-d", "-p", "1", "@good@"]),
    (False, ["-d", "-p", "3", "-t", "1", "@good@", "@behind-coarse@", "@stratum-15@"]), (False, ["-d", "-p", "3", "-t", "1", "@every-answer-twice@"]),
    (False, ["-d", "-t", "1", "@every-answer-twice@"]), (True, ["-q", "nosuchname.lab.test"]), (False, ["-q", "-t", "1", "nosuchname.lab.test", "@good@"]),
    (False, ["-q", "-6", "@good@"]), (True, ["-q", "-4", "::1"]), (True, ["-q", "-46", "@good@"]), (False, ["-q", "203.0.113.1"]),
    (False, ["-q", "203.0.113.1", "@good@"]), (True, ["-q", "", "@good@"]), (True, ["-q", "ntp://127.0.0.1"]),
    (True, ["-q", "-a", "1", "-k", "/nonexistent", "@good@"]), (True, ["-q", "-a", "0", "-k", "@KEYS@", "@good@"]),
    (True, ["-q", "-a", "abc", "-k", "@KEYS@", "@good@"]), (False, ["-q", "-a", "99", "-k", "@KEYS@", "@authentic@"]),
    (False, ["-q", "-a", "1", "-k", "@BADKEYS@", "@good@"]), (True, ["-qu", "@good@"]),
    (True, ["-q", "-t", "1", "@behind-coarse@", "@good@"]), (True, ["-q", "-t", "1", "@good@", "@behind-coarse@"]), (False, ["-d", "-p", "1", "-d", "-d", "-d", "-a", "1", "-k", "@KEYS1@", "@authentic@"]),
    (True, ["-q", "192.0.2.11"]), (True, ["-q", "192.0.2.12"]), (True, ["-q", "192.0.2.13"]), (True, ["-q", "192.0.2.16"]),
    (False, ["-q", "192.0.2.17"]), (True, ["-q", "2001:db8::11"]), (True, ["-q", "-a", "1", "-k", "@KEYS@", "192.0.2.11"]),
    (True, ["-q", "-a", "3", "-k", "@LABKEYS@", "192.0.2.11"]), (True, ["-q", "-a", "2", "-k", "@LABKEYS@", "192.0.2.11"]),
    (False, ["-q", "-a", "1", "-k", "@LONGKEYS@", "@good@"]), (False, ["-q", "-a", "1", "-k", "@CRLFKEYS@", "192.0.2.11"]),
    (True, ["-q", "192.0.2.14"]), (False, ["-q", "-t", "1", "192.0.2.19"]), (True, ["-q", "-a", "1", "-k", "@LABKEYS@", "192.0.2.19"]),
    (True, ["-q", "-a", "3", "-k", "@LABKEYS@", "192.0.2.19"]), (False, ["-q", "2001:db8::19", "-a", "1"]), (True, ["-q", "192.0.2.11", "", "a b"]),
    (False, ["-q", "-t", "1", "192.0.2.11", "192.0.2.11"]), (False, ["-q", "-t", "1", "::ffff:192.0.2.11"]), (True, ["-q", "3221225995"]),
    (False, ["-q", "-t", "1", "192.0.2.013"]),
    (True, ["-q", "fe80::1%nosuch"]), (True, ["-q", "255.255.255.255"]), (False, ["-q", "-t", "1", "0.0.0.0"]),
    (False, ["-u", "-B", "-p", "1", "192.0.2.33"]), (False, ["-b", "-p", "1", "192.0.2.11"]),
    (False, ["-d", "-p", "1", "192.0.2.11"]), (False, ["-d", "-p", "1", "192.0.2.12", "192.0.2.13"]), (True, ["-q", "-4", "time1"]),
    (True, ["-d", "-p", "1", "192.0.2.13"]), (True, ["-d", "-p", "1", "192.0.2.14"]), (True, ["-d", "-p", "1", "192.0.2.16"]),
    (False, ["-d", "-p", "1", "-t", "1", "192.0.2.17"]), (False, ["-d", "-p", "1", "-t", "1", "192.0.2.19"]),
    (True, ["-d", "-p", "1", "-a", "2", "-k", "@LABKEYS@", "192.0.2.19"]), (True, ["-q", "192.0.2.33"]),
    (True, ["-d", "-p", "1", "192.0.2.33"]), (False, ["-q", "192.0.2.11", "192.0.2.12", "192.0.2.14", "192.0.2.33"]),
    (False, ["-d", "-p", "1", "192.0.2.11", "192.0.2.12", "192.0.2.14", "192.0.2.33"]),
]
