"""Finds out which lines of a file the real daemons reject."""
import re
import subprocess
from pathlib import Path

from ntplab import packages
from ntplab.programs import NO_CLOCK
from ntplab.world import real_command

NAMES = {"ntpd": "ntp.conf", "ntpsec": "ntp.conf", "chrony": "chrony.conf", "ntpd-rs": "ntp.toml", "timesyncd": "timesyncd.conf"}
# A valid line: after a syntax error both ntpds skip tokens, and with this in between they report the next error at its own line.
PADDING = "enable stats\n"
SECONDS = 20


def refused(language, text, folder):
    """Returns the numbers of the lines that the daemon rejects, and its output."""
    return {"ntpd": ntpd, "ntpsec": ntpsec, "chrony": chrony, "ntpd-rs": ntpd_rs, "timesyncd": timesyncd}[language](text, folder)


def agree(language, text, theirs, ours):
    """Whether the lines that a daemon rejects are those that we reject."""
    if language == "chrony" and theirs:  # chronyd exits at the first line that it rejects
        return bool(ours) and min(ours) in theirs
    if language == "ntpd-rs" and theirs:  # it reports one line, or for some faults the header of the section
        first, lines = min(theirs), text.splitlines()
        last = first
        if first <= len(lines) and lines[first - 1].startswith("["):
            while last < len(lines) and (not lines[last].startswith("[") or lines[last] == lines[first - 1]):
                last += 1
        return any(first <= line <= last for line in ours)
    return ours == theirs


def ask(*command, seconds=SECONDS):
    """Runs a program in its own network namespace, without the capability to set the clock; returns its status and output."""
    process = subprocess.Popen(["unshare", "-n", *NO_CLOCK, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace")
    try:
        output = process.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        output = process.communicate()[0]
    return process.returncode, output


def padded(text, folder):
    """Writes the file with padding between its lines, so that each error is reported; returns its path."""
    path = folder / "padded.conf"
    path.write_text("".join(line + "\n" + PADDING * 2 for line in text.split("\n")))
    return path


def lines_of(output):
    """Maps the reported line numbers back to the lines before padding."""
    found = re.findall(r"line (\d+),? column \d+", output)
    return {(int(number) - 1) // 3 + 1 for number in found}


def ntpd(text, folder):
    _, output = ask(*real_command("ntpd"), "-n", "-c", str(padded(text, folder)), "--saveconfigquit", str(folder / "saved"))
    return lines_of(output), output


def ntpsec(text, folder):
    """It cannot parse only, so the last line makes it exit. It reports its errors before that."""
    path = padded(text, folder)
    with open(path, "a", encoding="utf-8") as file:
        file.write("refclock nosuchdriver\n")
    _, output = ask(*real_command("ntpsec-ntpd"), "-n", "-c", str(path))
    if "Unknown driver name nosuchdriver" not in output:
        raise packages.LabError(f"NTPsec's ntpd did not read to the end:\n{output}")
    return lines_of(output), output


def ntpd_rs(_text, folder):
    status, output = ask(*packages.foreign("ntp-ctl"), "-c", str(folder / NAMES["ntpd-rs"]), "validate")
    found = {int(number) for number in re.findall(r"parse error at line (\d+)", output)}
    if bool(status) != bool(found) and "Fewer sources" not in output:
        raise packages.LabError(f"ntp-ctl validate: exit {status}\n{output}")
    return found, output


def timesyncd(_text, folder):
    """It ignores the lines that it cannot read. Sections that it does not know are not mistakes of a line."""
    below = [str(path).replace(str(packages.CACHE), "/srv") for path in (packages.program("timesyncd"), packages.libraries("timesyncd"))]
    script = Path(__file__).with_name("timesyncd.sh")
    _, output = ask("unshare", "-m", "sh", str(script), str(folder / NAMES["timesyncd"]), str(packages.CACHE), *below)
    if "Added new" not in output:
        raise packages.LabError(f"timesyncd did not start:\n{output}")
    found = re.findall(r"lab\.conf:(\d+): (?!Unknown section|Assignment outside|Failed to parse file)", output)
    return {int(number) for number in found}, output


def chrony(_text, folder):
    status, output = ask(*real_command("chronyd"), "-p", "-f", str(folder / NAMES["chrony"]))
    found = {int(number) for number in re.findall(r"at line (\d+) in file", output)}
    if bool(status) != bool(found):
        raise packages.LabError(f"chronyd -p: exit {status}\n{output}")
    return found, output
