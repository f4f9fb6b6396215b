"""Compares ntptime with the reference: on the real kernel (without the privilege to change anything), where even reading is
denied, on a fake kernel, and in a virtual machine, whose clock both may really change."""
import random
import re
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ntplab import machine, packages
from ntplab.packages import LabError
from ntplab.programs import Tool, Tools

REFUSAL = Path(machine.__file__).with_name("refusal.py")
SEED = 7
MASKS = [  # values that differ between any two readings
    (rb"time [0-9a-f]{8}\.[0-9a-f]{8}  .*\(\.\d{6}(\d{3})?\),", rb"time NOW \1,"),
    (rb"ntptime=[0-9a-f]+\.[0-9a-f]+ unixtime=[0-9a-f]+\.\d{6}(\d{3})? .*", rb"ntptime=NOW \1"),
    (rb"\[ us \d{6,9}:(?: -?\d+){19} \]", b"[ us COST ]"),
]
NANOSECONDS = re.compile(rb"NOW \d{3}")

OPTIONS = """
|-r|-c|-cr|-rc|-rr|-ccc|-M|-N|-MN|-M -N|-f 12.5|-f-700|-f .5x|-f inf|-f nan|-f 1e300|-e 1234|-m 4321|-e5 -m6|-s 1|-s 0|-s 255
|-t 6|-t -1|-o 1000|-o -7|-T 37|-T 37 -s 1|-s 1 -T 37|-t 4 -T 5|-T 5 -t 4|-s abc|-f abc|-o 12x|-o 99999999999|-e 99999999999999999999
|-s 256|-s -1|-s 300 -x|-x|-f|-T|-s|-rx|-xq -f|-fx -y|-fz -s|-hx|-xh|-h|-d|-rd|-d -x|--|-- -x|-- word|-|word|-f 1 word -x|-x word -y
|--foo|--help|--version
"""
# for the virtual machine: options that change the state, each run on the state left by the one before
CHANGES = """
|-r|-c|-N||-r|-M|-f 12.5|-f -700|-f 9999|-e 1234|-m 4321|-s 1|-s 0|-s 17|||-s 33|||-s 64|-s 255|-s 256|-s 0|-s 1|-t 6|-t 99|-t -1
|-o 1000||-o 9999999|-N|-s 8193|-o 1000||-T 37||-T -5|-T 37 -s 1|-s 1 -T 37|-M -N|-x|-h|extra|-f|-s abc|-f abc|-f 3 -e 7 -m 8 -s 1
|-t 3 -o 500|-cr -f 0|-T 36 -t 5|-t 5 -T 36|-s 64
"""
# status words that schedule or cancel a leap second: the kernel changes state only when a second begins
DELAYED_EFFECT = ("0", "17", "33", "64", "255")
CODES = {"a leap second inserted": ("INS", "OOP", "WAIT"), "a leap second deleted": ("DEL", "WAIT")}


def run(_lab, chosen, report):
    """Runs all cases."""
    if chosen.ours == "reference":
        raise LabError("kernel: there is nothing to compare the reference with")
    begin = time.monotonic()
    folder = tempfile.mkdtemp(prefix="kernel.", dir=_lab.folder)
    tools = Tools("ntptime", chosen.ours, folder)
    namespace = _lab.namespace("op")
    pool = ThreadPoolExecutor(1)
    try:
        jobs = []
        if not chosen.only or chosen.only in "ntptime in the virtual machine":
            jobs.append(pool.submit(in_the_machine, chosen, report))  # it mostly waits
        options(namespace, tools, chosen, report)
        refusals(namespace, chosen, report, folder)
        on_fake_kernel(namespace, chosen, report, folder)
        for done in jobs:
            done.result()
    finally:
        pool.shutdown(wait=True)
        tools.close()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"kernel: {time.monotonic() - begin:.0f} s", flush=True)


def lines(table):
    return [words.split() for words in table.strip().replace("\n", "").split("|")]


def mask_outcome(outcome):
    text = outcome.stdout
    for pattern, instead in MASKS:
        text = re.sub(pattern, instead, text)
    # keep whether there are nanoseconds, not their value
    return outcome.status, NANOSECONDS.sub(b"NOW nnn", text), outcome.stderr


def check_same(report, name, reference, ours):
    ok = mask_outcome(reference) == mask_outcome(ours)
    report.check(name, ok, f"reference: {reference.show()}\nours: {ours.show()}")


def options(namespace, tools, chosen, report):
    """Every option and error message, without the privilege to change anything."""
    for words in lines(OPTIONS):
        name = f"ntptime {' '.join(words)} unprivileged"
        if not chosen.only or chosen.only in name:
            check_same(report, name, tools.reference.run(namespace, words), tools.classic.run(namespace, words))


