"""Runs a program under a seccomp filter that denies access to the kernel clock discipline, as some container profiles do.

Run as `python3 refusal.py ERRNO COMMAND ...`: adjtimex and clock_adjtime fail with this error."""
import ctypes
import errno
import os
import platform
import struct
import sys

CALLS = {"x86_64": (0xC000003E, (159, 305)), "aarch64": (0xC00000B7, (171, 266))}  # architecture -> (its audit number, the system calls)
NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER = 38, 22, 2
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF instructions
ALLOW, FAIL = 0x7FFF0000, 0x00050000
NUMBER, ARCHITECTURE = 0, 4  # offsets in struct seccomp_data


def instruction(code, operand, if_true=0, if_false=0):
    return struct.pack("HBBI", code, if_true, if_false, operand)


def program(error):
    """Returns the filter, which makes this architecture's clock discipline calls fail."""
    architecture, calls = CALLS[platform.machine()]
    lines = [instruction(LOAD_WORD, ARCHITECTURE), instruction(JUMP_IF_EQUAL, architecture, 0, len(calls) + 1),
             instruction(LOAD_WORD, NUMBER)]
    lines += [instruction(JUMP_IF_EQUAL, call, len(calls) - place, 0) for place, call in enumerate(calls)]
    return lines + [instruction(RETURN, ALLOW), instruction(RETURN, FAIL | error)]


def main():
    error = getattr(errno, sys.argv[1])
    libc = ctypes.CDLL(None, use_errno=True)
    lines = program(error)
    code = ctypes.create_string_buffer(b"".join(lines))
    whole = ctypes.create_string_buffer(struct.pack("HL", len(lines), ctypes.addressof(code)))
    for words in ((NO_NEW_PRIVILEGES, 1, 0, 0, 0), (SET_SECCOMP, FILTER, ctypes.addressof(whole), 0, 0)):
        if libc.prctl(*(ctypes.c_ulong(word) for word in words)):
            raise OSError(ctypes.get_errno(), "cannot install the filter")
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
