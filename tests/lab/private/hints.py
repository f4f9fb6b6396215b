"""The hint about a daemon without mode 7: it suggests an ntpq command line, which is run here."""
import re
import shlex
from concurrent.futures import ThreadPoolExecutor

from compliance.dialect import ENDED_EARLY
from ntplab.plan import HOSTS
from ntplab.programs import Tools

SILENT = {"time1": "classic without mode 7", "sec": "NTPsec", "time2": "chrony"}
SUGGESTION = re.compile(rb"; the equivalent over mode 6: (ntpq [^\n]+)\n")
# commands that ntpq can replace without a key
COMMANDS = ("listpeers", "peers", "dmpeers", "showpeer 127.127.1.0", "pstats 127.127.1.0", "loopinfo", "sysinfo", "sysstats", "iostats",
            "timerstats", "authinfo", "kerninfo", "clockstat 127.127.1.0", "monlist")
INCOMPLETE_ON_NTPSEC = ("sysinfo", "authinfo", "kerninfo")  # some of their variables are unknown to it

WITHOUT = {  # commands for the daemons without any mode 7 support
    "ntpsec": tuple(command for command in COMMANDS if not command.startswith("clockstat")),  # this one has no clock
    "chrony": ("listpeers", "sysinfo"),  # it answers neither ntpq nor ntpdc
}


def check_hints(lab, chosen, report):
    """Runs all cases; returns their number."""
    private, control = (Tools(applet, chosen.ours, lab.folder) for applet in ("ntpdc", "ntpq"))
    namespace = lab.namespace("op")
    cases = [(host, command, f"hint: {command} at {SILENT[host]}") for host in SILENT for command in COMMANDS
             if HOSTS[host].daemon == "classic" or command in WITHOUT[HOSTS[host].daemon]]
    cases = [case for case in cases if not chosen.only or chosen.only in case[2]]

    def run(case):
        host, command, name = case
        asked = private.default.run(namespace, ["-n", "-c", "timeout 2000", "-c", command, HOSTS[host].addresses[0]])
        suggestion = SUGGESTION.search(asked.stderr)
        report.check(name, bool(suggestion) and b"enable mode7" in asked.stderr and asked.status == 1 and not asked.stdout, asked.show())
        if not suggestion or HOSTS[host].daemon == "chrony":
            return
        _, *arguments = shlex.split(suggestion.group(1).decode())
        sides = {"the original": control.reference}
        if control.has_dialects:
            sides["ours"] = control.default
        for side, tool in sides.items():
            done = tool.run(namespace, ["-n", *arguments])
            unknown = tool is control.reference and HOSTS[host].daemon == "ntpsec" and command in INCOMPLETE_ON_NTPSEC
            ok = done.status == 0 and (unknown or bool(done.stdout.strip()))
            if HOSTS[host].daemon == "ntpsec" and ENDED_EARLY.search(done.stderr):  # by stale memory of its ntpd
                report.check(f"{name}: {side} ({shlex.join(arguments)})", done.status == 1 and bool(done.stdout.strip()), done.show())
                continue
            quiet = not done.stderr or tool is control.reference  # it reports progress and unknown variables there
            report.check(f"{name}: {side} ({shlex.join(arguments)})", ok and quiet, done.show())

    try:
        with ThreadPoolExecutor(2 * chosen.workers) as pool:
            list(pool.map(run, cases))
    finally:
        private.close()
        control.close()
    return len(cases)
