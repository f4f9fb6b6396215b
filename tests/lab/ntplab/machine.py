"""A small virtual machine whose clock may be set: Debian's cloud kernel, busybox, and the given programs."""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import packages
from .packages import CACHE, LabError, run

TOOLS = {"qemu-system-x86_64": "qemu-system-x86", "busybox": "busybox-static", "cpio": "cpio", "cc": "gcc"}
RELEASE, KERNEL = "bookworm", "linux-image-cloud-amd64"
TIME_LIMIT = 420  # seconds after which the machine is killed
# on a busy host the kernel distrusts its first clock source, and switching to the next one resets the clock discipline
FIXED_CLOCK_SOURCE = "tsc=unstable clocksource=acpi_pm"
# on a busy host the kernel's timer check sees too few interrupts and panics
NO_TIMER_CHECK = "no_timer_check"
MAX_BOOTS = 3
INIT = """#!/bin/sh
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
ip link set lo up; export PATH=/bin
echo '--- script'; sh /script; echo '--- end'; poweroff -f
"""


class Crash(LabError):
    """The machine was started and did not run the script to its end."""


def prepare():
    """Installs the tools and fetches the kernel."""
    missing = [package for command, package in TOOLS.items() if not shutil.which(command, path=packages.search_path())]
    if missing:
        if os.geteuid() != 0:
            raise LabError(f"not installed: {' '.join(missing)}")
        run("apt-get", "update", "-q")
        run("apt-get", "install", "-y", "-q", "--no-install-recommends", *missing)
    if not (CACHE / "kernel").exists():
        options = packages.apt_options(RELEASE)
        run("apt-get", *options, "update", "-q")
        words = run("apt-cache", *options, "depends", KERNEL).split()
        packages.unpack("kernel", RELEASE, [word for word in words if word.startswith("linux-image-") and word != KERNEL][:1])


def compile_static(source, folder):
    """Compiles a statically linked program and returns its path."""
    target = Path(folder) / Path(source).stem
    run("cc", "-O2", "-static", "-o", target, source)
    return target


def boot(script, programs, libraries="", others=None):
    """Runs a busybox shell script as root in a fresh machine with the programs and files in its path; returns its output.
    `libraries`: the LD_LIBRARY_PATH with which to find the programs' libraries; `others`: more programs, each with its own."""
    kernels = sorted((CACHE / "kernel/boot").glob("vmlinuz-*"))
    if not kernels:
        raise LabError("no kernel in the cache")
    with tempfile.TemporaryDirectory() as work:
        root = Path(work) / "root"
        for folder in ("bin", "proc", "sys", "dev", "tmp", "etc"):
            (root / folder).mkdir(parents=True)
        busybox = shutil.which("busybox", path=packages.search_path())
        shutil.copy(busybox, root / "bin/busybox")
        for applet in run(busybox, "--list").split():
            if applet != "busybox":
                (root / "bin" / applet).symlink_to("busybox")
        (root / "etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n")
        (root / "etc/group").write_text("root:x:0:\nnogroup:x:65534:\n")
        for source, needed in [*((source, libraries) for source in programs), *(others or {}).items()]:
            install(root, Path(source), needed)
        (root / "script").write_text(script)
        (root / "init").write_text(INIT)
        (root / "init").chmod(0o755)
        image = Path(work) / "image"
        names = run("find", ".", cwd=root)
        with open(image, "wb") as out:
            subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input=names.encode(), stdout=out, check=True)
        command = ["qemu-system-x86_64", "-accel", "tcg", "-m", "384", "-display", "none", "-no-reboot", "-nodefaults", "-nic", "none",
                   "-serial", "stdio", "-kernel", kernels[-1], "-initrd", image, "-append", f"console=ttyS0 quiet panic=-1 {FIXED_CLOCK_SOURCE} {NO_TIMER_CHECK}"]
        for _ in range(MAX_BOOTS):
            try:
                done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT)
            except subprocess.TimeoutExpired as error:
                raise Crash(f"the virtual machine did not shut down:\n{(error.stdout or b'')[-2000:].decode(errors='replace')}") from error
            text = done.stdout.decode(errors="replace").replace("\r", "")
            if "--- script\n" in text:
                break  # the boot succeeded; any later failure is the script's
    if "--- script\n" not in text or "--- end" not in text:
        raise Crash(f"the virtual machine did not run the script:\n{text[-2000:]}{done.stderr.decode(errors='replace')}")
    return text.partition("--- script\n")[2].rpartition("--- end")[0]


def install(root, source, libraries):
    """Copies a program and the libraries it needs."""
    shutil.copy(source, root / "bin" / source.name)
    environment = dict(os.environ, LD_LIBRARY_PATH=libraries)
    listed = subprocess.run(["ldd", str(source)], env=environment, capture_output=True, text=True).stdout
    for word in listed.split():
        if word.startswith("/") and Path(word).is_file():
            target = root / word.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path(word).resolve(), target)
