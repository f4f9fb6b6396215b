"""Setting the clock, in a virtual machine: every verdict comes from that machine's clock.

Without a virtual machine the suite prints NOT RUN; it never touches this machine's clock."""
import tempfile
import time
from pathlib import Path

from nts.authority import Authority
from ntplab import machine, packages
from ntplab.packages import LabError

HERE = Path(__file__).parent
HOOKS = HERE.parents[2] / "packaging/hooks"
NTS_ADDRESS = "127.0.0.10"


def run(_lab, chosen, report):
    """Runs the script and reports its verdicts."""
    begin = time.monotonic()
    if chosen.ours == "reference":
        print("NOT RUN clock: it tests ours only", flush=True)
        return
    try:
        machine.prepare()
        with tempfile.TemporaryDirectory() as folder:
            ours = Path(folder) / "ntpkit"
            # A debug build with its symbols does not fit into the machine's memory.
            packages.run("strip", "-o", ours, chosen.ours)
            helpers = [machine.compile_static(HERE / f"{name}.c", folder) for name in ("timeserver", "slewing")]
            authority = Authority(Path(folder) / "authority")
            certificates = [authority.certificate, *authority.issue("server", [NTS_ADDRESS])]
            steady = Path(folder) / "steady.so"
            packages.run("cc", "-O2", "-shared", "-fPIC", "-o", steady, HERE / "steady.c")
            libraries = packages.libraries("chronyd")
            # ntpd loads this library when one of its threads ends.
            thread_exit = packages.run("cc", "-print-file-name=libgcc_s.so.1").strip()
            ntpd = {packages.program("ntpd"): packages.libraries("ntpd")}
            settings = f"LIBRARIES={libraries}\nNTPD_LIBRARIES={packages.libraries('ntpd')}:/bin\nNOW={int(time.time())}\n"
            script = "".join([settings, *((HERE / f"{name}.sh").read_text() for name in ("script", "hooks", "nts", "daemons")), 'echo "all done"\n'])
            hooks = sorted(HOOKS.glob("ntpdate.*"))
            try:
                console = machine.boot(script, [ours, *helpers, *hooks, steady, *certificates, packages.program("chronyd"), thread_exit], libraries, ntpd)
            except machine.Crash as crash:
                console = str(crash)
    except LabError as error:
        print(f"NOT RUN clock: {error}", flush=True)
        return
    lines = console.splitlines()
    verdicts = [line for line in lines if line.startswith(("ok ", "not ok "))]
    since = []  # what was printed after the verdict before: it explains this one
    for line in lines:
        since.append(line)
        if line.startswith(("ok ", "not ok ")):
            report.check(f"clock: {line.removeprefix('not ').removeprefix('ok ')}", line.startswith("ok "), "\n".join(since))
            since = [] if line.startswith("not ok ") else since[-5:]
    report.check("clock: the script ran to its end", "all done" in lines, console)
    print(f"clock: {len(verdicts)} verdicts in {time.monotonic() - begin:.0f} s", flush=True)
