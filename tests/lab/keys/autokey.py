"""Autokey between two real daemons with files made by ours."""
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Tuple

from .context import guarded, wait

PATIENCE = 60  # seconds; an exchange takes about thirty
LOCAL_CLOCK = "server 127.127.1.0 prefer minpoll 3 maxpoll 3\nfudge 127.127.1.0 stratum 1\n"
COMMON = """driftfile @DIR@/drift
disable kernel
tos maxdist 16
keysdir @DIR@
statsdir @DIR@/
filegen cryptostats file cryptostats type none enable
"""
# Set in the flags of every finished exchange: certificate, cookie, autokey values and signature are verified.
FINISHED = 0x7F03
SCHEMES = {"TC": (None, 0), "IFF": ("iff", 0x20), "GQ": ("gq", 0x40), "MV": ("mv", 0x80)}
NEW = {"TC": [], "IFF": ["-I"], "GQ": ["-G", "--gq-layout", "openssl-1.1"], "MV": ["-V", "3"]}


@dataclass(frozen=True)
class Pair:
    """A server and a client. `server` and `client` are the options for their keys."""
    name: str
    scheme: str
    server: Tuple[str, ...] = ()
    client: Tuple[str, ...] = ()
    group: str = ""  # default: the server's name
    exported: bool = False  # whether the server gets its group key from `-q`
    by: str = "default"  # which program makes the server's files: ours in a dialect, or the reference
    stranger: bool = False  # whether the client has the parameters of another group with the same name: it must fail


STRONG = [Pair(f"{scheme}, 2048 bits, RSA-SHA256, a group", scheme, group="campus") for scheme in SCHEMES]
WEAK = [Pair(f"{scheme}, 512 bits, RSA-MD5, AES", scheme, ("-m", "512", "-c", "RSA-MD5", "-C", "aes-256-cbc"),
             ("-m", "512", "-c", "RSA-MD5", "-C", "aes-128-cbc")) for scheme in SCHEMES]
PAIRS = [
    *STRONG, *WEAK,
    Pair("IFF, a sign key, the server's key exported", "IFF", ("-S", "RSA", "-m", "1024", "-c", "RSA-SHA512"),
         ("-S", "RSA", "-m", "1024"), "campus", True),
    Pair("GQ, the server's key exported", "GQ", ("-m", "1024", "-b", "512", "-C", "aes-192-cbc"), ("-m", "1024",), "campus", True),
    Pair("TC, server files from the original", "TC", by="reference"),
    Pair("TC, server files from the classic dialect", "TC", by="classic"),
    Pair("IFF, server files from the original, client files from ours", "IFF", by="reference"),
    Pair("IFF, server files from the classic dialect", "IFF", by="classic"),
    Pair("IFF, a client of another group", "IFF", ("-m", "512", "-b", "512"), ("-m", "512"), "campus", stranger=True),
    Pair("GQ, a client of another group", "GQ", ("-m", "512", "-b", "512"), ("-m", "512"), "campus", stranger=True),
    Pair("MV, a client of another group", "MV", ("-m", "512", "-b", "512"), ("-m", "512"), "campus", stranger=True),
]
# server files, without a client -> options, ntpd's password, and the flags or message expected from ntpd
ALONE = {
    "a private certificate": (["-P"], "pw", "flags=0x29c0011"),
    "TC in AES-256": (["-T", "-C", "aes-256-cbc"], "pw", "flags=0x29c0001"),
    "all identity schemes": (["-T", "-I", "-G", "-b", "1016", "-V", "3"], "pw", "flags=0x29c0061"),
    "an RSA sign key": (["-T", "-S", "RSA", "-c", "RSA-SHA512"], "pw", "flags=0x29e0001"),
    "a wrong password": (["-T"], "wrong", "bad decrypt"),
    "symmetric keys instead of Autokey keys": (["-M"], "pw", "host key file ntpkey_host_srv not found or corrupt"),
}


def run(context):
    """Runs all pairs at once, because they mostly wait."""
    pairs = [pair for pair in PAIRS if context.wants(f"autokey {pair.name}")]
    with ThreadPoolExecutor(max(len(pairs), 1)) as pool:
        jobs = [pool.submit(guarded, context, pair.name, Exchange(context, pair).run) for pair in pairs]
        for done in [*jobs, pool.submit(alone, context)]:
            done.result()


def alone(context):
    """Checks what ntpd reports about server files, without an exchange."""
    for name, (options, password, saying) in ALONE.items():
        if not context.wants(f"autokey {name}"):
            continue
        folder = context.new_folder(f"alone {name}")
        context.make(folder, "-s", "srv", "-p", "pw", *options)
        daemon = context.daemon("classic", f"{COMMON}crypto pw {quoted(password)} host srv\n", folder)
        daemon.answers()  # or has exited
        text = daemon.ask("rv 0 flags") + daemon.log()
        context.check(f"ntpd and {name}", saying in text, text)
        daemon.end()
    if not context.wants("autokey a DSA sign key"):
        return
    ends = {}
    for maker in ("reference", "default"):  # ntpd must behave the same with the original's files
        folder = context.new_folder("DSA")
        context.make(folder, "-s", "srv", "-p", "pw", "-m", "1024", "-S", "DSA", "-c", "SHA1", dialect=maker)
        daemon = context.daemon("classic", f"{COMMON}crypto pw pw host srv\n", folder)
        daemon.answers()
        ends[maker] = daemon.process.poll()
        daemon.end()
    context.check("ntpd and a DSA sign key: like the original's", ends["reference"] == ends["default"], str(ends))


