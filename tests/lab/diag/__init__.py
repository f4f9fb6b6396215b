"""`ntpkit diag` with real daemons in known states: it reports what is broken there and nothing else."""
import json
import os
import re
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from diag import situations
from ntplab.packages import LabError
from ntplab.packages import run as run_command
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
    ("op", ["--timeout", "5", "192.0.2.99"], {"answer": ("FAIL", "it cannot be reached: No route to host")}),
    ("op", ["192.0.2.51"], {"answer": ("FAIL", "no NTP daemon listens on that port there")}),
    ("nodns", ["time1.lab.test"], {"answer": ("FAIL", "Temporary failure in name resolution")}),
    ("op", ["192.0.2.20:9"], {"answer": ("FAIL", "no NTP daemon listens on that port there")}),
    ("op", ["nosuch.invalid"], {"answer": ("FAIL", "")}),
    ("young", [], {"daemons": CANNOT_SET, "synchronized": ("FAIL", "not synchronised: "), "sources": TOO_FEW,
                   "reach": ("FAIL", "192.0.2.99 has not answered")}),
    # Its sources include a server 0.9 s off, one never synchronised, and one that ignores all packets.
    ("op", ["192.0.2.20"], {"falsetickers": ("WARN", "192.0.2.15 at +9"), "tests": ("WARN", "192.0.2.16 is not synchronised itself"),
                            "reach": ("WARN", "192.0.2.17 has not answered")}),
    ("twins", [], {"daemons": CANNOT_SET, "stratum": LOCAL}),
]

# The same explanation in every applet: host, address, and its beginning when the state or the time alone is asked for.
NEXT = "on that host: tcpdump -ni any udp port 123"
SILENCES = [
    ("op", "192.0.2.51", "no NTP daemon listens on that port there", "on that host: ss -lunp 'sport = :123'"),
    ("op", "192.0.2.99", "it cannot be reached: No route to host", "ip route get 192.0.2.99"),
    ("op", "192.0.2.17", "no reply, not even to a time request|no answer: a firewall", NEXT),
    ("nodns", "time1.lab.test", "no name server answered", "getent ahosts time1.lab.test"),
    ("op", "-6 192.0.2.11", "it has no address of the family selected by -4 or -6.", ""),
    ("time4", "127.0.0.1", "it serves time but answers no queries", "ntpkit diag"),
    ("time4", "::1", "it serves time but answers no queries", "ntpkit diag"),
]
# applet -> arguments; those that ask for the time alone have an answer from a server that answers no queries
APPLETS = {
    "ntpq": ["-n", "-c", "rv"], "ntpdc": ["-n", "-c", "sysinfo"], "ntpdate": ["-q", "-u", "--explain", "-t", "5"], "ntpstat": ["--timeout", "5"],
    "ntp-wait": ["-n", "1"], "check_ntp_time": ["-H"], "check_ntp_peer": ["-H"], "ntptrace": [], "ntpsweep": ["-l"], "ntpkit": ["fleet", "--explain"],
}
TIME_ONLY = {"ntpdate", "check_ntp_time", "ntptrace", "ntpsweep", "ntpkit"}
NO_FAMILY = {"ntp-wait", "ntpsweep"}  # no options -4 and -6
IMPATIENT = {"ntp-wait", "ntpdate"}  # give up before the kernel does

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
        check_silence(lab, chosen, report, folder)
        situations.run(lab, chosen, report, folder)
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


def check_silence(lab, chosen, report, folder):
    """Every applet says the same of a silent host, and names the next step."""
    tools = {applet: Tool(applet, chosen.ours, {}, f"{folder}/{applet}") for applet in APPLETS}

    def one(case):
        (host, target, _, _), applet = case
        *family, address = target.split()
        arguments = [*APPLETS[applet]]
        arguments = [*family, *arguments, address] if arguments[-1:] == ["-H"] else [*arguments, *family, address]
        return tools[applet].run(lab.namespace(host), arguments)

    cases = [(silence, applet) for silence in SILENCES for applet in APPLETS
             if not (silence[0] == "time4" and applet in TIME_ONLY) and not ("-6" in silence[1] and applet in NO_FAMILY)
             and not ("route" in silence[2] and applet in IMPATIENT)]
    cases = [case for case in cases if not chosen.only or chosen.only in name_of(case)]
    # So that every one of many questions at the same time is refused.
    run_command("ip", "netns", "exec", lab.namespace("stage"), "sh", "-c", "echo 0 >/proc/sys/net/ipv4/icmp_ratelimit")
    with ThreadPoolExecutor(8) as pool:
        for case, outcome in zip(cases, pool.map(one, cases)):
            (_, _, cause, step), applet = case
            text = (outcome.stdout + outcome.stderr).decode()
            said = any(words in text for words in cause.split("|"))
            instead = "the equivalent over mode 6: ntpq" if applet == "ntpdc" and "serves" in cause else f"next: {step}" if step else cause
            cause_of_mode7 = "it serves time but does not answer mode 7" in text
            report.check(name_of(case), (said or cause_of_mode7) and instead in text and outcome.status not in (0, None), outcome.show())


def name_of(case):
    """The name of a case of silence."""
    (host, target, _, _), applet = case
    return f"silence: {applet} {target} on {host}"


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
