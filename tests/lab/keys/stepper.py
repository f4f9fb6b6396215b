"""Ends a program before its first system call, before its second, and so on: `stepper.py FOLDER MOST PROGRAM NAME ARGUMENT...`.

It prints as JSON what was found in the folder meanwhile. Each call has two such moments, its beginning and its end; if there are
more of them than MOST, they are spread evenly."""
import ctypes
import json
import os
import signal
import sys
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
LIBC.ptrace.restype = ctypes.c_long
TRACE_ME, SYSTEM_CALL, SET_OPTIONS = 0, 24, 0x4200
END_WITH_TRACER = 0x00100000


def trace(request, pid, data=None):
    if LIBC.ptrace(request, pid, None, data) < 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request}")


def start(folder, program, words):
    """The program, stopped before its first instruction."""
    pid = os.fork()
    if pid == 0:
        os.chdir(folder)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(null, descriptor)
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


def main():
    folder, most, program, *words = sys.argv[1:]
    folder, most = Path(folder), int(most)
    total = step(start(folder, program, words), 1 << 20)
    moments = sorted({total * number // most for number in range(most)})
    seen, dangling = set(), []
    for stops in moments:
        pid = start(folder, program, words)
        if step(pid, stops) is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        for path in folder.iterdir():
            if path.name.startswith("."):
                continue
            if path.is_symlink():
                if not path.exists():
                    dangling.append([stops, path.name])
            else:
                seen.add(path.read_text(errors="replace"))
    json.dump({"calls": total, "ended": len(moments), "files": sorted(seen), "dangling": dangling}, sys.stdout)


if __name__ == "__main__":
    main()
