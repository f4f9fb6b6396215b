"""`ntpkit diag` beside real daemons in known states: it names what is broken there, and nothing else."""
import json
import os
import re
import shutil
import tempfile
import time

from ntplab.packages import LabError
from ntplab.programs import Tool

PATIENCE = 40  # seconds that a daemon is given to follow its server
# What these say depends on the machine that the laboratory runs on, not on the world.
OF_THE_MACHINE = {"leap", "clock-source", "hardware-clock", "configuration", "names", "kernel"}
ALONE = ("WARN", "may not set the clock")  # no daemon of the laboratory may
SILENT = ("FAIL", "no reply, not even to a time request")
TOO_FEW = ("WARN", "1 source, ")
LOCAL = ("WARN", "it follows its own local clock")

#        host     arguments        what is not OK: check -> state, words
CASES = [
    ("op", [], {"daemons": ("FAIL", "no time daemon is running, and none answers")}),
    ("time1", [], {"daemons": ALONE, "stratum": LOCAL}),
    ("op", ["192.0.2.11"], {"stratum": LOCAL}),
    ("tick", [], {"daemons": ALONE, "sources": TOO_FEW}),
    ("op", ["192.0.2.22"], {"sources": TOO_FEW}),  # as chronyd is asked
    ("op", ["192.0.2.14"], {"answer": ("WARN", "it serves time but answers no queries")}),
    ("op", ["192.0.2.17"], {"answer": SILENT}),
    ("op", ["192.0.2.18"], {"answer": ("WARN", "it serves time but answers no queries")}),
    ("op", ["192.0.2.99"], {"answer": SILENT}),
    ("op", ["192.0.2.20:9"], {"answer": ("FAIL", "Connection refused")}),
    ("op", ["nosuch.invalid"], {"answer": ("FAIL", "")}),
    ("young", [], {"daemons": ALONE, "synchronized": ("FAIL", "not synchronised: "), "sources": TOO_FEW,
                   "reach": ("FAIL", "192.0.2.99 has not answered")}),
    # A liar 0.9 s off, one that was never synchronised, and one that answers nobody.
    ("op", ["192.0.2.20"], {"falsetickers": ("WARN", "192.0.2.15 at +9"), "tests": ("WARN", "192.0.2.16 is not synchronised itself"),
                            "reach": ("WARN", "192.0.2.17 has not answered")}),
    ("twins", [], {"daemons": ALONE, "stratum": LOCAL}),
]


def run(lab, chosen, report):
    """Runs every case."""
    if chosen.ours == "reference":
        raise LabError("diag: there is nothing to compare the reference with")
    begin = time.monotonic()
    folder = tempfile.mkdtemp(prefix="diag.", dir=lab.folder)
    os.chmod(folder, 0o755)
    tool = Tool("ntpkit", chosen.ours, {}, f"{folder}/bin")
    try:
        for host, arguments, wanted in CASES:
            name = f"diag {' '.join(arguments)} on {host}".replace("  ", " ")
            if not chosen.only or chosen.only in name:
                examined(lab, tool, report, name, host, arguments, wanted)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"diag: {len(CASES)} hosts in {time.monotonic() - begin:.0f} s", flush=True)


def examined(lab, tool, report, name, host, arguments, wanted):
    """What is not OK, once the daemon has found its sources."""
    deadline = time.monotonic() + PATIENCE
    while True:
        outcome = tool.run(lab.namespace(host), ["diag", "--format", "json", *arguments])
        checks = json.loads(outcome.stdout or b'{"checks": []}')["checks"]
        found = {check["check"]: (check["state"], check["seen"]) for check in checks
                 if check["state"] != "OK" and check["check"] not in OF_THE_MACHINE}
        right = found.keys() == wanted.keys() and all(found[check][0] == state and words in found[check][1]
                                                      for check, (state, words) in wanted.items())
        if right or time.monotonic() > deadline:
            break
        time.sleep(2)
    report.check(name, right and not outcome.stderr, f"wanted {wanted}\nfound {found}\n{outcome.show()}")
    report.check(f"{name}: what is wrong has a cure", all(check["mend"] for check in checks if check["state"] in ("WARN", "FAIL")), outcome.show())
    text = tool.run(lab.namespace(host), ["diag", *arguments])
    lines = text.stdout.decode().splitlines()[1 if arguments else 0:]
    form = re.compile(r"(OK|WARN|FAIL|UNKNOWN) +[a-z0-9-]+: \S.*")
    report.check(f"{name}: a line a check", bool(lines) and all(form.fullmatch(line) for line in lines) and text.status in range(4), text.show())
