"""The units of packaging/systemd under a real systemd, in a virtual machine: they start, with socket activation too, their sandbox lets
them do what they are for, and `systemd-analyze security` rates them under 2.0."""
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from contrib.debian import MACHINE
from ntplab import machine, packages
from ntplab.packages import CACHE, run
from ntplab.programs import NO_CLOCK

ROOT = Path(__file__).resolve().parents[3]
TIME_LIMIT = 400  # seconds after which the machine is killed
# What the machine does without.
LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/i18n", "usr/lib/x86_64-linux-gnu/gconv", "var/lib/apt/lists",
            "var/cache/apt")
# case -> a regular expression for what is found
EXPECTED = {
    "exposure of ntpkit-exporter": r".*: [01]\.\d OK\b.*",
    "exposure of ntpkit-textfile": r".*: [01]\.\d OK\b.*",
    "the service": "active Healthy",
    "its user": "ntpkit-exporter",
    "its privileges": "CapEff:0{16} CapBnd:0{16} NoNewPrivs:1 Seccomp:2 ",
    "the kernel's clock": r'ntpkit_kernel_code \d ntpkit_scrape_collector_success\{collector="kernel"\} 1 ',
    "a probe": r'ntpkit_probe_failure_info\{reason="unreachable"\} 1',
    "after a crash": "1 Healthy",
    "when stopped": "success ",
    "before the first connection": "active inactive ",
    "socket activation": "Healthy active",
    "with a password": r"HTTP/1\.0 401 Unauthorized",
    "the textfile": "success prometheus 644 ntpkit_textfile_success 0",  # no daemon answers
    "the timer": r"ntpkit\.prom",
}
SERVICE = """[Unit]
After=basic.target
[Service]
Type=oneshot
ExecStart=/bin/bash /lab.sh
ExecStopPost=/bin/systemctl poweroff -ff
StandardOutput=file:/dev/ttyS0
StandardError=file:/dev/ttyS0
"""
TARGET = """[Unit]
Requires=basic.target lab.service
"""
INIT = """#!/bin/sh
/bin/busybox mount -t tmpfs -o size=900m none /new
/bin/busybox tar -C /new -xf /root.tar
/bin/busybox rm /root.tar
/bin/busybox ip link set lo up
exec /bin/busybox switch_root /new /lib/systemd/systemd --unit=lab.target
"""


def check(ours, folder, report):
    """Boots the machine once; each of its lines is a case."""
    machine.prepare()
    log = boot(image(Path(ours), folder))
    found = dict(re.findall(r"^CASE ([^|\n]+)\|([^\n]*)$", log.replace("\r", ""), re.M))
    for name, pattern in EXPECTED.items():
        right = bool(re.fullmatch(pattern, found.get(name, "")))
        report.check(f"systemd: {name}", right, f"{found.get(name)}" if name in found else log[-3000:])


def image(ours, folder):
    """Makes the first file system of the machine, which contains all of it."""
    first, extra = folder / "first", folder / "extra"
    for path in (first / "bin", first / "proc", first / "new", extra / "usr/bin", extra / "usr/lib/systemd/system", extra / "usr/lib/sysusers.d",
                 extra / "etc/default"):
        path.mkdir(parents=True)
    # A debug build would not fit with its symbols.
    run("strip", "-o", extra / "usr/bin/ntpkit", ours)
    units = ROOT / "packaging/systemd"
    for path in units.iterdir():
        if path.suffix in (".service", ".socket", ".timer"):
            shutil.copy(path, extra / "usr/lib/systemd/system")
    shutil.copy(units / "ntpkit-exporter.sysusers", extra / "usr/lib/sysusers.d/ntpkit-exporter.conf")
    shutil.copy(units / "ntpkit-exporter.default", extra / "etc/default/ntpkit-exporter")
    (extra / "usr/lib/systemd/system/lab.service").write_text(SERVICE)
    (extra / "usr/lib/systemd/system/lab.target").write_text(TARGET)
    shutil.copy(Path(__file__).with_name("units.sh"), extra / "lab.sh")
    (extra / "etc/fstab").write_text("")
    run("tar", "-C", MACHINE, *(f"--exclude=./{path}" for path in LEFT_OUT), "-cf", first / "root.tar", ".")
    run("tar", "-C", extra, "--owner=0", "--group=0", "-rf", first / "root.tar", ".")
    shutil.rmtree(extra)
    shutil.copy(shutil.which("busybox", path=packages.search_path()), first / "bin/busybox")
    (first / "bin/sh").symlink_to("busybox")
    (first / "init").write_text(INIT)
    (first / "init").chmod(0o755)
    made = folder / "image"
    with open(made, "wb") as out:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=first, input=run("find", ".", cwd=first).encode(), stdout=out, check=True)
    shutil.rmtree(first)
    return made


def boot(made):
    """Returns what the machine has printed."""
    kernel = sorted((CACHE / "kernel/boot").glob("vmlinuz-*"))[-1]
    options = f"console=ttyS0 quiet panic=-1 systemd.show_status=0 {machine.FIXED_CLOCK_SOURCE} {machine.NO_TIMER_CHECK}"
    command = [*NO_CLOCK, "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-smp", "2", "-cpu", "max", "-m", "1400", "-display", "none", "-no-reboot",
               "-nodefaults", "-nic", "none", "-serial", "stdio", "-kernel", kernel, "-initrd", made, "-append", options]
    with tempfile.TemporaryFile() as log:
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=TIME_LIMIT, check=False)
        except subprocess.TimeoutExpired:
            pass  # what is missing in its output fails
        log.seek(0)
        return log.read().decode(errors="replace")
