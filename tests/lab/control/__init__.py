"""Changes real daemons through ours, with each type of control key: changes are read back and undone.

The daemons exist only for this. Checks the state of the daemon, not the wording of ours."""
import re
import time
from concurrent.futures import ThreadPoolExecutor

from ntplab.plan import HOSTS, KEYS as KEY_FILE
from ntplab.programs import Tools

KEYS = {int(number): (kind, secret) for number, kind, secret in map(str.split, KEY_FILE.splitlines())}
SERVER = "203.0.113.33"
REFUSED = b"***Server disallowed request (authentication?)\n"


def run(lab, chosen, report):
    """Runs all cases, the daemons in parallel."""
    begin = time.monotonic()
    tools = Tools("ntpq", chosen.ours, lab.folder)
    hosts = [name for name in HOSTS if re.fullmatch(r"(sec)?key\d", name) and (not chosen.only or chosen.only in name)]
    pool = ThreadPoolExecutor(chosen.workers)
    try:
        for done in [pool.submit(Daemon(lab, tools, report, name).run) for name in hosts]:
            done.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        tools.close()
    print(f"control: {len(hosts)} daemons in {time.monotonic() - begin:.0f} s", flush=True)


class Daemon:
    """One daemon and the key that it accepts."""

    def __init__(self, lab, tools, report, name):
        self._tools, self._report, self._name = tools, report, name
        self._namespace, self._folder = lab.namespace("op"), lab.folder / name
        self._address, self._classic = HOSTS[name].addresses[0], HOSTS[name].daemon == "classic"
        self._key = int(name[-1])

    def run(self):
        kind, secret = KEYS[self._key]
        typed = ["-c", f"keytype {kind}", "-c", f"keyid {self._key}", "-c", f"passwd {secret}"]
        filed = ["-k", str(self._folder / "keys"), "-a", str(self._key)]
        ways = {"typed key": (self._tools.default, typed), "key file": (self._tools.default, filed)}
        if self._key != 4:  # the classic ntpq does not decode hexadecimal secrets
            ways["typed key, classic dialect"] = (self._tools.classic, typed)
        for way, (tool, key) in ways.items():
            self._changes(way, tool, key)
            self._lists(way, tool, key)
            self._saves(way, tool, key)
        self._refuses()
        self._reports()

    def _check(self, what, ok, *outcomes):
        self._report.check(f"{self._name} ({KEYS[self._key][0]}): {what}", ok, "\n".join(outcome.show() for outcome in outcomes))

    def _ask(self, tool, key, *commands):
        return tool.run(self._namespace, ["-n", *key, *(word for command in commands for word in ("-c", command)), self._address])

    def _changes(self, way, tool, key):
        """Adds a server and finds it, removes it and finds it gone."""
        added = self._ask(tool, key, f":config server {SERVER} maxpoll 7", "as", "lpeers")
        removed = self._ask(tool, key, f":config unpeer {SERVER}", "as", "lpeers")
        rows = {outcome: len(re.findall(rb"(?m)^ *\d+ +\d+ +[0-9a-f]{4} ", outcome.stdout)) for outcome in (added, removed)}
        ok = (SERVER.encode() in added.stdout and SERVER.encode() not in removed.stdout and b"Config Succeeded" in removed.stdout
              and rows[added] == rows[removed] + 1 and not added.stderr + removed.stderr and (added.status, removed.status) == (0, 0))
        self._check(f":config adds and removes a server ({way})", ok, added, removed)
        wrong = self._ask(tool, key, ":config nonsense")
        expected = 0 if tool is self._tools.classic else 1
        self._check(f"a line that the daemon rejects ({way})", b"syntax error" in wrong.stdout and wrong.status == expected, wrong)

    def _lists(self, way, tool, key):
        """Prints the daemon's interfaces and restrictions."""
        interfaces, restrictions = self._ask(tool, key, "ifstats"), self._ask(tool, key, "reslist")
        own = [address.encode() for address in HOSTS[self._name].addresses]
        listed = all(b"%s:123" % (b"[%s]" % address if b":" in address else address) in interfaces.stdout for address in own)
        if tool is self._tools.classic and not self._classic:  # NTPsec omits two fields, for which 4.2.8p15 omits the row
            listed = interfaces.stdout.count(b"Warning: incomplete row with 10 (of 12) fields\n") >= len(own)
        ok = listed and not interfaces.stderr and interfaces.status == 0
        self._check(f"ifstats ({way})", ok, interfaces)
        ok = all(b" %s/%d\n" % (address, 128 if b":" in address else 32) in restrictions.stdout for address in own)
        self._check(f"reslist ({way})", ok and not restrictions.stderr and restrictions.status == 0, restrictions)

    def _saves(self, way, tool, key):
        """A classic daemon saves its configuration; NTPsec does not support that."""
        name = way.replace(" ", "-").replace(",", "") + ".conf"
        saved = self._ask(tool, key, f"saveconfig {name}")
        if self._classic:
            file = self._folder / name
            text = file.read_text() if file.exists() else ""
            self._check(f"saveconfig ({way})", "server 127.127.1.0" in text and name.encode() in saved.stdout and saved.status == 0 and not saved.stderr, saved)
        else:
            expected = 0 if tool is self._tools.classic else 1
            self._check(f"saveconfig is not supported ({way})", saved.stderr.endswith(b"***Server reports a bad opcode in request\n") and saved.status == expected, saved)

    def _reports(self):
        """Reports omit variables unknown to the daemon; a key identifier out of range is rejected."""
        done = self._ask(self._tools.default, [], "sysinfo", "kerninfo", "iostats")
        lines = [b"stratum:            2\n", b"kernel status: ", b"received packets: "]
        self._check("reports", all(line in done.stdout for line in lines) and not done.stderr and done.status == 0, done)
        done = self._ask(self._tools.default, ["-c", "keyid 70000"], "keyid")
        self._check("keyid 70000", b"no keyid defined\n" in done.stdout and done.stderr == b"Invalid key identifier\n" and done.status == 1, done)

    def _refuses(self):
        """With a wrong secret or another key, the daemon refuses, the status is 1, and nothing changes."""
        other = self._key % 3 + 1
        for what, number, words in (("a wrong secret", self._key, "wrong"), ("another key", other, KEYS[other][1])):
            key = ["-c", f"keytype {KEYS[number][0]}", "-c", f"keyid {number}", "-c", f"passwd {words}"]
            for command in (f":config server {SERVER}", "ifstats", "reslist", *(["saveconfig refused.conf"] if self._classic else [])):
                done = self._ask(self._tools.default, key, command)
                self._check(f"{what}: {command.split()[0]} is refused", done.status == 1 and REFUSED in done.stderr and not done.stdout.strip(), done)
        untouched = self._ask(self._tools.default, [], "lpeers")
        ok = untouched.status == 0 and SERVER.encode() not in untouched.stdout and not (self._folder / "refused.conf").exists()
        self._check("refused requests changed nothing", ok, untouched)

