"""Network Time Security: ours with the real daemons as servers, and each thing that can go wrong made for real."""
import json
import re
import time

from ntplab.plan import HOSTS
from ntplab.programs import Tool

from . import examine, failures, ntpdate
from .authority import Authority
from .servers import Daemon

#          host     daemon
DAEMONS = [("time1", "chrony"), ("time2", "chrony-new"), ("time3", "ntpsec"), ("time4", "ntpd-rs")]


class Ground:
    """What the cases need: the world, ours, the report, the authority, and the daemons."""

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
        time.sleep(8)  # until ntpd and ntpd-rs have the time

    def run(self, *words, time_limit=60, folder=None, host="op"):
        return self.tool.run(self.lab.namespace(host), [*words], time_limit=time_limit, folder=folder)

    def nts(self, *words, **more):
        """`ntpkit nts` with the laboratory's authority."""
        return self.run("nts", "--ca", str(self.authority.certificate), *words, **more)

    def wanted(self, name):
        return not self.chosen.only or self.chosen.only in name

    def check(self, name, outcome, *needles, status=None, forbidden=()):
        """All of these patterns in what was printed, and this status."""
        text = (outcome.stdout + outcome.stderr).decode("utf-8", "replace")
        missing = [needle for needle in needles if not re.search(needle, text)]
        found = [needle for needle in forbidden if re.search(needle, text)]
        right = not missing and not found and (status is None or outcome.status == status) and "panicked" not in text
        self.report.check(name, right, f"missing: {missing}, forbidden: {found}, wanted status {status}\n{outcome.show()}")

    @staticmethod
    def json(outcome):
        return json.loads(outcome.stdout.decode())


def run(lab, chosen, report):
    ground = Ground(lab, chosen, report)
    ground.start()
    for part in (examine, failures, ntpdate):
        part.run(ground)
