"""The advice about a daemon without mode 7: it names a command line of ntpq, which is run here as it stands."""
import re
import shlex
from concurrent.futures import ThreadPoolExecutor

from ntplab.plan import HOSTS
from ntplab.programs import Tools

SILENT = {"time1": "classic without mode 7", "time3": "NTPsec", "time2": "chrony"}
ADVISED = re.compile(rb"; ntpq asks it in mode 6: (ntpq [^\n]+)\n")
# what ntpq needs no key for
COMMANDS = ("listpeers", "peers", "dmpeers", "showpeer 127.127.1.0", "pstats 127.127.1.0", "loopinfo", "sysinfo", "sysstats", "iostats",
            "timerstats", "authinfo", "kerninfo", "clockstat 127.127.1.0", "monlist")
NOT_OF_NTPSEC = ("authinfo", "kerninfo")  # it does not know all of their variables


def check_hints(lab, chosen, report):
    """Runs every case; gives how many there were."""
    private, control = (Tools(applet, chosen.ours, lab.folder) for applet in ("ntpdc", "ntpq"))
    namespace = lab.namespace("op")
    cases = [(host, command, f"hint: {command} at {SILENT[host]}") for host in SILENT for command in COMMANDS]
    cases = [case for case in cases if not chosen.only or chosen.only in case[2]]

    def run(case):
        host, command, name = case
        asked = private.default.run(namespace, ["-n", "-c", "timeout 300", "-c", command, HOSTS[host].addresses[0]])
        advised = ADVISED.search(asked.stderr)
        report.check(name, bool(advised) and b"enable mode7" in asked.stderr and asked.status == 1 and not asked.stdout, asked.show())
        if not advised or HOSTS[host].daemon == "chrony":
            return  # chrony answers ntpq no more than ntpdc
        _, *arguments = shlex.split(advised.group(1).decode())
        sides = {"the original": control.reference}
        if control.has_dialects:
            sides["ours"] = control.default
        for side, tool in sides.items():
            done = tool.run(namespace, ["-n", *arguments])
            quiet = not done.stderr or (command in NOT_OF_NTPSEC and HOSTS[host].daemon == "ntpsec")
            report.check(f"{name}: {side} ({shlex.join(arguments)})", done.status == 0 and quiet and bool(done.stdout.strip()), done.show())

    try:
        with ThreadPoolExecutor(chosen.workers) as pool:
            list(pool.map(run, cases))
    finally:
        private.close()
        control.close()
    return len(cases)
