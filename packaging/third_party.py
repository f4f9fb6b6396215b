#!/usr/bin/env python3
"""Prints the licences of the libraries in the program, which ask to be passed on with it.

  packaging/third_party.py [--target TRIPLE] >third-party-licences.txt

Each library is listed with its version and its licence, then each licence text once, with the libraries that contain it.
"""
import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

NAMES = re.compile(r"(?i)^(licen[cs]e|copying|notice|copyright|unlicense)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", help="the platform of the program [default: this machine's]")
    target = parser.parse_args().target or host()
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    texts, missing = {}, []
    libraries = linked(metadata)
    print("Libraries in the program ntpkit, and their licences\n")
    print("The standard library of Rust: MIT OR Apache-2.0")
    for library in libraries:
        label = f"{library['name']} {library['version']}"
        print(f"{label}: {library['license'] or 'see below'}")
        found = [path for path in sorted(Path(library["manifest_path"]).parent.iterdir()) if NAMES.match(path.name) and path.is_file()]
        for path in found:
            text = path.read_text(errors="replace").replace("\r\n", "\n").strip()
            words = " ".join(text.split())
            texts.setdefault(words, (text, []))[1].append(label)
        if not found:
            missing.append(label)
    for text, labels in texts.values():
        print(f"\n{'=' * 78}\n{', '.join(labels)}\n\n{text}")
    if missing:
        print(f"third_party.py: without a text of their own: {', '.join(missing)}", file=sys.stderr)


def host():
    """The platform that rustc builds for."""
    lines = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout.splitlines()
    return next(line.removeprefix("host: ") for line in lines if line.startswith("host: "))


def linked(metadata):
    """The packages that end up in the program: neither build scripts' nor macros' nor tests'."""
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = metadata["resolve"]["root"]
    seen, left = set(), [root]
    while left:
        for dependency in nodes[left.pop()]["deps"]:
            name = dependency["pkg"]
            is_normal = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            is_macro = any("proc-macro" in target["kind"] for target in packages[name]["targets"])
            if is_normal and not is_macro and name not in seen:
                seen.add(name)
                left.append(name)
    return sorted((packages[name] for name in seen), key=lambda package: (package["name"], package["version"]))


main()
