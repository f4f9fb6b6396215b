"""A real Prometheus that scrapes 1,000 simulated hosts through one exporter, with the configuration of contrib/."""
import json
import shutil
import subprocess
from pathlib import Path

from ntplab import packages
from ntplab.packages import LabError
from ntplab.programs import NO_CLOCK

HOSTS = 1000
PORT = 19091
MEMORY = 64 << 20  # octets that the exporter may take
LIFE = 600  # seconds that the simulated hosts live unless they are ended before
ROOT = Path(__file__).resolve().parents[3]
QUERIES = [
    ('count(up{job="ntpkit_probe"} == 1)', HOSTS),
    ("count(ntpkit_probe_success == 1)", HOSTS),
    # One host in a hundred answers requests for the time with a rate limit, and one in fifty is not synchronised.
    ("count(ntpkit_fleet_host_offset_seconds)", HOSTS - HOSTS // 100),
    ("count(ntpkit_fleet_host_stratum >= 16)", HOSTS // 50),
    ('max(ntpkit_probe_duration_seconds) < bool 5', 1),
]


def simulator(ours):
    """Returns the example `fleet`, built with ours or by the tests; else builds it."""
    places = [Path(ours).resolve().parent, ROOT / "target/debug", ROOT / "target/release"]
    for place in places:
        if (place / "examples/fleet").exists():
            return place / "examples/fleet"
    done = subprocess.run(["cargo", "build", "--quiet", "--locked", "--example", "fleet"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"cargo build --example fleet: {done.stderr}")
    return ROOT / "target/debug/examples/fleet"


def hosts(started, lab, ours):
    """Starts the hosts at 127/8; returns their port."""
    command = ["ip", "netns", "exec", lab.namespace("op"), *NO_CLOCK, str(simulator(ours)), str(LIFE)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    started.append(process)
    words = process.stdout.readline().split()
    return words[words.index("--port") + 1]


def begin(started, start, lab, ours, folder, exporter_port):
    """Starts the hosts and Prometheus."""
    port = hosts(started, lab, ours)
    home = folder / "thousand"
    (home / "targets").mkdir(parents=True)
    text = (ROOT / "contrib/prometheus/prometheus.yml").read_text()
    text = text.replace("exporter.example:10123", f"127.0.0.1:{exporter_port}")
    text = text.replace("scrape_interval: 30s", "scrape_interval: 6s").replace("scrape_timeout: 10s", "scrape_timeout: 6s")
    (home / "prometheus.yml").write_text(text)
    shutil.copy(ROOT / "contrib/prometheus/ntpkit.rules.yml", home)
    addresses = [f"127.{number >> 16}.{number >> 8 & 255}.{number & 255}:{port}" for number in range(257, 257 + HOSTS)]
    (home / "targets/fleet.yml").write_text(json.dumps([{"targets": addresses}]))  # JSON is YAML
    command = [packages.program("prometheus"), "--config.file=prometheus.yml", f"--storage.tsdb.path={home}/data",
               f"--web.listen-address=127.0.0.1:{PORT}"]
    start(started, lab, "op", ["sh", "-c", f"cd {home} && exec \"$@\"", "sh", *command], folder / "thousand.log", limits=NO_CLOCK)
