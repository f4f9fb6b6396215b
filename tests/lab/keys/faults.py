"""What happens to the files when a run is killed at any moment, the disk is full, the folder is not writable, or there are
hostile links."""
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
MAX_MOMENTS = 450  # runs of each kind to kill
SIGNALS = {"TERM": 100, "HUP": 40, "INT": 40, "QUIT": 40, "ALRM": 40, "USR1": 40}  # runs per catchable signal
SPACE = "4k"  # room for one file
# dialect -> the end of the message about a failed write
REASONS = {"default": "cannot be written: {}", "classic": "Write: {}"}


def run(context):
    """Runs all kinds of faults."""
    jobs = [("killed at every system call", moments), ("full disk", full), ("not writable", denied), ("hostile links", links),
            ("a full standard output", full_output)]
    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(guarded, context, name, lambda job=job: job(context)) for name, job in jobs if context.wants(f"faults {name}")]
        for each in done:
            each.result()


def stepped(folder, max_moments, signal, ours, words, names="old"):
    """Returns the report on runs that a signal stops, each at a different moment."""
    done = subprocess.run([sys.executable, str(STEPPER), str(folder), str(max_moments), signal, names, ours, "ntp-keygen", *words],
                          capture_output=True, text=True, check=False, env=environment(folder))
    if done.returncode:
        raise CaseError(f"{STEPPER.name}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def shown(report, kind):
    """Returns a report as text, with the broken files only."""
    broken = [text for text in report["files"] if not WHOLE[kind].fullmatch(text)]
    return json.dumps({**report, "files": f"{len(report['files'])}, of these broken: {broken}"})[:3000]


def has_unnamed_files(folder):
    """Whether the file system supports O_TMPFILE."""
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600))
    except OSError:
        return False
    return True


def moments(context):
    """After SIGKILL before any system call, every name refers to a complete old or new file. If no file is replaced and the
    file system supports O_TMPFILE, no hidden files remain. After other signals none ever remain."""
    for kind, words in RUNS.items():
        for signal, max_moments in SIGNALS.items():
            folder = context.new_folder(f"{signal} {kind}")
            context.make(folder, *words)
            report = stepped(folder, max_moments, signal, context.ours, words)
            # A signal at the last call may come too late.
            ok = report["signalled"] >= report["stopped"] - 2 > 30 and not report["hidden"] and not report["dangling"]
            ok = ok and all(WHOLE[kind].fullmatch(text) for text in report["files"])
            context.check(f"{kind}: SIG{signal} at {report['stopped']} moments of {report['calls']} leaves complete files and no hidden ones",
                         ok, shown(report, kind))
        folder = context.new_folder(f"new names {kind}")
        if has_unnamed_files(folder):
            report = stepped(folder, SIGNALS["TERM"], "KILL", context.ours, words, names="new")
            ok = not report["hidden"] and all(WHOLE[kind].fullmatch(text) for text in report["files"])
            context.check(f"{kind}: SIGKILL at {report['stopped']} moments of {report['calls']} leaves no hidden files if none is replaced",
                         ok, shown(report, kind))
        folder = context.new_folder(f"moments {kind}")
        context.make(folder, *words)
        report = stepped(folder, MAX_MOMENTS, "KILL", context.ours, words)
        broken = [text for text in report["files"] if not WHOLE[kind].fullmatch(text)]
        context.check(f"{kind}: SIGKILL at {report['stopped']} moments of {report['calls']} leaves complete files and valid links",
                     report["stopped"] > 0.8 * min(report["calls"], MAX_MOMENTS) > 100 and not broken and not report["dangling"] and
                     len(report["files"]) > 5, shown(report, kind))
        open_to_others = [name for name in os.listdir(folder) if "cert" not in name and not (folder / name).is_symlink()
                          and (folder / name).stat().st_mode & 0o077]
        context.check(f"{kind}: other users cannot read the remaining files", not open_to_others, str(open_to_others))


def environment(folder, **others):
    return {"PATH": "/usr/bin:/bin", "HOME": str(folder), "TZ": "UTC", "LC_ALL": "C", **others}


def in_mount(context, folder, mount, words, dialect):
    """Runs ours in a private mount at `folder`, made by the script `mount`. Returns the outcome, and the files left there."""
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


def reports(stderr, dialect, reason):
    """Whether the last line gives the reason and, in the default dialect, the program and the file."""
    last = stderr.rstrip("\n").split("\n")[-1]
    return last.endswith(REASONS[dialect].format(reason)) and (dialect == "classic" or last.startswith("ntp-keygen: ntpkey_"))


