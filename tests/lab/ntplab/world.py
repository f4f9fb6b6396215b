"""Builds the world, waits until it has settled, takes it down."""
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
    # its clocks that are segments of shared memory are its own
    "classic": lambda conf: ["unshare", "--ipc", *real("ntpd"), "-n", "-c", str(conf)],
    "ntpsec": lambda conf: [*real("ntpsec-ntpd"), "-n", "-c", str(conf)],
    "chrony": lambda conf: chronyd(conf),
    "chrony-socket": lambda conf: at_run(conf.parent, "chrony", chronyd(conf)),
    "ntpd-rs": lambda conf: [*packages.foreign("ntp-daemon", packages.shared_object("fake_kernel")), "-c", str(conf)],
    "timesyncd": lambda conf: ["unshare", "-m", "sh", str(Path(__file__).with_name("timesyncd.sh")), str(conf.parent), str(conf),
                               str(packages.CACHE), *(word.replace(str(packages.CACHE), PROGRAMS_PLACE) for word in (
                                   str(packages.shared_object("fake_kernel")), str(packages.program("timesyncd")),
                                   str(packages.program("dbus-daemon")), packages.libraries("timesyncd")))],
    "twins": lambda conf: ["sh", "-c", f"{shlex.join([*real('ntpd'), '-n', '-c', str(conf)])} & "
                           f"exec {shlex.join(chronyd(conf.with_name('chrony.conf')))}"],
    "liar": lambda conf: [sys.executable, str(Path(__file__).with_name("liar.py")), conf.read_text().strip()],
}
PROGRAMS_PLACE = "/srv"  # where timesyncd, which is an unprivileged user, sees the real programs
HEAD_START = 2.0  # seconds that the servers need to be sure of their own clocks, lest a client's first burst be in vain
SETTLED_AFTER = 60  # seconds: the longest to wait