def refusals(namespace, chosen, report, folder):
    """Under a system call filter like those of containers, even reading fails."""
    settings = {"NTPKIT_COMPAT": packages.REFERENCE_VERSION}
    for error in ("EPERM", "ENOSYS"):
        def filtered(place, program, settings, error=error):
            script = Path(folder) / f"{error}-{place}.sh"
            script.write_text(f'#!/bin/sh\nexec {sys.executable} {REFUSAL} {error} "{program}/ntptime" "$@"\n')
            script.chmod(0o755)
            return Tool("ntptime", script, settings, f"{folder}/{error}-{place}")

        for place, target in (("real", packages.program("ntptime")), ("own", Path(chosen.ours).resolve())):
            (Path(folder) / place).mkdir(exist_ok=True)
            if not (Path(folder) / place / "ntptime").exists():
                (Path(folder) / place / "ntptime").symlink_to(target)
        reference = filtered("reference", f"{folder}/real", {"LD_LIBRARY_PATH": packages.libraries("ntptime")})
        classic = filtered("classic", f"{folder}/own", settings)
        default = filtered("default", f"{folder}/own", {})
        for words in lines("|-c|-r|-f 1|-s 64|-N|-x"):
            name = f"ntptime {' '.join(words)} denied with {error}"
            if chosen.only and chosen.only not in name:
                continue
            pair = reference.run(namespace, words), classic.run(namespace, words)
            stripped = [type(one)(one.stdout, one.stderr.replace(f"{folder}/real/".encode(), b"").replace(
                f"{folder}/own/".encode(), b""), one.status) for one in pair]
            check_same(report, name, *stripped)
            if words != ["-x"]:
                ours = default.run(namespace, words)
                ok = ours.status == 1 and not ours.stdout and b"the seccomp profile of a container" in ours.stderr
                report.check(f"{name} is reported", ok, ours.show())
        ours = default.run(namespace, ["--format", "json"])
        ok = ours.status == 1 and not ours.stdout and b"the seccomp profile of a container" in ours.stderr
        report.check(f"ntptime --format json denied with {error}", ok, ours.show())


def on_fake_kernel(namespace, chosen, report, folder):
    """Kernel states that this machine does not have: every code and status bit, PPS, odd numbers."""
    settings = {"LD_PRELOAD": str(packages.shared_object("fake_kernel"))}
    cases = list(states())
    for number, (name, words, values) in enumerate(cases):
        name = f"ntptime on a kernel with {name}"
        if chosen.only and chosen.only not in name:
            continue
        state = {**settings, "FAKE_KERNEL": " ".join(map(str, values))}
        reference = Tool("ntptime", packages.program("ntptime"), {**state, "LD_LIBRARY_PATH": packages.libraries("ntptime")},
                         f"{folder}/p{number}r")
        classic = Tool("ntptime", chosen.ours, {**state, "NTPKIT_COMPAT": packages.REFERENCE_VERSION}, f"{folder}/p{number}c")
        one, other = reference.run(namespace, words), classic.run(namespace, words)
        ok = (one.status, one.stdout, one.stderr) == (other.status, other.stdout, other.stderr)
        report.check(name, ok, f"reference: {one.show()}\nours: {other.show()}")


def states():
    """Yields names, options and states (for fake_kernel.c)."""
    now = int(time.time())

    def state(code=0, status=0x2001, shift=0, pulse=(0,) * 7, offset=1500, tai=37, part=303522167, errors=(16000, 2345), frequency=-786355):
        part = part if status & 0x2000 else part // 1000
        return [code, offset, frequency, *errors, 6, 1, 32768000, *pulse, status, shift, tai, now, part]

    for code in range(9):
        yield f"code {code}", ["-r"], state(code=code)
    for bit in range(16):
        yield f"status bit {1 << bit:#x}", [], state(status=1 << bit)
    yield "all status bits", ["-c", "-r"], state(status=0xFFFF)
    for shift, status in ((1, 0x107), (4, 0x2107), (8, 0x2F07), (30, 0x7)):
        yield f"PPS with shift {shift}", ["-r"], state(status=status, shift=shift, pulse=(-196608, 1500, 6553, 8, 7, 10, 9))
    for words in ("-f 3", "-o 5", "-e 1", "-m 2", "-s 65", "-t 6", "-M", "-N", "-T 5", "-M -N -f 1 -s 1 -t 3 -e 4 -m 5 -o 6"):
        yield f"all changes allowed: {words}", words.split(), state()
    dice = random.Random(SEED)
    for number in range(60):
        wide = lambda: dice.randrange(-10 ** dice.randrange(1, 12), 10 ** dice.randrange(1, 12))
        yield f"odd numbers {number}", ["-r"], state(
            dice.randrange(6), dice.randrange(1 << 16), dice.randrange(31), tuple(wide() for _ in range(7)), wide(), dice.randrange(-40, 40),
            dice.randrange(10 ** 9), (wide(), wide()), wide())


