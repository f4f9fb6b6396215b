"""Command lines run against a scripted server: replies that no real daemon would send."""
import time

from ntplab.mode6 import READ_CLOCK, READ_STATUS, READ_VARIABLES, octets, replies, reply, status_list

from .case import Case
from .tables import table_cases

NUMBERS = ["0", "0.5", "-0.5", "+0.5", ".5", "1e-3", "abc", "12.3456789", "", "-", "1.5abc", "99999999999.123", " 3",
           "-0.000001", "0x10", "00.5", "1.", "--1", "1,5"]
FILTER_NUMBERS = ["0", "0.5", "-0.5", "+0.5", ".5", "1e-3", "abc", "12.3456789", "1.5abc", "12345678", "-12345.678",
                  "123456.7", "0.005", "0.004999", "-0.004", "-0.005", "99999.999", "0.0149999", "999.995"]
OCTALS = ["0", "1", "3", "4", "8", "01", "0x1", "017", "x", "-1", "0377", "255", "0xff", "08", "400", "0x1ff",
          "4294967295", "4294967296", "0x"]
ADDRESSES = ["1.2.3.4", "127.127.1.0", "127.127.46.3", "127.127.99.255", "0.0.0.0", "GPS", "LOCL", "TOOLONG",
             "2001:db8::1", '"GPS"', "", "A B", "1.2.3.4:123", "[2001:db8::1]:77", "0x1234", "1234", "abcd.ef", "::",
             "::ffff:1.2.3.4", "256.1.1.1", "1.2.3"]
TIMES = ["0x00000000.00000000", "0xeeaae8a0.f2a46be8", "0x0.0", "eeaae8a0.f2a46be8", "0xeeaae8a0", "0xEEAAE8A0.F2A46BE8",
         '"1-Jan-2020 10:11:12"', "3999999999.5", "junk", "0xeeaae8a0.f2a46be8 junk", "", "0x00000001.00000000",
         "0x80000000.00000000", "0x7fffffff.ffffffff", "0xffffffff.ffffffff", "0x83aa7e80.00000000"]
TEXTS = [  # splitting a reply into variables
    b"a=1,b,c=2", b"a=1,,b=2", b'a="x,y",b=2', b'a="unclosed, b=2', b"a=1\r\nb=2", b"a=1,\r\nb=2\r\n", b"a = 1 , b=2",
    b"x" * 300 + b"=1", b'a="' + b"q" * 2100 + b'"', b"a=\xe9\x01\x7f,b=\x1b[31m", b'a="x" junk,b=2', b"=5,b=2", b"a=b=c",
    b"a=1\0b=2,c=3", b'a=x"y"z,b=3', b"associd=3,a=", b"a=1\nb=2", b'a=1, b="multi word \r\n line", c=3', b"status=0x1",
    b'a= "x"  ,b=2', b'"q"=1', b"a=" + b"v" * 2047, b"a=" + b"v" * 2048, b"n" * 255 + b"=1", b"n" * 256 + b"=1", b"a", b",",
    b" ", b"a=\t1\t,b=2", b"stratum=2\r\n\0", b"a=1,\r\nb=2\r\n\0stale=3,c=4", b"a=1\r\nstale=3",
    *(b"filtdelay=\x01 0.0 0" + octet + b"'\xb5 1.0,\r\npmode=4\r\n" for octet in (b"\n", b"\r", b"\0", b'"', b","))  # NTPsec's stale memory
]
LOST = [b"=5,b=2", b'a=1, b="multi word \r\n line", c=3']  # silently dropped by the reference; read or reported by the default dialect
LONG = b'stratum=5, version="x' + b"y" * 1100 + b'", leap=0'


def fake_cases():
    """Returns all cases that need a scripted server."""
    return [*value_cases(), *text_cases(), *packet_cases(), *table_cases()]


def fake(name, answers, *arguments, **settings):
    """Returns a case with a server that answers with `answers(request, number)`."""
    return Case(name=f"scripted: {name}", arguments=[*arguments, "{fake}"], where="stage", script=lambda: answers, **settings)


def variables(data, status=0x961A, clock_status=0):
    """Returns the replies of a server with this text as variables and one association, 11."""
    def answers(request, _number):
        if request.opcode == READ_STATUS:
            return [reply(request, status_list([(11, 0x961A)]), 0x0615)]
        if request.opcode == READ_VARIABLES:
            return replies(request, data, status)
        return replies(request, data, clock_status) if request.opcode == READ_CLOCK else []
    return answers


