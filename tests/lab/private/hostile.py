"""ntpdc command lines run against a scripted server: refusals, old daemons, and packets that no daemon sends."""
import struct
from dataclasses import replace

from compliance.fakes import fake
from ntplab.mode7 import CURRENT, reply, replies

ERROR_COUNT = 16
IMPLEMENTATION, REQUEST, FORMAT, NO_DATA, PERMISSION = 1, 2, 3, 4, 7
KEYS = {"MD5": ("-c", "keyid 1", "-c", "passwd secretmd5key"),
        "SHA1": ("-c", "keytype SHA1", "-c", "keyid 2", "-c", "passwd sha1asciikey")}
STATISTICS = struct.pack("!11I", *range(1, 12))  # the item of sysstats
LOOP = struct.pack("!iIiIII", 0, 1 << 20, 3, 1 << 30, 0, 77)
# item sizes by command: current ones, then those of IPv4-only daemons
SIZES = {
    "listpeers": (32, 8), "peers": (72, 32), "dmpeers": (72, 32), "showpeer 192.0.2.1": (280, 240), "pstats 192.0.2.1": (120, 80),
    "sysinfo": (80, 56), "sysstats": (44, 40), "loopinfo": (24,), "iostats": (40,), "memstats": (148,), "timerstats": (16,),
    "reslist": (56, 16), "authinfo": (36,), "traps": (64, 28), "ctlstats": (60,), "clockstat 127.127.1.0": (52,),
    "clkbug 127.127.1.0": (332,), "kerninfo": (60,), "ifstats": (136,), "monlist": (72, 48, 40, 32, 24),
}
CHANGES = ("addserver 192.0.2.1", "unconfig 192.0.2.1", "restrict 192.0.2.0 255.255.255.0 kod", "reset io", "readkeys",
           "trustedkey 3", "requestkey 3", "fudge 127.127.1.0 time1 0.5", "addtrap 192.0.2.1", "preset 192.0.2.1", "ifreload")


def peers(count, size=32):
    """Returns the items of a list of peers."""
    return [struct.pack("!4BHBB", 192, 0, 2, number, 123, 3, 1).ljust(size, b"\0") for number in range(1, count + 1)]


def hostile_cases():
    """Returns all cases of this file."""
    return [*refusals(), *old_daemons(), *sizes(), *packets()]


def short(command):
    return command.split()[0]


def keyed(command, kind="MD5"):
    """Returns a command line, with a key if the command needs one."""
    needs = command in CHANGES or command == "ifstats"
    return (*(KEYS[kind] if needs else ()), "-n", "-c", "timeout 300", "-c", command)


def refusing(*codes, unless=lambda request: False):
    """Returns a server that refuses with each of these codes in turn, except requests for which `unless` is true."""
    def answers(request, number):
        return [reply(request)] if unless(request) else [reply(request, error=codes[min(number, len(codes)) - 1])]
    return answers


def refusals():
    """Every error code, in reply to queries and to changes."""
    cases = []
    for code in range(1, ERROR_COUNT):
        for command in ("sysstats", "listpeers", "showpeer 192.0.2.1", "monlist"):
            cases.append(fake(f"error {code} to {short(command)}", refusing(code), *keyed(command), failure=True))
    for code in (IMPLEMENTATION, REQUEST, NO_DATA, 5, 6, PERMISSION):
        cases += [fake(f"error {code} to {short(command)}", refusing(code), *keyed(command), failure=True) for command in CHANGES]
    for command in SIZES:
        if command not in ("sysstats", "listpeers", "showpeer 192.0.2.1", "monlist"):
            cases += [fake(f"error {code} to {short(command)}", refusing(code), *keyed(command), failure=True) for code in (REQUEST, NO_DATA)]
    # for ifreload the original ignores this error
    cases = [replace(case, default=False) if case.name == f"scripted: error {IMPLEMENTATION} to ifreload" else case for case in cases]
    cases.append(fake("unknown peers", refusing(NO_DATA), "-n", "-c", "showpeer 192.0.2.1 192.0.2.2", "-c", "pstats 2001:db8::1", failure=True))
    return cases


