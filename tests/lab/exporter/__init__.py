"""`ntpkit exporter` with the real daemons, scraped by curl's kind of client and by a real Prometheus with the configuration and the
alert rules of contrib/."""
import json
import re
import shutil
import subprocess
import tempfile
import time
import tomllib
import urllib.parse
from pathlib import Path

from exporter import expositions, load, nagios, thousand, zabbix
from ntplab import packages
from ntplab.packages import LabError
from ntplab.programs import NO_CLOCK

ALL_CONTRIB = Path(__file__).resolve().parents[3] / "contrib"
CONTRIB = ALL_CONTRIB / "prometheus"
UNPRIVILEGED = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *NO_CLOCK[1:]]
PORT = 10123
PROMETHEUS_PORT = 19090
PATIENCE = 30  # seconds for a daemon to select its server, and for Prometheus to have scraped everything

#        target           module     success  failure's reason  what must be there
PROBES = [
    ("192.0.2.20", "control", 1, None, ["ntpkit_system_stratum", "ntpkit_peer_offset_seconds", "ntpkit_fleet_host_offset_seconds"]),
    ("192.0.2.20", "auto", 1, None, ["ntpkit_system_info", "ntpkit_peer_selection"]),
    ("192.0.2.21", "control", 1, None, ["ntpkit_system_stratum", "ntpkit_peer_offset_seconds"]),
    ("[2001:db8::21]", "auto", 1, None, ["ntpkit_peer_offset_seconds"]),
    ("192.0.2.22", "chrony", 1, None, ["ntpkit_system_stratum", "ntpkit_peer_offset_seconds", "ntpkit_fleet_host_usable_sources"]),
    ("192.0.2.22", "auto", 1, None, ["ntpkit_system_stratum", "ntpkit_fleet_host_offset_seconds"]),
    ("192.0.2.22", "control", 0, "no_queries", []),
    ("192.0.2.14", "sntp", 1, None, ["ntpkit_fleet_host_bound_seconds"]),
    ("192.0.2.18", "control", 0, "no_queries", ["ntpkit_fleet_host_offset_seconds"]),
    ("192.0.2.16", "control", 1, None, ["ntpkit_system_stratum"]),
    ("192.0.2.17", "auto", 0, "silent", []),
    ("192.0.2.20:9", "auto", 0, "unreachable", []),
    ("nosuch.invalid", "auto", 0, "no_address", []),
]
#       host    daemon     what its page must have
MACHINES = [
    ("hub", "ntpd", ["ntpkit_peer_offset_seconds", "ntpkit_kernel_code", "ntpkit_clients"]),
    ("sec", "ntpd", ["ntpkit_peer_offset_seconds", "ntpkit_system_stratum"]),
    ("tick", "chronyd", ["ntpkit_peer_offset_seconds", "ntpkit_chrony_skew_ratio", "ntpkit_chrony_sources"]),
]
# what Prometheus must find once it has scraped: an expression of PromQL, and the value
QUERIES = [
    ('count(up{job="ntpkit_probe"} == 1)', 6),
    ('count(ntpkit_probe_success == 1)', 5),
    ('count(up{job="ntpkit"} == 1)', 1),
    ('count(ntpkit_build_info)', 1),
    ('count(count by (instance) (ntpkit_peer_offset_seconds{job="ntpkit_probe"}))', 3),
    ('count(ntpkit:clock_error_bound:seconds{job="ntpkit_probe"} < 30) >= bool 3', 1),
    ('count({__name__=~"ntpkit_.*",host!="",job="ntpkit_probe"}) or vector(0)', 0),
]


