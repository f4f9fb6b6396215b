"""What becomes of the files when a run is ended at any moment, the disk is full, the folder cannot be written, or a link lies
in wait."""
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .context import CaseError, guarded

STEPPER = Path(__file__).with_name("stepper.py")
WHOLE = {"symmetric": re.compile(r"# ntpkey_MD5key_\S+\n# [^\n]+\n\n( ?\d+ (MD5|SHA1) \S+  # (MD5|SHA1) key\n){20}"),
         "Autokey": re.compile(r"# ntpkey_\S+\n# [^\n]+\n\n(-----BEGIN ([A-Z ]+)-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END \2-----\n)+")}
RUNS = {
    "symmetric": ["-M"],
    "Autokey": ["-s", "alice", "-p", "pw", "-H", "-m", "512", "-b", "512", "-S", "RSA", "-I", "-T"],
}
MOST_MOMENTS = 450  # runs of one kind that are ended
ENDINGS = {"TERM": 100, "HUP": 40, "INT": 40, "QUIT": 40, "ALRM": 40, "USR1": 40}  # and with signals that can be delayed
SPACE = "4k"  # room for one file
# dialect -> how a failure that is not ours to word begins, or what it has in it
REASONS = {"default": "cannot be written: {}", "classic": "Write: {}"}


def run(context):
    """Every kind of fault."""
    jobs = [("ended at every system call", moments), ("full disk", full), ("no right to write", denied), ("hostile links", links),
            ("a full standard output", full_output)]
    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(guarded, context, name, lambda job=job: job(context)) for name, job in jobs if context.wants(f"faults {name}")]
        for each in done:
            each.result()


def stepped(folder, most, signal, ours, words, names="old"):
    """The report of runs that a signal ends, each at another moment."""
    done = subprocess.run([sys.executable, str(STEPPER), str(folder), str(most), signal, names, ours, "ntp-keygen", *words],
                          capture_output=True, text=True, check=False, env=environment(folder))
    if done.returncode:
        raise CaseError(f"{STEPPER.name}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def shown(report, kind):
    """What is wrong in a report comes first."""
    broken = [text for text in report["files"] if not WHOLE[kind].fullmatch(text)]
    return json.dumps({**report, "files": f"{len(report['files'])}, of which are broken: {broken}"})[:3000]


def has_nameless_files(folder):
    """Whether its file system knows O_TMPFILE."""
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600))
    except OSError:
        return False
    return True


def moments(context):
    """SIGKILL before the first, the second, ... system call: what every name stood for or stands for is a whole file. Where no
    file takes another's place it leaves no hidden one with keys, if the file system has files without names; other signals
    never do."""
    for kind, words in RUNS.items():
        for signal, most in ENDINGS.items():
            folder = context.new_folder(f"{signal} {kind}")
            context.make(folder, *words)
            report = stepped(folder, most, signal, context.ours, words)
            # What comes with the last call finds the program on its way out.
            right = report["signalled"] >= report["ended"] - 2 > 30 and not report["hidden"] and not report["dangling"]
            right = right and all(WHOLE[kind].fullmatch(text) for text in report["files"])
            context.check(f"{kind}: SIG{signal} at {report['ended']} moments of {report['calls']} leaves whole files and nothing hidden",
                         right, shown(report, kind))
        folder = context.new_folder(f"new names {kind}")
        if has_nameless_files(folder):
            report = stepped(folder, ENDINGS["TERM"], "KILL", context.ours, words, names="new")
            right = not report["hidden"] and all(WHOLE[kind].fullmatch(text) for text in report["files"])
            context.check(f"{kind}: SIGKILL at {report['ended']} moments of {report['calls']} leaves nothing hidden where names are new",
                         right, shown(report, kind))
        folder = context.new_folder(f"moments {kind}")
        context.make(folder, *words)
        report = stepped(folder, MOST_MOMENTS, "KILL", context.ours, words)
        broken = [text for text in report["files"] if not WHOLE[kind].fullmatch(text)]
        context.check(f"{kind}: ended at {report['ended']} moments of {report['calls']}: every file is whole, every link leads to one",
                     report["ended"] >= min(report["calls"], MOST_MOMENTS) > 100 and not broken and not report["dangling"] and
                     len(report["files"]) > 5, shown(report, kind))
        open_to_others = [name for name in os.listdir(folder) if "cert" not in name and not (folder / name).is_symlink()
                          and (folder / name).stat().st_mode & 0o077]
        context.check(f"{kind}: nobody else can read what was left", not open_to_others, str(open_to_others))


