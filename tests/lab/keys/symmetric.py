"""Symmetric keys of every type, used by ours and by the original tools with classic and NTPsec daemons."""
import re
from concurrent.futures import ThreadPoolExecutor

from .context import CaseError, guarded

TYPES = ["AES128CMAC", "MD4", "MD5", "RIPEMD160", "SHA1", "SHA256", "SHA384", "SHA512", "SHAKE128"]
NOT_NTPSEC = {"MD4"}  # its library no longer has it
SHORT = {"AES128CMAC", "MD4", "MD5", "RIPEMD160", "SHA1"}  # the original ntpq and ntpdc do not support longer digests
SERVER = "203.0.113.33"
HEXADECIMAL, LITERAL = 1, 3  # the first key of each kind
CONF = """driftfile @DIR@/drift
disable kernel
server 127.127.1.0 prefer minpoll 3 maxpoll 3
fudge 127.127.1.0 stratum 1
keys @DIR@/ntp.keys
trustedkey 1 2 3 4 5 6 7 8
controlkey 1
"""
CONF_BY_KIND = {"classic": "requestkey 1\nenable mode7\n", "ntpsec": "unrestrict default noquery limited\n"}
REFUSED = b"***Server disallowed request (authentication?)\n"
TRUSTED = re.compile(rb"\]: (adjust|step) time server ")


def run(context):
    """Runs all daemons at once."""
    wanted = [(kind, key_type) for key_type in TYPES for kind in CONF_BY_KIND
              if not (kind == "ntpsec" and key_type in NOT_NTPSEC) and context.wants(f"symmetric {key_type} {kind}")]
    with ThreadPoolExecutor(20) as pool:  # they are slow to synchronise
        jobs = [pool.submit(guarded, context, f"{key_type} at {kind}", Keyed(context, kind, key_type).run) for kind, key_type in wanted]
        for done in jobs:
            done.result()


