"""What the parts of this suite stand on: ours and the real programs, folders, and daemons in namespaces of their own."""
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

STARTED_AFTER = 20  # seconds: the longest that a daemon may need to answer
CERTAIN_AFTER = 120  # seconds: likewise to have samples enough of its clock
MOST_UNCERTAIN = 1400  # milliseconds of root distance, a little less than clients allow
NETWORK = "198.51.100"  # beside the world's own


class Context:
    """Everything that a run of the suite has made."""

    def __init__(self, lab, chosen, report):
        self.lab, self.report, self.only = lab, report, chosen.only
        self.folder = Path(tempfile.mkdtemp(prefix="keys.", dir=lab.folder))
        self.folder.chmod(0o755)
        self.tools = {name: Tools(name, chosen.ours, self.folder) for name in ("ntp-keygen", "ntpq", "ntpdc", "ntpdate")}
        self.ours = shutil.copy(chosen.ours, self.folder / "ntpkit")  # where everybody may run it
        self.place = lab.namespace("op")  # where programs run that talk to nobody
        self._numbers, self._lock, self._daemons = itertools.count(1), threading.Lock(), []

    def close(self):
        for daemon in self._daemons:
            daemon.end()
        for tools in self.tools.values():
            tools.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wants(self, name):
        """Whether this case was asked for."""
        return not self.only or self.only in name

    def new_folder(self, name):
        folder = Path(tempfile.mkdtemp(prefix=f"{re.sub('[^a-z0-9]+', '-', name.lower())}.", dir=self.folder))
        folder.chmod(0o755)
        return folder

    def keygen(self, folder, *arguments, dialect="default"):
        """A run of `ntp-keygen` in a folder; `dialect`: default, classic (ours in that dialect) or reference."""
        return getattr(self.tools["ntp-keygen"], dialect).run(self.place, arguments, folder=folder)

    def make(self, folder, *arguments, dialect="default"):
        """The same; what cannot be made is a fault of the case."""
        outcome = self.keygen(folder, *arguments, dialect=dialect)
        if outcome.status != 0:
            raise CaseError(f"ntp-keygen {' '.join(arguments)}\n{outcome.show()}")
        return outcome

    def daemon(self, kind, conf, folder):
        """A daemon in a namespace of its own on the world's bridge."""
        with self._lock:
            daemon = Daemon(self, kind, conf, folder, next(self._numbers))
            self._daemons.append(daemon)
        daemon.start()
        return daemon

    def check(self, name, right, *outcomes):
        """One case that holds or not; outcomes are texts or what programs left."""
        shown = [outcome if isinstance(outcome, str) else outcome.show() for outcome in outcomes]
        self.report.check(f"keys: {name}", right, "\n".join(shown))


class CaseError(Exception):
    """A case that could not be brought to its end; it has failed."""


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
        """What the real ntpq says on the daemon's own host."""
        words = ["-n", *(word for command in commands for word in ("-c", command)), "127.0.0.1"]
        return self._ntpq.run(self.namespace, words).stdout.decode("latin-1")

    def is_believed(self):
        """Waits until it knows the time so well that clients believe it: after some samples of its clock; whether it does."""
        def certain():
            told = self.ask("rv 0 leap,rootdelay,rootdisp")
            figures = [float(figure) for figure in re.findall(r"root(?:delay|disp)=([\d.]+)", told)]
            return "leap=00" in told and len(figures) == 2 and figures[0] / 2 + figures[1] < MOST_UNCERTAIN
        return wait(CERTAIN_AFTER, certain)

    def log(self):
        return "".join(f"--- {path}\n{path.read_text(errors='replace')[-1200:]}\n"
                       for path in (self.folder / "log", self.folder / "cryptostats") if path.exists())

    def answers(self):
        """Waits until it does; false if it has ended or never does."""
        return wait(STARTED_AFTER, lambda: self.process.poll() is not None or "version=" in self.ask("rv 0 version")) \
            and self.process.poll() is None


def wait(seconds, holds):
    """Waits until something holds; gives what it gave last."""
    deadline = time.monotonic() + seconds
    while True:
        result = holds()
        if result or time.monotonic() > deadline:
            return result
        time.sleep(0.5)


def guarded(context, name, part):
    """Runs a part; whatever goes wrong in it counts as its failure."""
    try:
        part()
    except (CaseError, LabError, OSError, ValueError, LookupError) as error:
        context.check(name, False, f"{type(error).__name__}: {error}")
