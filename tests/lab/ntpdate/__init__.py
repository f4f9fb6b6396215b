"""The ntpdate suite: the real program and ours must print the same for the same command lines.

Times, process IDs and small varying numbers are masked; everything else is compared byte for byte, and so is the exit
status. Where the default dialect is documented to differ only in its unsigned numbers, it is compared too. No program here
has the privilege to set the clock."""
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from difflib import unified_diff

from ntplab.plan import KEYS as LAB_KEYS
from ntplab.programs import Tools

from . import real
from .cases import BAD_KEYS, KEYS, KEYS_OF_ALL_TYPES, SERVERS, cases
from .text import masked, unsigned, without_notes
from .timeserver import TimeServer

TRIES = 6


def run(lab, chosen, report):
    """Runs all cases."""
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
        # both mostly wait, so run them at the same time
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
    """Runs one case with its own servers."""
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
                    expected, got = (without_notes(unsigned(text)) for text in (expected, got))
                expected, got = masked(expected), masked(got)
                if dialect:
                    expected, got = (re.sub(" {2,}", " ", text) for text in (expected, got))
                if expected == got:
                    report.passed(case.name + dialect, "after a retry" if attempt else "at once")
                    break
            else:
                lines = unified_diff(expected.split("\n"), got.split("\n"), "reference", "ours", lineterm="", n=1)
                report.failed(case.name + dialect, "\n".join(lines))
    finally:
        for server in servers.values():
            server.close()
