"""Ends a program before its first system call, before its second, and so on: `stepper.py FOLDER MOST SIGNAL NAMES PROGRAM NAME ARGUMENT...`.

It prints as JSON what was found in the folder meanwhile. Each call has two such moments, its beginning and its end; if there are
more of them than MOST, they are spread evenly. SIGNAL is a name such as TERM. NAMES is `new` if each run begins in an empty
folder, so that no file takes another's place, else `old`."""
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
END_WITH_TRACER = 0x00100000


def trace(request, pid, data=None):
    if LIBC.ptrace(request, pid, None, data) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"ptrace {request}: {os.strerror(number)}")


def start(folder, program, words):
    """The program, stopped before its first instruction."""
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
    trace(SET_OPTIONS, pid, END_WITH_TRACER)
    return pid


def step(pid, stops):
    """Lets it go on to so many beginnings and ends of system calls; gives how many there were if it ended before."""
    for passed in range(stops):
        trace(SYSTEM_CALL, pid)
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            return passed
    return None


def end(pid, number):
    """Sends the signal, and lets the program do with it what it likes. Gives whether the signal ended it."""
    os.kill(pid, number)
    status = None
    while status is None or os.WIFSTOPPED(status):
        stopped_by = os.WSTOPSIG(status) if status is not None else signal.SIGTRAP
        # A stop for a signal is the moment of its delivery: it is passed on.
        with contextlib.suppress(ProcessLookupError):
            trace(CONTINUE, pid, None if stopped_by == signal.SIGTRAP else stopped_by)
        _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status)


def main():
    folder, most, number, names, program, *words = sys.argv[1:]
    folder, most, number = Path(folder), int(most), signal.Signals[f"SIG{number}"]
    total = step(start(folder, program, words), 1 << 20)
    moments = sorted({total * number // most for number in range(most)})
    seen, dangling, hidden, signalled = set(), [], [], 0
    for stops in moments:
        pid = start(folder, program, words)
        if step(pid, stops) is None:
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
    json.dump({"calls": total, "ended": len(moments), "signalled": signalled, "files": sorted(seen), "dangling": dangling,
               "hidden": hidden}, sys.stdout)


if __name__ == "__main__":
    main()
