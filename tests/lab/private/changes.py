"""Changing real daemons in mode 7, with each type of key: what ours changed is read back by the original, and undone."""
import re

from ntplab.plan import HOSTS, KEYS as KEY_FILE

KEYS = {int(number): (kind, secret) for number, kind, secret in map(str.split, KEY_FILE.splitlines())}
PEER, SERVER, CLIENT6 = "203.0.113.31", "203.0.113.32", "2001:db8:31::1"
REFUSED = b"***Permission denied\n"
#  what is done, what is asked then, what the answer must hold, what is done to undo it (after which it must hold it no longer)
STEPS = (
    (f"addpeer {PEER} minpoll 5 maxpoll 8", f"showpeer {PEER}", rf"remote {PEER}, .*\nhmode sym_active[^\0]*ppoll \d+, hpoll 5", f"unconfig {PEER}"),
    (f"addserver {SERVER} 2 4 iburst prefer", f"showpeer {SERVER}", r"hmode client[^\0]*keyid 2, version 4[^\0]*flags .*prefer", f"unconfig {SERVER}"),
    (f"addserver {SERVER} keyid 3 version 3 burst", f"showpeer {SERVER}", r"keyid 3, version 3[^\0]*flags .*burst", f"unconfig {SERVER}"),
    (f"addserver {CLIENT6}", "listpeers -6", f"client       {CLIENT6}", f"unconfig {CLIENT6}"),
    ("addrefclock 127.127.1.3 1 prefer", "listpeers", "client       127.127.1.3", "unconfig 127.127.1.3"),
    ("broadcast 224.0.1.1 2 4", "listpeers", "broadcast    224.0.1.1", "unconfig 224.0.1.1"),
    *((f"enable {flag}", "sysinfo", rf"system flags: .*{flag} ", f"disable {flag}") for flag in ("bclient", "calibrate")),
    *((f"disable {flag}", "sysinfo", rf"system flags:         (?!.*{flag} )", f"enable {flag}") for flag in ("auth", "ntp")),
    ("enable monitor", "sysinfo", "system flags: .*monitor ", "disable monitor"),
    ("restrict 10.31.0.0 255.255.0.0 noquery kod", "reslist -4", r"10.31.0.0 +255.255.0.0 +0  noquery, kod", "unrestrict 10.31.0.0 255.255.0.0 noquery"),
    ("unrestrict 10.31.0.0 255.255.0.0 kod", "reslist -4", r"10.31.0.0 +255.255.0.0 +0  none", "delrestrict 10.31.0.0 255.255.0.0"),
    ("restrict 10.32.0.0 255.255.0.0 ntpport nopeer", "reslist -4", r"10.32.0.0 .*nopeer", "delrestrict 10.32.0.0 255.255.0.0 ntpport"),
    ("fudge 127.127.1.0 time1 0.5", "clockstat 127.127.1.0", r"fudge time 1: +\+?0.500000", "fudge 127.127.1.0 time1 0"),
    ("fudge 127.127.1.0 time2 -0.25", "clockstat 127.127.1.0", r"fudge time 2: +-0.250000", "fudge 127.127.1.0 time2 0"),
    ("fudge 127.127.1.0 val1 7", "clockstat 127.127.1.0", r"stratum: +7\n", "fudge 127.127.1.0 val1 3"),
    ("fudge 127.127.1.0 flags 5", "clockstat 127.127.1.0", r"fudge flags: +0x5", "fudge 127.127.1.0 flags 0"),
    ("addtrap 192.0.2.50 1831", "traps", r"address 192.0.2.50, port 1831", "clrtrap 192.0.2.50 1831"),
)


def jobs(lab, tools, report):
    """Every daemon and its key, to be run side by side."""
    return [(Daemon(lab, tools, report, number).run,) for number in (1, 2, 3)]


class Daemon:
    """One daemon, the key it takes, and the programs that change it and look."""

    def __init__(self, lab, tools, report, number):
        self._tools, self._report, self._number = tools, report, number
        self._namespace, self._address = lab.namespace("op"), HOSTS[f"change{number}"].addresses[0]
        self._kind = KEYS[number][0]

    def run(self):
        for step in STEPS:
            self._step(*step)
        self._counters()
        self._keys()
        self._refusals()

    def _check(self, what, right, *outcomes):
        self._report.check(f"{self._kind}: {what}", right, "\n".join(outcome.show() for outcome in outcomes))

    def _ask(self, tool, *commands, key=None, secret=None):
        number = key or self._number
        kind, known = KEYS[number]
        sealed = [f"keytype {kind}", f"keyid {number}", f"passwd {secret or known}"]
        words = [word for command in (*sealed, *commands) for word in ("-c", command)]
        return tool.run(self._namespace, ["-n", *words, self._address])

    def _step(self, change, question, pattern, undo):
        """Ours changes, the original and ours look, ours undoes, the original looks."""
        ours, original = self._tools.default, self._tools.reference
        changed, seen, own = self._ask(ours, change), self._ask(original, question), self._ask(ours, question)
        undone, gone = self._ask(ours, undo), self._ask(original, question)
        found = [bool(re.search(pattern, outcome.stdout.decode("latin-1"))) for outcome in (seen, own, gone)]
        right = (changed.stdout, changed.status, undone.stdout, undone.status) == (b"done!\n", 0, b"done!\n", 0)
        self._check(change, right and found == [True, True, False] and not changed.stderr + undone.stderr, changed, seen, own, undone, gone)

    def _counters(self):
        """Counters begin anew, interfaces and key files are read again."""
        ours, original = self._tools.default, self._tools.reference
        done = self._ask(ours, "reset io sys mem timer auth ctl allpeers", "readkeys")
        seen = self._ask(original, "iostats", "sysstats", "memstats", "timerstats", "authinfo", "ctlstats")
        ages = [int(age) for age in re.findall(rb"time since reset: +(\d+)", seen.stdout)]
        self._check("reset, readkeys", done.stdout == b"done!\n" * 2 and done.status == 0 and len(ages) == 6 and max(ages) < 30, done, seen)
        listed = self._ask(ours, "ifreload")
        self._check("ifreload", listed.stdout.count(self._address.encode()) == 1 and listed.status == 0 and not listed.stderr, listed)

    def _keys(self):
        """What the daemon says of keys is the same to the original and to ours; what is distrusted signs nothing."""
        other = self._number % 3 + 1
        for command in ("preset 203.0.113.77", f"untrustedkey {other}", f"trustedkey {other}"):
            expected, done = self._ask(self._tools.reference, command), self._ask(self._tools.classic, command)
            self._check(command, (expected.stdout, expected.stderr, expected.status) == (done.stdout, done.stderr, done.status), expected, done)
        refused = self._ask(self._tools.default, "readkeys", key=other)
        self._check("another key", REFUSED in refused.stderr and refused.status == 1, refused)

    def _refusals(self):
        """A wrong secret brings the daemon's answer and status 1, and changes nothing."""
        done = self._ask(self._tools.default, f"addserver {SERVER}", secret="wrong")
        seen = self._ask(self._tools.reference, "listpeers")
        self._check("a wrong secret is refused", REFUSED in done.stderr and done.status == 1 and SERVER.encode() not in seen.stdout, done, seen)
        done = self._ask(self._tools.classic, f"addserver {SERVER}", secret="wrong")
        self._check("a wrong secret is refused, classic dialect", (done.stderr, done.status) == (REFUSED, 0), done)
