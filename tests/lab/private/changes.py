"""Changes real daemons through ours, with each type of request key; the original reads their state before and after.

Checks the daemon's state as reported by the original, not the wording of ours. The daemons exist only for this."""
import hashlib
import re
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from compliance.dialect import without_names
from ntplab.namespaces import datagram_socket
from ntplab.plan import HOSTS, KEYS as KEY_FILE
from ntplab.programs import Tools

KEYS = {int(number): (kind, secret) for number, kind, secret in map(str.split, KEY_FILE.splitlines())}
FIFTH_KEY = (5, "MD5", "fifthsecret")
CLOCK = "127.127.1.1"
DENIED = b"***Permission denied\n"
TRIES = 5

# the change made by ours, the commands of the original that show it, and a pattern that matches only afterwards
STEPS = (
    ("addserver 203.0.113.5 2 4 iburst prefer minpoll 4 maxpoll 7", "showpeer 203.0.113.5; pstats 203.0.113.5",
     r"(?s)hmode client.*ppoll 7, hpoll 4, keyid 2, version 4,.*flags config, prefer\n.*flags:\t (?=.*config)(?=.*iburst)(?=.*prefer)"),
    ("addserver 203.0.113.6 keyid 3 version 2 burst", "showpeer 203.0.113.6",
     r"(?s)hmode client.*ppoll 10, hpoll 6, keyid 3, version 2,.*flags config, burst\n"),
    ("addserver 2001:db8::77 version 4", "showpeer 2001:db8::77", r"(?s)remote 2001:db8::77,.*hmode client.*keyid 0, version 4,"),
    ("addpeer 203.0.113.7 version 1 minpoll 5 maxpoll 8", "showpeer 203.0.113.7", r"(?s)hmode sym_active.*ppoll 8, hpoll 5, keyid 0, version 1,"),
    ("broadcast 192.0.2.255 3 4 minpoll 5", "showpeer 192.0.2.255", r"(?s)hmode broadcast.*hpoll 5, keyid 3, version 4,"),
    (f"addrefclock {CLOCK} 2 prefer", f"showpeer {CLOCK}", r"(?s)ttl/mode 2\n.*flags config, refclock, prefer\n"),
    (f"fudge {CLOCK} time1 0.25", f"clockstat {CLOCK}", r"fudge time 1: +\+0\.250000\n"),
    (f"fudge {CLOCK} time2 -0.125", f"clockstat {CLOCK}", r"fudge time 2: +-0\.125000\n"),
    (f"fudge {CLOCK} val1 8", f"clockstat {CLOCK}", r"stratum: +8\n"),
    (f"fudge {CLOCK} val2 1094861636", f"clockstat {CLOCK}", r"reference ID: +DCBA\n"),
    (f"fudge {CLOCK} flags 5", f"clockstat {CLOCK}", r"fudge flags: +0x5\n"),
    ("unconfig 203.0.113.5 203.0.113.6", "listpeers", r"\A(?!(?s:.*)203\.0\.113\.[56]\n)"),
    ("unconfig 2001:db8::77", "listpeers", r"\A(?!(?s:.*)2001:db8::77)"),
    ("unconfig 203.0.113.7 192.0.2.255", "listpeers", r"\A(?!(?s:.*)(203\.0\.113\.7|192\.0\.2\.255)\n)"),
    (f"unconfig {CLOCK}", "listpeers", rf"\A(?!(?s:.*){re.escape(CLOCK)})"),
    ("restrict 10.8.1.0 255.255.255.0 noquery kod ntpport", "reslist", r"\n10\.8\.1\.0 +255\.255\.255\.0 +\d+ +noquery, kod\n"),
    ("restrict 10.8.2.0 255.255.255.0 noserve notrust nomodify nopeer notrap limited version", "reslist",
     r"\n10\.8\.2\.0 +255\.255\.255\.0 +\d+ +noserve, notrust, nomodify, nopeer, notrap, limited, version\n"),
    ("unrestrict 10.8.2.0 255.255.255.0 notrust version nopeer", "reslist",
     r"\n10\.8\.2\.0 +255\.255\.255\.0 +\d+ +noserve, nomodify, notrap, limited\n"),
    ("restrict 2001:db8:8:: ffff:ffff:ffff:: noserve nopeer", "reslist", r"\n2001:db8:8:: +ffff:ffff:ffff: +\d+ +noserve, nopeer\n"),
    ("delrestrict 10.8.1.0 255.255.255.0 ntpport", "reslist", r"\A(?!(?s:.*)10\.8\.1\.0)"),
    ("delrestrict 10.8.2.0 255.255.255.0", "reslist", r"\A(?!(?s:.*)10\.8\.2\.0)"),
    ("delrestrict 2001:db8:8:: ffff:ffff:ffff::", "reslist", r"\A(?!(?s:.*)2001:db8:8::)"),
    # one at a time: with several traps, 4.2.8p15's ntpd reports the newest one several times
    ("addtrap 192.0.2.50 999", "traps", r"address 192\.0\.2\.50, port 999\n"),
    ("clrtrap 192.0.2.50 999", "traps", r"\A(?!(?s:.*)192\.0\.2\.50)"),
    ("addtrap 192.0.2.51", "traps", r"address 192\.0\.2\.51, port 18447\n"),
    ("clrtrap 192.0.2.51", "traps", r"\A(?!(?s:.*)192\.0\.2\.51)"),
    ("addtrap 2001:db8::50 77", "traps", r", port 77\n"),  # the address is not reported
    ("clrtrap 2001:db8::50 77", "traps", r"\A(?!(?s:.*)port 77)"),
    # the daemon's key file has got another key
    ("readkeys", "authinfo", r"stored keys: +5\n"),
)
FLAGS = ("auth", "bclient", "calibrate", "kernel", "monitor", "ntp", "pps", "stats")
COUNTERS = {"io": "iostats", "sys": "sysstats", "mem": "memstats", "timer": "timerstats", "auth": "authinfo", "ctl": "ctlstats"}
REFUSED = ("addserver 203.0.113.9", "unconfig 127.127.1.0", "disable monitor stats", "enable bclient", "restrict 10.8.9.0 255.255.255.0 kod",
           "delrestrict 0.0.0.0 0.0.0.0", "readkeys", "trustedkey 4", "untrustedkey 1", "addtrap 192.0.2.50",
           "fudge 127.127.1.0 val1 9", "reset io sys mem timer auth ctl", "preset 127.127.1.0", "ifreload", "ifstats")
