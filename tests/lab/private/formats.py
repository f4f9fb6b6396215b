"""ntpdc's output for programs (JSON and OpenMetrics), compared with its output for people from the same packets."""
import json
import re
from concurrent.futures import ThreadPoolExecutor

from ntplab.plan import HOSTS
from ntplab.private_recorder import PrivateRecorder

PEER = "192.0.2.11"
KEY = ("-c", "keyid 1", "-c", "passwd secretmd5key")
COMMANDS = ("peers", "dmpeers", f"showpeer {PEER}", "sysinfo", "sysstats", "loopinfo", "kerninfo", "monlist", "reslist", "ifstats", "iostats")
# the label of a number in the classic output -> its key in the record
FIGURES = {
    f"showpeer {PEER}": {"stratum": "stratum", "precision": "precision_log2s", "association": "association_id", "version": "version",
                         "unreach": "unreach", "ppoll": "peer_poll_log2s", "hpoll": "host_poll_log2s"},
    "sysinfo": {"stratum:": "stratum", "precision:": "precision_log2s", "root dispersion:": "root_dispersion_s", "jitter:": "jitter_s",
                "root distance:": "root_delay_s", "broadcastdelay:": "broadcast_delay_s"},
    "sysstats": {"time since restart:": "uptime_s", "packets received:": "received", "packets processed:": "processed",
                 "current version:": "current_version", "access denied:": "restricted", "declined:": "declined"},
    "loopinfo": {"offset:": "offset_s", "frequency:": "frequency_ppm", "poll adjust:": "poll_adjust", "watchdog timer:": "watchdog_s"},
    "kerninfo": {"pll offset:": "offset_s", "maximum error:": "maximum_error_s", "pll time constant:": "time_constant",
                 "frequency tolerance:": "tolerance_ppm"},
    "iostats": {"receive buffers:": "receive_buffers", "ignored packets:": "ignored", "received packets:": "received", "packets sent:": "sent",
                "interrupts handled:": "interrupts"},
}
HALF_DIGIT = 0.51  # tolerance in units of the last digit shown
SAMPLE = re.compile(r'(\w+)\{((?:\w+="(?:[^"\\\n]|\\[\\n"])*",?)*)\} (-?\d+(?:\.\d+)?(?:e-?\d+)?)')


def check_formats(lab, chosen, report, tools):
    """Runs all cases; returns their number."""
    commands = [command for command in COMMANDS if not chosen.only or chosen.only in f"format: {command}"]
    namespace = lab.namespace("op")

    def run(numbered):
        number, command = numbered
        recorder = PrivateRecorder(namespace, f"127.30.0.{number + 1}", HOSTS["private"].addresses[0])
        try:
            check_command(report, command, lambda form: tools.default.run(
                namespace, [*(("--format", form) if form else ()), "-n", *(KEY if command == "ifstats" else ()), "-c", command, recorder.address]))
        finally:
            recorder.close()

    with ThreadPoolExecutor(chosen.workers) as pool:
        list(pool.map(run, enumerate(commands)))
    return len(commands)


def check_command(report, command, ask):
    """Checks one command in every format."""
    classic, table, text, metrics = ask(None), ask("table"), ask("json"), ask("openmetrics")
    status = int(command == "monlist")  # current daemons report no data
    every = (classic, table, text, metrics)
    shown = "\n".join(outcome.show() for outcome in every)
    report.check(f"format: {command}: statuses", all(done.status == status and bool(done.stderr) == bool(status) for done in every), shown)
    record = read(text)
    ok = record is not None and record["schema"] == ("ntpkit.error.v1" if status else f"ntpkit.mode7.{command.split()[0].removeprefix('dm')}.v1")
    report.check(f"format: {command}: JSON", ok, text.show())
    samples, fault = parse_metrics(metrics.stdout.decode())
    report.check(f"format: {command}: OpenMetrics", not fault and ("ntpkit_up", 1.0) in [(name, value) for name, _, value in samples],
                 f"{fault}\n{metrics.show()}")
    if ok and not status:
        report.check(f"format: {command}: JSON matches the classic output", agree(command, record, classic.stdout.decode()), shown)
        report.check(f"format: {command}: OpenMetrics matches JSON", counted(command, record, samples), shown)
        report.check(f"format: {command}: table", all(word in table.stdout.decode() for word in words(command, record)), shown)


