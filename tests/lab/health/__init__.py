"""The health check beside real daemons: what each of them is, ntpstat says, in its three lines and its status."""
import json
import re
import shutil
import tempfile
import time

from ntplab.packages import LabError
from ntplab.programs import Tool

GOOD = re.compile(rb"synchronised to [^\n]+ at stratum (\d+) \n   time correct to within -?\d+ ms\n   polling server every \d+ s\n")
PATIENCE = 60  # seconds that chronyd is given to follow its server

#       host    daemon     stratum
SYNCHRONISED = [("time1", "ntpd", 1), ("hub", "ntpd", None), ("sec", "ntpd", None), ("many", "ntpd", 1), ("tick", "chronyd", 2)]
#       host     status  on standard output       on standard error
OTHERS = [
    ("young", 1, b"unsynchronised\n", b""),
    ("closed", 2, b"", b"timeout\nntpstat: ntpd: no answer (UDP port 123)\n"),
    ("shy", 2, b"", b"timeout\n"),
    ("time4", 2, b"", b"timeout\n"),
    ("op", 2, b"", b"Unable to talk to NTP daemon. Is it running?\n"),
]


def run(lab, chosen, report):
    """Runs every case."""
    if chosen.ours == "reference":
        raise LabError("health: there is nothing to compare the reference with")
    begin = time.monotonic()
    folder = tempfile.mkdtemp(prefix="health.", dir=lab.folder)
    try:
        stat, table = (Tool(name, chosen.ours, {}, f"{folder}/{name}") for name in ("ntpstat", "ntpq"))
        for host, daemon, stratum in SYNCHRONISED:
            wanted = f"ntpstat on {host}"
            if not chosen.only or chosen.only in wanted:
                synchronised(lab.namespace(host), stat, report, wanted, daemon, stratum)
        for host, status, stdout, stderr in OTHERS:
            wanted = f"ntpstat on {host}"
            if not chosen.only or chosen.only in wanted:
                outcome = stat.run(lab.namespace(host), [])
                right = outcome.status == status and outcome.stdout.startswith(stdout) and outcome.stderr.startswith(stderr)
                report.check(wanted, right, outcome.show())
        if not chosen.only or chosen.only in "chronyd's sources":
            outcome = table.run(lab.namespace("tick"), ["-pn"])
            right = outcome.status == 0 and b"\n*192.0.2.11 " in outcome.stdout and b"the peers of chronyd" in outcome.stderr
            report.check("chronyd's sources", right, outcome.show())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"health: {time.monotonic() - begin:.0f} s", flush=True)


def synchronised(namespace, stat, report, name, daemon, stratum):
    """Three lines, status 0, and the same in JSON."""
    deadline = time.monotonic() + PATIENCE
    while True:
        outcome = stat.run(namespace, [])
        lines = GOOD.fullmatch(outcome.stdout)
        if lines and outcome.status == 0 or time.monotonic() > deadline:
            break
        time.sleep(1)
    report.check(name, bool(lines) and outcome.status == 0 and not outcome.stderr, outcome.show())
    outcome = stat.run(namespace, ["--format", "json"])
    health = json.loads(outcome.stdout or b"{}")
    right = health.get("daemon") == daemon and health.get("ok") is True and stratum in (None, health.get("stratum"))
    report.check(f"{name} (json)", right, outcome.show())
