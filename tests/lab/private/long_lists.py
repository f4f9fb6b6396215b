"""Long lists, which the default dialect handles better than the original."""
import itertools

from ntplab.fakeserver import FakeServer
from ntplab.mode7 import Request, replies, reply

from .scripted import MANY, entry

NUMBERS = itertools.count(1)


def jobs(lab, tools, report):
    """Returns the cases, to be run in parallel."""
    return [(cures, lab, tools, report)]


def cures(lab, tools, report):
    """The default dialect prints correct lists where the original does not."""
    namespace, crowd = lab.namespace("stage"), [entry(f"10.{n // 200}.{n % 200}.1") for n in range(600)]
    scripts = {
        "packets out of order are sorted": (lambda r, _: replies(r, MANY)[::-1], 0, len(MANY)),
        "six hundred items": (lambda r, _: replies(r, crowd), 0, len(crowd)),
        "a reply to the second request only": (lambda r, number: replies(r, MANY) if number > 1 else [], 0, len(MANY)),
        "items of size zero are ignored": (lambda r, _: [reply(r, [b""] * 3, size=0, count=3)], 1, 0),
        "items of an odd size are rejected": (lambda r, _: [reply(r, [b"\0" * 20])], 1, 0),
        "items too large are rejected": (lambda r, _: [reply(r, [b"\0" * 200])], 1, 0),
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
        ok = done.status == status and len(listed) == rows and in_order and bool(done.stderr) == bool(status)
        report.check(name, ok, done.show())
