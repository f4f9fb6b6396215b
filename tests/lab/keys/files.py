"""Checks every file with openssl, with the right and a wrong password."""
import os
from concurrent.futures import ThreadPoolExecutor

from .context import guarded
from .comparison import openssl

# options -> links of private keys that `openssl pkey -check` can verify, and of others that it can only read
SETS = {
    "2048 bits": (["-S", "RSA", "-T"], ["host", "sign"], []),
    "4096 bits": (["-m", "4096"], ["host"], []),
    "512 bits, RSA-MD5": (["-m", "512", "-c", "RSA-MD5", "-S", "RSA"], ["host", "sign"], []),
    "a DSA sign key": (["-m", "1024", "-S", "DSA"], ["host", "sign"], []),
    "AES-128": (["-m", "1024", "-C", "aes-128-cbc", "-S", "RSA", "-I"], ["host", "sign"], ["iffkey"]),
    "AES-192": (["-m", "1024", "-C", "aes-192-cbc", "-I"], ["host"], ["iffkey"]),
    "AES-256": (["-m", "1024", "-C", "aes-256-cbc", "-I", "-V", "3"], ["host"], ["iffkey", "mvta"]),
    "the identity schemes": (["-m", "1024", "-I", "-G", "-V", "3", "-T"], ["host"], ["iffkey", "gqkey", "mvta"]),
    "a private certificate": (["-m", "1024", "-P"], ["host"], []),
    **{f"certificates of {scheme}": (["-m", "1024", "-c", scheme], ["host"], []) for scheme in
       ("RSA-SHA1", "RSA-SHA224", "RSA-SHA384", "RSA-SHA512", "SHA3-256")},
}
PASSWORD = "a b'c\"d"


def run(context):
    """Checks all sets of files."""
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(guarded, context, name, lambda name=name, parts=parts: examine(context, name, *parts)) for name, parts in SETS.items()
                if context.wants(f"files {name}")]
        for done in jobs:
            done.result()


def examine(context, name, options, keys, others):
    """Checks one set of files."""
    folder = context.new_folder(f"files {name}")
    context.make(folder, "-s", "alice", "-i", "alice", "-p", PASSWORD, *options)
    links = {link: os.readlink(folder / link) for link in os.listdir(folder) if (folder / link).is_symlink()}
    wanted = {f"ntpkey_{kind}_alice" for kind in [*keys, *others, "cert"]}
    context.check(f"files: {name}: the links", set(links) == wanted and all((folder / target).is_file() for target in links.values()), str(links))
    for kind in keys:
        text = openssl("pkey", "-in", folder / f"ntpkey_{kind}_alice", "-passin", f"pass:{PASSWORD}", "-check", "-noout")
        context.check(f"files: {name}: openssl pkey -check of the {kind} key", "Key is valid" in text, text)
    for kind in [*keys, *others]:
        path = folder / f"ntpkey_{kind}_alice"
        text = openssl("pkey", "-in", path, "-passin", f"pass:{PASSWORD}", "-noout", "-text")
        refused = openssl("pkey", "-in", path, "-passin", "pass:wrong", "-noout", "-text")
        context.check(f"files: {name}: openssl reads the {kind} key with its password only", "Private-Key" in text and not refused, text, refused)
    certificate = folder / "ntpkey_cert_alice"
    text = openssl("verify", "-auth_level", "0", "-check_ss_sig", "-CAfile", certificate, certificate)
    context.check(f"files: {name}: openssl verify", text.endswith(": OK\n"), text)
    key = f"ntpkey_{keys[-1]}_alice"
    public = openssl("pkey", "-in", folder / key, "-passin", f"pass:{PASSWORD}", "-pubout")
    context.check(f"files: {name}: the certificate matches the key", public and public == openssl("x509", "-in", certificate, "-noout", "-pubkey"), public)
