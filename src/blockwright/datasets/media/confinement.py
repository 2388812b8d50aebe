"""A process gives up what a parser never needs: sockets, other programs, changed folders.

Takes   nothing.
Gives   whether the kernel now refuses those calls (Linux on x86-64 and 64-bit ARM).

Method: a seccomp filter in the kernel's classic BPF (Linux, Documentation/userspace-api/
seccomp_filter.rst). A call on the list answers EPERM; the others are as before. It cannot
be taken back and holds for every thread.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys

# Architecture as audit.h numbers it; the numbers of the refused calls: socket, socketpair,
# connect, execve, execveat, ptrace, process_vm_readv/writev, and all that renames, links,
# removes, truncates or makes a file or folder; then the calls that open a file, with the
# place of their flags in the call's arguments.
_ARCHITECTURES: dict[str, tuple[int, tuple[int, ...], dict[int, int]]] = {
    "x86_64": (
        0xC000_003E,
        (
            *(41, 53, 42, 59, 322, 101, 310, 311),
            *(76, 77, 82, 83, 84, 85, 86, 87, 88, 90, 92, 133),
            *(258, 259, 260, 263, 264, 265, 266, 268, 316),
        ),
        {2: 1, 257: 2},
    ),
    "aarch64": (
        0xC000_00B7,
        (*(198, 199, 203, 221, 281, 117, 270, 271), *(33, 34, 35, 36, 37, 38, 45, 46, 53, 54, 276)),
        {56: 2},
    ),
}
# io_uring_setup and openat2 have one number everywhere; both get around the list.
_EVERYWHERE = (425, 437)
# O_WRONLY, O_RDWR, O_CREAT, O_TRUNC: any of them makes an opening a writing.
_WRITING_FLAGS = 0o1 | 0o2 | 0o100 | 0o1000
_LOAD, _JUMP_EQUAL, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF_0000, 0x0005_0000 | errno.EPERM
_CALL_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16  # in struct seccomp_data
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER_MODE = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def can_confine() -> bool:
    """Say whether there is a filter for this platform; a kernel may still refuse it."""
    return sys.platform == "linux" and platform.machine() in _ARCHITECTURES


def confine() -> bool:
    """Give up the listed calls for good; False when the kernel does not take the filter."""
    architecture, calls, openings = _ARCHITECTURES[platform.machine()]
    code = _filter(architecture, (*calls, *_EVERYWHERE), openings)
    program = _Program(len(code) // 8, code)
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return False
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.addressof(program), 0, 0) == 0)


def _filter(architecture: int, calls: tuple[int, ...], openings: dict[int, int]) -> bytes:
    """Write the program; jumps count the lines passed over, and the last two are the ends."""
    lines = 4 + len(calls) + 3 * len(openings) + 1
    allow, refuse = lines - 2, lines - 1
    code: list[tuple[int, int, int, int]] = [(_LOAD, 0, 0, _ARCHITECTURE_AT)]
    code.append((_JUMP_EQUAL, 0, refuse - len(code) - 1, architecture))
    code.append((_LOAD, 0, 0, _CALL_AT))
    for call in calls:
        code.append((_JUMP_EQUAL, refuse - len(code) - 1, 0, call))
    for call, argument in openings.items():
        code.append((_JUMP_EQUAL, 0, 2, call))
        code.append((_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument))
        here = len(code) + 1
        code.append((_JUMP_BITS, refuse - here, allow - here, _WRITING_FLAGS))
    code += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("=HBBI", *line) for line in code)