def run(lab, chosen, report):
    """Runs every case."""
    if chosen.ours == "reference":
        raise LabError("exporter: there is nothing to compare the reference with")
    folder = Path(tempfile.mkdtemp(prefix="exporter.", dir=lab.folder))
    folder.chmod(0o755)
    started = []
    try:
        prometheus = None
        exporter = start(started, lab, "op", [chosen.ours, "exporter", "--probe.timeout", "3"], folder / "op.log")
        # Beside the other cases, for it takes its time.
        if not chosen.only or chosen.only in "Prometheus":
            prometheus = begin_prometheus(started, lab, folder)
        is_large = not chosen.only or chosen.only in "1,000 hosts"
        if is_large:
            thousand.begin(started, start, lab, chosen.ours, folder, PORT)
        wait_for(lab, "op")
        for target, module, success, reason, wanted in PROBES:
            name = f"/probe of {target} as {module}"
            if not chosen.only or chosen.only in name:
                probe(lab, report, name, target, module, (success, reason, wanted))
        for host, daemon, wanted in MACHINES:
            name = f"/metrics on {host}"
            if not chosen.only or chosen.only in name:
                start(started, lab, host, [chosen.ours, "exporter", "--collector.clients"], folder / f"{host}.log")
                wait_for(lab, host)
                machine(lab, report, name, host, daemon, wanted)
        rules(report, chosen)
        if not chosen.only or chosen.only in "the textfile of node_exporter":
            textfile(started, lab, chosen, report, folder)
        if not chosen.only or chosen.only in "expositions":
            expositions.check(lab, chosen, report, folder, lint)
        if not chosen.only or chosen.only in "contrib":
            scripts(lab, chosen, report, folder)
            telegraf(lab, report)
        if not chosen.only or chosen.only in "zabbix":
            pages = {
                "NTP daemon by ntpkit exporter": (page_of(started, lab, chosen, folder, "hub"), []),
                "NTP server by ntpkit probe": (fetch(lab, "op", "/probe?target=192.0.2.20&module=auto")[1],
                                               [(fetch(lab, "op", "/probe?target=192.0.2.17&module=auto")[1], "ntpkit.reason", "silent")]),
            }
            zabbix.check(report, ALL_CONTRIB / "zabbix/ntpkit.yaml", pages)
        if not chosen.only or chosen.only in "nagios":
            commanded(started, lab, report, folder, chosen)
        if prometheus:
            scraped(lab, report, folder)
        if is_large:
            queried(lab, report, "1,000 hosts", thousand.QUERIES, thousand.PORT, folder / "thousand.log")
            _, body = fetch(lab, "op", "/metrics")
            memory = sample(body, "process_resident_memory_bytes")
            report.check("1,000 hosts: the exporter's memory", memory is not None and memory < thousand.MEMORY, f"{memory}")
        if not chosen.only or chosen.only in "load":
            loaded(started, lab, chosen, report, folder)
        report.check("the exporter still runs", exporter.poll() is None, (folder / "op.log").read_text())
    finally:
        for process in started:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def loaded(started, lab, chosen, report, folder):
    """Many probes and hostile clients at an exporter of their own."""
    other = PORT + 1
    command = [chosen.ours, "exporter", "--web.listen-address", f":{other}"]
    exporter = start(started, lab, "op", command, folder / "load.log")
    end = time.monotonic() + PATIENCE
    while fetch(lab, "op", "/-/healthy", port=other)[0] != 200 and time.monotonic() < end:
        time.sleep(0.2)

    def begin(words):
        return subprocess.Popen(["ip", "netns", "exec", lab.namespace("op"), *NO_CLOCK, *words], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    load.check(report, begin, str(other), thousand.hosts(started, lab, chosen.ours), exporter)


def start(started, lab, host, command, log, limits=tuple(UNPRIVILEGED)):
    """Starts a program on a host, by default without privileges."""
    with open(log, "wb") as stream:
        process = subprocess.Popen(["ip", "netns", "exec", lab.namespace(host), *limits, *map(str, command)],
                                   stdin=subprocess.DEVNULL, stdout=stream, stderr=stream)
    started.append(process)
    return process


FETCH = """
import sys, urllib.request, urllib.error
request = urllib.request.Request(sys.argv[1], headers={"Accept": sys.argv[2]})
try:
    answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20)
except urllib.error.HTTPError as error:
    answer = error
print(answer.status)
sys.stdout.write(answer.read().decode())
"""


def fetch(lab, host, path, port=PORT, accept="text/plain"):
    """Returns status and body of a page, as somebody on that host sees it; None if nobody answers."""
    done = subprocess.run(["ip", "netns", "exec", lab.namespace(host), "python3", "-c", FETCH, f"http://127.0.0.1:{port}{path}", accept],
                          capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        return None, done.stderr
    status, _, body = done.stdout.partition("\n")
    return int(status), body


def wait_for(lab, host):
    end = time.monotonic() + PATIENCE
    while fetch(lab, host, "/-/healthy")[0] != 200:
        if time.monotonic() > end:
            raise LabError(f"the exporter on {host} does not answer")
        time.sleep(0.2)


def sample(body, series):
    found = re.search(rf"^{re.escape(series)} (\S+)$", body, re.M)
    return float(found[1]) if found else None


def lint(body):
    """What `promtool check metrics` says."""
    done = subprocess.run([packages.program("promtool"), "check", "metrics"], input=body, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def probe(lab, report, name, target, module, expected):
    """A target is asked, and the answer is as it should be in both formats."""
    success, reason, wanted = expected
    path = f"/probe?{urllib.parse.urlencode({'target': target, 'module': module})}"
    status, body = fetch(lab, "op", path)
    right = status == 200 and sample(body, "ntpkit_probe_success") == success
    right = right and (reason is None) == ("ntpkit_probe_failure_info" not in body)
    right = right and (reason is None or sample(body, f'ntpkit_probe_failure_info{{reason="{reason}"}}') == 1)
    right = right and all(re.search(rf"^{family}\b", body, re.M) for family in wanted)
    report.check(name, right, f"status {status}\n{body}")
    code, said = lint(body)
    report.check(f"promtool about {name}", status == 200 and code == 0, said)
    _, other = fetch(lab, "op", path, accept="application/openmetrics-text")
    samples = [sorted(line for line in text.splitlines() if not line.startswith("#")) for text in (body, other)]
    report.check(f"the same answer in OpenMetrics: {name}", samples[0] == samples[1] and other.endswith("# EOF\n"), other)


def machine(lab, report, name, host, daemon, wanted):
    """The page of a machine, once its daemon is synchronised."""
    end = time.monotonic() + PATIENCE
    while True:
        status, body = fetch(lab, host, "/metrics")
        right = status == 200 and sample(body, f'ntpkit_health_synchronized{{daemon="{daemon}"}}') == 1
        right = right and all(re.search(rf"^{family}\b", body, re.M) for family in wanted)
        if right or time.monotonic() > end:
            break
        time.sleep(1.1)
    report.check(name, right, f"status {status}\n{body}")
    code, said = lint(body)
    report.check(f"promtool about {name}", code == 0, said)


def page_of(started, lab, chosen, folder, host):
    """Returns the page of a machine, whose exporter is started if it is not running."""
    if fetch(lab, host, "/-/healthy")[0] != 200:
        start(started, lab, host, [chosen.ours, "exporter"], folder / f"{host}.log")
        wait_for(lab, host)
    end = time.monotonic() + PATIENCE
    while True:
        _, body = fetch(lab, host, "/metrics")
        if re.search(r"^ntpkit_health_synchronized\{.*\} 1$", body, re.M) or time.monotonic() > end:
            return body
        time.sleep(1.1)


def rules(report, chosen):
    """promtool about the configuration, and the alert rules with their tests."""
    for words in (["check", "config", "prometheus.yml"], ["check", "rules", "ntpkit.rules.yml"], ["test", "rules", "ntpkit.rules.test.yml"]):
        name = f"promtool {' '.join(words)}"
        if not chosen.only or chosen.only in name:
            done = subprocess.run([packages.program("promtool"), *words], cwd=CONTRIB, capture_output=True, text=True, check=False)
            report.check(name, done.returncode == 0, done.stdout + done.stderr)


def textfile(started, lab, chosen, report, folder):
    """A real node_exporter reads our file, and a full disk leaves it as it was."""
    home = folder / "textfile"
    home.mkdir()
    command = ["env", "-i", "PATH=/usr/bin:/bin", chosen.ours, "ntpq", "-n", "--format", "openmetrics", "--output", f"{home}/ntp.prom", "-p", "-c", "rv",
               "192.0.2.20", "192.0.2.21"]
    done = subprocess.run(["ip", "netns", "exec", lab.namespace("op"), *NO_CLOCK, *command], capture_output=True, text=True, check=False)
    report.check("the textfile is written", done.returncode == 0 and not done.stdout, done.stdout + done.stderr)
    code, said = lint((home / "ntp.prom").read_text())
    report.check("promtool about the textfile", code == 0, said)
    start(started, lab, "op", [packages.program("node-exporter"), "--collector.disable-defaults", "--collector.textfile",
                               f"--collector.textfile.directory={home}", "--web.listen-address=127.0.0.1:19100"], folder / "node.log", limits=NO_CLOCK)
    end = time.monotonic() + PATIENCE
    status, body = None, ""
    while status != 200 and time.monotonic() < end:
        time.sleep(0.2)
        status, body = fetch(lab, "op", "/metrics", port=19100)
    right = status == 200 and sample(body, "node_textfile_scrape_error") == 0 and sample(body, "ntpkit_textfile_success") == 1
    report.check("node_exporter shows the textfile", right and body.count("\nntpkit_peer_offset_seconds{") > 5, body)
    # `ip netns exec` gives the shell mounts of its own.
    script = 'mount -t tmpfs -o size=4k none "$1" && echo old > "$1/ntp.prom" && cd "$1" && shift && { "$@"; echo "status $?"; ls -A; cat ntp.prom; }'
    command[command.index("--output") + 1] = "ntp.prom"
    done = subprocess.run(["ip", "netns", "exec", lab.namespace("op"), *NO_CLOCK, "sh", "-c", script, "sh", str(home), *command],
                          capture_output=True, text=True, check=False)
    right = (done.stdout, done.stderr) == ("status 1\nntp.prom\nold\n", "ntpq: ntp.prom: No space left on device\n")
    report.check("a full disk leaves the textfile as it was", right, done.stdout + done.stderr)


#    host    script                                      arguments      status  regular expression for the output
SCRIPTS = [
    ("tick", "ansible/ntp.fact", [], 0, r'\{.*"daemon":"chronyd".*"synchronized":true.*\}\n'),
    ("op", "ansible/ntp.fact", [], 0, r'\{.*"error":".*"synchronized":null.*\}\n'),
    ("tick", "node-problem-detector/check_ntp.sh", [], 0, r"synchronised to NTP server .*\n"),
    ("tick", "node-problem-detector/check_ntp.sh", ["daemon"], 0, r"a time daemon answers\n"),
    ("young", "node-problem-detector/check_ntp.sh", ["daemon"], 0, r"a time daemon answers\n"),
    ("op", "node-problem-detector/check_ntp.sh", ["daemon"], 1, r"Unable to talk to NTP daemon. Is it running\?\n"),
    ("young", "node-problem-detector/check_ntp.sh", [], 1, r"unsynchronised\n"),
    ("op", "node-problem-detector/check_ntp.sh", [], 2, r"Unable to talk to NTP daemon. Is it running\?\n"),
    ("hub", "munin/ntpkit", [], 0, r"offset\.value -?[0-9.]+\njitter\.value [0-9.]+\nbound\.value [0-9.]+\n"),
    ("op", "munin/ntpkit", [], 0, r"offset\.value U\njitter\.value U\nbound\.value U\n"),
    ("tick", "munin/ntpkit", ["autoconf"], 0, r"yes\n"),
    ("op", "munin/ntpkit", ["autoconf"], 0, r"no \(no daemon answers\)\n"),
]
# Values for the macros in Nagios command lines.
MACROS = {"$HOSTADDRESS$": "192.0.2.20", "$ARG1$": "5", "$ARG2$": "10"}


def scripts(lab, chosen, report, folder):
    """Runs the scripts of contrib/, and the command lines in its configurations, on hosts in known states."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    (bin_folder / "ntpkit").symlink_to(Path(chosen.ours).resolve())
    environment = ["env", "-i", f"PATH={bin_folder}:/usr/bin:/bin", "LC_ALL=C"]

    def outcome(host, command):
        done = subprocess.run(["ip", "netns", "exec", lab.namespace(host), *NO_CLOCK, *environment, *command],
                              capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout, f"status {done.returncode}\n{done.stdout}{done.stderr}"

    for host, script, words, status, pattern in SCRIPTS:
        end = time.monotonic() + PATIENCE
        while True:
            got, output, shown = outcome(host, ["sh", str(ALL_CONTRIB / script), *words])
            right = got == status and bool(re.fullmatch(pattern, output))
            if right or time.monotonic() > end:
                break
            time.sleep(1)
        report.check(" ".join(["contrib:", script, *words, "on", host]), right, shown)
    lines = re.findall(r"command_line\s+(.*)", (ALL_CONTRIB / "nagios/ntpkit.cfg").read_text())
    lines += [line.split(None, 1)[1] for line in (ALL_CONTRIB / "checkmk/mrpe.cfg").read_text().splitlines() if not line.startswith("#")]
    hosts = folder / "hosts"
    hosts.write_text("192.0.2.20\n192.0.2.21\n")
    for line in lines:
        words = line.replace("--hosts-from $ARG1$", f"--hosts-from {hosts}")
        for macro, value in MACROS.items():
            words = words.replace(macro, value)
        got, _, shown = outcome("hub", words.replace("/usr/bin/ntpkit", "ntpkit").split())
        # The state of the daemons does not matter here: only UNKNOWN, or wrong usage, is a failure.
        report.check(f"contrib: {line}", got in (0, 1, 2), shown)


def telegraf(lab, report):
    """The pages that Telegraf would scrape, and that it waits for a probe longer than the exporter does."""
    inputs = tomllib.loads((ALL_CONTRIB / "telegraf/ntpkit.conf").read_text())["inputs"]["prometheus"]
    wanted = {"/metrics": "\nntpkit_kernel_code ", "/probe": "\nntpkit_probe_success 1\n"}
    for section in inputs:
        for url in section["urls"]:
            parts = urllib.parse.urlsplit(url.replace("time1.example", "192.0.2.20"))
            status, body = fetch(lab, "op", parts._replace(scheme="", netloc="").geturl())
            waits = parts.path == "/metrics" or int(section["timeout"].rstrip("s")) > 5
            right = parts.netloc == f"localhost:{PORT}" and status == 200 and wanted[parts.path] in body
            report.check(f"contrib: telegraf/ntpkit.conf: {url}", right and waits, f"{section}\n{status}\n{body}")


def commanded(started, lab, report, folder, chosen):
    """Nagios has run every command: its state is not UNKNOWN, and there is a line to read."""
    home = nagios.begin(started, start, lab, folder, chosen.ours)
    names = [command.split("!")[0] for command in nagios.SERVICES] + ["NTP"]
    end = time.monotonic() + PATIENCE
    while not set(names) <= set(nagios.checked(home)) and time.monotonic() < end:
        time.sleep(0.5)
    for name in names:
        state, line = nagios.checked(home).get(name, (None, ""))
        # Nagios puts what is wrong with a command itself in parentheses.
        right = state in (0, 1, 2) and bool(line.strip()) and not line.startswith("(")
        report.check(f"nagios: {name}", right, nagios.shown(home, folder))


def begin_prometheus(started, lab, folder):
    """Starts Prometheus with the configuration of contrib/, but for the addresses, and how often it scrapes."""
    home = folder / "prometheus"
    (home / "targets").mkdir(parents=True)
    text = (CONTRIB / "prometheus.yml").read_text()
    text = text.replace("exporter.example:10123", f"127.0.0.1:{PORT}").replace("scrape_interval: 30s", "scrape_interval: 2s")
    text = text.replace("scrape_timeout: 10s", "scrape_timeout: 2s\n  evaluation_interval: 1s")
    (home / "prometheus.yml").write_text(text)
    shutil.copy(CONTRIB / "ntpkit.rules.yml", home)
    # Not 192.0.2.18, which limits the rate of requests: the other cases query it at the same time, by another module.
    targets = [{"targets": ["192.0.2.20", "192.0.2.21", "192.0.2.22", "192.0.2.17"], "labels": {"site": "lab"}},
               {"targets": ["192.0.2.14", "192.0.2.11"], "labels": {"module": "sntp"}}]
    (home / "targets/ntp.yml").write_text(json.dumps(targets))  # JSON is YAML
    for path in (home, home / "targets"):
        path.chmod(0o777)
    command = [packages.program("prometheus"), "--config.file=prometheus.yml", f"--storage.tsdb.path={home}/data",
               f"--web.listen-address=127.0.0.1:{PROMETHEUS_PORT}"]
    return start(started, lab, "op", ["sh", "-c", f"cd {home} && exec \"$@\"", "sh", *command], folder / "prometheus.log",
                 limits=NO_CLOCK)  # the laboratory's cache is root's


def ask(lab, path, port=PROMETHEUS_PORT):
    status, body = fetch(lab, "op", path, port=port)
    return json.loads(body)["data"] if status == 200 else None


def queried(lab, report, name, queries, port, log):
    """Waits until a Prometheus answers these queries with these values."""
    end = time.monotonic() + PATIENCE

    def result(query):
        data = ask(lab, f"/api/v1/query?{urllib.parse.urlencode({'query': query})}", port)
        return data["result"] if data else None

    for query, value in queries:
        while True:
            found = result(query)
            right = bool(found) and float(found[0]["value"][1]) == value
            if right or time.monotonic() > end:
                break
            time.sleep(0.5)
        shown = "" if right else f"{found}\n{result('ntpkit_probe_success == 0 or up == 0')}\n{log.read_text()[-2000:]}"
        report.check(f"{name}: {query}", right, shown)


def scraped(lab, report, folder):
    """What Prometheus has found, and whether it could evaluate every rule."""
    queried(lab, report, "Prometheus", QUERIES, PROMETHEUS_PORT, folder / "prometheus.log")
    for panel in json.loads((ALL_CONTRIB / "grafana" / "ntpkit.json").read_text())["panels"]:
        for target in panel["targets"]:
            query = target["expr"].replace("$instance", ".+")
            data = ask(lab, f"/api/v1/query?{urllib.parse.urlencode({'query': query})}")
            report.check(f"the dashboard's panel {panel['title']}", bool(data and data["result"]), f"{query}\n{data}")
    data = ask(lab, "/api/v1/rules")
    health = [rule["health"] for group in data["groups"] for rule in group["rules"]] if data else []
    report.check("Prometheus: every rule can be evaluated", bool(health) and set(health) == {"ok"}, json.dumps(data, indent=1))
    data = ask(lab, "/api/v1/targets")
    errors = [target["lastError"] for target in data["activeTargets"] if target["lastError"]] if data else ["no answer"]
    report.check("Prometheus: no scrape failed", not errors, "\n".join(errors))
