"""The default dialect as a change of the reference's output.

It prints no `+` before positive numbers, exits with 1 if anything failed, and may add a line of advice to an error."""
import re
from dataclasses import replace

COLUMN_LIMIT = 72


def expected_in_default_dialect(reference, case):
    """What the default dialect must do where the reference did this."""
    failed = bool(reference.stderr) if case.failure is None else case.failure
    files = tuple((name, unsigned(data)) for name, data in reference.files)
    return replace(reference, stdout=unsigned(reference.stdout), files=files, status=reference.status or int(failed))


def without_hints(ours, reference):
    """Ours without the lines of advice that the default dialect may add to an error: `ntpq: HOST: ...`."""
    known = set(reference.stderr.splitlines())
    lines = [line for line in ours.stderr.splitlines(keepends=True)
             if line.rstrip(b"\n") in known or not re.match(rb"ntpq: \S+: ", line)]
    return replace(ours, stderr=b"".join(lines))


def unsigned(data):
    """Text without the `+` that 4.2.8p15 writes before positive numbers."""
    lines, out, at = data.decode("latin-1").split("\n"), [], 0
    while at < len(lines):
        line = lines[at]
        if re.match(r"[A-Za-z_][\w.]*=", line) and not re.match(r"associd=\d+ status=", line):
            block = [line]
            while block[-1].endswith(",") and at + 1 < len(lines):
                at += 1
                block.append(lines[at])
            out.append(unsigned_variables("\n".join(block)))
        else:
            out.append(re.sub(r"(?<= )\+(\d[\d.]*)(?= +\S+$)", r" \1", line))
        at += 1
    return "\n".join(out).encode("latin-1")


def unsigned_variables(text):
    """A list of variables, wrapped anew where a shorter value makes room."""
    items = re.split(r",[ \n](?=[A-Za-z_][\w.]*=)", text)
    changed = [re.sub(r"^(offset|frequency)=\+(?=\d)", r"\1=", item) for item in items]
    changed = [item.replace(" +", "  ") if item.startswith("filtoffset=") else item for item in changed]
    if changed == items:
        return text
    out, column = changed[0], len(changed[0])
    for item in changed[1:]:
        if column + 2 + len(item) > COLUMN_LIMIT:
            out, column = f"{out},\n{item}", len(item)
        else:
            out, column = f"{out}, {item}", column + 2 + len(item)
    return out
