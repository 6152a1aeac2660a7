"""Keeps a server's processes running: starts them, restarts a died one with back-off, ends them all."""

import asyncio
import ctypes
import os
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

FIRST_PAUSE = 0.1  # seconds before a died process is started again, doubled at each further death
LONGEST_PAUSE = 10.0
STEADY = 10.0  # seconds of life after which the pauses begin anew
SPARE_AFTER = 3.0  # seconds of life after which a process gets its spare; before that it has enough to do
PATIENCE = 4.0  # seconds a process has to end after SIGTERM
PR_SET_PDEATHSIG = 1  # prctl(2)

_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Child:
    """`spare`: there is always a second process that has done what takes long in starting (an interpreter's modules) and then
    waits for a line on its standard input; it goes on when the first one has died. At the end of its input it ends."""

    name: str  # as the technician reads it
    command: tuple[str, ...]
    spare: bool = False


class Stopped(Exception):
    """A person or the system asked for the end."""


async def supervise(*works: Coroutine[None, None, None]) -> None:
    """Run `works`, most of them `keep`, until SIGINT, SIGTERM or SIGHUP; then everything ends within five seconds."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in (_until_a_signal(), *works):
                group.create_task(work)
    except* Stopped:
        pass


async def _until_a_signal() -> None:
    stop = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    await stop.wait()
    raise Stopped


async def keep(child: Child, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Keep one process running until cancelled; then it and its whole process group are gone."""
    pause = FIRST_PAUSE
    spares: list[Process] = []  # one at most
    try:
        while True:
            began = time.monotonic()
            ending = await run(child, environment, spares)
            pause = next_pause(pause, time.monotonic() - began)
            say(f"{child.name} {ending}; starting it again in {pause:g} s")
            await asyncio.sleep(pause)
            pause *= 2
    finally:
        for spare in spares:
            await _end(spare)


def next_pause(planned: float, alive: float) -> float:
    """Seconds to wait now, when `planned` was next and the process has been alive for so many seconds."""
    return FIRST_PAUSE if alive >= STEADY else min(planned, LONGEST_PAUSE)


async def run(child: Child, environment: Mapping[str, str], spares: list[Process]) -> str:
    """One life of a process, the spare one's if it is still there; returns how it ended."""
    process = spares.pop() if spares else None
    try:
        if process is None or process.returncode is not None:
            process = await _start(child, environment)
    except OSError as error:
        return f"did not start: {error.strerror}"
    preparing = asyncio.create_task(_prepare(child, environment, spares)) if child.spare else None
    try:
        if process.stdin is not None:
            process.stdin.write(b"\n")
            process.stdin.close()
        code = await process.wait()
    finally:
        if preparing is not None:
            preparing.cancel()
        await _end(process)
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


async def _start(child: Child, environment: Mapping[str, str]) -> Process:
    """Raises OSError."""
    return await asyncio.create_subprocess_exec(
        *child.command, env=environment, stdin=PIPE if child.spare else DEVNULL, start_new_session=True,
        preexec_fn=partial(_die_with, os.getpid()),
    )  # fmt: skip


async def _prepare(child: Child, environment: Mapping[str, str], spares: list[Process]) -> None:
    await asyncio.sleep(SPARE_AFTER)
    with suppress(OSError):  # then the next one begins from the start
        spares.append(await _start(child, environment))


async def _end(process: Process) -> None:
    """SIGTERM to the process, and after its patience, or once it is gone, SIGKILL to what is left of its group."""
    if process.returncode is None:
        process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), PATIENCE)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _die_with(supervisor: int) -> None:
    """Runs in the child before exec: even after kill -9 of the supervisor nothing is left on the ports."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:  # it died before the line above
        os.kill(os.getpid(), signal.SIGKILL)
