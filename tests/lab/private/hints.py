"""The advice about a daemon without mode 7: it names a command line of ntpq, which is run here as it stands."""
import re
import shlex
from concurrent.futures import ThreadPoolExecutor

from ntplab.plan import HOSTS
from ntplab.programs import Tools

SILENT = {"time1": "classic without mode 7", "sec": "NTPsec", "time2": "chrony"}
ADVISED = re.compile(rb"; ntpq asks it in mode 6: (ntpq [^\n]+)\n")
# what ntpq needs no key for
COMMANDS = ("listpeers", "peers", "dmpeers", "showpeer 127.127.1.0", "pstats 127.127.1.0", "loopinfo", "sysinfo", "sysstats", "iostats",
            "timerstats", "authinfo", "kerninfo", "clockstat 127.127.1.0", "monlist")
NOT_OF_NTPSEC = ("sysinfo", "authinfo", "kerninfo")  # it does not know all of their variables

WITHOUT = {  # what is asked of the daemons that have no mode 7 at all
    "ntpsec": tuple(command for command in COMMANDS if not command.startswith("clockstat")),  # this one has no clock
    "chrony": ("listpeers", "sysinfo"),  # which answers ntpq no more than ntpdc
}


def check_hints(lab, chosen, report):
    """Runs every case; gives how many there were."""
    private, control = (Tools(applet, chosen.ours, lab.folder) for applet in ("ntpdc", "ntpq"))
    namespace = lab.namespace("op")
    cases = [(host, command, f"hint: {command} at {SILENT[host]}") for host in SILENT for command in COMMANDS
             if HOSTS[host].daemon == "classic" or command in WITHOUT[HOSTS[host].daemon]]
    cases = [case for case in cases if not chosen.only or chosen.only in case[2]]

    def run(case):
        host, command, name = case
        asked = private.default.run(namespace, ["-n", "-c", "timeout 2000", "-c", command, HOSTS[host].addresses[0]])
        advised = ADVISED.search(asked.stderr)
        report.check(name, bool(advised) and b"enable mode7" in asked.stderr and asked.status == 1 and not asked.stdout, asked.show())
        if not advised or HOSTS[host].daemon == "chrony":
            return
        _, *arguments = shlex.split(advised.group(1).decode())
        sides = {"the original": control.reference}
        if control.has_dialects:
            sides["ours"] = control.default
        for side, tool in sides.items():
            done = tool.run(namespace, ["-n", *arguments])
            unknown = tool is control.reference and HOSTS[host].daemon == "ntpsec" and command in NOT_OF_NTPSEC
            right = done.status == 0 and (unknown or bool(done.stdout.strip()))
            quiet = not done.stderr or tool is control.reference  # which tells its progress there, and what NTPsec does not know
            report.check(f"{name}: {side} ({shlex.join(arguments)})", right and quiet, done.show())

    try:
        with ThreadPoolExecutor(2 * chosen.workers) as pool:
            list(pool.map(run, cases))
    finally:
        private.close()
        control.close()
    return len(cases)
