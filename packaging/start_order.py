#!/usr/bin/env python3
"""Writes src/start.ld: the functions that short runs of the programs execute, for the linker to put side by side.

  packaging/start_order.py [--small]

--small writes src/start-small.ld instead, for a program without the default features.

A page of code is read when it is first executed, and its neighbours with it. With these functions side by side a start
reads a quarter as many. Names that are gone do no harm, functions that are missing cost a page: after larger changes
the list is worth remaking. It builds a release with an empty list first: valgrind recognizes only functions in `.text`
itself, so those that are already listed would be missed. Needs valgrind and binutils.
"""
import bisect
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# For each shape: its list, and the options that build it.
SHAPES = {
    False: (Path("src/start.ld"), ["--release"]),
    True: (Path("src/start-small.ld"), ["--release", "--no-default-features"]),
}
# HOST: a simulated daemon. Port 9: none.
RUNS = [
    ["ntptime"],
    ["ntpstat", "HOST"],
    ["ntpstat", "127.0.0.1:9"],
    ["ntpq", "-c", "version"],
    ["ntpq", "-pn", "HOST"],
    ["ntpdate", "-q", "-p", "1", "-t", "1", "HOST"],
    ["check_ntp_time", "-H", "HOST"],
]
HEAD = """/* Made by packaging/start_order.py: functions that short runs execute, those of most runs first. */
SECTIONS {
  .text.start : {
    *crt1.o(.text)
    *crtbeginS.o(.text)
"""
# Fewer functions than any run executes.
FEWEST = 100
TAIL = """  }
} INSERT BEFORE .text;
"""


def main():
    if sys.argv[1:] not in ([], ["--small"]):
        sys.exit(__doc__)
    os.chdir(Path(__file__).resolve().parent.parent)
    path, options = SHAPES[sys.argv[1:] == ["--small"]]
    before = path.read_text()
    try:
        path.write_text(HEAD + TAIL)
        text = order(build(options))
    except BaseException:
        path.write_text(before)
        raise
    path.write_text(text)


def build(options):
    """Builds a release with its symbols, with the linker that valgrind understands, and returns the program."""
    options = options + ["--", "-C", "strip=none", "-C", "link-arg=-fuse-ld=bfd"]
    return executable(["cargo", "rustc", "--locked", "--bin", "ntpkit"], options)


def executable(command, options):
    """The program that cargo builds."""
    command = command + ["--message-format=json-render-diagnostics"] + options
    lines = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    return [program for line in lines if (program := json.loads(line).get("executable"))][-1]


def order(program):
    """The list for this program, as text."""
    functions = symbols(program)
    if not functions:
        sys.exit(f"{program} has no symbols: build it with -C strip=none")
    # This program may lack it.
    simulation = executable(["cargo", "build", "--locked", "--bin", "ntpkit"], [])
    with subprocess.Popen([simulation, "demo", "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as daemons:
        host = daemons.stdout.readline().split()[1]
        runs = [executed(program, functions, [host if word == "HOST" else word for word in run]) for run in RUNS]
        daemons.stdin.close()
    used = set().union(*runs)
    if len(used) < FEWEST:
        sys.exit(f"only {len(used)} functions seen: valgrind does not recognize the program")
    is_compact = compact(functions, used)
    groups = {}
    for address in used:
        groups.setdefault(tuple(address in run for run in runs), []).append(address)
    lines, done = [], set()
    for group in sorted(groups, key=lambda group: (-sum(group), group)):
        for name in (name for address in sorted(groups[group]) for name in functions[address][1]):
            text = pattern(name) if pattern(name) in is_compact else name
            if text not in done:
                done.add(text)
                lines.append(f"    *(.text*.{text})\n")
    return HEAD + "".join(lines) + TAIL


def compact(functions, used):
    """The patterns that match little else than functions that are used. The instances of a generic function have one name, apart
    from the hash, so those that are used are listed with it: they are found as long as the compiler and the crate stay."""
    sizes = {}
    for address, (size, names) in functions.items():
        for text in {pattern(name) for name in names}:
            total, executed = sizes.get(text, (0, 0))
            sizes[text] = (total + size, executed + size * (address in used))
    return {text for text, (total, executed) in sizes.items() if executed and total <= executed + executed // 4 + 64}


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
        if file := re.match(r"(c?)ob=(\(\d+\))(?: (.*))?", line):
            # The name stands where the number is first used, which may be a call.
            if file[3]:
                files[file[2]] = file[3]
            is_own = is_own if file[1] else files.get(file[2]) == program
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
