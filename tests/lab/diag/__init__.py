"""`ntpkit diag` with real daemons in known states: it reports what is broken there and nothing else."""
import json
import os
import re
import shutil
import tempfile
import time

from ntplab.packages import LabError
from ntplab.programs import Tool

PATIENCE = 40  # seconds for a daemon to select its server
# Checks that depend on the machine running the laboratory.
MACHINE_CHECKS = {"leap", "clock-source", "hardware-clock", "configuration", "names", "kernel"}
CANNOT_SET = ("WARN", "may not set the clock")  # like all daemons of the laboratory
SILENT = ("FAIL", "no reply, not even to a time request")
TOO_FEW = ("WARN", "1 source, ")
LOCAL = ("WARN", "it follows its own local clock")

#        host     arguments        checks that are not OK -> (state, text)
CASES = [
    ("op", [], {"daemons": ("FAIL", "no time daemon is running, and none replies")}),
    ("time1", [], {"daemons": CANNOT_SET, "stratum": LOCAL}),
    ("op", ["192.0.2.11"], {"stratum": LOCAL}),
    ("tick", [], {"daemons": CANNOT_SET, "sources": TOO_FEW}),
    ("op", ["192.0.2.22"], {"sources": TOO_FEW}),  # through chronyd's protocol
    ("op", ["192.0.2.14"], {"answer": ("WARN", "it serves time but answers no queries")}),
    ("op", ["192.0.2.17"], {"answer": SILENT}),
    ("op", ["192.0.2.18"], {"answer": ("WARN", "it serves time but answers no queries")}),
    ("op", ["192.0.2.99"], {"answer": SILENT}),
    ("op", ["192.0.2.20:9"], {"answer": ("FAIL", "Connection refused")}),
    ("op", ["nosuch.invalid"], {"answer": ("FAIL", "")}),
    ("young", [], {"daemons": CANNOT_SET, "synchronized": ("FAIL", "not synchronised: "), "sources": TOO_FEW,
                   "reach": ("FAIL", "192.0.2.99 has not answered")}),
    # Its sources include a server 0.9 s off, one never synchronised, and one that ignores all packets.
    ("op", ["192.0.2.20"], {"falsetickers": ("WARN", "192.0.2.15 at +9"), "tests": ("WARN", "192.0.2.16 is not synchronised itself"),
                            "reach": ("WARN", "192.0.2.17 has not answered")}),
    ("twins", [], {"daemons": CANNOT_SET, "stratum": LOCAL}),
]

# `ntpkit exposure`: address, and how each question is treated
TREATMENT = {"-": "silent", "r": "refused", "a": "answered"}
QUESTIONS = ("time", "readvar", "mrulist", "mode7", "monlist", "chronyd")
EXPOSED = {
    "192.0.2.11": "aaa---",  # classic, mode 7 off
    "192.0.2.13": "a-----",  # NTPsec, which answers no queries by default
    "192.0.2.14": "a-----",  # chronyd whose command port is closed
    "192.0.2.17": "------",  # answers nobody
    "192.0.2.18": "a-----",  # noquery
    "192.0.2.20": "aaaar-",  # classic with mode 7: it has no list for monlist
    "192.0.2.21": "aaa---",  # NTPsec with `unrestrict default noquery'
    "192.0.2.22": "a----a",  # chronyd with `cmdallow all`
    "192.0.2.24": "a-----",  # ntpd-rs
}


def run(lab, chosen, report):
    """Runs all cases."""
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
                check(lab, tool, report, name, host, arguments, wanted)
        if not chosen.only or chosen.only in "exposure":
            check_exposure(lab, tool, report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"diag: {len(CASES)} hosts in {time.monotonic() - begin:.0f} s", flush=True)


def check(lab, tool, report, name, host, arguments, wanted):
    """Compares the checks that are not OK, once the daemon has selected its sources."""
    deadline = time.monotonic() + PATIENCE
    while True:
        outcome = tool.run(lab.namespace(host), ["diag", "--format", "json", *arguments])
        checks = json.loads(outcome.stdout or b'{"checks": []}')["checks"]
        found = {one["check"]: (one["state"], one["seen"]) for one in checks
                 if one["state"] != "OK" and one["check"] not in MACHINE_CHECKS}
        ok = found.keys() == wanted.keys() and all(found[key][0] == state and words in found[key][1]
                                                  for key, (state, words) in wanted.items())
        if ok or time.monotonic() > deadline:
            break
        time.sleep(2)
    report.check(name, ok and not outcome.stderr, f"wanted {wanted}\nfound {found}\n{outcome.show()}")
    report.check(f"{name}: every problem has a cure", all(one["mend"] for one in checks if one["state"] in ("WARN", "FAIL")), outcome.show())
    text = tool.run(lab.namespace(host), ["diag", *arguments])
    lines = text.stdout.decode().splitlines()[1 if arguments else 0:]
    form = re.compile(r"(OK|WARN|FAIL|UNKNOWN) +[a-z0-9-]+: \S.*")
    report.check(f"{name}: one line per check", bool(lines) and all(form.fullmatch(line) for line in lines) and text.status in range(4), text.show())


def check_exposure(lab, tool, report):
    """The questions that each real daemon answers to a stranger, and the sizes of its answers."""
    outcome = tool.run(lab.namespace("op"), ["exposure", "--format", "json", *EXPOSED])
    found = {}
    for line in outcome.stdout.splitlines():
        host = json.loads(line)
        answers = {answer["question"]: answer for answer in host["answers"]}
        found[host["host"]] = "".join(next(letter for letter, word in TREATMENT.items() if word == answers[question]["treatment"])
                                      for question in QUESTIONS)
        sizes = all((answer["octets_received"] > 0) == (answer["treatment"] != "silent") for answer in answers.values())
        report.check(f"exposure of {host['host']}: sizes are measured", sizes and answers["time"]["octets_sent"] == 48, line.decode())
    report.check("exposure: each daemon's answers", found == EXPOSED and outcome.status == 2, f"{found}\n{outcome.show()}")
