"""Compares `ntpkit keys check` with the daemons: its claims about which keys they accept must be true."""
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Dict, Optional

from .context import guarded
from .symmetric import CONF, CONF_BY_KIND, TRUSTED

HEXADECIMAL = "0123456789abcdef" * 4


@dataclass(frozen=True)
class File:
    """A key file. `accepted`: {identifier: (type, the secret that daemons read)}, `rejected`: keys that they do not have."""
    name: str
    rows: str
    status: int
    messages: tuple
    accepted: Dict[int, tuple]
    rejected: Dict[int, tuple] = field(default_factory=dict)
    classic_refuses: bool = False
    ntpsec_accepted: Optional[Dict[int, tuple]] = None  # if different


FILES = [
    File("usable rows", "# a comment\n\n1 MD5 first-of-two-secrets\n1 MD5 second-of-two-secre\n2 SHA1 cut#off-here-and-there\n"
         f"3 SHA1 {HEXADECIMAL[:39]}\n4 AES128CMAC shortsecret\n  5   sha1    blanks-and-small  # a comment\n6 NOSUCH a-secret-of-no-type\n"
         f"7 SHA1 {HEXADECIMAL}7777\n8 M a-type-of-one-letter\n", 1,
         ("k:4: warning: key 1: duplicate identifier of line 3: classic ntpd uses the first key, NTPsec's ntpd the last", "k:5: warning: key 2: a `#` within the secret", "k:6: warning: key 3: an odd number",
          "k:7: warning: key 4: AES128CMAC takes exactly 16 octets, this secret has 11", "k:9: error: key 6: unknown key type",
          "k:10: warning: key 7: more than 64 hexadecimal digits", "daemons accept 7 keys and skip the other lines"),
         {1: ("MD5", "first-of-two-secrets"), 2: ("SHA1", "cut"), 3: ("SHA1", HEXADECIMAL[:38]), 4: ("AES128CMAC", b"shortsecret".hex() + "00" * 5),
          5: ("SHA1", "blanks-and-small"), 7: ("SHA1", HEXADECIMAL), 8: ("MD5", "a-type-of-one-letter")},
         {6: ("MD5", "a-secret-of-no-type"), 5: ("SHA1", "another")},
         ntpsec_accepted={1: ("MD5", "second-of-two-secre"), 2: ("SHA1", "cut"), 3: ("SHA1", HEXADECIMAL[:38]), 5: ("SHA1", "blanks-and-small")}),
    File("an identifier over 65535", "1 MD5 a-good-secret\n70000 MD5 another-secret\n", 1,
         ("k:2: error: the key identifier is above 65535", "classic ntpd rejects the whole file; NTPsec's ntpd accepts 1 keys"),
         {1: ("MD5", "a-good-secret")}, classic_refuses=True),
    File("an identifier of zero", "1 MD5 a-good-secret\n0 MD5 another-secret\n", 1, ("k:2: error: ", "classic ntpd rejects the whole file"),
         {1: ("MD5", "a-good-secret")}, classic_refuses=True),
    File("no identifier", "1 MD5 a-good-secret\nx MD5 another-secret\n", 1, ("k:2: error: ", "classic ntpd rejects the whole file"),
         {1: ("MD5", "a-good-secret")}, classic_refuses=True),
    File("no secret", "1 MD5 a-good-secret\n2 MD5\n", 1, ("k:2: error: ", "classic ntpd rejects the whole file"),
         {1: ("MD5", "a-good-secret")}, classic_refuses=True),
    File("a secret with spaces", "1 MD5 a-good-secret\n2 SHA1 two words\n", 1,
         ("k:2: error: key 2: invalid address after the secret", "classic ntpd rejects the whole file; NTPsec's ntpd accepts 2 keys"),
         {1: ("MD5", "a-good-secret"), 2: ("SHA1", "two")}, classic_refuses=True),
    File("an unknown type without a secret", "1 MD5 a-good-secret\n2 NOSUCH\n", 1,
         ("k:2: error: unknown key type", "k:2: error: the key's secret is missing", "classic ntpd rejects the whole file"),
         {1: ("MD5", "a-good-secret")}, classic_refuses=True),
    File("NTPsec key types", "1 MD5 a-good-secret\n2 AES 0123456789abcdef\n3 SHA-1 another-secret\n4 SHA2-256 a-third-secret\n"
         "5 RSA-SHA1 a-fourth-secret\n", 1,
         ("k:2: error: key 2: a key type that only NTPsec's ntpd takes", "classic ntpd accepts 2 keys, NTPsec's ntpd 5; they skip the other lines"),
         {1: ("MD5", "a-good-secret"), 5: ("SHA1", "a-fourth-secret")},
         {2: ("AES128CMAC", "0123456789abcdef"), 3: ("SHA1", "another-secret"), 4: ("SHA256", "a-third-secret")},
         ntpsec_accepted={1: ("MD5", "a-good-secret"), 2: ("AES128CMAC", "0123456789abcdef"), 3: ("SHA1", "another-secret"),
                       4: ("SHA256", "a-third-secret"), 5: ("SHA1", "a-fourth-secret")}),
    File("a classic key type", "1 MD5 a-good-secret\n2 CMAC 0123456789abcdef\n", 1,
         ("k:2: error: key 2: a key type that only the classic ntpd takes", "classic ntpd accepts 2 keys, NTPsec's ntpd 1"),
         {1: ("MD5", "a-good-secret"), 2: ("AES128CMAC", "0123456789abcdef")}, ntpsec_accepted={1: ("MD5", "a-good-secret")}),
    File("a long secret that is not hexadecimal", "1 MD5 a-good-secret\n2 SHA1 this-is-a-very-long-secret-in-words\n", 1,
         ("k:2: error: ", "classic ntpd rejects the whole file"), {1: ("MD5", "a-good-secret")}, classic_refuses=True),
]


