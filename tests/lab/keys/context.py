"""What the parts of this suite use: ours and the real programs, folders, and daemons in their own namespaces."""
import itertools
import re
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from ntplab import namespaces
from ntplab.packages import LabError
from ntplab.programs import Tools
from ntplab.world import launch

START_TIMEOUT = 20  # seconds for a daemon to answer
SYNC_TIMEOUT = 120  # seconds for a daemon to reach the root distance below
MAX_ROOT_DISTANCE = 1400  # milliseconds, slightly less than clients accept
NETWORK = "198.51.100"  # in addition to the laboratory's own


class Context:
    """Everything created by a run of the suite."""

    def __init__(self, lab, chosen, report):
        self.lab, self.report, self.only = lab, report, chosen.only
        self.folder = Path(tempfile.mkdtemp(prefix="keys.", dir=lab.folder))
        self.folder.chmod(0o755)
        self.tools = {name: Tools(name, chosen.ours, self.folder) for name in ("ntp-keygen", "ntpq", "ntpdc", "ntpdate")}
        self.ours = shutil.copy(chosen.ours, self.folder / "ntpkit")  # where every user may run it
        self.place = lab.namespace("op")  # for programs that need no network
        self._numbers, self._lock, self._daemons = itertools.count(1), threading.Lock(), []

    def close(self):
        for daemon in self._daemons:
            daemon.end()
        for tools in self.tools.values():
            tools.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wants(self, name):
        """Whether this case is to be run."""
        return not self.only or self.only in name

    def new_folder(self, name):
        folder = Path(tempfile.mkdtemp(prefix=f"{re.sub('[^a-z0-9]+', '-', name.lower())}.", dir=self.folder))
        folder.chmod(0o755)
        return folder

    def keygen(self, folder, *arguments, dialect="default"):
        """Runs `ntp-keygen` in a folder; `dialect`: default or classic (ours), or reference."""
        return getattr(self.tools["ntp-keygen"], dialect).run(self.place, arguments, folder=folder)

    def make(self, folder, *arguments, dialect="default"):
        """Runs `ntp-keygen`, which must succeed."""
        outcome = self.keygen(folder, *arguments, dialect=dialect)
        if outcome.status != 0:
            raise CaseError(f"ntp-keygen {' '.join(arguments)}\n{outcome.show()}")
        return outcome

    def daemon(self, kind, conf, folder):
        """Starts a daemon in its own namespace on the laboratory's bridge."""
        with self._lock:
            daemon = Daemon(self, kind, conf, folder, next(self._numbers))
            self._daemons.append(daemon)
        daemon.start()
        return daemon

    def check(self, name, ok, *outcomes):
        """Counts a case as passed or failed; outcomes are texts or outcomes of programs, to be shown."""
        shown = [outcome if isinstance(outcome, str) else outcome.show() for outcome in outcomes]
        self.report.check(f"keys: {name}", ok, "\n".join(shown))


class CaseError(Exception):
    """A case that could not be completed; it has failed."""


class Daemon:
    """A running daemon, its namespace and its address."""

    def __init__(self, context, kind, conf, folder, number):
        self._kind, self._conf = kind, conf
        self.folder = folder
        self.address = f"{NETWORK}.{number}"
        self.namespace = f"{context.lab.prefix}k{number}"
        self._bridge, self._port = context.lab.prefix + "net", f"k{number}"
        self._ntpq = context.tools["ntpq"].reference
        self.process = None

    def start(self):
        namespaces.add(self.namespace)
        namespaces.join(self.namespace, self._bridge, self._port, [self.address])
        self.process = launch(self.namespace, self._kind, self._conf, self.folder)

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def ask(self, *commands):
        """Returns the output of the real ntpq on the daemon's host."""
        words = ["-n", *(word for command in commands for word in ("-c", command)), "127.0.0.1"]
        return self._ntpq.run(self.namespace, words).stdout.decode("latin-1")

    def synchronises(self):
        """Waits until clients accept the daemon's root distance; returns whether they do."""
        def is_acceptable():
            variables = self.ask("rv 0 leap,rootdelay,rootdisp")
            figures = [float(figure) for figure in re.findall(r"root(?:delay|disp)=([\d.]+)", variables)]
            return "leap=00" in variables and len(figures) == 2 and figures[0] / 2 + figures[1] < MAX_ROOT_DISTANCE
        return wait(SYNC_TIMEOUT, is_acceptable)

    def log(self):
        return "".join(f"--- {path}\n{path.read_text(errors='replace')[-1200:]}\n"
                       for path in (self.folder / "log", self.folder / "cryptostats") if path.exists())

    def answers(self):
        """Waits until the daemon answers queries; returns False if it exits or never does."""
        return wait(START_TIMEOUT, lambda: self.process.poll() is not None or "version=" in self.ask("rv 0 version")) \
            and self.process.poll() is None


def wait(seconds, condition):
    """Waits until a condition is true; returns its last result."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result or time.monotonic() > deadline:
            return result
        time.sleep(0.5)


def guarded(context, name, part):
    """Runs a part; counts an exception as its failure."""
    try:
        part()
    except (CaseError, LabError, OSError, ValueError, LookupError) as error:
        context.check(name, False, f"{type(error).__name__}: {error}")