def environment(folder, **others):
    return {"PATH": "/usr/bin:/bin", "HOME": str(folder), "TZ": "UTC", "LC_ALL": "C", **others}


def in_mount(context, folder, mount, words, dialect):
    """A run of ours in a mount of its own at `folder`; `mount` is a script that makes it. Gives what stands there then, too."""
    settings = environment(folder, **({"NTPKIT_COMPAT": "4.2.8p15"} if dialect == "classic" else {}))
    script = f'cd / && {mount} && cd "$FOLDER" && ("$OURS" ntp-keygen "$@"); status=$?; ' \
             'for file in *; do [ -e "$file" ] && sha256sum "$file" >> "$OUT"; done; ls -A > "$OUT.names"; exit $status'
    out = folder.with_name(folder.name + ".out")
    out.write_text("")
    done = subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *words], capture_output=True, check=False,
                          env={**settings, "FOLDER": str(folder), "OURS": context.ours, "OUT": str(out)})
    names = out.with_name(out.name + ".names").read_text().split()
    return done.returncode, done.stdout.decode(), done.stderr.decode(), out.read_text(), names


FIRST = 'printf "old key\\n" > "$FOLDER/precious" && ln -s precious "$FOLDER/ntp.keys" && ln -s precious "$FOLDER/ntpkey_host_alice"'


def told(stderr, dialect, reason):
    """Whether the last line names the reason, and in our own words the file and the program."""
    last = stderr.rstrip("\n").split("\n")[-1]
    return last.endswith(REASONS[dialect].format(reason)) and (dialect == "classic" or last.startswith("ntp-keygen: ntpkey_"))


def full(context):
    """No room: nothing changes and nothing is left."""
    for dialect in REASONS:
        for kind, words in RUNS.items():
            folder = context.new_folder(f"full {kind} {dialect}")
            mount = f'mount -t tmpfs -o size={SPACE} none "$FOLDER" && {FIRST}'
            status, stdout, stderr, sums, names = in_mount(context, folder, mount, words, dialect)
            right = status == 255 and told(stderr, dialect, "No space left on device") and not stdout and names == ["ntp.keys", "ntpkey_host_alice", "precious"]
            context.check(f"{kind}: a full disk ({dialect} dialect)", right and sums.count("\n") == 3, f"{status}\n{stderr}\n{sums}\n{names}")
        # room for the host key, not for the sign key
        folder = context.new_folder(f"nearly full {dialect}")
        mount = f'mount -t tmpfs -o size=8k none "$FOLDER" && {FIRST}'
        status, stdout, stderr, _, names = in_mount(context, folder, mount, RUNS["Autokey"], dialect)
        right = status == 255 and told(stderr, dialect, "No space left on device") and not stdout and len(names) == 4
        context.check(f"Autokey: a disk that becomes full ({dialect} dialect)", right and not any(name.startswith(".") for name in names),
                     f"{status}\n{stderr}\n{names}")