# Names of key types, aliases included, by the daemons that accept them.
NAMES = {
    "both": ["MD5", "m", "mouse", "SHA1", "AES128CMAC", "MD5-SHA1", "SHAKE256", "SM3", "RSA-MD5", "RSA-SHA1-2", "RSA-SHA512/224",
             "md5WithRSAEncryption", "MD4"],
    "NTPsec": ["AES", "aes-128", "SHA-1", "SHA2-256", "SHA-512/224", "ssl3-sha1", "RIPEMD", "rmd160", "SHAKE-128", "RSA-SHA3-256",
               "sha512-224WithRSAEncryption", "AES-256", "BLAKE2b512", "MDC2", "MD2"],
    "classic": ["CMAC"],
    "none": ["SHA", "AES-CMAC", "HMAC-SHA1", "SHA512/224", "nosuch"],
}


def names_of_types(context):
    """Compares the messages about every type name with those of the original ntpdate and NTPsec's daemon."""
    folder = context.new_folder("names")
    numbered = list(enumerate(((who, name) for who, names in NAMES.items() for name in names), 1))
    path = write(folder, "ntp.keys", "".join(f"{number} {name} 0123456789abcdef\n" for number, (_, name) in numbered))
    ours = subprocess.run([context.ours, "keys", "check", path], capture_output=True, text=True, check=False).stdout
    words = ["-q", "-p", "1", "-t", "1", "-a", "1", "-k", path, "127.0.0.1"]
    classic = context.tools["ntpdate"].reference.run(context.place, words).stderr.decode()
    daemon = context.daemon("ntpsec", CONF + CONF_BY_KIND["ntpsec"], folder)
    daemon.answers()
    ntpsec = (folder / "log").read_text(errors="replace")
    daemon.end()
    messages = {"both": None, "NTPsec": "only NTPsec's ntpd takes", "classic": "only the classic ntpd takes", "none": "unknown key type"}
    for number, (who, name) in numbered:
        errors = " ".join(line for line in ours.splitlines() if line.startswith(f"{path}:{number}: error: "))
        ok = messages[who] in errors if messages[who] else not errors
        accepted = {"classic": f" for key {number}\n" not in classic, "NTPsec": f"unknown auth type {number}," not in ntpsec}
        ok = ok and accepted == {daemon: who in ("both", daemon) for daemon in accepted}
        context.check(f"keys check: the name {name}", ok, errors, classic, ntpsec)


def run(context):
    """Checks every file with both daemons."""
    wanted = [file for file in FILES if context.wants(f"keys check {file.name}")]
    with ThreadPoolExecutor(20) as pool:  # the daemons are slow to synchronise
        jobs = [pool.submit(guarded, context, f"keys check {file.name} {kind}", lambda file=file, kind=kind: examine(context, file, kind))
                for file in wanted for kind in CONF_BY_KIND]
        jobs += [pool.submit(guarded, context, f"keys check {file.name}", lambda file=file: check_messages(context, file)) for file in wanted]
        if context.wants("keys check names of types"):
            jobs.append(pool.submit(guarded, context, "keys check names of types", lambda: names_of_types(context)))
        for done in jobs:
            done.result()


def write(folder, name, text, mode=0o600):
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def check_messages(context, file):
    """Checks the output, under both names of the command."""
    folder = context.new_folder("keys check")
    write(folder, "k", file.rows)
    both = [subprocess.run([context.ours, *words, "k"], cwd=folder, capture_output=True, text=True, check=False)
            for words in (["keys", "check"], ["ntp-keygen", "--check"])]
    ok = all(done.returncode == file.status and not done.stderr and all(line in done.stdout for line in file.messages) for done in both)
    context.check(f"keys check: {file.name}", ok and both[0].stdout == both[1].stdout, both[0].stdout + both[0].stderr)


def examine(context, file, kind):
    """Checks with authenticated requests which keys a daemon has read from the file."""
    folder = context.new_folder(f"keys check {kind}")
    write(folder, "ntp.keys", file.rows)
    daemon = context.daemon(kind, CONF + CONF_BY_KIND[kind], folder)
    daemon.synchronises()
    accepted = file.ntpsec_accepted if kind == "ntpsec" and file.ntpsec_accepted else file.accepted
    refuses = file.classic_refuses and kind == "classic"
    rejected = {} if kind == "ntpsec" and file.ntpsec_accepted else file.rejected
    for which, keys in (("accepted", accepted), ("rejected", rejected)):
        for key, (key_type, secret) in keys.items():
            path = write(folder, f"{which}.{key}", f"{key} {key_type} {secret}\n")
            expected = which == "accepted" and not refuses
            words = ["-q", "-p", "1", "-t", "5" if expected else "1", "-a", str(key), "-k", path, "127.0.0.1"]
            done = context.tools["ntpdate"].default.run(daemon.namespace, words)
            context.check(f"{kind} and {file.name}: key {key} is {'accepted' if expected else 'rejected'} as {secret}",
                         bool(TRUSTED.search(done.stdout)) == expected, done, daemon.log())
    if kind == "classic" and not refuses:  # the same file at both ends
        for who, dialect in (("ours", "default"), ("ours in the classic dialect", "classic"), ("the original", "reference")):
            for key in accepted:
                words = ["-q", "-p", "1", "-t", "5", "-a", str(key), "-k", str(folder / "ntp.keys"), "127.0.0.1"]
                done = getattr(context.tools["ntpdate"], dialect).run(daemon.namespace, words)
                context.check(f"{file.name}: key {key} of the same file ({who})", TRUSTED.search(done.stdout) and done.status == 0, done)
    daemon.end()
