"""What chronyd reports of the authentication of its sources through its Unix socket: `ntpkit diag` names each fault, and
only the faults."""
import json
import os
import shutil
import time

from ntplab import world
from ntplab.plan import HOSTS
from ntplab.programs import Tool

from .failures import redirected_server
from .servers import TamperingRelay

CLIENT, KEY = "tick", 9
PATIENCE = 40  # seconds for chronyd to try
CONFIGURATION = """pidfile @DIR@/pid
bindcmdaddress /run/chrony/chronyd.sock
cmdport 0
keyfile @DIR@/keys
ntstrustedcerts @DIR@/ca.pem
"""
GOOD = "server time1.lab.test nts iburst minpoll 3 maxpoll 4\n"
#         name                              lines                     state, words, the command that helps
SITUATIONS = [
    ("NTS works", "", ("OK", "1 of 1 source authenticated", "")),
    ("no key exchange there", "server 192.0.2.50 nts iburst minpoll 3 maxpoll 4\n",
     ("FAIL", "192.0.2.50 has no NTS cookies: no key exchange has succeeded in ", "ntpkit nts 192.0.2.50")),
    ("a key that the daemon does not have", f"server 192.0.2.12 key {KEY} iburst minpoll 3 maxpoll 4\n",
     ("FAIL", f"192.0.2.12: the daemon has no key {KEY}", f"add key {KEY} to the keyfile")),
    ("NTS NAK", "server closed.lab.test nts iburst minpoll 3 maxpoll 4\n", ("FAIL", "rejects its NTS cookies (|answers requests without NTS", "ntpkit nts ")),
]
# Checks about keys and packet filters; the others are about the number of sources and the machine.
CHECKS = ("authentication", "reach", "port-123", "tests")


def run(context):
    for number, (name, lines, wanted) in enumerate(SITUATIONS):
        name = f"chronyd's sources: {name}"
        if context.wanted(name):
            one(context, number, name, lines, wanted)


def one(context, number, name, lines, wanted):
    """Runs a chronyd and examines it until it shows the fault."""
    folder = context.lab.folder / f"sources{number}"
    folder.mkdir(mode=0o750)
    (folder / "keys").touch(0o600)
    shutil.copy(context.authority.certificate, folder / "ca.pem")  # it sees nothing else in /run
    configuration = CONFIGURATION + GOOD + lines
    namespace = context.lab.namespace(CLIENT)
    relay = None
    if "closed" in lines:
        # Its key exchange names an address whose NTP server has other keys.
        redirected_server(context, "closed")
        relay = TamperingRelay(namespace, "127.61.1.1", HOSTS["time2"].addresses[0])
    chronyd = world.launch(namespace, "chrony-socket", configuration, folder)
    try:
        tool = as_seen_there(context, folder)
        end = time.monotonic() + PATIENCE
        while True:
            outcome = tool.run(namespace, ["diag", "--format", "json"])
            checks = {check["check"]: check for check in json.loads(outcome.stdout or b'{"checks": []}')["checks"]}
            found = checks.get("authentication", {"state": None, "seen": "", "mend": None})
            state, words, cure = wanted
            others = [checks[other]["seen"] for other in CHECKS[1:] if checks.get(other, {"state": "OK"})["state"] != "OK"]
            ok = found["state"] == state and any(each in found["seen"] for each in words.split("|")) and cure in (found["mend"] or "") and not others
            if ok or time.monotonic() > end:
                break
            time.sleep(0.5)
        context.report.check(name, ok, f"wanted {wanted}\nother checks: {others}\n{outcome.show()}\n{(folder / 'log').read_text()[-1500:]}")
        if not lines:
            without = unprivileged(context, folder).run(namespace, ["diag", "--format", "json"])
            checks = {check["check"]: check for check in json.loads(without.stdout or b'{"checks": []}')["checks"]}
            context.report.check(f"{name}: who may not use the socket is told nothing of keys", checks and "authentication" not in checks, without.show())
    finally:
        chronyd.terminate()
        chronyd.wait()
        if relay:
            relay.__exit__()


def as_seen_there(context, folder, before=()):
    """Returns ours wrapped so that it sees the daemon's folder as /run/chrony."""
    words = world.with_run_directory(folder, "chrony", [*before, os.path.realpath(context.chosen.ours)])
    script = folder.with_name(f"{folder.name}{'-other' if before else ''}.sh")
    quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
    script.write_text(f'#!/bin/sh\nexec {quoted} "$@"\n')
    script.chmod(0o755)
    return Tool("ntpkit", script, {}, script.with_suffix(".bin"))


def unprivileged(context, folder):
    return as_seen_there(context, folder, ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
