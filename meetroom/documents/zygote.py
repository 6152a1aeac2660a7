"""The process that has imported the PDF library once and forks a confined child for every batch of pages.

`python -m meetroom.documents.zygote FD`: on the socket FD it receives a request (JSON) with two open files, the paper
to read and the output to write, and answers `done` or the reason why the paper cannot be shown.
"""

import ctypes
import json
import os
import resource
import select
import signal
import socket
import sys
import traceback

from meetroom.documents import pages
from meetroom.documents.rendering import COUNT, FIRST_STATUS, PAGE, REASONS, Request

LIMITS = {
    resource.RLIMIT_AS: 1 << 30,
    resource.RLIMIT_CPU: 15,  # seconds a batch
    resource.RLIMIT_FSIZE: 256 << 20,
    resource.RLIMIT_NOFILE: 64,
    resource.RLIMIT_NPROC: 0,  # no processes or threads of its own
    resource.RLIMIT_CORE: 0,
}
WALL = 40  # seconds a batch; more than the CPU limit, for a busy machine
NOBODY = 65534
NICENESS = 5  # of all but first pages: the meeting goes first

# linux/prctl.h, linux/sched.h, linux/landlock.h, asm-generic/unistd.h
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF = 444, 446
LANDLOCK_ACCESS_FS = (1 << 13) - 1  # every right of its first version: open, read, write, list, make, remove, run
libc = ctypes.CDLL(None)


def main(link: socket.socket) -> None:
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.unshare(CLONE_NEWNET if os.geteuid() == 0 else CLONE_NEWNET | CLONE_NEWUSER)  # no network
    while True:
        message, files, _, _ = socket.recv_fds(link, 4096, 2)
        if not message:
            return
        paper, output = files
        link.send(run(Request(**json.loads(message)), paper, output, link).encode())


def run(request: Request, paper: int, output: int, link: socket.socket) -> str:
    """Fork a child for one batch, wait for it, and say how it went."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            link.close()
            status = work(request, paper, output)
        except BaseException:  # a fault of ours, not of the file
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(paper)
    os.close(output)
    watch = os.pidfd_open(child)
    late = not select.select([watch], [], [], WALL)[0]
    os.close(watch)
    if late:
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return "too_slow" if late else outcome(status)


def outcome(status: int) -> str:
    """What an exit status (negative: a signal) means for the paper."""
    if status == 0:
        return "done"
    if status == -signal.SIGXCPU:
        return "too_slow"
    if status == -signal.SIGKILL:  # by the kernel, out of memory
        return "too_large"
    known = FIRST_STATUS <= status < FIRST_STATUS + len(REASONS)
    return REASONS[status - FIRST_STATUS] if known else "damaged"


def work(request: Request, paper: int, output: int) -> int:
    """In the child: make the pages; returns the exit status."""
    try:
        confine()
        os.nice(NICENESS if request.first else 0)
        with os.fdopen(paper, "rb") as file, os.fdopen(output, "wb") as out:
            document = pages.open_paper(file.read(), request.page_limit)
            out.write(COUNT.pack(document.page_count))
            for page in pages.page_images(document, request):
                out.write(PAGE.pack(page.width, page.height, len(page.image)) + page.image)
        return 0
    except Exception as error:
        return FIRST_STATUS + REASONS.index(pages.reason_of(error))


def confine() -> None:
    """Give up everything that is not needed for turning bytes into pictures, and die with the zygote.

    Whatever the kernel grants is taken: the own user needs root, the ban on opening files Landlock (Linux 5.13).
    """
    for what, most in LIMITS.items():
        resource.setrlimit(what, (most, most + (what == resource.RLIMIT_CPU)))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    nothing_allowed = ctypes.c_uint64(LANDLOCK_ACCESS_FS)
    ruleset = libc.syscall(LANDLOCK_CREATE_RULESET, ctypes.byref(nothing_allowed), ctypes.sizeof(nothing_allowed), 0)
    libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
