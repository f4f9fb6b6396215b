"""What the default dialect does better than the original with long lists."""
import itertools

from ntplab.fakeserver import FakeServer
from ntplab.mode7 import Request, replies, reply

from .scripted import MANY, entry

NUMBERS = itertools.count(1)


def jobs(lab, tools, report):
    """Every case, to be run side by side."""
    return [(cures, lab, tools, report)]


def cures(lab, tools, report):
    """Where the original prints what is not so, the default dialect does not."""
    namespace, crowd = lab.namespace("stage"), [entry(f"10.{n // 200}.{n % 200}.1") for n in range(600)]
    scripts = {
        "packets out of order are sorted": (lambda r, _: replies(r, MANY)[::-1], 0, len(MANY)),
        "six hundred items": (lambda r, _: replies(r, crowd), 0, len(crowd)),
        "an answer to the second request only": (lambda r, number: replies(r, MANY) if number > 1 else [], 0, len(MANY)),
        "items of no size are no answer": (lambda r, _: [reply(r, [b""] * 3, size=0, count=3)], 1, 0),
        "items of an odd size are refused": (lambda r, _: [reply(r, [b"\0" * 20])], 1, 0),
        "items too large are refused": (lambda r, _: [reply(r, [b"\0" * 200])], 1, 0),
    }
    for name, (script, status, rows) in scripts.items():
        server = FakeServer(namespace, f"127.202.0.{next(NUMBERS)}", Request)
        try:
            server.play(script)
            done = tools.default.run(namespace, ["-n", "-c", "timeout 700", "-c", "listpeers", server.address])
        finally:
            server.close()
        listed = [line.split()[1] for line in done.stdout.decode().splitlines()]
        in_order = listed == sorted(listed, key=lambda address: [int(part) for part in address.split(".")])
        right = done.status == status and len(listed) == rows and in_order and bool(done.stderr) == bool(status)
        report.check(name, right, done.show())
