"""Compares `ntpdate-debian` with Debian's script, on the same system configuration."""
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from ntplab import packages
from ntplab.programs import NO_CLOCK, TIME_LIMIT, Outcome

SETTINGS = "NTPDATE_USE_NTP_CONF=yes\nNTPSERVERS=\"192.0.2.13\"\nNTPOPTIONS=\"-t 1\"\n"
CONFIGURATION = "driftfile /x\npool -4 192.0.2.12 iburst\n server 192.0.2.16\n#server no\nserver 127.127.1.0\nserver 2001:db8::11 key 2\n"
PLAIN = "NTPDATE_USE_NTP_CONF=no\nNTPSERVERS='192.0.2.12'\nNTPOPTIONS=''\n"
DHCP = "NTPSERVERS='192.0.2.14'\n"
# name, files, arguments
CASES = [
    ("no settings", {}, ["-q", "192.0.2.12"]),
    ("no settings, no servers", {}, ["-q"]),
    ("servers from the settings", {"etc/default/ntpdate": PLAIN}, ["-q"]),
    ("servers from the settings and the command line", {"etc/default/ntpdate": PLAIN}, ["-q", "-t", "1", "192.0.2.16"]),
    ("settings without ntp.conf", {"etc/default/ntpdate": SETTINGS}, ["-q"]),
    ("ntp.conf", {"etc/default/ntpdate": SETTINGS, "etc/ntp.conf": CONFIGURATION}, ["-q"]),
    ("an ignored ntp.conf", {"etc/default/ntpdate": PLAIN, "etc/ntp.conf": CONFIGURATION}, ["-q"]),
    ("OpenNTPD's configuration", {"etc/default/ntpdate": SETTINGS, "etc/openntpd/ntpd.conf": "servers 192.0.2.14\n"}, ["-q"]),
    ("servers from DHCP", {"etc/default/ntpdate": SETTINGS, "etc/ntp.conf": CONFIGURATION, "run/ntpdate.dhcp": DHCP}, ["-q"]),
    ("an invalid option", {"etc/default/ntpdate": SETTINGS}, ["-z"]),
]
NTPSEC_FILES = {"etc/default/ntpdate": SETTINGS, "etc/ntpsec/ntp.conf": CONFIGURATION}
# folders replaced by the files of the case
HIDDEN = ("etc", "usr/sbin", "run")


def programs(chosen, folder):
    """Returns the commands: Debian's script, and ours in both dialects."""
    link = Path(folder) / "ntpdate-debian"
    link.symlink_to(Path(chosen.ours).resolve())
    script = str(packages.program("ntpdate").with_name("ntpdate-debian"))
    return ["/bin/sh", script], ["env", f"NTPKIT_COMPAT={packages.REFERENCE_VERSION}", str(link)], [str(link)]


def run(lab, command, files, arguments):
    """Runs a command on the operator's host, in a mount namespace with these files."""
    root = Path(tempfile.mkdtemp(prefix="ntpdate-debian."))
    try:
        for place in HIDDEN:
            (root / place).mkdir(parents=True)
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        original = root / "usr/sbin/ntpdate"
        original.write_text(f"#!/bin/sh\nLD_LIBRARY_PATH={shlex.quote(packages.libraries('ntpdate'))} "
                            f"exec {shlex.quote(str(packages.program('ntpdate')))} \"$@\"\n")
        original.chmod(0o755)
        mounts = " && ".join(f"mount --bind {shlex.quote(str(root / place))} /{place}" for place in HIDDEN)
        inside = ["unshare", "-m", "sh", "-c", f"{mounts} && exec \"$@\"", "sh", *NO_CLOCK, "env", "-i", "PATH=/usr/bin:/bin", "LC_ALL=C",
                  "TZ=UTC", *command, *arguments]
        done = subprocess.run(["ip", "netns", "exec", lab.namespace("op"), *inside], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=TIME_LIMIT, check=False)
        return Outcome(done.stdout, done.stderr.replace(f"{os.path.dirname(packages.program('ntpdate'))}/".encode(), b""), done.returncode)
    finally:
        shutil.rmtree(root)