def value_cases():
    """Formatting of single values."""
    def read(data, *arguments, status=0x961A, **settings):
        name = f"rv of {data}" + "".join(f" {word}" for word in arguments) + (f", status {status:04x}" if status != 0x961A else "")
        return fake(name, variables(data, status), "-n", *arguments, "-c", "rv 11", **settings)

    def negative(value):
        return value.startswith("-")

    cases = [read(f"offset={v}, frequency={v}", default=not v.startswith("+")) for v in NUMBERS]  # a sign sent by the server is kept
    cases += [read(f"filtdelay={v} {v},filtoffset={v} {v},filtdisp={v}, filterror={v}", default=not negative(v)) for v in FILTER_NUMBERS]
    cases += [read(text) for text in ("filtdelay=1 2 3 4 5 6 7 8 9,filtoffset=", 'filtdelay="1 2 3"', "filtdisp=1  2   3", "filtoffset=1,2")]
    cases += [read(f"leap={v}, reach={v}, flash={v}") for v in OCTALS]
    cases += [read(f"flash={1 << bit:#x}") for bit in range(16)] + [read("flash=0x1fff"), read("flash=0x7ff, reach=0x0")]
    cases += [read(f"refid={v}, srcadr={v}, dstadr={v}, peeradr={v}") for v in ADDRESSES]
    cases += [read(f"refid={v}, reftime=0x0", "-r", "hash") for v in ADDRESSES]
    cases += [read(f"reftime={v}, clock={v}, rec={v}, org={v}, xmt={v}") for v in TIMES]
    cases += [read("stratum=2", status=status) for status in (0x0000, 0x0814, 0x1011, 0x9014, 0xF31A, 0xFFFF, 0x8E2B, 0x05F7)]
    for status in (0x0000, 0x0615, 0x0014, 0xC016, 0x1A2F, 0x3FFF, 0x4907, 0x8ABC):
        cases.append(fake(f"system status {status:04x}", variables("stratum=2", status), "-n", "-c", "rv", "-c", "raw", "-c", "rv"))
        cases.append(fake(f"clock status {status:04x}", variables("poll=2", clock_status=status), "-n", "-c", "cv", "-c", "cv 11"))
    cases.append(fake("pstats of few variables", variables("srcadr=1.2.3.4, timer=5", 0x615), "-n", "-c", "pstats 7", default=False))
    cases.append(fake("pstats of malformed values", variables('srcadr="x", srcport=y, dstadr=2001:db8::1, dstport=99, timer="7", sent=-1, received=', 0x9614),
                      "-n", "-c", "pstats 7"))
    cases.append(fake("pstats of a clock", variables("srcadr=127.127.8.3, srcport=123, dstadr=127.0.0.1, dstport=123", 0x9614), "-c", "pstats 7"))
    return cases


def text_cases():
    """Parsing, wrapping and escaping the text of a reply."""
    cases = []
    for text in TEXTS:
        name = repr(text)[1:60] + f" ({len(text)})"
        cases.append(fake(f"rv of {name}", variables(text), "-c", "rv", own="escapes" if b"word \r\n" in text or b'0"' in text else "", default=text not in LOST))
        moves = any(octet in text for octet in b"\t\v\f")  # move the cursor, so the default dialect escapes them
        cases.append(fake(f"raw rv of {name}", variables(text), "-c", "raw", "-c", "rv", default=not moves))
    controls = b"a=\xe9\x01\x7f\x1b[31m\r\n\r\x80\t"
    cases.append(fake("raw rv of control characters", variables(controls), "-c", "raw", "-c", "rv", default=False))
    cases.append(fake("rv of escape sequences", variables("a=\x1b[31m, b=\x1b[0m, offset=\x1b[1m, offset=1\x1b, c=x\x1b[31m"), "-n", "-c", "rv"))
    cases.append(fake("wrapping", variables(b", ".join(b"n%d=%s" % (i, b"v" * i) for i in range(1, 75))), "-c", "rv"))
    for length in (58, 60, 61, 62, 63, 64, 65, 66, 67, 68, 120):
        cases.append(fake(f"wrapping after {length}", variables(b"aaaa=%s, b=1, c=2" % (b"v" * length)), "-c", "rv"))
        cases.append(fake(f"wrapping at {length}", variables(b"b=1, aaaa=%s, c=2" % (b"v" * length)), "-c", "rv"))
    return cases


