"""Mode 7: the fields of each table's items, and replies made of them.

Not generated, because the original's output cannot be compared:
 - texts with control characters (`private` tests them: ours escapes them);
 - interface names without a NUL (the original reads past them);
 - replies that never become complete (`private` tests them: each costs a time-out). The original also treats several packets
   of short items as incomplete: it compares their size with that of the padded first packet, and waits in vain."""
import random

from ntplab.mode7 import CURRENT, FIRST_OCTET, HEADER, ROOM, Request, replies, reply

from .values import (below, bits, host_order, ipv4, ipv4_mask, ipv6, ipv6_mask, mark, name, nothing, number, printable, reference_id,
                     seconds, shown_id, stamp)

N1, N2, N4, F4, F8 = number(8), number(16), number(32), seconds(4), seconds(8)
GAP1, GAP2, GAP3, GAP4 = nothing(1), nothing(2), nothing(3), nothing(4)
MODE, STRATUM, LEAP, POLL = below(10), below(17), below(4), below(18)


class Table:
    """A kind of item: its fields, and those sent only by daemons with IPv6."""

    def __init__(self, code, fields, new=(), sizes=(), single=False, commands=(), check=None, min_size=0):
        self.code, self._fields, self._new, self.sizes, self.single, self.commands = code, fields, new, sizes, single, commands
        self._check = check
        self.size = max(min_size, len(self.item(random.Random(0), True)))

    def item(self, dice, whole):
        fields = [*self._fields, *self._new] if whole else self._fields
        item = b"".join(draw(dice) for draw in fields)
        return self._check(item, dice) if self._check else item


def text_of_primaries(id_at, stratum_at, flags_at=None, clock=0):
    """Returns a check that makes a reference ID printable if it is shown as text."""
    def check(item, dice):
        if item[stratum_at] <= 1 or flags_at is not None and item[flags_at] & clock:
            return item[:id_at] + shown_id(dice) + item[id_at + 4:]
        return item
    return check


def printable_id(item, dice):
    return item[:48] + shown_id(dice) + item[52:]


def address(dice, mask=False):
    """An address of either family in a field of 16 octets."""
    if dice.random() < 0.4:
        return ipv6_mask(dice) if mask else ipv6(dice)
    return (ipv4_mask(dice) if mask else ipv4(dice)).ljust(16, b"\0") if dice.random() < 0.9 else ipv4(dice) + dice.randbytes(12)


def mask_in_room(dice):
    return address(dice, mask=True)


PEER = [ipv4, ipv4, N2, bits(8), LEAP, MODE, MODE, STRATUM, POLL, POLL, N1, below(5), GAP1, N1, N1, N1, N1, host_order(2), N2, host_order(4),
        GAP4, reference_id, N4, F4, F4, stamp, stamp, stamp, stamp, *[F4] * 8, *[F8] * 8, *[below(8)] * 8, F4, F4, F8, F4, *[GAP4] * 7, F4]
