"""Network Time Security: ours with real daemons as servers, and every kind of failure provoked."""
import json
import re
import time

from ntplab.plan import HOSTS
from ntplab.programs import Tool

from . import counters, examine, exporter, failures, ntpdate, sources
from .authority import Authority
from .servers import Daemon

#          host     daemon
DAEMONS = [("time1", "chrony"), ("time2", "chrony-new"), ("time3", "ntpsec"), ("time4", "ntpd-rs")]


class Context:
    """What the cases need: the network, ours, the report, the certificate authority, and the daemons."""

    def __init__(self, lab, chosen, report):
        self.lab, self.report, self.chosen = lab, report, chosen
        self.tool = Tool("ntpkit", chosen.ours, {}, f"{lab.folder}/nts-tool")
        self.authority = Authority(lab.folder / "authority")
        self.daemons = {}

    def start(self):
        for host, kind in DAEMONS:
            certificate, key = self.authority.issue(host, [f"{host}.lab.test", host, *HOSTS[host].addresses])
            self.daemons[host] = Daemon(self.lab, host, kind, certificate, key)
        for daemon in self.daemons.values():
            daemon.wait(self.lab)
        time.sleep(8)  # until ntpd and ntpd-rs are synchronised

    def run(self, *words, time_limit=60, folder=None, host="op"):
        return self.tool.run(self.lab.namespace(host), [*words], time_limit=time_limit, folder=folder)

    def nts(self, *words, **more):
        """Runs `ntpkit nts` with the laboratory's certificate authority."""
        return self.run("nts", "--ca", str(self.authority.certificate), *words, **more)

    def wanted(self, name):
        return not self.chosen.only or self.chosen.only in name

    def check(self, name, outcome, *needles, status=None, forbidden=()):
        """Checks that the output has all of these patterns and none of the forbidden ones, and the exit status."""
        text = (outcome.stdout + outcome.stderr).decode("utf-8", "replace")
        missing = [needle for needle in needles if not re.search(needle, text)]
        found = [needle for needle in forbidden if re.search(needle, text)]
        ok = not missing and not found and (status is None or outcome.status == status) and "panicked" not in text
        self.report.check(name, ok, f"missing: {missing}, forbidden: {found}, wanted status {status}\n{outcome.show()}")

    @staticmethod
    def json(outcome):
        return json.loads(outcome.stdout.decode())


def run(lab, chosen, report):
    context = Context(lab, chosen, report)
    context.start()
    for part in (examine, counters, exporter, failures, ntpdate, sources):
        part.run(context)
