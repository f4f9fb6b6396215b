"""promtool about the metrics of every other program that prints them."""
import subprocess

from ntplab import packages
from ntplab.programs import NO_CLOCK

#    host    before the options       after them
CASES = [
    ("hub", ["ntpq", "-n"], ["-p", "-c", "rv", "-c", "rv &1", "-c", "sysinfo", "-c", "sysstats", "-c", "iostats", "-c", "kerninfo", "-c", "monstats",
                             "-c", "authinfo", "-c", "timerstats", "127.0.0.1"]),
    ("hub", ["ntpq", "-n"], ["-c", "keytype SHA1", "-c", "keyid 2", "-c", "passwd sha1asciikey", "-c", "ifstats", "-c", "reslist", "127.0.0.1"]),
    ("hub", ["ntpq", "-n"], ["-c", "mrulist", "127.0.0.1"]),
    ("op", ["ntpq", "-n"], ["-p", "-c", "rv", "192.0.2.20", "192.0.2.21"]),
    ("tick", ["ntpq", "-n"], ["--daemon", "chronyd", "-p", "-c", "rv"]),
    ("hub", ["ntpdc", "-n"], ["-c", "sysstats", "127.0.0.1"]),
    ("tick", ["ntpstat"], []),
    ("op", ["ntpstat"], ["192.0.2.20", "192.0.2.21", "192.0.2.17"]),
    ("op", ["ntptime"], []),
    ("op", ["ntpdate"], ["-q", "192.0.2.11", "192.0.2.12", "192.0.2.17"]),
    ("op", ["fleet"], ["192.0.2.20", "192.0.2.22", "192.0.2.17"]),
    *[("tick", ["chrony", report], ["127.0.0.1"]) for report in ("tracking", "sources", "sourcestats", "activity")],
]


def check(lab, chosen, report, folder, lint):
    """Each program writes a file, and promtool accepts it."""
    for number, (host, before, after) in enumerate(CASES):
        path = folder / f"{number}.prom"
        command = [chosen.ours, *before, "--format", "openmetrics", "--output", str(path), *after]
        done = subprocess.run(["ip", "netns", "exec", lab.namespace(host), *NO_CLOCK, "env", "-i", "PATH=/usr/bin:/bin", *command],
                              capture_output=True, text=True, timeout=60, check=False)
        text = path.read_text() if path.exists() else ""
        code, said = lint(text)
        report.check(f"promtool about {' '.join(before + after)} on {host}", code == 0 and text.count("\n# HELP ") > 2,
                     f"status {done.returncode}\n{done.stderr}\n{said}\n{text[-2000:]}")