TWO = [mark, GAP4, ipv6, ipv6]
ONE = [mark, GAP4, ipv6]
TABLES = [
    Table(0, [ipv4, N2, MODE, N1], ONE, commands=("listpeers", "listpeers -4", "listpeers -6")),
    Table(1, [ipv4, ipv4, N2, STRATUM, POLL, POLL, N1, bits(8), MODE, F4, F8, F4], TWO,
          commands=("peers", "dmpeers", "peers -4", "dmpeers -6")),
    Table(2, PEER, TWO, commands=("showpeer 10.0.0.1", "showpeer 10.0.0.1 2001:db8::1"), check=text_of_primaries(36, 14, 10, 0x08)),
    Table(3, [ipv4, ipv4, N2, bits(16), *[N4] * 9, *[N4] * 4, N4, N4, N4, below(8), GAP3], TWO,
          commands=("pstats 10.0.0.1", "pstats 10.0.0.1 10.0.0.2")),
    Table(4, [ipv4, MODE, LEAP, STRATUM, N1, F4, F4, reference_id, stamp, N4, bits(8), GAP3, F4, F4, F8, F4], ONE, single=True,
          commands=("sysinfo",), check=text_of_primaries(16, 6)),
    Table(5, [N4] * 10, [N4], single=True, commands=("sysstats",), min_size=52),
    Table(6, [N4, *[N2] * 4, *[N4] * 7], single=True, commands=("iostats",)),
    Table(7, [N4, N2, N2, *[N4] * 3, *[N1] * 128], single=True, commands=("memstats",)),
    Table(8, [F8, F8, N4, N4], single=True, commands=("loopinfo", "loopinfo oneline")),
    Table(9, [N4] * 4, single=True, commands=("timerstats",)),
    Table(16, [ipv4, ipv4_mask, N4, bits(16), bits(16)], [mark, GAP4, ipv6, ipv6_mask], commands=("reslist", "reslist -4", "reslist -6")),
    Table(20, [N4, N4, bits(32), N4, ipv4, N2, MODE, below(5)], ONE, commands=("monlist 0",), min_size=72),
    Table(42, [N4, N4, bits(32), N4, ipv4, ipv4, N4, N2, MODE, below(5)], TWO, commands=("monlist", "monlist 1")),
    Table(28, [N4] * 9, single=True, commands=("authinfo",)),
    Table(29, [ipv4, ipv4, N2, N2, N4, N4, N4, host_order(4)], [mark, ipv6, ipv6], commands=("traps",)),
    Table(34, [N4] * 15, single=True, commands=("ctlstats",)),
    Table(36, [ipv4, below(50), N1, N1, N1, *[N4] * 5, F8, F8, N4, reference_id], commands=("clockstat 127.127.1.0",), check=printable_id),
    Table(38, [N4, F4, N4, N4, bits(16), below(2), below(20), N4, N4, F4, F4, N4, F4, N4, N4, N4, N4], single=True, commands=("kerninfo",)),
    Table(39, [ipv4, below(17), below(33), bits(16), bits(32), *[N4] * 16, *[stamp] * 32], commands=("clkbug 127.127.1.0",)),
    Table(44, [address, address, mask_in_room, mark, name(32), bits(32), *[N4] * 6, N4, N4,
               host_order(4), N4, N2, below(2), below(5), GAP4], commands=("ifstats",)),
    Table(45, [address, address, mask_in_room, mark, name(32), bits(32), *[N4] * 6, N4, N4,
               host_order(4), N4, N2, below(2), below(5), GAP4], commands=("ifreload",)),
]


def answer(dice, table):
    """Returns a function from a request for a table to the server's reply."""
    if table.code == 42 and dice.random() < 0.3:
        return lambda request: [reply(request, error=2)]  # an older daemon, to which ntpdc then sends request 20
    kind = dice.choices(("rows", "error", "empty", "odd size", "several"), (84, 2, 2, 8, 4))[0]
    if kind == "error":
        code = dice.randrange(4, 16)
        return lambda request: [reply(request, error=code)]
    if kind == "empty":
        return lambda request: [reply(request)]
    whole = dice.random() < 0.75
    count = 1 if table.single and kind != "several" else dice.choice((1, 1, 2, 3, 7, 20))
    items = [table.item(dice, whole) for _ in range(count)]
    if kind == "odd size":
        size = max(1, min(len(items[0]) + dice.choice((-40, -8, -4, -1, 1, 4, 8, 16)), 400))
        items = [item[:size].ljust(size, b"\0") for item in items]
    if len(items[0]) < table.size:
        items = items[:ROOM // len(items[0])]
    return lambda request: replies(request, items)


class Server:
    """The replies of one case; the same request always gets the same reply."""

    def __init__(self, dice):
        self._answers = {table.code: answer(dice, table) for table in TABLES}

    def __call__(self, request, _number):
        found = self._answers.get(request.code)
        return found(request) if found else []

    def shown(self, code):
        """Returns the items of a reply as text."""
        packets = self._answers[code](Request(HEADER.pack(FIRST_OCTET, 0, CURRENT, code, 0, 0)))
        return " ".join(packet.hex() for packet in packets[:3])


def commands(dice, _servers=1):
    """Returns one command line per table, in random order, preceded by the key."""
    chosen = [dice.choice(table.commands) for table in TABLES]
    dice.shuffle(chosen)
    return ["keyid 1", "passwd secret", *chosen]


__all__ = ["Server", "TABLES", "commands", "printable"]


def describe(server, command):
    """Returns the octets of the reply to a command."""
    code = next(table.code for table in TABLES if command in table.commands)
    return server.shown(code)