def read(outcome):
    """Returns the JSON record, or None."""
    try:
        return json.loads(outcome.stdout)
    except ValueError:
        return None


def parse_metrics(text):
    """Returns the samples, and the first line that is not valid OpenMetrics."""
    *lines, end, after = text.split("\n") if text.count("\n") > 1 else ["", "", text]
    if (end, after) != ("# EOF", ""):
        return [], "no end"
    families, samples, seen = {}, [], set()
    family = None
    for line in lines:
        if line.startswith("# TYPE "):
            _, _, family, kind = line.split(" ")
            if family in families or kind not in ("gauge", "counter", "info", "stateset"):
                return samples, line
            families[family] = kind
        elif line.startswith("# "):
            _, word, name, *_ = line.split(" ")
            if word not in ("HELP", "UNIT") or name != family or (word == "UNIT" and not family.endswith("_" + line.split(" ")[3])):
                return samples, line
        else:
            match = SAMPLE.fullmatch(line)
            suffix = {"counter": "_total", "info": "_info"}.get(families.get(family), "")
            if not match or family is None or match[1] != family + suffix or (match[1], match[2]) in seen:
                return samples, line
            seen.add((match[1], match[2]))
            samples.append((match[1], match[2], float(match[3])))
    return samples, None


def rows(record):
    """Returns the list in a record."""
    return next(value for key, value in record.items() if isinstance(value, list) and key != "flags")


def words(command, record):
    """Returns the words that a table must contain."""
    names = ("peers", "dmpeers", "reslist", "ifstats")
    return [row["address"] for row in rows(record)] if command in names else [PEER] if "showpeer" in command else []


def agree(command, record, classic):
    """Whether the figures match the classic output."""
    if command in ("peers", "dmpeers"):
        shown = [(line[1:16].strip(), int(line[33:35]), int(line[41:46], 8), float(line[46:54])) for line in classic.splitlines()[2:]]
        recorded = [(row["address"][:15], row["stratum"], row["reach"], row["delay_s"]) for row in rows(record)]
        return len(shown) == len(recorded) > 5 and all(a[:3] == b[:3] and abs(a[3] - b[3]) <= HALF_DIGIT * 1e-5 for a, b in zip(shown, recorded))
    if command == "reslist":
        shown = [(line[:15].strip(), int(line[32:42])) for line in classic.splitlines()[2:]]
        return len(shown) > 40 and shown == [(row["address"][:15], row["count"]) for row in rows(record)]
    if command == "ifstats":
        shown = [(int(line.split()[0]), line.split()[2]) for line in classic.splitlines()[2:] if re.match(r" *\d+ [.+?-] ", line)]
        return len(shown) > 3 and shown == [(row["number"], row["address"]) for row in rows(record)]
    record = rows(record)[0] if command.startswith("showpeer") else record
    return all(near(re.search(rf"(?m)(?:^|, ){re.escape(word)} +(-?[\d.]+)", classic), record[key]) for word, key in FIGURES[command].items())


def near(shown, exact):
    """Whether the shown number is the exact one, rounded."""
    return bool(shown) and abs(float(shown[1]) - exact) <= HALF_DIGIT * 10.0 ** -len(shown[1].partition(".")[2])


def counted(command, record, samples):
    """Whether every metric family has a sample for each row."""
    if command not in ("peers", "dmpeers", "reslist", "ifstats"):
        return len(samples) > 2
    per_family = {}
    for name, _, _ in samples:
        per_family[name] = per_family.get(name, 0) + 1
    return {count for name, count in per_family.items() if name not in ("ntpkit_up", "ntpkit_failed_queries")} == {len(rows(record))}