def packet_cases():
    """Packets that are malformed, late, lost, duplicated or out of order."""
    one = ("-c", "rv 0 stratum")
    soon = ("-c", "timeout 500")
    good = b"stratum=3"
    cases = []
    for code in range(12):
        cases.append(fake(f"error {code}", lambda r, _, code=code: [reply(r, b"", code << 8, error=True)], "-c", "rv 11"))
        cases.append(fake(f"error {code} to a table", lambda r, _, code=code: [reply(r, b"", code << 8, error=True)], "-np", "-c", "as", "-c", "cv"))
    cases += [
        fake("an error with text", lambda r, _: [reply(r, b"nope", 1 << 8, error=True)], *one),
        fake("an empty reply about the system", lambda r, _: [reply(r)], "-c", "rv", "-c", "rl"),
        fake("an empty reply about an association", lambda r, _: [reply(r)], "-c", "rv 5", "-c", "rl 5", "-c", "pstats 5", default=False),
        fake("an empty reply about a clock", lambda r, _: [reply(r)], "-c", "cv", "-c", "cv 5", "-c", "cl", "-c", "cl 5", failure=False),
        fake("no associations", lambda r, _: [reply(r)], "-c", "as", "-c", "peers", "-c", "lpeers", "-c", "opeers", "-c", "las", "-c", "passociations"),
        fake("no associations to index", lambda r, _: [reply(r)], "-c", "rv &1", "-c", "mrv 1 2", "-c", "mrl &1 &2"),
        fake("an association list of six octets", lambda r, _: [reply(r, b"\0\1\0\2\0\3")], "-c", "as"),
        fake("an association list of six octets for a table", lambda r, _: [reply(r, b"\0\1\0\2\0\3")], "-np"),
        fake("another sequence number first", lambda r, _: [reply(r, b"stratum=9", sequence=(r.sequence + 99) % 65536), reply(r, good)], *one),
        fake("another opcode first", lambda r, _: [reply(r, b"stratum=9", opcode=1), reply(r, good)], *one),
        fake("versions 0 and 5 first", lambda r, _: [reply(r, b"stratum=9", version=0), reply(r, b"stratum=8", version=5), reply(r, good, version=3)], *one),
        fake("a request first", lambda r, _: [r.packet, reply(r, good)], *one),
        fake("a short packet first", lambda r, _: [reply(r, good)[:8], reply(r, good)], *one),
        fake("another association", lambda r, _: [reply(r, b"stratum=4", association_id=77)], *one, default=False),
        fake("a count beyond the packet", lambda r, _: [reply(r, b"stratum=4", count=40)], *soon, *one, slow=True, default=False),
        fake("a length that is not a multiple of four", lambda r, _: [reply(r, b"stratum=4", pad=False)], *soon, *one, slow=True),
        fake("fragments in reverse order", lambda r, _: replies(r, LONG)[::-1], "-c", "rv"),
        fake("fragments twice", lambda r, _: [packet for one_of in replies(r, LONG) for packet in (one_of, one_of)], *one),
        fake("a fragment missing", lambda r, _: replies(r, LONG)[::2], "-c", "timeout 700", "-c", "rv", slow=True),
        fake("the last fragment missing", lambda r, _: replies(r, LONG)[:2], "-c", "timeout 700", "-c", "rv", slow=True),
        fake("overlapping fragments", lambda r, _: [reply(r, b"stratum=5,", more=True), reply(r, b"abcdefghij=7", offset=4), reply(r, b" leap=1", offset=10)],
             "-c", "rv"),
        fake("32 fragments", lambda r, _: replies(r, b'v="' + b"z" * (468 * 31) + b'"'), "-c", "raw", "-c", "rv"),
        fake("40 fragments", lambda r, _: replies(r, b'v="' + b"z" * (468 * 40) + b'"'), "-c", "timeout 700", "-c", "rv", slow=True),
        fake("an offset out of bounds", lambda r, _: [reply(r, b"x=1", offset=15400)], "-c", "timeout 700", "-c", "rv", slow=True),
        fake("no reply to the first request", lambda r, number: [] if number == 1 else [reply(r, b"stratum=6")], *soon, *one, slow=True),
        fake("no reply", lambda r, _: [], "-c", "timeout 300", "-c", "rv", "-c", "as", "-np", slow=True),
        fake("a reply to the first command only", lambda r, number: [reply(r, b"stratum=6")] if number == 1 else [], "-c", "timeout 300",
             *one, *one, slow=True),
        fake("a late reply", late_reply, *one),
    ]
    return cases


def late_reply(request, _number):
    time.sleep(0.3)
    return [reply(request, octets("stratum=7"))]
