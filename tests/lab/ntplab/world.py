"""Builds the network of the laboratory, waits until it is ready, takes it down."""
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import namespaces, packages
from .packages import LabError, run
from .plan import HOSTS, hosts_file

STATE = Path("/run/ntpkit-lab")
NO_CLOCK = ["setpriv", "--bounding-set", "-sys_time", "--inh-caps", "-all"]  # nothing here may set this machine's clock
COMMANDS = {
    # with its own IPC namespace, so that its shared memory clocks are separate
    "classic": lambda conf: ["unshare", "--ipc", *real_command("ntpd"), "-n", "-c", str(conf)],
    "ntpsec": lambda conf: [*real_command("ntpsec-ntpd"), "-n", "-c", str(conf)],
    "chrony": lambda conf: chronyd(conf),
    "chrony-socket": lambda conf: with_run_directory(conf.parent, "chrony", chronyd(conf)),
    "ntpd-rs": lambda conf: [*packages.foreign("ntp-daemon", packages.shared_object("fake_kernel")), "-c", str(conf)],
    "timesyncd": lambda conf: ["unshare", "-m", "sh", str(Path(__file__).with_name("timesyncd.sh")), str(conf.parent), str(conf),
                               str(packages.CACHE), *(word.replace(str(packages.CACHE), PROGRAMS_MOUNT) for word in (
                                   str(packages.shared_object("fake_kernel")), str(packages.program("timesyncd")),
                                   str(packages.program("dbus-daemon")), packages.libraries("timesyncd")))],
    "twins": lambda conf: ["sh", "-c", f"{shlex.join([*real_command('ntpd'), '-n', '-c', str(conf)])} & "
                           f"exec {shlex.join(chronyd(conf.with_name('chrony.conf')))}"],
    "liar": lambda conf: [sys.executable, str(Path(__file__).with_name("liar.py")), conf.read_text().strip()],
}
PROGRAMS_MOUNT = "/srv"  # where timesyncd, running unprivileged, finds the real programs
HEAD_START = 2.0  # seconds for the servers to trust their own clocks before clients send their first burst
READY_TIMEOUT = 60  # seconds


