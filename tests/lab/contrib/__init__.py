"""The files of contrib/ in the monitoring systems that they are for: Icinga 2, munin, Ansible, Zabbix; and the units under systemd.
`lab.py contrib` installs those into the cache; without them nothing is tested here. The other files are tested by the suite `exporter`."""
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from contrib import debian, icinga, units, zabbix
from exporter import start, wait_for
from ntplab.packages import LabError

CONTRIB = Path(__file__).resolve().parents[3] / "contrib"
MUNIN = """set -e
install /lab/ntpkit /usr/share/munin/plugins/ntpkit
munin-node-configure --suggest 2>/dev/null | grep -q '^ntpkit *| no *| yes' && echo suggested
ln -s /usr/share/munin/plugins/ntpkit /etc/munin/plugins/ntpkit
munin-run ntpkit config
munin-run ntpkit
"""
ANSIBLE = """set -e
install -D /lab/ntp.fact /etc/ansible/facts.d/ntp.fact
ansible -i localhost, -c local localhost -m setup -a filter=ansible_local
"""


def run(lab, chosen, report):
    """Runs every case."""
    if chosen.ours == "reference":
        raise LabError("contrib: there is nothing to compare the reference with")
    if not (debian.TREE.exists() and debian.MACHINE.exists()):
        print("LEFT OUT contrib: Icinga 2, munin, Ansible, Zabbix and systemd are not installed; tests/lab/lab.py contrib installs them", flush=True)
        return
    folder = Path(tempfile.mkdtemp(prefix="contrib.", dir=lab.folder))
    folder.chmod(0o755)
    exporters = []

    def machine(name, host):
        return debian.Machine(lab, host, folder / name, chosen.ours)

    def of_icinga():
        icinga.check(machine("icinga", "hub"), report)

    def of_munin():
        there = machine("munin", "hub")
        shutil.copy(CONTRIB / "munin/ntpkit", there.files)
        status, output = there.run(MUNIN)
        right = all(text in output for text in ("suggested\n", "graph_title NTP\n", "offset.label Offset\n", "\nbound.value 0."))
        report.check("munin-run runs the plugin", status == 0 and right and ".value U" not in output, f"status {status}\n{output}")

    def of_ansible():
        there = machine("ansible", "hub")
        shutil.copy(CONTRIB / "ansible/ntp.fact", there.files)
        status, output = there.run(ANSIBLE, time_limit=90)
        right = all(f'"{name}": {value}' in output for name, value in (("daemon", '"ntpd"'), ("synchronized", "true"), ("stratum", "2")))
        report.check("Ansible has the facts", status == 0 and right, f"status {status}\n{output}")

    def of_zabbix():
        for host in ("op", "hub"):
            start(exporters, lab, host, [chosen.ours, "exporter"], folder / f"{host}.log")
            wait_for(lab, host)
        zabbix.check(machine("zabbix", "op"), lab.namespace("op"), report)

    def of_systemd():
        there = folder / "systemd"
        there.mkdir()
        units.check(chosen.ours, there, report)

    cases = {"systemd": of_systemd, "icinga": of_icinga, "munin": of_munin, "ansible": of_ansible, "zabbix": of_zabbix}
    try:
        # They mostly wait.
        with ThreadPoolExecutor(len(cases)) as pool:
            for done in [pool.submit(case) for name, case in cases.items() if not chosen.only or chosen.only in name]:
                done.result()
    finally:
        for process in exporters:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)