class World:
    """The hosts of `plan.HOSTS`, each in a network namespace `<prefix><host>`, joined by a bridge."""

    def __init__(self, prefix=None, hosts=None):
        """`hosts`: these alone, and no daemon on them."""
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
        """The name of a host's network namespace."""
        if host not in HOSTS:
            raise LabError(f"no host {host!r}: there are {', '.join(HOSTS)}")
        return self.prefix + host

    def up(self, kept=False):
        """Makes everything and starts every daemon. `kept`: outlives the process that made it."""
        if os.geteuid() != 0:
            raise LabError("network namespaces need root")
        packages.fetch()
        sweep()
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o755)
        (self.folder / "owner.json").write_text(json.dumps(None if kept else [os.getpid(), started(os.getpid())]))
        bridge = self.prefix + "net"
        namespaces.add(bridge)
        run("ip", "-n", bridge, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", bridge, "link", "set", "br0", "up")
        for name, host in self._hosts.items():
            self._attach(name, host, bridge)
        if not self._is_whole:
            return
        self._try_reference()
        for monitored in (False, True):
            for name, host in HOSTS.items():
                if host.daemon and host.monitored == monitored:
                    self._start(name, host)
            if not monitored:
                time.sleep(HEAD_START)

    def down(self):
        """Ends every process in the world and removes it."""
        namespaces.remove_all(self.prefix)
        shutil.rmtree(self.folder, ignore_errors=True)

    def settle(self):
        """Waits until every kind of association is there to be shown; gives the seconds it took."""
        begin = time.monotonic()
        while self._is_whole:
            self._look_after_daemons()
            missing = self._unsettled()
            spent = time.monotonic() - begin
            if not missing:
                return spent
            if spent > SETTLED_AFTER:
                raise LabError(f"not settled after {spent:.0f} s: {'; '.join(missing)}\n{self.logs()}")
            time.sleep(0.5)
        return 0

    def _try_reference(self):
        """The real ntpq must be able to begin with its work on a host: else no daemon would ever seem to be settled."""
        done = self._reference("op", "-n", "-c", "host 192.0.2.11")
        if done.returncode or done.stderr or done.stdout != b"current host set to 192.0.2.11\n":
            raise LabError(f"the real ntpq cannot run: exit {done.returncode}\n{(done.stdout + done.stderr).decode('latin-1')}".rstrip())

    def _look_after_daemons(self):
        """A real daemon that has ended is named, with its last words."""
        for name, process in self._daemons:
            if process.poll() is not None:
                log = (self.folder / name / "log").read_text(errors="replace")[-2000:]
                raise LabError(f"{HOSTS[name].daemon} on {name} cannot run: exit {process.returncode}\n{log}".rstrip())

    def _reference(self, host, *words):
        """A run of the real ntpq."""
        environment = dict(os.environ, LD_LIBRARY_PATH=packages.libraries("ntpq"))
        return subprocess.run(["ip", "netns", "exec", self.namespace(host), str(packages.program("ntpq")), *words],
                              env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)

    def peers(self, host):
        """{remote address: (tally, association ID)}, asked with the real ntpq on the host itself."""
        done = self._reference(host, "-nc", "apeers", "127.0.0.1")
        rows = done.stdout.decode("latin-1").splitlines()[2:]
        return {row[1:].split()[0]: (row[0], int(row[26:32])) for row in rows if len(row) > 40}

    def logs(self):
        """The ends of the daemons' logs."""
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

    def _unsettled(self):
        hub, sec = self.peers("hub"), self.peers("sec")
        wanted = {"hub": (hub, "192.0.2.11 192.0.2.12 192.0.2.13 192.0.2.14 2001:db8::11"),
                  "sec": (sec, "192.0.2.11 192.0.2.12 192.0.2.14 2001:db8::11")}
        missing = []
        for host, (peers, good) in wanted.items():
            if not any(tally == "*" for tally, _ in peers.values()):
                missing.append(f"{host} has no system peer")
            missing += [f"{host} has not accepted {peer}" for peer in good.split() if peers.get(peer, " ")[0] not in "*+-"]
        if hub.get("192.0.2.15", " ")[0] not in "x-":
            missing.append("hub has not seen through 192.0.2.15")
        return missing


def chronyd(conf):
    """The command that runs the real chronyd."""
    return [*real("chronyd"), "-d", "-x", "-U", "-u", "root", "-f", str(conf)]


def at_run(folder, name, command):
    """The command, to which this folder is /run/NAME, too, and nothing else is in /run."""
    place = shlex.quote(str(folder))
    steps = f"mount --bind {place} /mnt && mount -t tmpfs tmpfs /run && mkdir -p /run/{name} {place} && " \
            f"mount --bind /mnt /run/{name} && mount --bind /mnt {place} && exec \"$@\""
    return ["unshare", "-m", "sh", "-c", steps, "sh", *command]


def launch(namespace, kind, conf, folder):
    """Starts a daemon in a namespace; `@DIR@` in its configuration is the folder, in which its log will be."""
    path = folder / "daemon.conf"
    path.write_text(conf.replace("@DIR@", str(folder)))
    command = ["ip", "netns", "exec", namespace, *NO_CLOCK, *COMMANDS[kind](path)]
    with open(folder / "log", "wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, start_new_session=True)


def real(name):
    """The command that runs a real program with its own libraries."""
    return ["env", f"LD_LIBRARY_PATH={packages.libraries(name)}", str(packages.program(name))]


def started(pid):
    """When a process started, in the kernel's ticks; None if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return None


def sweep():
    """Removes worlds whose owner was killed before it could."""
    for folder in STATE.glob("nk*-"):
        try:
            owner = json.loads((folder / "owner.json").read_text())
        except (OSError, ValueError):
            continue
        if owner and started(owner[0]) != owner[1]:
            World(folder.name).down()


def standing():
    """The world that `lab.py up` left standing."""
    for folder in sorted(STATE.glob("nk*-")):
        if (folder / "owner.json").read_text() == "null":
            return World(folder.name)
    raise LabError("no world is up (lab.py up)")
