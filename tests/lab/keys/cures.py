"""Faults of the original, demonstrated with the original itself, and what ours does instead in the default dialect."""
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from .context import CaseError, guarded
from .comparison import openssl

NAME = ["-s", "alice", "-p", "pw", "-m", "512"]


def run(context):
    """Runs all cures."""
    with ThreadPoolExecutor(2) as pool:
        cures = [no_certificate, refused, groups, both_exports, unknown_files, wrong_password, permissions, in_place, private_parts, layouts]
        jobs = [pool.submit(guarded, context, cure.__name__, lambda cure=cure: cure(context)) for cure in cures if context.wants(f"cures {cure.__name__}")]
        for done in jobs:
            done.result()


def both(context, *steps):
    """Runs the steps with the original and with ours, each in its own folder; returns the folders and the last outcomes."""
    folders, last = [], []
    for dialect in ("reference", "default"):
        folder = context.new_folder(f"cures {dialect}")
        for words in steps:
            outcome = context.keygen(folder, *words, dialect=dialect)
        folders.append(folder)
        last.append(outcome)
    return folders, last


def no_certificate(context):
    """The original exits with 0 although it made no certificate, or no GQ key."""
    for words in (["-c", "RSA-SHA512"], ["-S", "DSA", "-c", "MD5"], ["-G", "-b", "256"]):
        (theirs, ours), (their, our) = both(context, [*NAME, *words])
        lacking = "ntpkey_gqkey_alice" if "-G" in words else "ntpkey_cert_alice"
        ok = their.status == 0 and our.status == 255 and not any(lacking in os.listdir(folder) for folder in (theirs, ours))
        reason = their.stderr.splitlines()[-1] if "-G" not in words else b"key size too small"
        context.check(f"cures: a failure sets the exit status: {' '.join(words)}", ok and reason in our.stderr, their, our)


def refused(context):
    """Options at which the original crashes, or which it accepts and ignores."""
    for words, status, reason in ((["-V", "0"], -8, b"it must be in the range:\n\t1 to 99\n"), (["-V", "-1"], -11, b"1 to 99\n"),
                                  (["-v", "3"], 0, b"has never had an effect"), (["-l", "-5"], 0, b"lifetime option value -5 is out of range."),
                                  (["-l", "0"], 0, b"it must be 1 or more"), (["-S", "EC"], 0, b"choose RSA or DSA")):
        (_, ours), (their, our) = both(context, [*NAME, *words])
        context.check(f"cures: rejected with a reason: {' '.join(words)}",
                     their.status == status and our.status == 1 and reason in our.stderr and not list(ours.iterdir()), their, our)
    for dialect in ("default", "classic"):  # the original would search forever
        for words in (["-V", "30", "-b", "256"], ["-V", "99", "-b", "512"], ["-V", "100", "-b", "2048"]):
            folder = context.new_folder("few primes")
            done = context.keygen(folder, *NAME, *words, dialect=dialect)
            ok = done.status == 1 and (b"of which there are too few" in done.stderr or b"1 to 99\n" in done.stderr) and not list(folder.iterdir())
            context.check(f"cures: rejected with a reason: {' '.join(words)} ({dialect} dialect)", ok, done)


def groups(context):
    """Later runs find the keys of a group."""
    (_, ours), (their, our) = both(context, [*NAME, "-i", "grp", "-I", "-T"], [*NAME, "-i", "grp", "-e"])
    ok = not their.stdout and b"# ntpkey_iffpar_grp." in our.stdout and our.status == 0
    context.check("cures: later runs find the keys of a group", ok and os.readlink(ours / "ntpkey_iffkey_grp") == os.readlink(ours / "ntpkey_iffkey_alice"), their, our)
    (_, _), (their, our) = both(context, NAME, [*NAME, "-e"])
    context.check("cures: nothing to export is a failure", their.status == 0 and not their.stdout and our.status == 255 and
                 b"no identity keys" in our.stderr, their, our)


def numbers(text, password):
    """Returns the numbers in a key, according to openssl."""
    done = subprocess.run(["openssl", "pkey", "-passin", f"pass:{password}", "-traditional", "-outform", "DER"], input=text.encode(), capture_output=True,
                          check=False)
    found = subprocess.run(["openssl", "asn1parse", "-inform", "DER"], input=done.stdout, capture_output=True, check=False).stdout.decode()
    return [int(number, 16) for number in re.findall(r"INTEGER +:([0-9A-F]+)", found)]


def blocks(stdout):
    """Returns the files on standard output as {type: text}."""
    parts = re.split(r"(?m)^(?=# ntpkey_)", stdout.decode())
    return {part.split("_")[1]: part for part in parts if part.startswith("# ntpkey_")}


def both_exports(context):
    """With `-e -q` the server's key is complete and matches the client's."""
    own = [*NAME, "-i", "alice"]
    _, (their, our) = both(context, [*own, "-I", "-T"], [*own, "-e", "-q", "secret"])
    spoilt, whole = (numbers(blocks(outcome.stdout)["iffkey"], "secret") for outcome in (their, our))
    _, p, q, g, public, private = whole
    ok = spoilt[5] == 1 and private not in (0, 1) and pow(g, private, p) * pow(g, q - private, p) % p == 1
    _, *parameters = numbers(blocks(our.stdout)["iffpar"], "")
    context.check("cures: -e -q of IFF", ok and parameters[:3] == [p, q, g] and parameters[3] == pow(g, q - private, p) and parameters[4] == 1,
                 str(spoilt), str(whole), str(parameters))
    _, (their, our) = both(context, [*own, "-G", "-b", "512", "-T"], [*own, "-e", "-q", "secret"])
    spoilt, whole = (numbers(blocks(outcome.stdout)["gqkey"], "secret") for outcome in (their, our))
    _, n, b, _, u, v, *_ = whole
    _, n_known, b_known, *_ = numbers(blocks(our.stdout)["gqpar"], "")
    context.check("cures: -e -q of GQ", spoilt[4:6] == [1, 1] and pow(u, b, n) * v % n == 1 and (n_known, b_known) == (n, b), str(spoilt), str(whole))


