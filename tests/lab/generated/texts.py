"""Mode 6: random variables, association lists, ordered lists and MRU lists.

Not generated, because the original's output cannot be compared:
 - control characters and octets beyond ASCII (`compliance` tests them: ours escapes them);
 - peers tables without `rec` and `reftime`, and `sysinfo` without leap, peermode and refid, or with a leap or peermode that
   is not a decimal number: the original prints uninitialised memory or crashes;
 - `opeers` and `lopeers` of several servers: the original takes the width of the first column from uninitialised memory;
 - restrictions without a mask, and with an extra field (the original aborts on an assertion);
 - clients whose count is not between 1 and 2^31 - 1, at which the original silently ends the list;
 - replies that never become complete (`compliance` tests them: each costs a time-out);
 - IPv6 addresses as `refid` in peers tables, for which the original prints the wrong octets."""
from ntplab.mode6 import READ_CLOCK, READ_ORDERED_LIST, READ_STATUS, READ_VARIABLES, replies, reply, status_list

from .values import NTP_NOW, printable

REQUEST_NONCE, READ_MRU = 12, 10
SYSTEM = """version processor system leap stratum precision rootdelay rootdisp refid reftime clock peer tc mintc offset frequency sys_jitter
clk_jitter clk_wander tai peeradr peermode bcastdelay authdelay ss_uptime ss_reset ss_received ss_thisver ss_oldver ss_badformat ss_badauth
ss_declined ss_restricted ss_limited ss_kodsent ss_processed ss_lamport ss_tsrounding mru_enabled mru_depth mru_mem mru_deepest mru_maxdepth
mru_mindepth mru_maxage mru_mem mru_maxmem iostats_reset total_rbuf free_rbuf used_rbuf rbuf_lowater io_dropped io_ignored io_received io_sent
io_sendfailed io_wakeups io_goodwakeups timerstats_reset timer_overruns timer_xmts koffset kfreq kmaxerr kesterr kstflags ktimeconst kprecis
kfreqtol kppsfreq kppsstab kppsjitter kppscalibdur kppscalibs kppsjitexc kppsstbexc kppscaliberrs authreset authkeys authfreek authklookups
authknotfound authkuncached authkexpired authencrypts authdecrypts""".split()
PEER = """srcadr srcport dstadr dstport srchost leap stratum precision rootdelay rootdisp refid reftime rec org xmt reach unreach hmode pmode hpoll
ppoll headway flash keyid offset delay dispersion jitter xleave filtdelay filtoffset filtdisp timerec timer timereach sent received badauth bogusorg
oldpkt seldisp selbroken candidate bias ttl""".split()
CLOCK = """device timecode poll noreply badformat baddata fudgetime1 fudgetime2 stratum refid flags type name""".split()
STAMPS = {"reftime", "rec", "org", "xmt", "clock"}
ADDRESSES = {"srcadr", "dstadr", "peeradr", "peer"}
OCTALS = {"leap", "reach", "flash", "flags", "status"}
SMALL = {"stratum", "hmode", "pmode", "hpoll", "ppoll", "precision", "peermode", "srcport", "dstport", "tc", "mintc", "keyid", "unreach", "ttl"}
ROWS = {
    "ifstats": ("addr bcast en name flags tl mc rx tx txerr pc up".split(), ""),
    "reslist": ("addr mask hits flags".split(), "addr_restrictions"),
}


def ipv4(dice):
    return dice.choice((f"10.0.{dice.randrange(256)}.{dice.randrange(256)}", f"127.127.{dice.randrange(50)}.{dice.randrange(4)}", "192.0.2.1", "0.0.0.0",
                        "255.255.255.255", "224.0.1.1", "127.0.0.1"))


def ipv6(dice):
    return dice.choice(("2001:db8::1", "::", "::1", "fe80::1%2", "ff05::101", "::ffff:10.0.0.1", "::10.1.2.3", "2001:db8:1:2:3:4:5:6"))


def odd(dice):
    """A malformed value."""
    return dice.choice(("", "x", "-", "+", "0x", "1.2.3", '""', "1 2", "abc.def", "-1", "99999999999999999999", "12e3", "0x1f", printable_value(dice)))


def printable_value(dice):
    return printable(dice, 12).replace(",", "").replace('"', "")


def whole(dice):
    return str(dice.choice((0, 1, dice.randrange(20), dice.randrange(100000), dice.randrange(1 << 32), (1 << 31) - 1, 1 << 31, (1 << 32) - 1)))


def decimal(dice):
    number = dice.choice((0, 1, dice.uniform(-1, 1), dice.uniform(-1000, 1000), dice.uniform(-1e6, 1e6), dice.uniform(-0.01, 0.01)))
    return dice.choice(("{:.3f}", "{:.6f}", "{:+.3f}", "{:.0f}", "{:.1f}")).format(number)