def in_the_machine(chosen, report):
    """Runs the same options in two fresh machines, one per program: every block must be the same."""
    try:
        machine.prepare()
        with tempfile.TemporaryDirectory() as folder:
            def boot(settings, source):
                program = Path(tempfile.mkdtemp(dir=folder)) / "ntptime"
                program.write_bytes(source.read_bytes())
                program.chmod(0o755)
                return machine.boot(script(settings), [program], packages.libraries("ntptime"))

            settings = ("", f"NTPKIT_COMPAT={packages.REFERENCE_VERSION}")
            with ThreadPoolExecutor(2) as pool:
                output = list(pool.map(boot, settings, (packages.program("ntptime"), Path(chosen.ours))))
    except LabError as error:
        print(f"NOT RUN ntptime in the virtual machine: {error}", flush=True)
        return
    blocks = [dict(blocks_of(text)) for text in output]
    for name in blocks[0]:
        report.check(f"ntptime in the virtual machine: {name}", blocks[0][name] == blocks[1].get(name),
                     f"reference:\n{blocks[0][name]}\nours:\n{blocks[1].get(name)}")
    for name, codes in CODES.items():
        report.check(f"ntptime in the virtual machine: the codes of {name}", all(f"({code})" in blocks[1].get(name, "") for code in codes),
                     blocks[1].get(name))
    report.check("ntptime in the virtual machine: all cases", len(blocks[0]) == len(blocks[1]) == len(lines(CHANGES)) + 2,
                 f"{len(blocks[0])} and {len(blocks[1])}\n{output[0][-1500:]}\n{output[1][-1500:]}")


def script(settings):
    """Returns a script that runs every option, then has a leap second inserted and one deleted at midnight. Whether the
    kernel has already noticed at the first reading is chance, because it does so only when a second begins."""
    steps = ["export TZ=UTC " + settings, "date -u -s @1795176000 >/dev/null"]
    for number, words in enumerate(lines(CHANGES)):
        steps += [f"echo '=== {number} {' '.join(words)}'", f"ntptime {' '.join(words)} 2>/tmp/err", 'echo "status $?"', "cat /tmp/err"]
        if words[:1] == ["-s"] and words[1:] and words[1] in DELAYED_EFFECT:
            steps.append("sleep 3")
    # a busy host may stall this machine for seconds, so that a state is missed: then try again
    for (name, codes), bits in zip(CODES.items(), (17, 33)):
        seen = " && ".join(f"grep -q '({code})' /tmp/codes" for code in codes)
        steps += [f"echo '=== {name}'", "for try in 1 2 3 4 5; do", "ntptime -s 0 >/dev/null; ntptime -s 1 >/dev/null",
                  "date -u -s @1798761596 >/dev/null", f"ntptime -m 1000 -s {bits} >/dev/null",
                  "end=$(($(cut -d. -f1 /proc/uptime) + 8)); while [ $(cut -d. -f1 /proc/uptime) -lt $end ]; do "
                  "ntptime | grep '^ntp_gettime'; usleep 50000; done | uniq | sed '1{/(OK)/d}' >/tmp/codes",
                  "ntptime -s 0 >/dev/null", f"if {seen}; then break; fi", "done; cat /tmp/codes"]
    return "\n".join(steps) + "\necho '=== end'\n"


def blocks_of(text):
    """Yields the name and the output of each case, without what changes with time."""
    for block in text.split("=== ")[1:]:
        name, _, output = block.partition("\n")
        if name == "end":
            return
        masked_text = masked_block(output.encode(), name)
        yield name, masked_text.decode("latin-1")


def masked_block(output, name):
    for pattern, instead in MASKS:
        output = re.sub(pattern, instead, output)
    output = NANOSECONDS.sub(b"NOW nnn", output)
    first, mark, second = output.partition(b"ntp_adjtime()")
    # the maximum error grows and the offset left to slew shrinks: only values just set are known
    first = re.sub(rb"maximum error \d+ us", b"maximum error E us", first)
    if " -m " not in f" {name} ":
        second = re.sub(rb"maximum error \d+ us", b"maximum error E us", second)
    if " -o " not in f" {name} ":
        second = re.sub(rb"offset -?[\d.]+ us", b"offset O us", second)
    return first + mark + second
