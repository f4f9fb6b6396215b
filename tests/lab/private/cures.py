"""Deliberate differences from the original ntpdc, in both dialects: only ours is run."""
import re
from concurrent.futures import ThreadPoolExecutor

from ntplab.fakeserver import FakeServer
from ntplab.mode7 import Request, reply, replies

from .hostile import SIZES, STATISTICS, keyed, peers, short

COUNT = 60  # rows of a list that needs several packets
ROW = re.compile(rb"(?m)^client +(192\.0\.2\.\d+)$")
IN_ORDER = [b"192.0.2.%d" % number for number in range(1, COUNT + 1)]


def check_cures(lab, chosen, report, tools):
    """Runs all cases; returns their number."""
    cases = [(name, *rest) for name, *rest in [*whole_lists(), *refused_packets(), *wrong_sizes()] if not chosen.only or chosen.only in name]
    dialects = {" [default dialect]": tools.default} if not chosen.classic_only else {}
    dialects[""] = tools.classic

    def run(numbered):
        number, (name, answers, arguments, both, ok) = numbered
        address = f"127.20.{number // 250}.{number % 250 + 1}"
        namespace = lab.namespace("stage")
        server = FakeServer(namespace, address, Request)
        try:
            for dialect, tool in dialects.items():
                if dialect or both:
                    server.play(answers)
                    done = tool.run(namespace, [*arguments, address])
                    report.check(name + dialect, ok(done, bool(dialect)), done.show())
        finally:
            server.close()

    with ThreadPoolExecutor(chosen.workers) as pool:
        list(pool.map(run, enumerate(cases)))
    return len(cases)


def shuffled(packets):
    """Returns the packets neither in forward nor in reverse order."""
    return packets[1::2] + packets[::2]


def whole_lists():
    """Packets in any order and duplicated: every row is printed once, in the order of the sequence numbers."""
    orders = {
        "in reverse order": lambda packets: packets[::-1],
        "shuffled": shuffled,
        "twice": lambda packets: [packet for one in packets for packet in (one, one)],
        "shuffled, then in reverse order": lambda packets: shuffled(packets) + packets[::-1],
    }

    def ok(done, _is_default):
        return ROW.findall(done.stdout) == IN_ORDER and not done.stderr and done.status == 0

    for name, order in orders.items():
        yield (f"cured: packets {name}", lambda request, _number, order=order: order(replies(request, peers(COUNT))),
               ("-n", "-c", "listpeers"), True, ok)


def refused_packets():
    """Packets that no daemon sends are not accepted as a reply."""
    packets = {
        "items of size zero": lambda request: [reply(request, [STATISTICS], size=0)],
        "four thousand items of size zero": lambda request: [reply(request, size=0, count=0xFFF)],
        "items of two sizes": lambda request: [reply(request, peers(2), more=True), reply(request, peers(2, 8), sequence=1)],
        "no end": lambda request: [reply(request, peers(1), sequence=number, more=True) for number in range(128)],
        "no end and no items": lambda request: [reply(request, sequence=number, more=True) for number in range(128)],
        "packets of noise": lambda request: [bytes(length) for length in (0, 1, 7, 8, 500)] + [b"\xff" * 500],
    }

    def ok(done, is_default):
        reported = b"***Request timed out\n" in done.stderr or b"***Response from server was incomplete\n" in done.stderr
        return reported and not done.stdout and done.status == int(is_default)

    for name, make in packets.items():
        yield (f"cured: {name}", lambda request, _number, make=make: make(request), ("-n", "-c", "timeout 300", "-c", "listpeers"), True, ok)


def wrong_sizes():
    """Items of an unknown size are a failure and not shown; those of an old daemon are shown."""
    def refused(done, _is_default):
        return b"***Incorrect item size returned by remote host (" in done.stderr and not done.stdout and done.status == 1

    def shown(done, _is_default):
        return bool(done.stdout) and not done.stderr and done.status == 0

    for command, forms in SIZES.items():
        for size in (forms[0] + 100, forms[-1] - 4):  # sizes that no version ever had
            yield (f"cured: an item of {size} octets: {short(command)}", lambda request, _number, size=size: [reply(request, [bytes(size)])],
                   keyed(command), False, refused)
        for size in forms:
            yield (f"cured: an item of {size} octets: {short(command)}", lambda request, _number, size=size: [reply(request, [bytes(size)])],
                   keyed(command), False, shown)