STATE = ("listpeers", "sysinfo", "reslist", "traps", "clockstat 127.127.1.0", "authinfo")


def run(lab, chosen, report):
    """Runs all cases, the daemons in parallel."""
    begin = time.monotonic()
    tools = {name: Tools(name, chosen.ours, lab.folder) for name in ("ntpdc", "ntpq")}
    hosts = [name for name in HOSTS if re.fullmatch(r"change\d", name) and (not chosen.only or chosen.only in name)]
    pool = ThreadPoolExecutor(max(1, len(hosts)))
    try:
        for done in [pool.submit(Daemon(lab, tools, report, name).run) for name in hosts]:
            done.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for tool in tools.values():
            tool.close()
    print(f"private: changes in {len(hosts)} daemons in {time.monotonic() - begin:.0f} s", flush=True)


class Daemon:
    """A daemon and the key that it accepts. For one of them the classic dialect is used."""

    def __init__(self, lab, tools, report, name):
        self._tools, self._report, self._name = tools, report, name
        self._own, self._namespace, self._file = lab.namespace(name), lab.namespace("op"), lab.folder / name / "keys"
        self._address = HOSTS[name].addresses[0]
        self._number = int(name[-1])
        self._key = (self._number, *KEYS[self._number])
        self._ours = tools["ntpdc"].classic if self._number == 2 else tools["ntpdc"].default
        self._other = tools["ntpdc"].default if self._number == 2 else tools["ntpdc"].classic
        self._failed = 0 if self._ours is tools["ntpdc"].classic else 1

    def run(self):
        if self._tools["ntpdc"].has_dialects:
            self._refuses()
        self._file.write_text(KEY_FILE + " ".join(map(str, FIFTH_KEY)) + "\n")
        for step in STEPS:
            self._step(*step)
        self._flags()
        self._trust()
        self._keys()
        self._resets()
        self._interfaces()
        self._other_dialect()

    def _check(self, what, ok, *outcomes):
        self._report.check(f"{self._name} ({self._key[1]}): {what}", ok, "\n".join(outcome.show() for outcome in outcomes))

    def _change(self, *commands, key=None, tool=None):
        """Runs ours with a key (default: the daemon's)."""
        number, kind, secret = key or self._key
        words = [f"keytype {kind}", f"keyid {number}", f"passwd {secret}", *commands]
        return (tool or self._ours).run(self._namespace, ["-n", *(part for word in words for part in ("-c", word)), self._address])

    def _read(self, *commands):
        """Runs the original ntpdc."""
        return self._tools["ntpdc"].reference.run(self._namespace, ["-n", *(part for word in commands for part in ("-c", word)), self._address])

    def _step(self, command, reading, pattern):
        """Makes a change that is not there before and is there afterwards."""
        before, done, after = self._read(*reading.split("; ")), self._change(command), self._read(*reading.split("; "))
        was, has = (re.search(pattern, outcome.stdout.decode("latin-1")) is not None for outcome in (before, after))
        self._check(command, is_made(done) and not was and has, before, done, after)

    def _flags(self):
        """Changes each system flag and changes it back."""
        for flag in FLAGS:
            is_set = rf"system flags:.* {flag} "
            now = re.search(is_set, self._read("sysinfo").stdout.decode("latin-1"))
            for verb in ("disable", "enable") if now else ("enable", "disable"):
                self._step(f"{verb} {flag}", "sysinfo", is_set if verb == "enable" else rf"\A(?!(?s:.*){is_set})")

    def _trust(self):
        """The daemon uses a key only while it is trusted, and forgets it when it no longer is."""
        seen = [self._is_trusted()]
        outcomes = []
        for command in ("trustedkey 5", "untrustedkey 5", "readkeys", "trustedkey 5"):
            outcomes.append(self._change(command))
            seen.append(self._is_trusted())
        self._check("trustedkey, untrustedkey, readkeys", seen == [False, True, False, False, True] and all(map(is_made, outcomes)), *outcomes)

    def _is_trusted(self):
        """Whether a time request with the fifth key gets a reply authenticated with it; None without a reply."""
        number, _, secret = FIFTH_KEY
        request = b"\x23" + bytes(39) + hashlib.sha256(str(time.monotonic()).encode()).digest()[:8]
        request += number.to_bytes(4, "big") + hashlib.md5(secret.encode() + request).digest()
        with datagram_socket(self._namespace, "0.0.0.0") as client:
            client.settimeout(2)
            for _ in range(TRIES):
                client.sendto(request, (self._address, 123))
                try:
                    answer = client.recv(1000)
                except socket.timeout:
                    continue
                return answer[52:] == hashlib.md5(secret.encode() + answer[:48]).digest()
        return None

    def _keys(self):
        """After a change of the request key or the control key, the daemon accepts the new key and not the former one. The
        original's requests for that do not work."""
        if not self._tools["ntpdc"].has_dialects:
            return
        tool = self._tools["ntpdc"].default
        changed = self._change(f"requestkey {FIFTH_KEY[0]}", tool=tool)
        former, other = self._change("ifstats", tool=tool), self._change("ifstats", key=FIFTH_KEY, tool=tool)
        ok = is_made(changed) and former.status == 1 and DENIED in former.stderr and not former.stdout
        ok = ok and b" lo " in other.stdout and not other.stderr and other.status == 0
        restored = self._change(f"requestkey {self._number}", key=FIFTH_KEY, tool=tool)
        again = self._change("ifstats", tool=tool)
        self._check("requestkey", ok and is_made(restored) and b" lo " in again.stdout, changed, former, other, restored, again)
        before = self._accepts_control_key(2), self._accepts_control_key(FIFTH_KEY[0])
        changed = self._change(f"controlkey {FIFTH_KEY[0]}", tool=tool)
        after = self._accepts_control_key(2), self._accepts_control_key(FIFTH_KEY[0])
        self._check("controlkey", is_made(changed) and (before, after) == ((True, False), (False, True)), changed)

    def _accepts_control_key(self, number):
        """Whether the original ntpq can configure the daemon with this key."""
        kind, secret = FIFTH_KEY[1:] if number == FIFTH_KEY[0] else KEYS[number]
        words = [f"keytype {kind}", f"keyid {number}", f"passwd {secret}", ":config tos mindist 0.001"]
        done = self._tools["ntpq"].reference.run(self._namespace, [*(part for word in words for part in ("-c", word)), self._address])
        return b"Config Succeeded" in done.stdout

    def _resets(self):
        """Resets counters, and those of peers."""
        for counter, table in COUNTERS.items():
            self._shrinks(f"reset {counter}", table, r"time since reset: +(\d+)", minimum=5)
        self._shrinks("reset allpeers", "pstats 127.127.1.0", r"packets sent: +(\d+)", minimum=2)
        # 4.2.8p15's ntpd never finds the peer to reset
        ours = self._change("preset 127.127.1.0")
        original = self._change("preset 127.127.1.0", tool=self._tools["ntpdc"].reference)
        self._check("preset like the original", (ours.stdout, without_names(ours.stderr, original.stderr)) == (original.stdout, original.stderr) and ours.status == self._failed,
                    original, ours)

    def _shrinks(self, command, table, pattern, minimum):
        """Waits until a count reaches the minimum; the command must reduce it."""
        def count():
            return int(re.search(pattern, self._read(table).stdout.decode("latin-1")).group(1))
        for _ in range(TRIES):
            before = count()
            while before < minimum:
                time.sleep(0.5)
                before = count()
            done = self._change(command)
            ok = is_made(done) and count() < before
            if ok:
                break
        self._check(command, ok, done)

    def _interfaces(self):
        """ifreload lists an added and a removed address, if the daemon has not noticed the change before."""
        address = f"192.0.2.{170 + self._number}"
        for verb, sign in (("add", "+"), ("del", "-")):
            for _ in range(TRIES):
                self._address_of_host(verb, address)
                done = self._change("ifreload")
                row = re.search(rf"(?m)^ *\d+ (.) +{re.escape(address)} A", done.stdout.decode("latin-1"))
                if row and row.group(1) == sign:
                    break
                self._address_of_host("del" if verb == "add" else "add", address)
                self._change("ifreload")
            else:
                self._address_of_host(verb, address)
            listed = self._change("ifstats", tool=self._tools["ntpdc"].reference)
            ok = row and row.group(1) == sign and (address.encode() in listed.stdout) == (verb == "add") and not done.stderr
            self._check(f"ifreload after an address was {'added' if verb == 'add' else 'removed'}", ok, done, listed)

    def _address_of_host(self, verb, address):
        subprocess.run(["ip", "-n", self._own, "addr", verb, f"{address}/24", "dev", "eth0"], check=True)

    def _other_dialect(self):
        """Requests in the other dialect have the same effect."""
        address = "203.0.113.21"
        added = self._change(f"addserver {address}", tool=self._other)
        with_it = self._read("listpeers")
        removed = self._change(f"unconfig {address}", tool=self._other)
        without_it = self._read("listpeers")
        ok = address.encode() in with_it.stdout and address.encode() not in without_it.stdout
        self._check("addserver and unconfig in the other dialect", ok and is_made(added) and is_made(removed), added, with_it, removed)

    def _refuses(self):
        """With a wrong secret or another key, the daemon refuses every request, the status is 1, and nothing changes."""
        other = self._number % 3 + 1
        keys = {"a wrong secret": (self._number, self._key[1], "wrong"), "another key": (other, *KEYS[other])}
        before = self._state()
        for what, key in keys.items():
            for tool, status in ((self._tools["ntpdc"].default, 1), (self._tools["ntpdc"].classic, 0)):
                done = self._change(*REFUSED, key=key, tool=tool)
                ok = done.stderr.count(DENIED) == len(REFUSED) and not done.stdout and done.status == status
                self._check(f"{what} is refused (status {status})", ok, done)
        after = self._state()
        self._report.check(f"{self._name} ({self._key[1]}): refused requests changed nothing", before and before == after, f"{before}\n{after}")

    def _state(self):
        """Returns the state reported by the original, without what changes by itself."""
        lines = self._read(*STATE).stdout.decode("latin-1").splitlines()
        kept = [line for line in lines if re.match(r"client|system flags|address|stratum|reference ID: +[A-Z]|stored keys|\S+ +\S+ +\d+  ", line)]
        return [re.sub(r" +\d+  ", " N  ", line) if line[0] in "0123456789:" else line for line in kept]


def is_made(outcome):
    """Whether ours reported that the change was made, and nothing else."""
    return outcome.stdout == b"done!\n" and not outcome.stderr and outcome.status == 0
