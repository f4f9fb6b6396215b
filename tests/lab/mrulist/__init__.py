"""The MRU lists of real daemons with a few hundred clients, read by the reference and by ours.

The rows must be the same except for the readers' own and the seconds that pass between the two runs."""
import re
import subprocess
import sys
import time

from compliance.dialect import ENDED_EARLY, without_hints
from ntplab.plan import HOSTS
from ntplab.programs import NO_CLOCK, NtpsecTables, Tools

DAEMONS = ("key1", "seckey1")
TRIES = 6
CROWD = 300
# each client sends one to three requests, so that counts and averages differ
ASK = f"""
import socket, struct, time
for n in range({CROWD}):
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.bind((f"127.3.{{n // 250}}.{{n % 250 + 1}}", 0))
    for _ in range(n % 3 + 1):
        client.sendto(struct.pack("!B47x", 0x23 if n % 2 else 0x1b), ("127.0.0.1", 123))
    if n % 10 == 9:
        time.sleep(0.01)  # a flooded daemon drops requests
"""
COMMANDS = (
    "mrulist", "mrulist sort=addr", "mrulist sort=-addr", "mrulist sort=count", "mrulist sort=-count", "mrulist sort=-lstint",
    "mrulist mincount=2 sort=addr", "mrulist mincount=3 sort=-addr", "mrulist mincount=100000", "mrulist resall=0x1 sort=addr",
    "mrulist limited", "mrulist kod sort=addr", "mrulist sort=nonsense mincount=3", "mrulist foo=bar mincount=3 sort=addr",
)
NTPSEC_COMMANDS = ("mrulist sort=addr", "mrulist sort=-addr", "mrulist mincount=2 sort=addr", "mrulist mincount=100000",
                   "mrulist laddr=127.0.0.1 sort=addr")
NTPSEC_BILLBOARDS = (["-p"], ["-c", "lpeers"], ["-c", "apeers"], ["-c", "opeers"], ["-c", "lopeers"], ["-u", "-p"],
                     ["-W", "100", "-p"], ["-c", "peers", "-c", "opeers"])


def run(lab, chosen, report):
    """Runs all cases."""
    begin = time.monotonic()
    tools = Tools("ntpq", chosen.ours, lab.folder)
    try:
        for name in DAEMONS:
            namespace = lab.namespace(name)
            subprocess.run(["ip", "netns", "exec", namespace, *NO_CLOCK, sys.executable, "-c", ASK], check=True)
            whole = tools.default.run(namespace, ["-n", "-c", "mrulist", "127.0.0.1"])
            report.check(f"the crowd on {HOSTS[name].daemon}", whole.stdout.count(b" 127.3.") == CROWD and not whole.stderr, whole.show())
            for command in COMMANDS:
                for dialect, tool in (("", tools.classic), (" [default dialect]", tools.default)):
                    case = f"{command} on {HOSTS[name].daemon}{dialect}"
                    if not chosen.only or chosen.only in case:
                        compare(namespace, command, tools, tool, report, case)
        if tools.has_dialects:
            compare_ntpsec(lab, chosen, report)
    finally:
        tools.close()
    print(f"mrulist: {time.monotonic() - begin:.0f} s", flush=True)


def compare(namespace, command, tools, tool, report, case):
    """Runs both programs one after the other; retries if the daemon's own traffic came in between."""
    for _ in range(TRIES):
        arguments = ["-n", "-c", command, "127.0.0.1"]
        expected, got = tools.reference.run(namespace, arguments), tool.run(namespace, arguments)
        ok = got.status == expected.status == 0 and rows(got, command) == rows(expected, command)
        if tool is not tools.default:
            ok = ok and messages(got) == messages(expected)
        if ok:
            break
    report.check(case, ok, f"{expected.show()}\n+++ ours\n{got.show()}")


def compare_ntpsec(lab, chosen, report):
    """Compares our tables with those of NTPsec's ntpq."""
    tools = NtpsecTables(chosen.ours, lab.folder)
    places = [(name, ["-c", command]) for name in DAEMONS for command in NTPSEC_COMMANDS]
    places += [(name, words) for name in ("hub", "sec") for words in NTPSEC_BILLBOARDS]
    try:
        for name, words in places:
            case = f"{' '.join(words)} on {name}, with NTPsec's tables"
            if chosen.only and chosen.only not in case:
                continue
            for _ in range(TRIES):
                arguments = ["-n", *words, "127.0.0.1"]
                expected, got = (tool.run(lab.namespace(name), arguments) for tool in (tools.reference, tools.ours))
                if ENDED_EARLY.search(got.stderr):  # by stale memory of NTPsec's ntpd
                    got = without_hints(got, expected)
                ok = got.status == expected.status == 0 and got.stderr == expected.stderr and masked(got) == masked(expected)
                if ok:
                    break
            report.check(case, ok, f"{expected.show()}\n+++ ours\n{got.show()}")
    finally:
        tools.close()


def masked(outcome):
    """Returns the output without the readers' own row, the ages of the others, and the counts of requests."""
    lines = [line for line in outcome.stdout.decode("latin-1").splitlines() if not line.endswith(" 127.0.0.1")]
    lines = [re.sub(r"[\d.]+", "N", line) if line.startswith("# ") else line for line in lines]
    return [line[7:] if re.match(r" +\d+ +[\d.]+ +[0-9a-f]+ [.LK] ", line) else line for line in lines]


def rows(outcome, command):
    """Returns heading and rows, without the first column and the last average, and without the readers' own row. Sorted if
    the order is that of arrival or of counts, in which rows may tie."""
    lines = outcome.stdout.decode("latin-1").splitlines()
    kept = [line[:6].strip().isdigit() and line[13:] or line for line in lines if not line.endswith(" 127.0.0.1")]
    return kept if "addr" in command else sorted(kept)


def messages(outcome):
    """Returns standard error without its numbers."""
    return re.sub(rb"\d+", b"N", outcome.stderr.replace(b"\r", b"\n"))
