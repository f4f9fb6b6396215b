"""Runs a program on a host and keeps its outcome."""
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Tuple

from . import packages
from .packages import LabError

NO_CLOCK = ("setpriv", "--bounding-set", "-sys_time", "--inh-caps", "-all")  # no program run here may set the clock
TIME_LIMIT = 60  # seconds after which a program is killed


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run: both streams, exit status (`None`: killed after the time limit), and the files it wrote."""
    stdout: bytes
    stderr: bytes
    status: object
    files: Tuple[Tuple[str, bytes], ...] = ()

    def show(self):
        """Returns the outcome as text for a person."""
        parts = [f"status {self.status}"]
        streams = [("stdout", self.stdout), ("stderr", self.stderr), *self.files]
        parts += [f"--- {name}\n{data.decode('latin-1')}" for name, data in streams if data]
        return "\n".join(parts)


class Tool:
    """A program under the name that its messages should show, with the environment it needs."""

    def __init__(self, name, path, settings: Dict[str, str], folder):
        self.name = name
        self._settings = settings
        self._bin = Path(folder)
        self._bin.mkdir(parents=True)
        (self._bin / name).symlink_to(Path(path).resolve())

    def run(self, namespace, arguments, stdin=b"", time_limit=TIME_LIMIT, folder=None):
        """Runs the program in an empty folder, which is also its home, or in `folder`, which is kept. argv[0] is the bare
        name."""
        return self.begin(namespace, arguments, folder).finish(time_limit, stdin)

    def begin(self, namespace, arguments, folder=None):
        """Starts such a run without waiting for it."""
        home = str(folder) if folder else tempfile.mkdtemp(dir=self._bin.parent)
        settings = {"PATH": f"{self._bin}:/usr/bin:/bin", "HOME": home, "LC_ALL": "C", "TZ": "UTC", "TERM": "dumb", **self._settings}
        command = ["ip", "netns", "exec", namespace, *NO_CLOCK, "env", "-i", "--default-signal=INT", *(f"{name}={value}" for name, value in settings.items()),
                   self.name, *arguments]
        process = subprocess.Popen(command, cwd=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True)
        return Run(process, home, bool(folder), f"{self._bin}/")


class Run:
    """A running program."""

    def __init__(self, process, home, is_kept, folder):
        self._process, self._home, self._is_kept, self._folder = process, home, is_kept, folder

    def interrupt(self):
        """Sends SIGINT, as Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)

    def finish(self, time_limit, stdin=b""):
        """Waits for the program, kills it after `time_limit` seconds, and returns the outcome."""
        process = self._process
        try:
            stdout, stderr = process.communicate(stdin, timeout=time_limit)
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            stdout, stderr = process.communicate()
            status = None
        finally:
            files = tuple((path.name, path.read_bytes()) for path in sorted(Path(self._home).iterdir()) if path.is_file())
            if not self._is_kept:
                shutil.rmtree(self._home)
        # the reference's option parser prints the program's full path
        return Outcome(stdout, stderr.replace(self._folder.encode(), b""), status, files)


class Tools:
    """The programs of a comparison: the reference, and ours in both dialects."""

    def __init__(self, applet, ours, folder):
        self.ours = ours
        self._folder = tempfile.mkdtemp(prefix="tools.", dir=folder)
        libraries = {"LD_LIBRARY_PATH": packages.libraries(applet)}
        real = packages.program(applet)
        self.reference = Tool(applet, real, libraries, f"{self._folder}/reference")
        self.has_dialects = ours != "reference"
        if self.has_dialects:
            if not os.access(ours, os.X_OK):
                raise LabError(f"--ours {ours}: not a program")
            self.classic = Tool(applet, ours, {"NTPKIT_COMPAT": packages.REFERENCE_VERSION}, f"{self._folder}/classic")
            self.default = Tool(applet, ours, {}, f"{self._folder}/default")
        else:
            self.classic = self.default = self.reference

    def close(self):
        shutil.rmtree(self._folder, ignore_errors=True)


class NtpsecTables:
    """NTPsec's ntpq, a Python script, and ours with NTPsec's tables."""

    def __init__(self, ours, folder):
        self._folder = tempfile.mkdtemp(prefix="ntpsec.", dir=folder)
        real = packages.program("ntpsec-ntpq")
        modules = real.parent.parent / "lib/python3/dist-packages"
        settings = {"LD_LIBRARY_PATH": packages.libraries("ntpsec-ntpq"), "PYTHONPATH": str(modules), "PYTHONDONTWRITEBYTECODE": "1"}
        self.reference = Tool("ntpq", real, settings, f"{self._folder}/reference")
        self.ours = Tool("ntpq", ours, {"NTPKIT_COMPAT": "ntpsec"}, f"{self._folder}/ours")

    def close(self):
        shutil.rmtree(self._folder, ignore_errors=True)