def stamp(dice):
    second = dice.choice((0, NTP_NOW - dice.randrange(100000), dice.randrange(1 << 32), 0x80000000))
    return f"0x{second:08x}.{dice.choice((0, dice.randrange(1 << 32))):08x}"


def value(dice, name, oddity=0.06):
    """A value for the variable with this name."""
    if dice.random() < oddity:
        return odd(dice)
    if name in STAMPS:
        return stamp(dice)
    if name in ADDRESSES:
        text = ipv4(dice) if dice.random() < 0.7 else ipv6(dice)
        if name == "peeradr":
            text = f"[{text}]:123" if ":" in text else f"{text}:123"
        return text
    if name == "refid":
        return dice.choice(("GPS", "LOCL", "INIT", ipv4(dice), "PPS0", ".XFAC."))
    if oddity == 0 and name in ("leap", "peermode"):
        return str(dice.choice((0, 1, 3, 4, 8, 11, 77, dice.randrange(1 << 32))))
    if name in OCTALS:
        return dice.choice((f"{dice.randrange(4)}", f"0x{dice.randrange(1 << 16):x}", f"{dice.randrange(256):o}", f"0{dice.randrange(256):o}"))
    if name in SMALL:
        return str(dice.choice((dice.randrange(16), -dice.randrange(30), dice.randrange(256), dice.randrange(70000))))
    if name.startswith("filt"):
        return " ".join(decimal(dice) for _ in range(dice.choice((8, 8, 8, 1, 3, 9))))
    if name in ("version", "processor", "system", "device", "timecode", "name", "srchost"):
        return f'"{printable_value(dice)} {printable_value(dice)}"' if name != "srchost" else f'"{printable_value(dice)}"'
    return decimal(dice) if dice.random() < 0.5 else whole(dice)


def variables(dice, names, always=()):
    """Most of these variables in some order, sometimes with a duplicate or an unknown one."""
    share = dice.choice((1, 0.9, 0.5, 0.1))
    chosen = [name for name in names if name in always or dice.random() < share]
    if dice.random() < 0.3:
        dice.shuffle(chosen)
    if dice.random() < 0.1 and chosen:
        chosen.append(dice.choice(chosen))
    if dice.random() < 0.1:
        chosen.append("unknown" + str(dice.randrange(9)))
    comma = dice.choice((", ", ", ", ",", ",\r\n", " , "))
    return comma.join(name if dice.random() < 0.01 and name not in always else f"{name}={value(dice, name, 0 if name in always else 0.06)}" for name in chosen)


def field(dice, kind, name):
    """A field in a row of an ordered list."""
    if dice.random() < 0.03 and name != "mask":
        return odd(dice)
    if name in ("addr", "bcast", "mask"):
        if name == "bcast" and dice.random() < 0.5:
            return ""
        if name == "mask":
            return dice.choice(("255.255.255.255", "255.0.0.0", "0.0.0.0", "255.0.255.0", "ffff:ffff::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::"))
        text = ipv4(dice) if dice.random() < 0.6 else ipv6(dice)
        if kind == "reslist":
            return text
        return f"[{text}]:123" if ":" in text else f"{text}:123"
    if name == "name":
        return dice.choice(('"eth0"', '"lo"', f'"{printable_value(dice)}"', "eth0", '"a-very-long-interface-name-x31"', '""'))
    if name == "flags":
        return dice.choice((f"0x{dice.randrange(1 << 16):x}", "ignore", "ntpport interface ignore", "limited kod", ""))
    return dice.choice((str(dice.randrange(3)), whole(dice), str(-dice.randrange(100))))


def ordered_list(dice, kind):
    """Rows as a daemon sends them, fields in any order and mixed with made-up ones; sometimes a field is extra or missing, or
    a row missing or duplicated."""
    names, _ = ROWS[kind]
    numbers = list(range(dice.choice((0, 1, 2, 5, 20))))
    if numbers and dice.random() < 0.12:
        at, number = dice.randrange(len(numbers) + 1), dice.randrange(len(numbers) + 2)
        if kind == "ifstats" or number not in numbers[max(at - 1, 0):at + 1]:
            numbers.insert(at, number)
    if numbers and dice.random() < 0.08:
        numbers.pop(dice.randrange(len(numbers)))
    fields = []
    for number in numbers:
        row = list(names)
        dice.shuffle(row)
        if dice.random() < 0.08:
            row.pop()
        if dice.random() < 0.06 and kind == "ifstats":
            row.append(dice.choice(names))
        if dice.random() < 0.3:
            row.insert(dice.randrange(len(row)), "".join(chr(dice.randrange(97, 123)) for _ in range(3)))
        fields += [f"{name}.{number}={field(dice, kind, name)}" for name in row]
    return ", ".join(fields)