class World:
    """The hosts of `plan.HOSTS`, each in a network namespace `<prefix><host>`, joined by a bridge."""

    def __init__(self, prefix=None, hosts=None):
        """`hosts`: only these, without daemons."""
        self.prefix = prefix or f"nk{os.getpid()}-"
        self.folder = STATE / self.prefix
        self._hosts = HOSTS if hosts is None else {name: HOSTS[name] for name in hosts}
        self._is_whole = hosts is None
        self._daemons = []  # (host, process)

    def __enter__(self):
        for kind in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(kind, lambda number, frame: sys.exit(128 + number))
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, *reason):
        self.down()

    def namespace(self, host):
        """Returns the name of a host's network namespace."""
        if host not in HOSTS:
            raise LabError(f"no such host: {host!r} (hosts: {', '.join(HOSTS)})")
        return self.prefix + host

    def up(self, persistent=False):
        """Creates the network and starts all daemons. `persistent`: it outlives this process."""
        if os.geteuid() != 0:
            raise LabError("network namespaces need root")
        packages.fetch()
        remove_stale()
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o755)
        (self.folder / "owner.json").write_text(json.dumps(None if persistent else [os.getpid(), start_time(os.getpid())]))
        bridge = self.prefix + "net"
        namespaces.add(bridge)
        run("ip", "-n", bridge, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", bridge, "link", "set", "br0", "up")
        for name, host in self._hosts.items():
            self._attach(name, host, bridge)
        if not self._is_whole:
            return
        self._check_reference()
        for monitored in (False, True):
            for name, host in HOSTS.items():
                if host.daemon and host.monitored == monitored:
                    self._start(name, host)
            if not monitored:
                time.sleep(HEAD_START)

    def down(self):
        """Kills all processes in the network and removes it."""
        namespaces.remove_all(self.prefix)
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait_until_ready(self):
        """Waits until the daemons have associations of every kind; returns the seconds it took."""
        begin = time.monotonic()
        while self._is_whole:
            self._check_daemons()
            missing = self._missing()
            spent = time.monotonic() - begin
            if not missing:
                return spent
            if spent > READY_TIMEOUT:
                raise LabError(f"not ready after {spent:.0f} s: {'; '.join(missing)}\n{self.logs()}")
            time.sleep(0.5)
        return 0

    def _check_reference(self):
        """Checks that the real ntpq runs on a host: else no daemon would ever seem ready."""
        done = self._reference("op", "-n", "-c", "host 192.0.2.11")
        if done.returncode or done.stderr or done.stdout != b"current host set to 192.0.2.11\n":
            raise LabError(f"the real ntpq cannot run: exit {done.returncode}\n{(done.stdout + done.stderr).decode('latin-1')}".rstrip())

    def _check_daemons(self):
        """Raises an error with the end of the log if a real daemon has exited."""
        for name, process in self._daemons:
            if process.poll() is not None:
                log = (self.folder / name / "log").read_text(errors="replace")[-2000:]
                raise LabError(f"{HOSTS[name].daemon} on {name} cannot run: exit {process.returncode}\n{log}".rstrip())

    def _reference(self, host, *words):
        """Runs the real ntpq."""
        environment = dict(os.environ, LD_LIBRARY_PATH=packages.libraries("ntpq"))
        return subprocess.run(["ip", "netns", "exec", self.namespace(host), str(packages.program("ntpq")), *words],
                              env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)

    def peers(self, host):
        """Returns {remote address: (tally, association ID)}, queried with the real ntpq on the host itself."""
        done = self._reference(host, "-nc", "apeers", "127.0.0.1")
        rows = done.stdout.decode("latin-1").splitlines()[2:]
        return {row[1:].split()[0]: (row[0], int(row[26:32])) for row in rows if len(row) > 40}

    def logs(self):
        """Returns the last lines of the daemons' logs."""
        return "".join(f"--- {path.parent.name}\n{path.read_text(errors='replace')[-600:]}\n" for path in sorted(self.folder.glob("*/log")))

    def _attach(self, name, host, bridge):
        namespace = self.namespace(name)
        namespaces.name_service(namespace, hosts_file() if host.names else "", host.resolv_conf)
        namespaces.add(namespace)
        namespaces.join(namespace, bridge, f"p{host.number}", host.addresses)

    def _start(self, name, host):
        folder = self.folder / name
        folder.mkdir()
        folder.chmod(0o750 if host.daemon.startswith("chrony") else 0o755)
        for file, text in host.files.items():
            (folder / file).write_text(text.replace("@DIR@", str(folder)))
            (folder / file).chmod(0o600)
        self._daemons.append((name, launch(self.namespace(name), host.daemon, host.conf, folder)))

    def _missing(self):
        hub, sec = self.peers("hub"), self.peers("sec")
        wanted = {"hub": (hub, "192.0.2.11 192.0.2.12 192.0.2.13 192.0.2.14 2001:db8::11"),
                  "sec": (sec, "192.0.2.11 192.0.2.12 192.0.2.14 2001:db8::11")}
        missing = []
        for host, (peers, good) in wanted.items():
            if not any(tally == "*" for tally, _ in peers.values()):
                missing.append(f"{host} has no system peer")
            missing += [f"{host} has not accepted {peer}" for peer in good.split() if peers.get(peer, " ")[0] not in "*+-"]
        if hub.get("192.0.2.15", " ")[0] not in "x-":
            missing.append("hub has not rejected 192.0.2.15")
        return missing


def chronyd(conf):
    """Returns the command that runs the real chronyd."""
    return [*real_command("chronyd"), "-d", "-x", "-U", "-u", "root", "-f", str(conf)]


def with_run_directory(folder, name, command):
    """Returns the command wrapped so that it sees the folder as /run/NAME, too, and nothing else in /run."""
    place = shlex.quote(str(folder))
    steps = f"mount --bind {place} /mnt && mount -t tmpfs tmpfs /run && mkdir -p /run/{name} {place} && " \
            f"mount --bind /mnt /run/{name} && mount --bind /mnt {place} && exec \"$@\""
    return ["unshare", "-m", "sh", "-c", steps, "sh", *command]


def launch(namespace, kind, conf, folder):
    """Starts a daemon in a namespace; `@DIR@` in its configuration stands for the folder, which also gets its log."""
    path = folder / "daemon.conf"
    path.write_text(conf.replace("@DIR@", str(folder)))
    command = ["ip", "netns", "exec", namespace, *NO_CLOCK, *COMMANDS[kind](path)]
    with open(folder / "log", "wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, start_new_session=True)


def real_command(name):
    """Returns the command that runs a real program with its own libraries."""
    return ["env", f"LD_LIBRARY_PATH={packages.libraries(name)}", str(packages.program(name))]


def start_time(pid):
    """Returns the start time of a process in clock ticks; None if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return None


def remove_stale():
    """Removes networks whose owner was killed before it could do so."""
    for folder in STATE.glob("nk*-"):
        try:
            owner = json.loads((folder / "owner.json").read_text())
        except (OSError, ValueError):
            continue
        if owner and start_time(owner[0]) != owner[1]:
            World(folder.name).down()


def running_world():
    """Returns the network that `lab.py up` created."""
    for folder in sorted(STATE.glob("nk*-")):
        if (folder / "owner.json").read_text() == "null":
            return World(folder.name)
    raise LabError("the laboratory is not up (run lab.py up)")
