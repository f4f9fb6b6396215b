"""The suite of ntpdate: the same command lines, given to the real program and to ours, must say the same.

Times, process numbers and the small numbers that move are masked; everything else is compared byte for byte, with the
exit status. Where the default dialect is documented to say the same but for its unsigned numbers, it is held to that.
No program here can set the clock: none has the privilege."""
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from difflib import unified_diff

from ntplab.plan import KEYS as LAB_KEYS
from ntplab.programs import Tools

from . import real
from .cases import BAD_KEYS, KEYS, KEYS_OF_ALL_TYPES, SERVERS, cases
from .text import masked, unsigned, without_remarks
from .timeserver import TimeServer

TRIES = 6


def run(lab, chosen, report):
    """Runs every case."""
    tools = Tools("ntpdate", chosen.ours, lab.folder)
    namespace = lab.namespace("op")
    files = {"KEYS": KEYS, "BADKEYS": BAD_KEYS, "LABKEYS": LAB_KEYS, "KEYS1": "1 MD5 secretmd5key\n",
             "ALLKEYS": KEYS_OF_ALL_TYPES, "LONGKEYS": "1 MD5 " + "a" * 1000 + "\n", "CRLFKEYS": "1 MD5 secretmd5key\r\n"}
    paths = {}
    for name, text in files.items():
        path = os.path.join(lab.folder, f"ntpdate.{name}")
        with open(path, "w", encoding="ascii", newline="") as file:
            file.write(text)
        os.chmod(path, 0o600)
        paths[name] = path
    wanted = [case for case in cases() if not chosen.only or chosen.only in case.name]
    begin = time.monotonic()
    if tools.has_dialects and not chosen.classic_only:
        real.wait_until_accurate(lab, tools)
    pool = ThreadPoolExecutor(chosen.workers)
    try:
        jobs = [pool.submit(compare, number, case, tools, namespace, paths, report, chosen.classic_only)
                for number, case in enumerate(wanted)]
        # most of the time is waiting, so both at once
        for claim in real.CLAIMS:
            if not chosen.only or chosen.only in claim.__name__.replace("_", " "):
                claim(lab, tools, report, chosen)
        for done in jobs:
            done.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        tools.close()
    print(f"ntpdate: {len(wanted)} command lines in {time.monotonic() - begin:.0f} s", flush=True)


def compare(number, case, tools, namespace, paths, report, classic_only):
    """One case, on servers of its own."""
    addresses, servers = dict(paths), {}
    for index, name in enumerate(SERVERS):
        if any(f"@{name}@" in word for word in case.words):
            addresses[name] = f"127.{100 + number // 250}.{number % 250 + 1}.{index + 1}"
            servers[name] = TimeServer(namespace, addresses[name], SERVERS[name])
    words = [re.sub(r"@([\w-]+)@", lambda found: addresses[found[1]], word) for word in case.words]

    def outcome(tool):
        for server in servers.values():
            server.restart()
        return tool.run(namespace, words).show()

    try:
        dialects = [("", tools.classic)]
        if case.alike and tools.has_dialects and not classic_only:
            dialects.append((" [default dialect]", tools.default))
        for dialect, tool in dialects:
            for attempt in range(TRIES):
                expected, got = outcome(tools.reference), outcome(tool)
                if dialect:
                    expected, got = (without_remarks(unsigned(text)) for text in (expected, got))
                expected, got = masked(expected), masked(got)
                if dialect:
                    expected, got = (re.sub(" {2,}", " ", text) for text in (expected, got))
                if expected == got:
                    report.passed(case.name + dialect, "after another try" if attempt else "at once")
                    break
            else:
                lines = unified_diff(expected.split("\n"), got.split("\n"), "reference", "ours", lineterm="", n=1)
                report.failed(case.name + dialect, "\n".join(lines))
    finally:
        for server in servers.values():
            server.close()
