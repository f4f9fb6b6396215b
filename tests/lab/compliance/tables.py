"""Peers tables of a scripted server: a row for every format of every column."""
import shlex
import time

from ntplab.mode6 import READ_STATUS, READ_VARIABLES, replies, status_list

from .case import Case

UNIX_EPOCH = 2208988800  # in NTP seconds
NORMAL = dict(srcadr="10.0.0.1", srcport="123", dstadr="10.0.0.9", stratum="2", reach="0xff", hpoll="6", ppoll="6", delay="1.234",
              offset="-0.5", jitter="0.1", dispersion="2.5", hmode="3", refid="10.1.2.3")
COMMANDS = ["-n -c peers", "-n -c lpeers", "-n -c opeers", "-n -c apeers", "-n -w -c peers", "-n -r hash -c peers -c as"]


class Ago:
    """A timestamp this many seconds before the reply."""

    def __init__(self, seconds):
        self.seconds = seconds

    def __str__(self):
        return f"0x{(int(time.time()) + UNIX_EPOCH - self.seconds) & 0xFFFFFFFF:08x}.40000000"


def row(status=0x9614, **changes):
    """An association: its status word, and the variables that differ from `NORMAL`; None omits one."""
    return status, {**NORMAL, "rec": Ago(20), "reftime": Ago(100), **changes}


def quoted(text):
    return f'"{text}"'


ROWS = {
    "tallies": [row(0x9004 | number << 8, srcadr=f"10.0.1.{number}") for number in range(8)]
    + [row(0x0814, srcadr="10.0.1.9"), row(0xFFFF, srcadr="10.0.1.10"), row(0x0000, srcadr="10.0.1.11")],
    "when": [row(rec=Ago(seconds), srchost=quoted(f"w{seconds}")) for seconds in (
        -5, 0, 1, 2047, 2048, 2049, 2100, 17970, 17999, 18001, 18040, 20000, 300000, 345600, 345700, 350000, 400000, 8640000,
        86400 * 999, 86400 * 1100, 86400 * 3000)]
    + [row(rec="0x00000000.00000000", srchost=quoted("norec")),
       row(rec="0x00000000.00000000", reftime="0x00000000.00000000", srchost=quoted("norecref"))],
    "poll intervals": [row(hpoll=h, ppoll=p, srchost=quoted(f"p{h}_{p}")) for h, p in (
        (3, 4), (10, 10), (11, 11), (12, 12), (17, 17), (-6, 3), (4, -6), (0, 0), (24, 24), ("x", 6))],
    "modes": [row(hmode=mode, srcadr=source) for mode, source in (
        (1, "10.0.0.1"), (2, "10.0.0.1"), (3, "10.0.0.1"), (3, "127.127.8.1"), (3, "0.0.0.0"), (3, "224.0.1.1"), (3, "ff05::101"),
        (4, "10.0.0.1"), (5, "10.0.0.255"), (5, "224.0.1.1"), (5, "ff05::101"), (6, "10.0.0.1"), (7, "10.0.0.1"), (0, "10.0.0.1"), (3, "::"))],
    "local addresses": [row(hmode=None, dstadr=address, srchost=quoted(f"dst{address}")) for address in (
        "10.0.0.9", "224.0.1.1", "10.0.0.255", "127.0.0.1", "0.0.0.1", "0.0.0.31", "0.0.0.32", "2001:db8::1", "ff02::1",
        "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff")],
    "reference IDs": [row(refid=text) for text in (
        "GPS", "LOCL", "", "A", "127.127.20.0", "127.127.200.5", "0.0.0.0", "255.254.253.252", "TOOLONG", '"GPS"', "A,B", "G S",
        "\x01\xff", "1.2.3", "10.0.0.9")] + [row(refid=None, srchost=quoted("norefid"))],
    "IPv6 reference IDs": [row(refid="2001:db8:1:2:3:4:5:6"), row(refid="::1")],
    "numbers": [
        row(jitter=None, srchost=quoted("nojitter")), row(delay="12345.678", jitter="12345.678", srchost=quoted("bignums")),
        row(delay="abc", offset="def", jitter="x", srchost=quoted("bad")), row(delay="0.0005", offset="0.0005", jitter="0.0004999", srchost=quoted("round")),
        row(delay="999.9995", offset="-999.9995", jitter="99999.9", srchost=quoted("round2")), row(delay="", offset="", jitter="", srchost=quoted("empty")),
        row(delay="0", offset="0", jitter="0", srchost=quoted("zero")), row(offset="0.0004", srchost=quoted("small")),
        row(offset="-0.0004", srchost=quoted("minus")), row(offset="12.34567890123", srchost=quoted("long"))],
    "numbers too wide for their column": [row(offset="-12345.678", srchost=quoted("wide")), row(offset="123456.789", srchost=quoted("wider")),
                         row(offset="1234.567", srchost=quoted("cut"))],
    "negative numbers": [row(delay="-1.5", jitter="-0.001", dispersion="-3", srchost=quoted("negative"))],
    "odd values": [
        row(stratum="16", reach="0", srchost=quoted("a.very.long.host.name.example.org")), row(stratum="255", reach="0x1ff"),
        row(srcadr="2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"), row(srcadr="fe80::1%lo"), row(srcadr="junk"), row(srchost='""'),
        row(srchost="unquoted"), row(srchost=quoted("ab")), row(srchost=quoted("exactly15.chars")), row(srchost=quoted("exactly.16.chars")),
        row(reach="0377"), row(reach="x", stratum="y"), row(assid="7"),
        row(0x0814, srchost=quoted("notconfreach")), row(flash="0x800"), row(flash="0x1800", refid="10.0.0.9")],
}
ROWS["unprintable names"] = [row(srchost=quoted("esc\x1b[31m")), row(srchost=quoted("h\xe9llo")), row(srchost=quoted("a\tb\x7fc"))]
DIFFERS = {"IPv6 reference IDs", "numbers too wide for their column", "negative numbers"}  # where the default dialect is documented to differ


