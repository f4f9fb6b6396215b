#!/usr/bin/env python3
"""Writes src/start.ld: the functions that short runs of the programs execute, for the linker to put side by side.

  cargo rustc --release --bin ntpkit -- -C strip=none
  packaging/start_order.py target/release/ntpkit >src/start.ld

A page of code is read when it is first executed, and its neighbours with it. With these functions side by side a start
reads a quarter as many. Names that are gone do no harm, functions that are missing cost a page: after larger changes
the list is worth making anew. Needs valgrind and binutils.
"""
import bisect
import os
import re
import subprocess
import sys
import tempfile

# No daemon is needed: what comes behind the first question matters less than what comes before it.
RUNS = [
    ["ntptime"],
    ["ntpstat", "--timeout", "0.1", "127.0.0.1"],
    ["ntpq", "-c", "version"],
    ["ntpq", "-pn", "127.0.0.1"],
    ["ntpdate", "-q", "-p", "1", "-t", "1", "127.0.0.1"],
]
HEAD = """/* Made by packaging/start_order.py: functions that short runs execute, those of most runs first. */
SECTIONS {
  .text.start : {
    *crt1.o(.text)
"""
TAIL = """  }
} INSERT BEFORE .text;
"""


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    program = os.path.realpath(sys.argv[1])
    functions = symbols(program)
    if not functions:
        sys.exit(f"{program} has no symbols: build it with -C strip=none")
    runs = [executed(program, functions, run) for run in RUNS]
    groups = {}
    for address in set().union(*runs):
        groups.setdefault(tuple(address in run for run in runs), []).append(address)
    print(HEAD, end="")
    for group in sorted(groups, key=lambda group: (-sum(group), group)):
        patterns = {pattern(name): None for address in sorted(groups[group]) for name in functions[address][1]}
        for text in patterns:
            print(f"    *(.text*.{text})")
    print(TAIL, end="")


def symbols(program):
    """The functions by address: the size, and all names."""
    found = {}
    for line in subprocess.run(["nm", "-S", program], capture_output=True, text=True, check=True).stdout.splitlines():
        words = line.split()
        if len(words) == 4 and words[2] in "tTwW":
            found.setdefault(int(words[0], 16), (int(words[1], 16), []))[1].append(words[3])
    return found


def executed(program, functions, arguments):
    """The addresses of the functions that a run executes."""
    starts = sorted(functions)
    with tempfile.NamedTemporaryFile() as profile:
        command = ["valgrind", "--tool=callgrind", "--dump-instr=yes", f"--callgrind-out-file={profile.name}", program]
        environment = {"HOME": "/nonexistent", "PATH": "/usr/bin:/bin", "TZ": "UTC"}
        subprocess.run(command + arguments, stdin=subprocess.DEVNULL, capture_output=True, env=environment, check=False)
        lines = profile.read().decode(errors="replace").splitlines()
    files, is_own, address, found = {}, False, 0, set()
    for line in lines:
        if file := re.match(r"ob=(\(\d+\))(?: (.*))?", line):
            files.setdefault(file[1], file[2])
            is_own = files[file[1]] == program
        elif re.match(r"0x|[+*-]", line):
            word = line.split()[0]
            address = address if word == "*" else int(word, 16) if word.startswith("0x") else address + int(word)
            at = bisect.bisect_right(starts, address) - 1
            if is_own and at >= 0 and address < starts[at] + functions[starts[at]][0]:
                found.add(starts[at])
    return found


def pattern(name):
    """A name without what another compiler or another version of a crate changes in it."""
    name = re.sub(r"17h[0-9a-f]{16}E.*$", "17h*", name)
    return re.sub(r"Cs[0-9A-Za-z]+_(?=\d)", "Cs*_", name)


main()
