"""The original ntp-keygen and ours, given the same command lines in folders of their own: the same words on the same streams,
statuses, file names, links, and files of the same make, with what is random or a moment masked."""
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from difflib import unified_diff

from .cases import SCENARIOS
from .context import guarded

PASSWORD = "pw"
TOLD_PASSWORD = re.compile(r"^(  Corrupt file \S+ or wrong key) \S+$")
MASKS = [
    (rb"(?:RSA|DSA|IFF|GQ)[\t ]+-?\d+ -?\d+ -?\d+\t*\r", b""),  # progress
    (rb"\b40\d{8}\b", b"STAMP"),  # the NTP seconds of these years
    (rb"(?m)^(#  ?)\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$", rb"\1DATE"),
    (rb"(Birthday|Defective) keys regenerated \d+", rb"\1 keys regenerated N"),
    (rb"(coefficients for \d+ roots) \(\d+ bits\)", rb"\1 (N bits)"),
    (rb"(?m)^[A-Za-z0-9+/=]{1,64}\n", b""),  # what PEM's blocks hold
    (rb"(?m)^([ \d]\d (?:MD5|SHA1)) \S+ ", rb"\1 SECRET "),
]


def run(context):
    """All scenarios; each is quick."""
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(guarded, context, f"comparison {scenario.name}", lambda scenario=scenario: compare(context, scenario))
                for scenario in SCENARIOS if context.wants(f"comparison {scenario.name}")]
        for done in jobs:
            done.result()


def compare(context, scenario):
    """One scenario."""
    sides = [story(context, scenario, dialect) for dialect in ("reference", "classic")]
    # the one thing that ours says in no dialect: the password that did not fit
    sides[0] = [TOLD_PASSWORD.sub(r"\1", line) for line in sides[0]]
    difference = "\n".join(unified_diff(sides[0], sides[1], "original", "ours", lineterm="", n=1))
    context.check(f"comparison: {scenario.name}", sides[0] == sides[1], difference)


def story(context, scenario, dialect):
    """Everything that is to be seen of a scenario, masked, line by line."""
    folder = context.new_folder(f"comparison {dialect}")
    told = []
    for name, text in scenario.files.items():
        (folder / name).write_text(text)
    for link, target in scenario.links.items():
        (folder / link).symlink_to(target)
    for number, words in enumerate(scenario.steps, 1):
        outcome = context.keygen(folder, *words, dialect=dialect)
        told += [f"--- {number}: {' '.join(words)}: status {outcome.status}", "stdout:", *lines(scenario, outcome.stdout),
                 "stderr:", *lines(scenario, outcome.stderr)]
    parts = []  # a run in the same second overwrites a file, one in the next makes another of the same make
    for path in sorted(folder.iterdir()):
        name = masked(path.name.encode())
        if path.is_symlink():
            part = [f"link {name} -> {masked(str(path.readlink()).encode())}"]
        else:
            part = [f"file {name}", *lines(scenario, path.read_bytes()), *inside(path, scenario)]
        if part not in parts:
            parts.append(part)
    return told + [line for part in parts for line in part]


def masked(text):
    for pattern, instead in MASKS:
        text = re.sub(pattern, instead, text)
    return text.decode("latin-1")


def lines(scenario, text):
    if scenario.own and text.strip():
        return ["(own words)"]
    return ["  " + line for line in masked(text).split("\n")]


def inside(path, scenario):
    """What openssl sees in a file: of a certificate all but its numbers, of a key the make of its envelope and of itself."""
    if "cert_" in path.name:
        text = openssl("x509", "-in", path, "-noout", "-text", "-certopt", "no_pubkey,no_sigdump,no_validity,no_serial")
        dates = openssl("x509", "-in", path, "-noout", "-startdate", "-enddate")
        return ["  " + re.sub(r"(?m)^( +)([0-9A-F]{2}:)+[0-9A-F]{2}$", r"\1OCTETS", line) for line in text.splitlines()] + [days(dates)]
    if "MD5key" in path.name or "PRIVATE KEY" not in path.read_text(errors="replace"):
        return []
    envelope = openssl("asn1parse", "-in", path)
    plain = openssl("pkey", "-in", path, "-passin", f"pass:{scenario.password}", "-outform", "DER", "-traditional")
    text = openssl("pkey", "-in", path, "-passin", f"pass:{scenario.password}", "-noout", "-text")
    bits = [] if "MVta" in path.name else re.findall(r"Private-Key: \(\d+ bit", text)  # MV's come as they come
    return [f"  {kind}" for kind in shape(envelope)] + [f"  can be read: {bool(plain)}", *bits]


def shape(asn1):
    """The kinds and names of an envelope's parts."""
    return [re.sub(r"^.*?(prim|cons): *", "", line).split("[HEX DUMP]")[0].strip() for line in asn1.splitlines()]


def days(dates):
    from datetime import datetime
    found = [datetime.strptime(date, "%b %d %H:%M:%S %Y GMT") for date in re.findall(r"=(.*)", dates)]
    return f"  days: {(found[1] - found[0]).total_seconds() / 86400 if len(found) == 2 else 'none'}"


def openssl(*words):
    """What openssl prints; nothing if it cannot read the file."""
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, check=False, stdin=subprocess.DEVNULL).stdout.decode("latin-1")