def denied(context):
    """A file system that is read-only, and a folder of somebody else's."""
    for dialect in REASONS:
        for kind, words in RUNS.items():
            folder = context.new_folder(f"readonly {kind} {dialect}")
            mount = f'mount -t tmpfs -o size=1m none "$FOLDER" && {FIRST} && mount -o remount,ro "$FOLDER"'
            status, stdout, stderr, _, names = in_mount(context, folder, mount, words, dialect)
            right = status == 255 and told(stderr, dialect, "Read-only file system") and not stdout and len(names) == 3
            context.check(f"{kind}: a read-only file system ({dialect} dialect)", right, f"{status}\n{stderr}\n{names}")
            folder = context.new_folder(f"denied {kind} {dialect}")
            settings = environment(folder, **({"NTPKIT_COMPAT": "4.2.8p15"} if dialect == "classic" else {}))
            done = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", context.ours, "ntp-keygen", *words],
                                  cwd=folder, env=settings, capture_output=True, text=True, check=False)
            right = done.returncode == 255 and told(done.stderr, dialect, "Permission denied") and not done.stdout and not list(folder.iterdir())
            context.check(f"{kind}: a folder of somebody else's ({dialect} dialect)", right, f"{done.returncode}\n{done.stderr}")


def links(context):
    """Links under every name that a run may write lead to a file that must stay as it is."""
    for kind, words in RUNS.items():
        folder, elsewhere = context.new_folder(f"links {kind}"), context.new_folder("elsewhere")
        precious = elsewhere / "precious"
        precious.write_text("precious\n")
        context.make(folder, *words)
        names = [path.name for path in folder.iterdir() if not path.is_symlink()]
        for name in names:  # what a run in one of the next seconds is going to call its files
            stem, stamp = name.rsplit(".", 1)
            for second in range(8):
                path = folder / f"{stem}.{int(stamp) + second}"
                path.unlink(missing_ok=True)
                path.symlink_to(precious)
        for link in [path for path in folder.iterdir() if path.is_symlink() and "." not in path.name.removeprefix("ntp.")]:
            link.unlink()
            link.symlink_to(elsewhere / "not there")
        done = context.keygen(folder, *words)
        made = re.findall(r"(?m)^(\S+)->(\S+)$", done.stderr.decode())
        right = done.status == 0 and made and all((folder / name).is_file() and not (folder / name).is_symlink() for _, name in made)
        right = right and all(os.readlink(folder / link) == name for link, name in made)
        context.check(f"{kind}: links in the way are replaced", right, done)
        context.check(f"{kind}: nothing is written through them",
                     precious.read_text() == "precious\n" and os.listdir(elsewhere) == ["precious"], str(os.listdir(elsewhere)))


def full_output(context):
    """`/dev/full`: said and status 255, for symmetric keys and for what members of a group get."""
    folder = context.new_folder("output")
    context.make(folder, "-s", "alice", "-p", "pw", "-m", "512", "-b", "512", "-I", "-T", "-i", "grp")
    for words in (["-M", "--stdout"], ["-M", "--stdout", "--format", "json"], ["-s", "alice", "-i", "grp", "-p", "pw", "-e"],
                  ["-s", "alice", "-i", "grp", "-p", "pw", "-q", "x"], ["--help"]):
        for dialect in REASONS:
            settings = environment(folder, **({"NTPKIT_COMPAT": "4.2.8p15"} if dialect == "classic" else {}))
            with open("/dev/full", "w", encoding="ascii") as output:
                done = subprocess.run([context.ours, "ntp-keygen", *words], cwd=folder, env=settings, stdout=output, stderr=subprocess.PIPE,
                                      text=True, check=False)
            right = done.returncode == 255 and "No space left on device" in done.stderr.rstrip("\n").split("\n")[-1]
            context.check(f"{' '.join(words)} > /dev/full ({dialect} dialect)", right, f"{done.returncode}\n{done.stderr}")
    with subprocess.Popen([context.ours, "ntp-keygen", "-M", "--stdout", "--count", "60000"], cwd=folder, env=environment(folder),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.read(1)
        process.stdout.close()
        stderr = process.stderr.read().decode()
    context.check("a closed pipe is no failure", process.returncode == 0 and "pipe" not in stderr.lower(), f"{process.returncode}\n{stderr}")
