"""Command lines run by the original and by ours, one or several per folder."""
from dataclasses import dataclass, field
from typing import Dict, List


@dataclass(frozen=True)
class Scenario:
    """Steps in one folder, which may contain files and links at the start."""
    name: str
    steps: List[List[str]]
    files: Dict[str, str] = field(default_factory=dict)
    links: Dict[str, str] = field(default_factory=dict)
    password: str = "pw"
    own: bool = False  # whether the wording of the output is ours


# Each row is a scenario with steps separated by `;`. All but the bare ones get a name and a password.
ROWS = """
-H
-H ; -H
- ; -
- ; -H ; -
-S RSA
-S RSA ; -
-S RSA ; -S RSA
-S DSA
-S DSA -c SHA1
-S DSA -c SHA1 ; -
-S DSA -c SHA224
-S DSA -c SHA256 -m 1024
-S DSA -c RSA-MD5
-S EC
-S rsa
-T
-P
-T -P
-T ; -
-P ; -
-T -c RSA-SHA256 ; - ; -P
-T -i grp ; -
-P -i grp ; -
-l 30
-l 1
-l 0
-l -5
-l 3650
-l 9000
-l 24856
-l 49710
-l 49711
-l 60000
-l -1
-l 99999999999
-l 0x10
-l abc
-l 5x
-m 256
-m 511
-m 512
-m 513
-m 600
-m 1000
-m 1024
-m 2048
-m 255
-m 2049
-m 100
-m abc
-m -1
-m 0x200
-m 01000
-m 0X400
-m +512
-m ' 512'
-m '512 '
-m 512k
-m 010
-m ''
-m 99999999999999999999
-m 512 -m 512
-b 255
-b 2049
-b x
-b 512
-T -T
-P -P
-C des-ede3-cbc
-C DES-EDE3-CBC
-C des3
-C aes-128-cbc
-C AES-192-CBC
-C aes256
-C aes-256-cbc -m 1024 -S RSA -I
-C bogus
-C ''
-I
-I ; -
-I ; -I
-I -e
-I -q secret
-I -e -q secret
-I ; -e
-I ; -q secret
-I -b 512
-I -b 1024
-I -i grp
-I -i grp ; -e -i grp
-I -i grp ; -q secret -i grp
-I -i grp -e
-I -T -i grp -q x
-G
-G ; -
-G -b 512
-G -b 512 ; -
-G -b 512 ; -G -b 512
-G -b 512 -e
-G -b 512 -q secret
-G -b 512 -i grp
-G -b 512 -i grp ; -e -i grp
-G -b 1024 -T
-G -b 512 -I
-V 3
-V 3 ; -
-V 3 -e
-V 3 -q secret
-V 2 -b 512
-V 1
-V 10
-V 3 -i grp
-V abc
-e
-q x
-e -q x
-v 3
-v abc
-v
-V
-c RSA-MD4
-c RSA-MD5
-c RSA-SHA1
-c RSA-SHA224
-c RSA-SHA256
-c RSA-RIPEMD160
-c RSA-SHA384
-c RSA-SHA512
-c RSA-SHA384 -m 1024
-c RSA-SHA512 -m 1024
-c MD4
-c MD5
-c SHA1
-c SHA224
-c SHA256
-c SHA384 -m 1024
-c SHA512 -m 1024
-c RIPEMD160
-c rsa-sha256
-c RSA-SHA3-224
-c RSA-SHA3-256
-c SHA3-256
-c SHA3-384 -m 1024
-c SHA3-512 -m 1024
-c RSA-MD2
-c RSA-SHA
-c RSA-MDC2
-c DSA-SHA
-c DSA-SHA1
-c bogus
-c ''
-c md5WithRSAEncryption
-c sha256WithRSAEncryption
-c RSA-SHA256 ; -
-c RSA-SHA256 -S RSA ; - ; -c RSA-MD5
-s bob
-s bob@grp
-s bob@grp -T ; -s bob@grp
-s @grp
-s @grp -I
-s bob@
-s ''
-s @
-s '' -I
-s bob@ -I
-i '' -G -b 512
-s '' -i ''
-i ''
-i grp
-i grp -s bob
-i grp -s bob@other
-s a@b@c
-D 0
-g
-Z
-Q
-x 5
--modulus 1024
--modulus=1024
--mod 600
--m 600
--x
--T
--n
--no
--mo
--md
--trusted-cert
--trust
--bogus
--certificate
--certificate=RSA-SHA1
--imbits=512 --gq
--iff --id-key
--host-key --sign-key=RSA
--password
--subject-name=carol
--ident=grp --pvt-cert
operand
-T operand
-- -T
-TI
-TIm 600
-m600
-T -m
--export-passwd=x -I
-p other ; -p wrong
-p other ; -p other -S RSA
-p other -I ; -p wrong -I
-T -l 7 -m 600 -c SHA1 -C aes-128-cbc -i grp
"""

