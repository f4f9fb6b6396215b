"""The default dialect, described as changes to the reference's output.

It prints no `+` before positive numbers, exits with 1 if anything failed, and may add a hint to an error."""
import re
from dataclasses import replace

COLUMN_LIMIT = 72
ANY = "\x00"  # an unknown character, for which the reference had no room
NOTICE = re.compile(rb"malformed [^\n]*\n|\*\*\*Extra arg `.*?' ignored\n", re.DOTALL)  # reported, but not failures


# resolver errors, which the default dialect prefixes with the names of program and host
RESOLVER = (rb"Name or service not known|Temporary failure in name resolution|Address family for hostname not supported|"
            rb"No address associated with hostname|bad hostname/address: Invalid argument")
NAMED = re.compile(rb"^ntp(?:q|dc): [^\n]*?: ((?:" + RESOLVER + rb")\n)", re.MULTILINE)
# socket errors, which it prefixes likewise, and the host names in its other messages about a daemon
RECEIVED = re.compile(rb"^(ntp(?:q|dc): )\S+: (read: [^\n]*\n)", re.MULTILINE)
TIMED_OUT = re.compile(rb"^(\S+):\d+: (?=timed out)", re.MULTILINE)
SERVER = re.compile(rb"^server=(\S+?)(?::\d+)? (?=\*\*\*|Response packet claims )", re.MULTILINE)
# the candidates for an ambiguous command
CANDIDATES = re.compile(rb"^((?:\*\*\*)?Command `[^\n]*' (?:is )?ambiguous): [^\n]*\n", re.MULTILINE)
# replies to configuration requests, which daemons end with CR and LF
ANSWER_END = re.compile(rb"^((?:Config Succeeded|column \d+ syntax error|saveconfig |Configuration saved|unpeer)[^\n]*)\r\n", re.MULTILINE)
# rows of associations whose last event has no name in 4.2.8p15
NAMELESS = re.compile(r"^( *\d+ +\d+  [0-9a-f]{3})([c-f])(   .{25}) {12}(?= [ \d]\d$)")
EVENTS = {"c": "bad_auth", "d": "popcorn", "e": "interleave_mode", "f": "interleave_error"}
NOT_READ = re.compile(rb"^nextvar: [^']*'.*?'\n", re.MULTILINE | re.DOTALL)  # the default dialect has its own message
# NTPsec's ntpd 1.2.2 sometimes sends stale memory in `filtdelay`. The reference reports it only if it contains a quote; the
# default dialect always reports it. Requests for variables by name do not get it.
STALE = re.compile(rb"^nextvar: no closing quote, stop: 'filtdelay=.*?'\n", re.MULTILINE | re.DOTALL)
ENDED_EARLY = re.compile(rb"^ntpq: \S+: (?:association \d+: )?part of the reply cannot be read: "
                         rb"(?:the text ended before: |no closing quote: 'filtdelay=)", re.MULTILINE)
LOOKED_UP_AGAIN = re.compile(rb"^\*\*\*Can't find host [^\n]*\n", re.MULTILINE)  # a second lookup, for a column's width


def expected_in_default_dialect(reference, case):
    """Returns the outcome expected of the default dialect, given the reference's."""
    reference = replace(reference, stdout=ANSWER_END.sub(rb"\1\n", reference.stdout))
    failed = bool(NOTICE.sub(b"", reference.stderr)) if case.failure is None else case.failure
    files = tuple((name, unsigned(data)) for name, data in reference.files)
    stderr = NOT_READ.sub(b"", LOOKED_UP_AGAIN.sub(b"", reference.stderr)).replace(b"ntpq: bad hostname", b"bad hostname")
    return replace(reference, stdout=unsigned(reference.stdout), stderr=stderr, files=files, status=reference.status or int(failed))


def without_stale_memory(outcome):
    """Returns the outcome of the reference, or of ours in the classic dialect, without its messages about stale memory."""
    return replace(outcome, stderr=STALE.sub(b"", outcome.stderr))


def with_unknown(expected, ours):
    """Returns our outcome with `ANY` wherever it is expected, so that both can be compared."""
    def fill(known, got):
        if ANY.encode() not in known or len(known) != len(got):
            return got
        return bytes(ord(ANY) if one == ord(ANY) else other for one, other in zip(known, got))
    files = dict(expected.files)
    return replace(ours, stdout=fill(expected.stdout, ours.stdout),
                   files=tuple((name, fill(files.get(name, b""), data)) for name, data in ours.files))


def without_hints(ours, reference):
    """Returns our outcome without the hints that the default dialect may add to an error: `ntpq: HOST: ...`. Where stale
    memory of NTPsec's ntpd ends a list early, the default dialect reports it and fails."""
    if ENDED_EARLY.search(ours.stderr) and not reference.stderr and ours.status == 1:
        ours = replace(ours, status=reference.status)
    known = set(reference.stderr.splitlines())
    ours = replace(ours, stderr=without_names(ours.stderr, reference.stderr))
    lines = [line for line in ours.stderr.splitlines(keepends=True)
             if line.rstrip(b"\n") in known or not re.match(rb"ntpq: \S+(?: \(\S+\))?: ", line)]
    return replace(ours, stderr=b"".join(lines))


def without_names(text, reference):
    """Returns our messages without the names of daemons and commands that the reference omits."""
    def server(match):
        named = b"server=" + match.group(1) + b" "
        return named if named in reference else b""
    text = CANDIDATES.sub(rb"\1\n", TIMED_OUT.sub(rb"\1: ", text))
    return SERVER.sub(server, RECEIVED.sub(rb"\1\2", NAMED.sub(rb"\1", text)))


def unsigned(data):
    """Returns the text without the `+` that 4.2.8p15 prints before positive numbers."""
    lines, out, at = data.decode("latin-1").split("\n"), [], 0
    while at < len(lines):
        line = NAMELESS.sub(lambda row: f"{row.group(1)}{row.group(2)}{row.group(3)} {EVENTS[row.group(2)]:>11}", lines[at])
        if re.match(r"[A-Za-z_][\w.]*=", line) and not re.match(r"associd=\d+ status=", line):
            block = [line]
            while block[-1].endswith(",") and at + 1 < len(lines):
                at += 1
                block.append(lines[at])
            out.append(unsigned_variables("\n".join(block)))
        else:
            out.append(re.sub(r"(?<= )\+(\d[\d.]*)(?= +\S+$)", lambda match: unsigned_cell(match.group(1), 3), line))
        at += 1
    return "\n".join(out).encode("latin-1")


def unsigned_cell(number, decimals):
    """Returns a right-aligned number without its sign. One cut to the column's width has room for another digit."""
    was_cut = len(number.partition(".")[2]) < decimals
    return number + ANY if was_cut else " " + number


def unsigned_variables(text):
    """Returns a list of variables without signs, wrapped again because values got shorter."""
    items = []
    for piece in re.split(r",[ \n]", text):
        if items and "=" not in piece:  # one of several words of a value
            items[-1] += ", " + piece
        else:
            items.append(piece)
    changed = [re.sub(r"^(offset|frequency)=\+(?=\d)", r"\1=", item) for item in items]
    changed = [re.sub(r"(?<= )\+(\d[\d.]*)", lambda match: unsigned_cell(match.group(1), 2), item) if item.startswith("filtoffset=") else item for item in changed]
    if changed == items:
        return text
    out, column = changed[0], len(changed[0])
    for item in changed[1:]:
        if column + 2 + len(item) > COLUMN_LIMIT:
            out, column = f"{out},\n{item}", len(item)
        else:
            out, column = f"{out}, {item}", column + 2 + len(item)
    return out
