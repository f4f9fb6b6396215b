"""What the default dialect does better than the original, the forms other than the classic one, and the advice where a
daemon has no mode 7: the command line that it names must answer."""
import itertools
import json
import re
import shlex

from ntplab.fakeserver import FakeServer
from ntplab.mode7 import Request, replies, reply
from ntplab.plan import HOSTS
from ntplab.programs import Tools

from .scripted import MANY, entry

KEY = ["-c", "keyid 1", "-c", "passwd secretmd5key"]
FORMED = ("peers", "dmpeers", "showpeer 192.0.2.11 2001:db8::11", "sysinfo", "sysstats", "loopinfo", "kerninfo", "reslist", "iostats", "ifstats")
#  hosts that have no mode 7, and whether ntpq is answered there
WITHOUT = {"time1": True, "sec": True, "time4": False}
ADVISED = ("listpeers", "peers", "dmpeers", "loopinfo", "sysinfo", "sysstats", "iostats", "timerstats", "kerninfo", "monlist")
SAMPLE = re.compile(r"[a-z_:][a-z0-9_:]*(\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\})? -?[0-9.e+-]+")
NUMBERS = itertools.count(1)


def jobs(lab, tools, report):
    """Every case, to be run side by side."""
    return [(cures, lab, tools, report), *((form, lab, tools.default, report, command) for command in FORMED),
            *((advice, lab, tools, report, host) for host in WITHOUT)]


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


def form(lab, tool, report, command):
    """A report as JSON has what the table has; OpenMetrics is well formed."""
    def ask(*options):
        return tool.run(lab.namespace("op"), ["-n", *KEY, *options, "-c", command, HOSTS["private"].addresses[0]])
    made = ask("--format", "json")
    try:
        told = json.loads(made.stdout)
    except ValueError:
        told = None
    report.check(f"{command} as JSON", bool(told) and made.status == 0 and not made.stderr, made.show())
    made = ask("--format", "openmetrics")
    lines = made.stdout.decode().splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    right = bool(samples) and all(SAMPLE.fullmatch(line) for line in samples) and lines[-1] == "# EOF" and made.status == 0
    report.check(f"{command} as OpenMetrics", right, made.show())
    made = ask("--format", "table")
    report.check(f"{command} as a table", len(made.stdout.splitlines()) > 1 and made.status == 0 and not made.stderr, made.show())


def advice(lab, tools, report, host):
    """The hint names a command line of ntpq; where mode 6 is answered, that gives an answer, by the real ntpq as well."""
    namespace, address = lab.namespace("op"), HOSTS[host].addresses[0]
    programs = Tools("ntpq", tools.ours, lab.folder)
    try:
        for command in ADVISED:
            done = tools.default.run(namespace, ["-n", "-c", command, address])
            found = re.search(rb": (ntpq [^\n]*)\n", done.stderr)
            report.check(f"{command} of {host}: a hint", bool(found) and done.status == 1 and b"mode 7" in done.stderr, done.show())
            if found and WITHOUT[host]:
                words = shlex.split(found.group(1).decode())[1:]
                right = words[-1] == address
                outcomes = [program.run(namespace, ["-n", *words]) for program in (programs.default, programs.reference)]
                answered = [outcome.status == 0 and bool(outcome.stdout.strip()) and b"***" not in outcome.stderr for outcome in outcomes]
                # NTPsec lacks two variables, without which the original shows nothing of some reports
                report.check(f"{command} of {host}: the command line of the hint", right and answered[0] and (answered[1] or host != "time1"),
                             "\n".join(outcome.show() for outcome in outcomes))
    finally:
        programs.close()