BARE = """
-M
-M ; -M
-M -i grp
-M -s bob
-M -s bob@grp
-M -i grp -s bob
-M -T -I -G -V 3
-M -m 512 -c RSA-MD5 -S DSA
-M -p x -e -q y
-M operand
-M -M
--md5key
-M ; - ; -M
-
-T
- ; -p wrong
"""

HOST = "ntpkey_host_alice"
HEADER = "# ntpkey_RSAhost_alice.3643512889\n# Fri Jun 19 03:01:29 2015\n\n"
KEYLESS = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


def split(row):
    import shlex
    steps = [shlex.split(step) for step in row.split(" ; ")]
    return [[word for word in step if word != "-"] for step in steps]


def rows(table, *prefix):
    return [Scenario(row, [[*prefix, *step] for step in split(row)]) for row in table.strip().splitlines()]


def with_name(table):
    """Returns scenarios with a common name and password, except where rows have their own."""
    made = []
    for row in table.strip().splitlines():
        steps = []
        for step in split(row):
            own = set(step)
            name = [] if own & {"-s", "-i"} or any(word.startswith(("--subject", "--ident")) for word in step) else ["-s", "alice", "-i", "alice"]
            password = [] if own & {"-p", "--password"} else ["-p", "pw"]
            steps.append([*name, *password, *step])
        password = "other" if "-p other" in row else "pw"
        made.append(Scenario(row, steps, password=password))
    return made


def with_files(name, text, *steps, link=HOST):
    return Scenario(name, [["-s", "alice", "-p", "pw", *step] for step in steps], {"stored": text}, {link: "stored"})


SCENARIOS = [
    *with_name(ROWS),
    *(Scenario(f"bare: {row}", split(row)) for row in BARE.strip().splitlines()),
    with_files("an empty key file", "", []),
    with_files("a key file without a file stamp", "nothing\n", []),
    with_files("a key file without a file stamp, two lines", "nothing\n# a.5\n", []),
    with_files("a key file with an invalid file stamp", "# a.b\n", []),
    with_files("a key file without a key", HEADER, []),
    with_files("a key file with a damaged key", HEADER + KEYLESS, []),
    with_files("an empty sign key file", "", [], link="ntpkey_sign_alice"),
    with_files("an empty certificate", "", [], link="ntpkey_cert_alice"),
    with_files("a certificate file without a certificate", HEADER, [], link="ntpkey_cert_alice"),
    Scenario("a dangling link", [["-s", "alice", "-p", "pw"]], {}, {HOST: "nowhere"}),
    Scenario("options in a file", [["-s", "alice", "-p", "pw"]], {".ntprc": "modulus 600\ntrusted-cert\n"}),
    Scenario("options saved", [["-s", "alice", "-p", "pw", "-m", "600", "-T", "--save-opts=saved"]], {}),
    Scenario("options loaded", [["-s", "alice", "-p", "pw", "--load-opts=mine"]], {"mine": "modulus 600\niffkey\n"}),
    *(Scenario(option, [[option]], own=True) for option in ("--help", "-?", "--version", "--version=v")),
]
