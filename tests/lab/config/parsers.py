"""The real daemons, asked which lines of a file they refuse."""
import re
import subprocess

from ntplab import packages
from ntplab.programs import NO_CLOCK
from ntplab.world import real

NAMES = {"ntpd": "ntp.conf", "ntpsec": "ntp.conf", "chrony": "chrony.conf"}
# chronyd ends at the first line that it refuses.
STOPS_AT_FIRST = {"ntpd": False, "ntpsec": False, "chrony": True}
# Three tokens that both ntpds take: after them their parsers report the next error with its own line.
PADDING = "enable stats\n"
SECONDS = 20


def refused(language, text, folder):
    """The numbers of the lines that the daemon refuses, and what it said."""
    return {"ntpd": ntpd, "ntpsec": ntpsec, "chrony": chrony}[language](text, folder)


def ask(*command, seconds=SECONDS):
    """What a program says, in a network of its own and without the right to set a clock."""
    process = subprocess.Popen(["unshare", "-n", *NO_CLOCK, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace")
    try:
        said = process.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        said = process.communicate()[0]
    return process.returncode, said


def padded(text, folder):
    """The file with lines between, so that each error is told."""
    path = folder / "padded.conf"
    path.write_text("".join(line + "\n" + PADDING * 2 for line in text.split("\n")))
    return path


def lines_of(said):
    """The lines before the padding."""
    found = re.findall(r"line (\d+),? column \d+", said)
    return {(int(number) - 1) // 3 + 1 for number in found}


def ntpd(text, folder):
    _, said = ask(*real("ntpd"), "-n", "-c", str(padded(text, folder)), "--saveconfigquit", str(folder / "saved"))
    return lines_of(said), said


def ntpsec(text, folder):
    """It has no way to parse only: the last line makes it end. It tells its errors first."""
    path = padded(text, folder)
    with open(path, "a", encoding="utf-8") as file:
        file.write("refclock nosuchdriver\n")
    _, said = ask(*real("ntpsec-ntpd"), "-n", "-c", str(path))
    if "Unknown driver name nosuchdriver" not in said:
        raise packages.LabError(f"NTPsec's ntpd did not read to the end:\n{said}")
    return lines_of(said), said


def chrony(_text, folder):
    status, said = ask(*real("chronyd"), "-p", "-f", str(folder / NAMES["chrony"]))
    found = {int(number) for number in re.findall(r"at line (\d+) in file", said)}
    if bool(status) != bool(found):
        raise packages.LabError(f"chronyd -p: exit {status}\n{said}")
    return found, said