class Keyed:
    """A daemon with keys of one type: two in hexadecimal and two literal ones. MD4 and MD5 keys are always literal."""

    def __init__(self, context, kind, key_type):
        self._context, self._kind, self._type = context, kind, key_type

    def run(self):
        self._folder = self._context.new_folder(f"{self._type} {self._kind}")
        # not all MD5 keys can be given to `passwd`
        typable = [secret for secret in self._make() if not set(secret) & set("\">")]
        self._secrets = dict(enumerate([*typable[:2], *self._make("--literal")[:2]], 1))
        self._file = self._write("ntp.keys", self._secrets)
        self._wrong = self._write("wrong.keys", {key: secret[::-1] for key, secret in self._secrets.items()})
        self._daemon = self._context.daemon(self._kind, CONF + CONF_BY_KIND[self._kind], self._folder)
        if not self._daemon.synchronises():
            raise CaseError(f"the daemon is not synchronised\n{self._daemon.log()}")
        self._times()
        self._writes("ours, hexadecimal", "default", HEXADECIMAL)
        self._writes("ours, with the key file", "default", HEXADECIMAL, filed=True)
        self._wrong_key()
        if self._kind == "classic":
            self._changes("ours", "default", HEXADECIMAL)
        self._choose(LITERAL)
        self._writes("ours, not hexadecimal", "default", LITERAL)
        if self._type in SHORT:
            for who, dialect in (("the original", "reference"), ("ours in the classic dialect", "classic")):
                self._writes(f"{who}, not hexadecimal", dialect, LITERAL)
                if self._kind == "classic":
                    self._changes(who, dialect, LITERAL)
        self._daemon.end()

    def _make(self, *options):
        text = self._context.make(self._folder, "-M", "--stdout", "--type", self._type, *options).stdout.decode()
        return [row.split()[2] for row in text.splitlines()[3:]]

    def _write(self, name, secrets):
        path = self._folder / name
        path.write_text("".join(f"{key} {self._type} {secret}\n" for key, secret in secrets.items()))
        path.chmod(0o600)
        return str(path)

    def _check(self, what, ok, *outcomes):
        self._context.check(f"{self._type} at {self._kind}: {what}", ok, *outcomes, f"secrets: {self._secrets}", self._daemon.log())

    def _times(self):
        """ntpdate accepts the daemon with a key that both have, and with no other."""
        for who, dialect in (("ours", "default"), ("the original", "reference")):
            for key in (HEXADECIMAL, LITERAL):
                done = self._ntpdate(dialect, self._file, key, patience=5)
                self._check(f"ntpdate -a {key} ({who})", TRUSTED.search(done.stdout) and done.status == 0, done)
            done = self._ntpdate(dialect, self._wrong, HEXADECIMAL)
            self._check(f"ntpdate with a wrong key ({who})", b"no server suitable" in done.stderr and done.status == 1, done)

    def _ntpdate(self, dialect, file, key, patience=1):
        words = ["-q", "-p", "1", "-t", str(patience), "-a", str(key), "-k", file, "127.0.0.1"]
        return getattr(self._context.tools["ntpdate"], dialect).run(self._daemon.namespace, words)

    def _typed(self, key, secret=None):
        return ["-c", f"keytype {self._type}", "-c", f"keyid {key}", "-c", f"passwd {secret or self._secrets[key]}"]

    def _ask(self, program, dialect, key, *commands):
        words = ["-n", *key, *(word for command in commands for word in ("-c", command)), "127.0.0.1"]
        return getattr(self._context.tools[program], dialect).run(self._daemon.namespace, words)

    def _has_server(self):
        return SERVER in self._daemon.ask("lpeers")

    def _writes(self, who, dialect, key, filed=False):
        """Mode 6: adds and removes a server."""
        words = ["-k", self._file, "-a", str(key)] if filed else self._typed(key)
        added = self._ask("ntpq", dialect, words, f":config server {SERVER}")
        was_there = self._has_server()
        removed = self._ask("ntpq", dialect, words, f":config unpeer {SERVER}")
        ok = was_there and not self._has_server() and b"Config Succeeded" in removed.stdout and added.status == removed.status == 0
        self._check(f"ntpq :config ({who})", ok, added, removed)

    def _choose(self, key):
        """Changes the daemon's control key (and request key), authenticated with the old one."""
        lines = ["controlkey", *(["requestkey"] if self._kind == "classic" else [])]
        done = [self._ask("ntpq", "default", self._typed(HEXADECIMAL), f":config {line} {key}") for line in lines[::-1]]
        old = self._ask("ntpq", "default", self._typed(HEXADECIMAL), f":config server {SERVER}")
        self._check("the control key is changed", REFUSED in old.stderr and old.status == 1 and not self._has_server(), *done, old)

    def _wrong_key(self):
        done = self._ask("ntpq", "default", self._typed(HEXADECIMAL, self._secrets[HEXADECIMAL][::-1]), f":config server {SERVER}")
        self._check("ntpq with a wrong key", REFUSED in done.stderr and done.status == 1 and not self._has_server(), done)
        done = self._ask("ntpq", "default", self._typed(HEXADECIMAL + 1), f":config server {SERVER}")
        self._check("ntpq with another key", REFUSED in done.stderr and done.status == 1 and not self._has_server(), done)
        if self._kind == "classic":
            done = self._ask("ntpdc", "default", self._typed(HEXADECIMAL, self._secrets[HEXADECIMAL][::-1]), f"addserver {SERVER}")
            self._check("ntpdc with a wrong key", b"***Permission denied\n" in done.stderr and done.status == 1 and not self._has_server(), done)

    def _changes(self, who, dialect, key):
        """Mode 7: adds and removes a server."""
        added = self._ask("ntpdc", dialect, self._typed(key), f"addserver {SERVER}")
        was_there = self._has_server()
        removed = self._ask("ntpdc", dialect, self._typed(key), f"unconfig {SERVER}")
        ok = was_there and not self._has_server() and b"done!\n" in added.stdout and b"done!\n" in removed.stdout
        self._check(f"ntpdc addserver ({who})", ok and added.status == removed.status == 0, added, removed)
