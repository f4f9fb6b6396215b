"""Stops a program before its first system call, before its second, and so on:
`stepper.py FOLDER MAX SIGNAL NAMES PROGRAM NAME ARGUMENT...`.

Prints as JSON what the runs left in the folder. Each call gives two moments, its entry and its exit; if there are more than
MAX, an even selection is used. SIGNAL is a name such as TERM. NAMES is `new` to start each run in an empty folder, so that
no file is replaced, else `old`."""
import contextlib
import ctypes
import json
import os
import signal
import sys
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
LIBC.ptrace.restype = ctypes.c_long
TRACE_ME, CONTINUE, SYSTEM_CALL, SET_OPTIONS = 0, 7, 24, 0x4200
EXIT_KILL = 0x00100000


def trace(request, pid, data=None):
    if LIBC.ptrace(request, pid, None, data) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"ptrace {request}: {os.strerror(number)}")


def start(folder, program, words):
    """Starts the program and stops it before its first instruction; returns its process ID."""
    pid = os.fork()
    if pid == 0:
        os.chdir(folder)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(null, descriptor)
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            with contextlib.suppress(OSError):
                signal.signal(number, signal.SIG_DFL)  # a background job ignores SIGINT and SIGQUIT
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        trace(TRACE_ME, 0)
        os.execv(program, words)
    os.waitpid(pid, 0)
    trace(SET_OPTIONS, pid, EXIT_KILL)
    return pid


def step(pid, stops):
    """Continues over this many system call stops; returns their number if the program exits before, else None."""
    for passed in range(stops):
        trace(SYSTEM_CALL, pid)
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            return passed
    return None


def end(pid, number):
    """Sends the signal and lets the program handle it. Returns whether the signal killed it."""
    os.kill(pid, number)
    status = None
    while status is None or os.WIFSTOPPED(status):
        stopped_by = os.WSTOPSIG(status) if status is not None else signal.SIGTRAP
        # A signal stop is the moment of delivery: pass the signal on.
        with contextlib.suppress(ProcessLookupError):
            trace(CONTINUE, pid, None if stopped_by == signal.SIGTRAP else stopped_by)
        _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


def main():
    folder, max_moments, number, names, program, *words = sys.argv[1:]
    folder, max_moments, number = Path(folder), int(max_moments), signal.Signals[f"SIG{number}"]
    total = step(start(folder, program, words), 1 << 20)
    moments = sorted({total * number // max_moments for number in range(max_moments)})
    seen, dangling, hidden, reached, signalled = set(), [], [], 0, 0
    for stops in moments:
        pid = start(folder, program, words)
        if step(pid, stops) is None:  # a run may make fewer calls than the first
            reached += 1
            signalled += end(pid, number)
        for path in folder.iterdir():
            if path.name.startswith("."):
                hidden.append([stops, path.name])
                path.unlink()
                continue
            if path.is_symlink():
                if not path.exists():
                    dangling.append([stops, path.name])
            else:
                seen.add(path.read_text(errors="replace"))
        if names == "new":
            for path in folder.iterdir():
                path.unlink()
    json.dump({"calls": total, "stopped": reached, "signalled": signalled, "files": sorted(seen), "dangling": dangling,
               "hidden": hidden}, sys.stdout)


if __name__ == "__main__":
    main()
