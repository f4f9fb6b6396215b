"""One case: a command line, where it is run, and how its outcomes are compared."""
import re
import shlex
from dataclasses import dataclass, replace
from typing import Callable, List, Optional

from ntplab.packages import LabError
from ntplab.plan import HOSTS

PLACE = re.compile(r"\{(\w+)(?::([0-9a-f.:]+))?\}")


@dataclass(frozen=True)
class Case:
    """`arguments` may hold `{hub}` (the address at which host hub stands behind a recorder), `{hub:192.0.2.12}` (the
    number of hub's association with that peer) and `{fake}` (the scripted server's address)."""
    name: str
    arguments: List[str]
    where: str = "op"  # the host it is run on
    stdin: bytes = b""
    script: Optional[Callable] = None  # makes a scripted server's answers anew for each run
    own: str = ""  # "text": what stands on stdout is ours to word; "description": all but usage and errors is;
    # "escapes": ours makes harmless what the reference passes on, in these columns' full width
    default: bool = True  # whether the default dialect is compared too
    failure: Optional[bool] = None  # whether the default dialect calls this a failure; None: if stderr says something
    slow: bool = False  # waits for a time-out

    def recorded(self):
        """The hosts that stand behind a recorder in this case."""
        found = []
        for argument in self.arguments:
            found += [host for host, peer in PLACE.findall(argument) if host in HOSTS and not peer]
        return list(dict.fromkeys(found))

    def command(self, addresses, peers):
        """The arguments with every place filled in."""
        def fill(match):
            host, peer = match.groups()
            if peer:
                if peer not in peers.get(host, {}):
                    raise LabError(f"{host} has no association with {peer}")
                return str(peers[host][peer])
            return addresses[host]
        return [PLACE.sub(fill, argument) for argument in self.arguments]

    def normalise(self, outcome):
        """What is compared of an outcome."""
        if self.own == "text":
            return replace(outcome, stdout=b"(our own words)\n" if outcome.stdout.strip() else b"")
        if self.own == "description":
            lines = [line for line in outcome.stdout.splitlines(keepends=True) if line.startswith((b"usage:", b"***"))]
            return replace(outcome, stdout=b"".join(lines))
        if self.own == "escapes":
            return replace(outcome, stdout=escaped(outcome.stdout), stderr=escaped(outcome.stderr))
        return outcome


def escaped(data):
    """Text with what a terminal would obey shown as `^X` and `M-x`, and with single blanks."""
    def show(octet):
        meta, low = ("M-", octet & 0x7F) if octet & 0x80 else ("", octet)
        return meta + (f"^{chr(low ^ 0x40)}" if low < 0x20 or low == 0x7F else chr(low))
    text = "".join("\n" if octet == 0x0A else show(octet) for octet in data)
    return re.sub(" +", " ", text.replace("^J", "\n")).encode()


def parse(table, each=("hub", "sec", "young"), **settings):
    """The cases of a table: one command line on each line; `##` and settings may follow it (`where=hub slow`).
    `{each}` makes a case for each of these hosts."""
    cases = []
    for line in table.strip().splitlines():
        command, _, notes = line.partition("##")
        command = command.strip()
        if not command or command.startswith("#"):
            continue
        chosen = {**settings, **dict(setting(note) for note in shlex.split(notes))}
        for host in each if "{each}" in command else ("",):
            text = command.replace("{each}", "{" + host + "}")
            name = text if chosen.get("where", "op") == "op" else f"{text} (on {chosen['where']})"
            if chosen.get("stdin"):
                name += f" < {chosen['stdin']!r}"
            cases.append(Case(name=name, arguments=shlex.split(text), **chosen))
    return cases


def setting(note):
    name, equals, value = note.partition("=")
    if name == "stdin":
        return name, value.encode().decode("unicode_escape").encode("latin-1")
    return name, {"yes": True, "no": False, "": True}.get(value, value) if equals else True
