"""What a process that touches strangers' files may still do: turn bytes into other bytes, for a while."""

import ctypes
import os
import resource
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534

# linux/prctl.h, linux/sched.h, linux/landlock.h, asm-generic/unistd.h
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CLONE_NEWPID, CLONE_NEWUSER, CLONE_NEWNET = 0x20000000, 0x10000000, 0x40000000
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
LANDLOCK_RULE_PATH_BENEATH = 1
LANDLOCK_ACCESS_FS = (1 << 13) - 1  # every right of its first version: open, read, write, list, make, remove, run
LANDLOCK_OF_A_FILE = 0b111  # run, write, read

# What may be done below a folder, or with a file.
READ_AND_RUN = 0b1101
ANYTHING = LANDLOCK_ACCESS_FS
MAKE_SOCKETS = 1 << 9 | 1 << 5  # and remove them
NOTHING: Mapping[Path, int] = {}
libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Limits:
    """`cpu` in seconds, `memory` (address space) and `file` (the largest one written) in bytes, `wall` in seconds for whoever
    waits: more than `cpu`, for a busy machine. `processes` with threads, of this account."""

    cpu: int = 15
    wall: float = 40
    memory: int = 1 << 30
    file: int = 256 << 20
    files: int = 64
    processes: int = 0


def leave_the_network() -> None:
    """No network from now on, for this process and all it starts."""
    libc.unshare(CLONE_NEWNET if os.geteuid() == 0 else CLONE_NEWNET | CLONE_NEWUSER)


def die_with_parent() -> None:
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def fork_alone() -> int:
    """As os.fork, but the child is the first process of a world of its own: when it ends, all it started is gone as well."""
    here = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        libc.unshare(CLONE_NEWPID)
        child = os.fork()
        if child:
            libc.setns(here, CLONE_NEWPID)
        return child
    finally:
        os.close(here)


def confine(limits: Limits, allowed: Mapping[Path, int] = NOTHING) -> None:
    """Give up everything that is not needed for turning bytes into other bytes, and die with the parent.

    `allowed` says what may be done with files, and where. Whatever the kernel grants is taken: the own user needs root, the ban
    on opening files Landlock (Linux 5.13).
    """
    most = {
        resource.RLIMIT_AS: limits.memory,
        resource.RLIMIT_CPU: limits.cpu,
        resource.RLIMIT_FSIZE: limits.file,
        resource.RLIMIT_NOFILE: limits.files,
        resource.RLIMIT_NPROC: limits.processes,
        resource.RLIMIT_CORE: 0,
    }
    ruleset = _ruleset(allowed)
    for what, value in most.items():
        resource.setrlimit(what, (value, value + (what == resource.RLIMIT_CPU)))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    die_with_parent()
    libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0)


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def _ruleset(rights: Mapping[Path, int]) -> int:
    handled = ctypes.c_uint64(LANDLOCK_ACCESS_FS)
    ruleset: int = libc.syscall(LANDLOCK_CREATE_RULESET, ctypes.byref(handled), ctypes.sizeof(handled), 0)
    for path, right in rights.items():
        if path.exists():
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
            rule = _PathBeneath(right if path.is_dir() else right & LANDLOCK_OF_A_FILE, opened)
            libc.syscall(LANDLOCK_ADD_RULE, ruleset, LANDLOCK_RULE_PATH_BENEATH, ctypes.byref(rule), 0)
            os.close(opened)
    return ruleset
