"""A case: a command line, where it is run, and how its outcomes are compared."""
import re
import shlex
from dataclasses import dataclass, replace
from typing import Callable, List, Optional

from ntplab.packages import LabError
from ntplab.plan import HOSTS

PLACE = re.compile(r"\{(\w+)(?::([0-9a-f.:]+))?\}")


@dataclass(frozen=True)
class Case:
    """`arguments` may contain `{hub}` (the address of a recorder in front of the host hub), `{hub:192.0.2.12}` (the ID of
    hub's association with that peer) and `{fake}` (the address of the scripted server)."""
    name: str
    arguments: List[str]
    where: str = "op"  # the host that runs the command
    stdin: bytes = b""
    script: Optional[Callable] = None  # makes the scripted server's replies, for each run
    own: str = ""  # "text": the wording of stdout is ours; "description": so is all but usage and errors;
    # "escapes": ours escapes what the reference prints raw, which changes the padding
    default: bool = True  # whether the default dialect is compared too
    failure: Optional[bool] = None  # whether the default dialect exits with a failure; None: if stderr is not empty
    slow: bool = False  # waits for a time-out

    def recorded(self):
        """Returns the hosts that are behind a recorder in this case."""
        found = []
        for argument in self.arguments:
            found += [host for host, peer in PLACE.findall(argument) if host in HOSTS and not peer]
        return list(dict.fromkeys(found))

    def command(self, addresses, peers):
        """Returns the arguments with all placeholders filled in."""
        def fill(match):
            host, peer = match.groups()
            if peer:
                if peer not in peers.get(host, {}):
                    raise LabError(f"{host} has no association with {peer}")
                return str(peers[host][peer])
            return addresses[host]
        return [PLACE.sub(fill, argument) for argument in self.arguments]

    def normalise(self, outcome):
        """Returns the part of an outcome that is compared."""
        if self.own == "text":
            return replace(outcome, stdout=b"(our own wording)\n" if outcome.stdout.strip() else b"")
        if self.own == "description":
            lines = [line for line in outcome.stdout.splitlines(keepends=True) if line.startswith((b"usage:", b"***"))]
            return replace(outcome, stdout=b"".join(lines))
        if self.own == "escapes":
            return replace(outcome, stdout=escaped(outcome.stdout), stderr=escaped(outcome.stderr))
        return outcome


def escaped(data):
    """Returns the text with control characters shown as `^X` and `M-x`, and with single spaces."""
    def show(octet):
        meta, low = ("M-", octet & 0x7F) if octet & 0x80 else ("", octet)
        return meta + (f"^{chr(low ^ 0x40)}" if low < 0x20 or low == 0x7F else chr(low))
    text = "".join("\n" if octet == 0x0A else show(octet) for octet in data)
    return re.sub(" +", " ", text.replace("^J", "\n")).encode()


def parse(table, each=("hub", "sec", "young"), **settings):
    """Parses a table of cases: one command line per line, optionally followed by `##` and settings (`where=hub slow`).
    `{each}` makes a case for each host in `each`."""
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