def clients(dice):
    """An MRU list, from the oldest row to the newest."""
    now = NTP_NOW + dice.randrange(1000)
    rows, last = [], now - 100000
    for number in range(dice.choice((0, 1, 3, 10))):
        last += dice.randrange(1, 5000)
        first = last - dice.choice((0, dice.randrange(100000)))
        address = f"10.0.{dice.randrange(256)}.{number}" if dice.random() < 0.7 else dice.choice((f"2001:db8::{number:x}", f"::10.0.0.{number}"))
        rows.append(f"addr.{number}={address}:{dice.randrange(65536)}" if ":" not in address else f"addr.{number}=[{address}]:{dice.randrange(65536)}")
        rows += [f"last.{number}=0x{last:08x}.{dice.randrange(1 << 32):08x}", f"first.{number}=0x{first:08x}.{dice.randrange(1 << 32):08x}",
                 f"ct.{number}={dice.choice((1, 2, dice.randrange(1, 1000), (1 << 31) - 1))}", f"mv.{number}={dice.randrange(256)}", f"rs.{number}=0x{dice.randrange(1 << 16):x}"]
    return ", ".join([*rows, f"now=0x{now:08x}.00000000"])


def unique(texts):
    return list(dict.fromkeys(texts))


class Server:
    """The replies of one case; the same request always gets the same reply."""

    def __init__(self, dice):
        count = dice.choice((0, 1, 2, 5, 12))
        numbers = dice.sample(range(1, 65536), count)
        self._list = [(number, dice.randrange(65536) if dice.random() < 0.3 else 0x9014 | dice.randrange(8) << 8) for number in numbers]
        if self._list and dice.random() < 0.8:
            self._list[0] = (11, self._list[0][1])
        self._status = dice.randrange(65536)
        self._system = variables(dice, unique(SYSTEM), ("leap", "peermode", "refid"))
        self._peers = {number: variables(dice, PEER, ("rec", "reftime")) for number, _ in [*self._list, (11, 0)]}
        self._clock = variables(dice, CLOCK)
        self._lists = {kind: ordered_list(dice, kind) for kind in ROWS}
        self._clients = clients(dice)
        self._error = dice.randrange(1, 9) if dice.random() < 0.03 else None

    def __call__(self, request, _number):
        status = dict(self._list).get(request.association_id, self._status)
        if self._error is not None and request.opcode in (READ_STATUS, READ_VARIABLES, READ_CLOCK):
            return [reply(request, b"", self._error << 8, error=True)]
        if request.opcode == REQUEST_NONCE:
            return replies(request, "nonce=ee30000012345678abcdef01")
        if request.opcode == READ_MRU:
            return replies(request, self._clients)
        if request.opcode == READ_STATUS:
            return replies(request, status_list(self._list), self._status)
        if request.opcode == READ_CLOCK:
            return replies(request, self._clock, status)
        if request.opcode == READ_ORDERED_LIST:
            return replies(request, self._lists["reslist" if request.data else "ifstats"])
        if request.opcode == READ_VARIABLES:
            return replies(request, self._peers.get(request.association_id, self._system) if request.association_id else self._system, status)
        return []

    def shown(self, command):
        """Returns the reply to a command as text."""
        word = command.split()[0]
        if word in self._lists:
            return repr(self._lists[word])
        if word in ("cv", "cl"):
            return repr(self._clock)
        if word in ("rv", "rl") and " 11" in command or word == "pstats":
            return f"{dict(self._list).get(11, self._status):04x} {self._peers[11]!r}"
        if word in SYSTEM_COMMANDS or word in ("rv", "rl"):
            return f"{self._status:04x} {self._system!r}"
        return repr(self._clients) if word == "mrulist" else f"{[(number, hex(status)) for number, status in self._list]} {self._peers!r}"


SYSTEM_COMMANDS = ("sysinfo", "sysstats", "monstats", "iostats", "timerstats", "kerninfo", "authinfo")
TABLES = ("peers", "lpeers", "apeers", "opeers", "lopeers", "peers -4", "lpeers -6", "as", "las", "pas", "lpas")
OLD = "opeers"  # and `lopeers`
READS = ("rv", "rl", "rv 11", "rl 11", "cv", "cl", "cv 11", "rv 0 stratum,refid,offset", "rv 11 filtdelay reach", "pstats 11", "mrv &1 &3", "raw", "cooked")
LISTS = ("mrulist", "mrulist sort=addr", "mrulist sort=-count", "mrulist sort=avgint", "reslist")


def hosts(dice):
    """The number of servers to query."""
    return dice.choice((1, 1, 1, 2))


def commands(dice, servers=1):
    """Returns the key, then commands in random order; `ifstats` and `reslist` come last because they may end the program."""
    chosen = [*SYSTEM_COMMANDS, *dice.sample([table for table in TABLES if servers == 1 or not table.endswith(OLD)], 6), *dice.sample(READS, 6), dice.choice(LISTS[:-1])]
    dice.shuffle(chosen)
    return ["keyid 1", "passwd secret", *chosen, "reslist", "ifstats"]


def describe(server, command):
    """Returns the reply to a command as text."""
    return server.shown(command)
