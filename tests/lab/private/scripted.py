"""ntpdc command lines run against a scripted server: replies that no real daemon would send.

Where the default dialect does better than the original (it rejects items of odd sizes, with one message), it is not
compared: `default=False`. Packets out of order and items of size zero are tested in `long_lists`: the original prints rows
out of order, and empty rows."""
import socket
import struct

from compliance.case import Case
from ntplab.mode7 import OLD, replies, reply

ENTRY = struct.Struct("!4sHBBII16s")  # an item of a list of peers
LOOP = b"\0" * 24


def entry(address, mode=3):
    return ENTRY.pack(socket.inet_aton(address), 123, mode, 1, 0, 0, b"")


MANY = [entry(f"10.{n // 200}.{n % 200}.1") for n in range(40)]


def fake(name, answers, *commands, **settings):
    """Returns a case with a scripted server."""
    words = [word for command in commands for word in ("-c", command)]
    return Case(name=f"scripted: {name}", arguments=["-n", *words, "{fake}"], where="stage", script=lambda: answers, **settings)


def other(request, **fields):
    return reply(request, [entry("10.9.9.9")], **fields)


def scripted_cases():
    """Returns all cases of this file."""
    good = [entry("10.0.0.1")]
    return [
        fake("no items", lambda r, _: [reply(r)], "listpeers", "sysinfo", "reslist", "monlist", failure=True),
        fake("two items for one", lambda r, _: [reply(r, [LOOP, LOOP])], "loopinfo", failure=True),
        fake("items too large", lambda r, _: [reply(r, [b"\0" * 200])], "loopinfo", "listpeers", "peers", "sysstats", default=False),
        fake("items of odd sizes", lambda r, _: [reply(r, [b"\0" * 20])], "listpeers", "peers", default=False),
        fake("more items than octets", lambda r, _: [reply(r, good, count=9)], "timeout 400", "listpeers", failure=True, slow=True),
        fake("in order", lambda r, _: replies(r, MANY), "listpeers", "listpeers -4", "listpeers -6"),
        fake("every packet twice", lambda r, _: [packet for one in replies(r, MANY) for packet in (one, one)], "listpeers"),
        fake("another implementation first", lambda r, _: [other(r, implementation=OLD), reply(r, good)], "listpeers"),
        fake("another request first", lambda r, _: [other(r, code=9), reply(r, good)], "listpeers"),
        fake("a request first", lambda r, _: [r.packet, reply(r, good)], "listpeers"),
        fake("reserved bits first", lambda r, _: [other(r, reserved=5), reply(r, good)], "listpeers"),
        fake("an authenticated reply first", lambda r, _: [other(r, second=0x80), reply(r, good)], "listpeers"),
        fake("a short packet first", lambda r, _: [reply(r, good)[:5], reply(r, good)], "listpeers"),
        fake("versions 0 and 5 first", lambda r, _: [other(r, first=0x87), other(r, first=0xAF), reply(r, good)], "listpeers"),
        fake("another item size in the second packet", lambda r, _: [reply(r, good, more=True), reply(r, [b"\0" * 8], sequence=1)],
             "timeout 400", "listpeers", failure=True, slow=True),
        fake("endless", lambda r, _: [reply(r, good, sequence=n, more=True) for n in range(128)], "timeout 400", "listpeers", failure=True, slow=True),
        fake("128 packets", lambda r, _: [reply(r, MANY[:15], sequence=n, more=n < 127) for n in range(128)], "listpeers"),
        fake("no reply", lambda r, _: [], "timeout 300", "listpeers", "sysinfo", failure=True, slow=True),
        fake("modes", lambda r, _: [reply(r, [entry(f"10.0.0.{mode}", mode) for mode in range(12)])], "listpeers"),
    ]