def full(context):
    """On a full disk nothing changes and nothing is left behind."""
    for dialect in REASONS:
        for kind, words in RUNS.items():
            folder = context.new_folder(f"full {kind} {dialect}")
            mount = f'mount -t tmpfs -o size={SPACE} none "$FOLDER" && {FIRST}'
            status, stdout, stderr, sums, names = in_mount(context, folder, mount, words, dialect)
            ok = status == 255 and reports(stderr, dialect, "No space left on device") and not stdout and names == ["ntp.keys", "ntpkey_host_alice", "precious"]
            context.check(f"{kind}: a full disk ({dialect} dialect)", ok and sums.count("\n") == 3, f"{status}\n{stderr}\n{sums}\n{names}")
        # room for the host key, not for the sign key
        folder = context.new_folder(f"nearly full {dialect}")
        mount = f'mount -t tmpfs -o size=8k none "$FOLDER" && {FIRST}'
        status, stdout, stderr, _, names = in_mount(context, folder, mount, RUNS["Autokey"], dialect)
        ok = status == 255 and reports(stderr, dialect, "No space left on device") and not stdout and len(names) == 4
        context.check(f"Autokey: a disk that fills up ({dialect} dialect)", ok and not any(name.startswith(".") for name in names),
                     f"{status}\n{stderr}\n{names}")


def denied(context):
    """A read-only file system, and a folder of another user."""
    for dialect in REASONS:
        for kind, words in RUNS.items():
            folder = context.new_folder(f"readonly {kind} {dialect}")
            mount = f'mount -t tmpfs -o size=1m none "$FOLDER" && {FIRST} && mount -o remount,ro "$FOLDER"'
            status, stdout, stderr, _, names = in_mount(context, folder, mount, words, dialect)
            ok = status == 255 and reports(stderr, dialect, "Read-only file system") and not stdout and len(names) == 3
            context.check(f"{kind}: a read-only file system ({dialect} dialect)", ok, f"{status}\n{stderr}\n{names}")
            folder = context.new_folder(f"denied {kind} {dialect}")
            settings = environment(folder, **({"NTPKIT_COMPAT": "4.2.8p15"} if dialect == "classic" else {}))
            done = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", context.ours, "ntp-keygen", *words],
                                  cwd=folder, env=settings, capture_output=True, text=True, check=False)
            ok = done.returncode == 255 and reports(done.stderr, dialect, "Permission denied") and not done.stdout and not list(folder.iterdir())
            context.check(f"{kind}: a folder of another user ({dialect} dialect)", ok, f"{done.returncode}\n{done.stderr}")


def links(context):
    """Every name that a run may write is a link to a file that must not change."""
    for kind, words in RUNS.items():
        folder, elsewhere = context.new_folder(f"links {kind}"), context.new_folder("elsewhere")
        precious = elsewhere / "precious"
        precious.write_text("precious\n")
        context.make(folder, *words)
        names = [path.name for path in folder.iterdir() if not path.is_symlink()]
        for name in names:  # the file names of a run within the next seconds
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
        ok = done.status == 0 and made and all((folder / name).is_file() and not (folder / name).is_symlink() for _, name in made)
        ok = ok and all(os.readlink(folder / link) == name for link, name in made)
        context.check(f"{kind}: links in the way are replaced", ok, done)
        context.check(f"{kind}: nothing is written through them",
                     precious.read_text() == "precious\n" and os.listdir(elsewhere) == ["precious"], str(os.listdir(elsewhere)))


def full_output(context):
    """Writing to `/dev/full` is reported with status 255, for symmetric keys and for exported group keys."""
    folder = context.new_folder("output")
    context.make(folder, "-s", "alice", "-p", "pw", "-m", "512", "-b", "512", "-I", "-T", "-i", "grp")
    for words in (["-M", "--stdout"], ["-M", "--stdout", "--format", "json"], ["-s", "alice", "-i", "grp", "-p", "pw", "-e"],
                  ["-s", "alice", "-i", "grp", "-p", "pw", "-q", "x"], ["--help"]):
        for dialect in REASONS:
            settings = environment(folder, **({"NTPKIT_COMPAT": "4.2.8p15"} if dialect == "classic" else {}))
            with open("/dev/full", "w", encoding="ascii") as output:
                done = subprocess.run([context.ours, "ntp-keygen", *words], cwd=folder, env=settings, stdout=output, stderr=subprocess.PIPE,
                                      text=True, check=False)
            ok = done.returncode == 255 and "No space left on device" in done.stderr.rstrip("\n").split("\n")[-1]
            context.check(f"{' '.join(words)} > /dev/full ({dialect} dialect)", ok, f"{done.returncode}\n{done.stderr}")
    with subprocess.Popen([context.ours, "ntp-keygen", "-M", "--stdout", "--count", "60000"], cwd=folder, env=environment(folder),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.read(1)
        process.stdout.close()
        stderr = process.stderr.read().decode()
    context.check("a closed pipe is not a failure", process.returncode == 0 and "pipe" not in stderr.lower(), f"{process.returncode}\n{stderr}")
