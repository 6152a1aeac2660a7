"""The process that has imported the PDF library once and forks a confined child for every piece of work.

`python -m meetroom.documents.zygote FD`: on the socket FD it receives a request (JSON) with two open files, the paper
to read and the output to write, and answers `done` or the reason why the paper cannot be shown.
"""

import json
import os
import select
import shutil
import signal
import socket
import stat
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NoReturn

from meetroom.documents import confinement, conversion, pages
from meetroom.documents.confinement import Limits
from meetroom.documents.programs import ALLOWED, PROGRAMS, Program, environment, profile
from meetroom.documents.rendering import FIRST_STATUS, LENGTH, REASONS, Request
from meetroom.documents.text import contents_of

LIMITS = {"picture": Limits(cpu=60, wall=120), "copy": Limits(cpu=60, wall=120)}
QUICK = Limits(cpu=3, wall=12)
USUAL = Limits()
NICENESS = {"ocr": 15, "scan": 15, "copy": 10, "large": 10}  # the meeting goes first, then what people wait for
NICE, EAGER = 5, 0


def main(link: socket.socket) -> None:
    confinement.die_with_parent()
    confinement.leave_the_network()
    while True:
        message, files, _, _ = socket.recv_fds(link, 4096, 2)
        if not message:
            return
        request, (paper, output) = Request(**json.loads(message)), files
        program = PROGRAMS.get(request.task)
        try:
            answer = run_program(request, program, paper, output, link) if program else run(request, paper, output, link)
        finally:
            os.close(paper)
            os.close(output)
        link.send(answer.encode())


def run(request: Request, paper: int, output: int, link: socket.socket) -> str:
    """Fork a child for one piece of work of our own, wait for it, and say how it went."""
    limits = QUICK if request.quick else LIMITS.get(request.task, USUAL)
    child = os.fork()
    if child == 0:
        link.close()
        _end_with(lambda: work(request, limits, paper, output))
    return wait(child, limits)


def run_program(request: Request, program: Program, paper: int, output: int, link: socket.socket) -> str:
    """Run another program on the paper in a folder of its own, and pass on the file it has made, if it has made one."""
    folder = Path(tempfile.mkdtemp(prefix="meetroom-paper-"))
    try:
        (folder / "out").mkdir(mode=0o777)
        if os.geteuid() == 0:
            for path in (folder, folder / "out"):
                os.chown(path, confinement.NOBODY, confinement.NOBODY)
        out = os.open(folder / "out", os.O_PATH | os.O_DIRECTORY)
        try:
            child = confinement.fork_alone()
            if child == 0:
                link.close()
                _end_with(lambda: become(request, program, folder, paper))
            ending = wait(child, program.limits)
            return ending if ending != "done" else _pass_on(out, program.result, output, program.limits.file)
        finally:
            os.close(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pass_on(folder: int, name: str, output: int, limit: int) -> str:
    """What a confined program wrote may be anything, a link to a secret of ours as well."""
    try:
        made = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return "damaged"
    try:
        about = os.fstat(made)
        if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1 or not 0 < about.st_size <= limit:
            return "damaged"
        while chunk := os.read(made, 1 << 20):
            os.write(output, chunk)
        return "done"
    finally:
        os.close(made)


def wait(child: int, limits: Limits) -> str:
    """Until a child has ended or its time is over."""
    watch = os.pidfd_open(child)
    late = not select.select([watch], [], [], limits.wall)[0]
    os.close(watch)
    if late:
        os.kill(child, signal.SIGKILL)
    with suppress(ProcessLookupError):  # what it has started, if it leads a group
        os.killpg(child, signal.SIGKILL)
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
    return REASONS[status - FIRST_STATUS] if known else "broken"


def _end_with(act: Callable[[], int]) -> NoReturn:
    status = 1
    try:
        status = act()
    except BaseException:  # a fault of ours, not of the file
        traceback.print_exc()
    finally:
        os._exit(status)


def work(request: Request, limits: Limits, paper: int, output: int) -> int:
    """In the child: make what is asked for; returns the exit status."""
    try:
        confinement.confine(limits)
        os.nice(EAGER if request.quick else NICENESS.get(request.task, NICE))
        with os.fdopen(paper, "rb") as file, os.fdopen(output, "wb") as out:
            make(request, file.read(), out)
        return 0
    except Exception as error:
        return FIRST_STATUS + REASONS.index(pages.reason_of(error))


def make(request: Request, data: bytes, out: BinaryIO) -> None:
    """Raises what `reason_of` knows."""
    if request.task == "picture":
        out.write(conversion.pdf_of_picture(data, request.page_limit))
        return
    document = pages.open_paper(data, request.page_limit)
    if request.task == "copy":
        out.write(conversion.clean_copy(document))
        return
    toc = contents_of(document) if request.task == "pages" else []
    _say(out, json.dumps({"page_count": document.page_count, "toc": toc}).encode())
    for drawn, images in pages.drawn_pages(document, request):
        _say(out, json.dumps(vars(drawn), ensure_ascii=False).encode())
        for image in images:
            _say(out, image)


def _say(out: BinaryIO, piece: bytes) -> None:
    out.write(LENGTH.pack(len(piece)) + piece)


def become(request: Request, program: Program, folder: Path, paper: int) -> int:
    """In the child: turn into the program; returns an exit status when there is nothing to do for it."""
    try:
        os.setsid()
        confinement.confine(program.limits, {**ALLOWED, folder: confinement.ANYTHING})
        os.nice(NICENESS.get(request.task, NICE))
        with os.fdopen(paper, "rb") as file:
            data = file.read()
        ending = conversion.office_ending(data) if request.task == "office" else "in"
        copy = folder / f"paper.{ending}"
        copy.write_bytes(data)
        if request.task == "office":
            settings = folder / "profile" / "user"
            settings.mkdir(parents=True)
            (settings / "registrymodifications.xcu").write_text(profile())
        quiet = os.open("/dev/null", os.O_RDWR)
        for standard in range(3):
            os.dup2(quiet, standard)
        os.chdir(folder)
        command = program.command(folder, copy)
        os.execvpe(command[0], command, environment(folder))
    except Exception as error:
        return FIRST_STATUS + REASONS.index(pages.reason_of(error))


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