class Table:
    """The replies of a server with these associations."""

    def __init__(self, rows):
        self._rows = dict(enumerate(rows, 1))

    def __call__(self, request, _number):
        if request.opcode == READ_STATUS:
            return replies(request, status_list([(number, status) for number, (status, _) in self._rows.items()]), 0x0615)
        if request.opcode == READ_VARIABLES:
            status, values = self._rows.get(request.association_id, (0, {}))
            return replies(request, ", ".join(f"{name}={value}" for name, value in values.items() if value is not None), status)
        return []


def table_cases():
    """Returns all row groups with all peers commands."""
    def case(name, rows, arguments, hosts=1, **settings):
        return Case(name=f"scripted: {name}: {arguments}", arguments=[*shlex.split(arguments), *["{fake}"] * hosts], where="stage",
                    script=lambda: Table(rows), **settings)

    cases = [case(group, rows, arguments, default=group not in DIFFERS, own="escapes" if group == "unprintable names" else "")
             for group, rows in ROWS.items() for arguments in COMMANDS]
    loops = [row(flash=flash, refid="10.0.0.9", srchost=quoted("a-rather-long-host.example")) for flash in ("0x800", "0x1800")]
    cases += [case("loops", loops, arguments) for arguments in
              ("-n -p", "-n -c opeers", "-n -c apeers", "-w -n -p", "-n -r hash -p", "-n -r 0 -p", "-n -r 1 -p", "-p")]
    cases.append(case("two servers", loops, "-w -n -p", hosts=2))
    cases.append(case("both families", ROWS["modes"], "-n -c 'peers -6' -c 'peers -4'"))
    cases.append(case("by name", ROWS["modes"], "-p"))
    cases.append(case("an association without variables", [row(), (0x9614, {}), row(srchost=quoted("after"))], "-n -c peers -c as", default=False))
    cases.append(case("five hundred associations", [row(srcadr=f"10.1.{n // 250}.{n % 250}") for n in range(500)], "-n -c as -c 'rv &500' -c 'rv &501'"))
    return cases