def old_daemons():
    """Old daemons: those that refuse the implementation number, and those that refuse the request format."""
    cases = []
    for command, forms in SIZES.items():
        def answers(request, _number, size=forms[-1]):
            if request.implementation == CURRENT:
                return [reply(request, error=IMPLEMENTATION)]
            return [reply(request, [bytes(size)])]
        cases.append(fake(f"an old implementation: {short(command)}", answers, *keyed(command), default=False))
    cases += [
        fake("an old implementation is remembered", old_implementation, "-n", "-c", "listpeers", "-c", "listpeers"),
        fake("an old implementation and an IPv6 address", old_implementation, "-n", "-c", "listpeers", "-c", "showpeer 2001:db8::1", failure=True),
        fake("neither implementation", refusing(IMPLEMENTATION), "-n", "-c", "sysstats", "-c", "sysstats", failure=True),
        fake("every request format refused", refusing(FORMAT), "-n", "-c", "sysstats", "-c", "listpeers", failure=True),
    ]
    for kind in KEYS:
        words = (*KEYS[kind], "-n", "-c", "timeout 300")
        for command in ("readkeys", "ifstats", "reset io"):
            cases.append(fake(f"every request format refused with {kind}: {command}", refusing(FORMAT), *words, "-c", command, "-c", command, "-c", "sysstats",
                              default=False))
        cases.append(fake(f"interfaces with neither implementation, {kind}", refusing(IMPLEMENTATION), *words, "-c", "ifstats", "-c", "readkeys",
                          "-c", "sysstats", default=False))
    for length in (160, 48):
        def accepts(request, _number, length=length):
            return [reply(request, error=FORMAT)] if len(request.packet) > length else [reply(request, peers(2, 8))]
        cases.append(fake(f"no packets longer than {length}", accepts, "-n", "-c", "listpeers", "-c", "listpeers", failure=False))
    return cases


def old_implementation(request, _number):
    return [reply(request, error=IMPLEMENTATION)] if request.implementation == CURRENT else replies(request, peers(3, 8))


def sizes():
    """Items of wrong sizes, and too few or too many items."""
    cases = []
    for command, forms in SIZES.items():
        def sized(size, count=1):
            return lambda request, _number: [reply(request, [bytes(size)] * count)]
        name = short(command)
        cases.append(fake(f"no items: {name}", sized(0, 0), *keyed(command), failure=True))
        cases.append(fake(f"items 4 octets longer: {name}", sized(forms[0] + 4), *keyed(command), default=False))
        cases.append(fake(f"items 4 octets shorter: {name}", sized(forms[0] - 4), *keyed(command), default=False))
        cases.append(fake(f"two items of zeros: {name}", sized(forms[0], 2), *keyed(command), default=False))
        if len(forms) > 1:
            cases.append(fake(f"an item of the old size: {name}", sized(forms[1]), *keyed(command), default=False))
    for command in CHANGES:
        lists = command == "ifreload"  # it needs items
        cases.append(fake(f"done: {short(command)}", lambda request, _number: [reply(request)], *keyed(command), failure=lists))
    return cases


def packets():
    """Packets that are malformed, lost or out of place."""
    one = ("-n", "-c", "timeout 300", "-c", "sysstats")
    table = ("-n", "-c", "timeout 300", "-c", "listpeers")
    good = [STATISTICS]

    def before(**wrong):
        """Returns a server that sends a wrong packet before the right one."""
        return lambda request, _number: [reply(request, [bytes(44)], **wrong), reply(request, good)]

    def only(**wrong):
        return lambda request, _number: [reply(request, good, **wrong)]

    many = peers(60)
    return [
        fake("mode 6 first", before(first=0x96), *one),
        fake("another implementation only", only(implementation=99), *one, slow=True),
        fake("another request only", only(code=9), *one, slow=True),
        fake("more items than fit into the packet", only(count=40), *one, slow=True),
        fake("items larger than the packet", only(size=400), *one, slow=True),
        fake("maximum number and size of items", only(count=0xFFF, size=0xFFF), *one, slow=True),
        fake("the first packet missing", lambda r, _: replies(r, many)[1:], *table, slow=True),
        fake("a packet in the middle missing", lambda r, _: replies(r, many)[:1] + replies(r, many)[2:], *table, slow=True),
        fake("the last packet missing", lambda r, _: replies(r, many)[:-1], *table, slow=True),
        fake("many packets", lambda r, _: replies(r, many), *table),
        fake("only packet 5, marked as the last", only(sequence=5), *one, slow=True),
        fake("the same packet many times", lambda r, _: [reply(r, peers(1), more=True)] * 200, *table, slow=True),
        fake("reserved bits set", only(reserved=5), *one),
    ]
