"""Compares the original ntp-keygen with ours: the same command lines, each in its own folder, must give the same output, exit
statuses, file names, links, and kinds of files. Random values and times are masked."""
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from difflib import unified_diff

from .cases import SCENARIOS
from .context import guarded

PASSWORD = "pw"
PRINTED_PASSWORD = re.compile(r"^(  Corrupt file \S+ or wrong key) \S+$")
MASKS = [
    (rb"(?:RSA|DSA|IFF|GQ)[\t ]+-?\d+ -?\d+ -?\d+\t*\r", b""),  # progress
    (rb"\b40\d{8}\b", b"STAMP"),  # NTP seconds of these years
    (rb"(?m)^(#  ?)\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$", rb"\1DATE"),
    (rb"(Birthday|Defective) keys regenerated \d+", rb"\1 keys regenerated N"),
    (rb"(coefficients for \d+ roots) \(\d+ bits\)", rb"\1 (N bits)"),
    (rb"(?m)^[A-Za-z0-9+/=]{1,64}\n", b""),  # PEM data
    (rb"(?m)^([ \d]\d (?:MD5|SHA1)) \S+ ", rb"\1 SECRET "),
]


def run(context):
    """Compares all scenarios."""
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(guarded, context, f"comparison {scenario.name}", lambda scenario=scenario: compare(context, scenario))
                for scenario in SCENARIOS if context.wants(f"comparison {scenario.name}")]
        for done in jobs:
            done.result()


def compare(context, scenario):
    """Compares one scenario."""
    sides = [transcript(context, scenario, dialect) for dialect in ("reference", "classic")]
    # ours prints a wrong password in no dialect
    sides[0] = [PRINTED_PASSWORD.sub(r"\1", line) for line in sides[0]]
    difference = "\n".join(unified_diff(sides[0], sides[1], "original", "ours", lineterm="", n=1))
    context.check(f"comparison: {scenario.name}", sides[0] == sides[1], difference)


def transcript(context, scenario, dialect):
    """Returns everything observable of a scenario, masked, as lines."""
    folder = context.new_folder(f"comparison {dialect}")
    shown = []
    for name, text in scenario.files.items():
        (folder / name).write_text(text)
    for link, target in scenario.links.items():
        (folder / link).symlink_to(target)
    for number, words in enumerate(scenario.steps, 1):
        outcome = context.keygen(folder, *words, dialect=dialect)
        shown += [f"--- {number}: {' '.join(words)}: status {outcome.status}", "stdout:", *lines(scenario, outcome.stdout),
                  "stderr:", *lines(scenario, outcome.stderr)]
    parts = []  # a step in the same second overwrites a file, one in the next second makes another, equal one
    for path in sorted(folder.iterdir()):
        name = masked(path.name.encode())
        if path.is_symlink():
            part = [f"link {name} -> {masked(str(path.readlink()).encode())}"]
        else:
            part = [f"file {name}", *lines(scenario, path.read_bytes()), *inside(path, scenario)]
        if part not in parts:
            parts.append(part)
    return shown + [line for part in parts for line in part]


def masked(text):
    for pattern, instead in MASKS:
        text = re.sub(pattern, instead, text)
    return text.decode("latin-1")


def lines(scenario, text):
    if scenario.own and text.strip():
        return ["(our own wording)"]
    return ["  " + line for line in masked(text).split("\n")]


def inside(path, scenario):
    """Returns openssl's view of a file: a certificate without its numbers, or the structure of a key and its envelope."""
    if "cert_" in path.name:
        text = openssl("x509", "-in", path, "-noout", "-text", "-certopt", "no_pubkey,no_sigdump,no_validity,no_serial")
        dates = openssl("x509", "-in", path, "-noout", "-startdate", "-enddate")
        return ["  " + re.sub(r"(?m)^( +)([0-9A-F]{2}:)+[0-9A-F]{2}$", r"\1OCTETS", line) for line in text.splitlines()] + [days(dates)]
    if "MD5key" in path.name or "PRIVATE KEY" not in path.read_text(errors="replace"):
        return []
    envelope = openssl("asn1parse", "-in", path)
    plain = openssl("pkey", "-in", path, "-passin", f"pass:{scenario.password}", "-outform", "DER", "-traditional")
    text = openssl("pkey", "-in", path, "-passin", f"pass:{scenario.password}", "-noout", "-text")
    bits = [] if "MVta" in path.name else re.findall(r"Private-Key: \(\d+ bit", text)  # varies for MV
    return [f"  {kind}" for kind in shape(envelope)] + [f"  can be read: {bool(plain)}", *bits]


def shape(asn1):
    """Returns the types and names in an envelope."""
    return [re.sub(r"^.*?(prim|cons): *", "", line).split("[HEX DUMP]")[0].strip() for line in asn1.splitlines()]


def days(dates):
    from datetime import datetime
    found = [datetime.strptime(date, "%b %d %H:%M:%S %Y GMT") for date in re.findall(r"=(.*)", dates)]
    return f"  days: {(found[1] - found[0]).total_seconds() / 86400 if len(found) == 2 else 'none'}"


def openssl(*words):
    """Runs openssl; returns its standard output, which is empty if it cannot read the file."""
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, check=False, stdin=subprocess.DEVNULL).stdout.decode("latin-1")
