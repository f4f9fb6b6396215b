"""The default dialect of ntpdc, described as changes to the reference's output.

It prints no `+` before positive numbers and prints negative numbers of seconds as such, exits with 1 if anything failed, and
may add a hint to an error."""
import re
from dataclasses import replace

from compliance.dialect import ANY, without_names

UNSIGNED_ROW = re.compile(r"^([ *+\-=^~.].{15} .{15} .{2} .{4}  .{3} .{7} )(.{9}) (.{7})$")
HINT = re.compile(rb"ntpdc: \S+(?: \(\S+\))?: ")
# failures that 4.2.8p15 reports on standard output
FAILURE = re.compile(r"^(\*\*\*|\*\*\* |Unknown flag|Flag |Invalid mask|Not done|No data returned|Expected one item)", re.MULTILINE)


# usage lines that list what is rejected, or omit what is accepted
USAGE = {
    b"auth|bclient|monitor|pll|kernel|stats": b"auth|bclient|calibrate|kernel|monitor|ntp|pps|stats",
    b"|nopeer|version|kod": b"|nopeer|notrap|lptrap|limited|version|kod",
    b"keytype [ (md5|des) ]": b"keytype [ digest-name ]",
    b"passwd [  ]": b"passwd [ password ]",
    b"[ keyid ] [ version ] [ minpoll ]": b"[ keyid ] [ version ] [ 'minpoll N' ]",
}


def expected_in_default_dialect(reference, case):
    """Returns the outcome expected of the default dialect, given the reference's."""
    for stale, usage in USAGE.items():
        reference = replace(reference, stdout=reference.stdout.replace(stale, usage), stderr=reference.stderr.replace(stale, usage))
    stdout = "\n".join(unsigned(line) for line in reference.stdout.decode("latin-1").split("\n"))
    failed = bool(reference.stderr or FAILURE.search(stdout)) if case.failure is None else case.failure
    return replace(reference, stdout=stdout.encode("latin-1"), status=reference.status or int(failed))


def unsigned(line):
    """Returns a line without the `+` before positive numbers."""
    row = UNSIGNED_ROW.match(line)
    if row and re.fullmatch(r" *\+[\d.]+", row.group(2)):
        return f"{row.group(1)}{cell(row.group(2).strip()[1:], 6, 9):>9} {row.group(3)}"
    if re.match(r"(filter offset:| {14})(?= *[-+]\d)", line):
        return line[:14] + "".join(" " + filter_cell(line[at + 1:at + 9]) for at in range(14, len(line), 9)).rstrip("\n")
    line = re.sub(r"^timer (\d{10})s", lambda match: f"timer {signed(int(match.group(1)))}s", line)
    line = re.sub(r"^delay (\d{10}) ms", lambda match: f"delay {signed(int(match.group(1)))} ms", line)
    return re.sub(r"(^offset |[:,] +|, frequency )\+(?=\d)", r"\1", line)


def cell(number, decimals, width):
    """Returns a number without its sign; one cut to the column's width has room for another digit."""
    was_cut = len(number.partition(".")[2]) < decimals and len(number) + 1 == width
    return number + ANY if was_cut else number


def filter_cell(text):
    number = text.rstrip()
    return f"{cell(number[1:], 6, 8):8}"[:8] if number.startswith("+") else text


def signed(number):
    return number - (1 << 32) if number >> 31 else number


def without_hints(ours, reference):
    """Returns our outcome without the hints that the default dialect may add to an error: `ntpdc: HOST: ...`."""
    known = set(reference.stderr.splitlines())
    stderr = without_names(ours.stderr, reference.stderr)
    lines = [line for line in stderr.splitlines(keepends=True) if line.rstrip(b"\n") in known or not HINT.match(line)]
    return replace(ours, stderr=b"".join(lines))