class Exchange:
    """A running exchange of one pair."""

    def __init__(self, context, pair):
        self._context, self._pair = context, pair
        self._group = pair.group or "srv"
        self._kind, self._flag = SCHEMES[pair.scheme]

    def run(self):
        pair = self._pair
        server = self._context.daemon("classic", self._server_files() + LOCAL_CLOCK, self._folder)
        # a client that finds the server unsynchronised waits until its next poll
        wait(30, lambda: "leap=00" in server.ask("rv 0 leap"))
        text = server.ask("rv 0 flags,cert,host")
        flags = re.search(r"flags=0x([0-9a-f]+)", text)
        self._context.check(f"ntpd loads the files: {pair.name}", flags and int(flags[1], 16) & 0xE1 == self._flag | 1 and " 0x1" in text,
                           text, server.log())
        client = self._client(server.address)
        seen = []

        def is_finished():
            seen.append(client.ask("rv &1 flags,flash,reach", "as"))
            flags = re.search(r"flags=0x([0-9a-f]+)", seen[-1])
            done = flags and int(flags[1], 16) & (FINISHED | 0xE0) == FINISHED | self._flag
            return done and "flash=00 ok" in seen[-1] and re.search(r"(?m)^ *1 +\d+ +[0-9a-f]{4} +yes +yes +ok ", seen[-1])

        if pair.stranger:
            scheme = pair.scheme.lower()
            ok = wait(PATIENCE, lambda: f"crypto_{scheme}: identity not verified" in client.log())
            self._context.check(f"two daemons do not authenticate: {pair.name}", ok and not is_finished() and "reach=000" in seen[-1], *seen, client.log(), server.log())
        else:
            ok = wait(PATIENCE, is_finished)
            self._context.check(f"two daemons authenticate: {pair.name}", ok, seen[-1], client.log(), server.log())
        client.end()
        server.end()

    def _server_files(self):
        """Makes the server's files; returns its configuration."""
        pair, self._folder = self._pair, self._context.new_folder("server")
        name = ["-s", f"srv@{pair.group}" if pair.group else "srv"]
        password = ["-p", "server's"]
        maker = self._context.new_folder("maker") if pair.exported else self._folder
        new = NEW[pair.scheme] if pair.by == "default" else NEW[pair.scheme][:1]  # the original has only one GQ layout
        self._context.make(maker, *name, *password, "-T", *pair.server, *new, dialect=pair.by)
        self._parameters = ""
        if self._kind:
            self._parameters = self._context.make(maker, *name, *password, "-e").stdout.decode()
            if pair.stranger:  # keep the file stamp, because a wrong one would be rejected for that reason
                another = self._context.new_folder("another")
                strange = self._context.make(another, *name, *password, "-T", *pair.server, *NEW[pair.scheme], "-e").stdout.decode()
                self._parameters = self._parameters.split("\n")[0] + "\n" + strange.split("\n", 1)[1]
        if self._kind == "mv" or pair.exported:
            secret = "exported" if pair.exported else "server's"
            server = self._context.make(maker, *name, *password, *pair.server[-2:], "-q", secret).stdout.decode()
            if pair.exported:  # the server's own files have the password of the exported key
                self._context.make(self._folder, *name, "-p", secret, "-T", *pair.server)
                password = ["-p", secret]
            (self._folder / f"ntpkey_{self._kind}key_{self._group}").write_text(server)
            if pair.exported:  # the certificate must contain the GQ public value
                self._context.make(self._folder, *name, *password, "-T")
        group = f" ident {pair.group}" if pair.group else ""
        return f"{COMMON}crypto pw {quoted(password[1])} host srv{group}\n"

    def _client(self, address):
        pair, folder = self._pair, self._context.new_folder("client")
        name = f"client@{pair.group}" if pair.group else "client"
        self._context.make(folder, "-s", name, "-p", "client's", *pair.client)
        if self._kind:
            (folder / f"ntpkey_{self._kind}par_{self._group}").write_text(self._parameters)
        group = f" ident {pair.group}" if pair.group else ""
        ident = f" ident {self._group}" if self._kind else ""
        conf = f"{COMMON}crypto pw {quoted('client' + chr(39) + 's')} host client{group}\n" \
               f"server {address} autokey iburst minpoll 3 maxpoll 3{ident}\n"
        return self._context.daemon("classic", conf, folder)


def quoted(word):
    return f'"{word}"'