def unknown_files(context):
    """A file that is not a key file is left alone."""
    for text in ("", "no stamp\n", "# a.b\n"):
        folder = context.new_folder("unknown")
        (folder / "stored").write_text(text)
        (folder / "ntpkey_host_alice").symlink_to("stored")
        done = context.keygen(folder, *NAME)
        ok = done.status == 255 and b"left unchanged" in done.stderr and sorted(os.listdir(folder)) == ["ntpkey_host_alice", "stored"]
        context.check(f"cures: an unknown file is left alone: {text!r}", ok and (folder / "stored").read_text() == text, done)


def wrong_password(context):
    """A wrong password is not printed, and nothing changes."""
    password = "hunter2secret"
    (_, ours), _ = both(context, NAME)
    before = {path.name: path.read_bytes() for path in ours.iterdir()}
    _, (their, our) = both(context, NAME, ["-s", "alice", "-m", "512", "-p", password])
    again = context.keygen(ours, "-s", "alice", "-m", "512", "-p", password, "-S", "RSA", "-I", "-T")
    ok = password.encode() in their.stderr and password.encode() not in our.stderr + again.stderr and our.status == again.status == 255
    context.check("cures: a wrong password is not printed", ok, their, our, again)
    context.check("cures: a wrong password changes nothing", before == {path.name: path.read_bytes() for path in ours.iterdir()}, again)


def permissions(context):
    """Only their owner can read files with secrets; everybody can read certificates."""
    (theirs, ours), _ = both(context, [*NAME, "-I", "-S", "RSA"])
    modes = {path.name: path.stat().st_mode & 0o777 for path in ours.iterdir() if not path.is_symlink()}
    ok = all(mode == (0o644 if "cert" in name else 0o600) for name, mode in modes.items()) and len(modes) == 4
    context.check("cures: permissions", ok and all(path.stat().st_mode & 0o040 for path in theirs.iterdir()), str(modes))


def in_place(context):
    """A replaced file is a new file; other links to the old one keep its contents."""
    folder = context.new_folder("in place")
    context.make(folder, *NAME)
    target = os.readlink(folder / "ntpkey_cert_alice")
    os.link(folder / target, folder / "kept")
    kept = (folder / "kept").read_bytes()
    context.make(folder, *NAME, "-l", "9")
    context.check("cures: nothing is overwritten in place", os.readlink(folder / "ntpkey_cert_alice") == target
                 and (folder / "kept").read_bytes() == kept != (folder / target).read_bytes(), target)


def private_parts(context):
    """`-d` prints public values only."""
    for dialect in ("default", "classic"):
        folder = context.new_folder("talkative")
        done = context.keygen(folder, *NAME, "-d", "-I", "-S", "DSA", "-c", "SHA1", dialect=dialect)
        text = re.sub(rb"[\s:]", b"", done.stderr).lower()
        secret = []
        for link in ("ntpkey_host_alice", "ntpkey_sign_alice"):
            known = openssl("pkey", "-in", folder / link, "-passin", "pass:pw", "-noout", "-text")
            for name in ("privateExponent", "prime1", "priv"):
                found = re.search(rf"(?m)^{name}:\n((?: +[0-9a-f:]+\n)+)", known)
                secret += [re.sub(r"[\s:]", "", found[1]).lstrip("0")[:24]] if found else []
        if len(secret) < 3:
            raise CaseError("the keys cannot be read")
        context.check(f"cures: -d prints no secrets ({dialect} dialect)", b"modulus" in text and not any(number.encode() in text for number in secret), done)


def layouts(context):
    """The original GQ layout: each program exports keys made by the other; the public value is that of the certificate."""
    own = [*NAME, "-i", "alice"]
    for maker, reader in (("reference", "default"), ("default", "reference"), ("classic", "reference"), ("reference", "classic")):
        folder = context.new_folder("gq")
        context.make(folder, *own, "-G", "-b", "512", "-T", dialect=maker)
        _, n, b, d, u, v, *ones = numbers((folder / "ntpkey_gqkey_alice").read_text(), "pw")
        ok = d == 1 and set(ones) == {1} and pow(u, b, n) * v % n == 1
        client = context.make(folder, *own, "-e", dialect=reader)
        server = context.make(folder, *own, "-q", "secret", dialect=reader)
        ok = ok and numbers(blocks(client.stdout)["gqpar"], "")[1:3] == [n, b]
        ok = ok and numbers(blocks(server.stdout)["gqkey"], "secret")[1:6] == [n, b, 1, u, v]
        text = openssl("x509", "-in", folder / "ntpkey_cert_alice", "-noout", "-text")
        known = re.search(r"Subject Key Identifier: *\n +([0-9A-F:]+)", text)
        context.check(f"cures: GQ in the original layout, made by {maker}, exported by {reader}", ok and known and int(known[1].replace(":", ""), 16) == v,
                     client, server, text)
