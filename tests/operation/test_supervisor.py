import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.settings import ROOT
from meetroom.operation import supervisor

LIVING = "import time; time.sleep(60)"
DYING = "raise SystemExit(3)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
PARENT = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"

SUPERVISOR = """
import asyncio, os, sys
from meetroom.operation.supervisor import Child, keep, supervise
children = [Child(f"child {n}", (sys.executable, "-c", code)) for n, code in enumerate(sys.argv[1:])]
say = lambda line: print(line, flush=True)
asyncio.run(supervise(*(keep(child, os.environ, say) for child in children)))
print("ended", flush=True)
"""


@contextmanager
def supervising(*codes: str) -> Iterator[subprocess.Popen[str]]:
    """A supervisor in a process of its own, as it is in life."""
    process = subprocess.Popen([sys.executable, "-c", SUPERVISOR, *codes], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        yield process
    finally:
        for pid in descendants(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.kill()
        process.wait()


def descendants(pid: int) -> list[int]:
    children = [int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()]
    return [*children, *(grandchild for child in children for grandchild in descendants(child))]


def until(condition, what: str, seconds: float = 60) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() and "State:\tZ" not in Path(f"/proc/{pid}/status").read_text() for pid in pids)


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(signum: signal.Signals) -> None:
    with supervising(LIVING, PARENT) as process:
        until(lambda: len(descendants(process.pid)) == 3, "three processes run")
        pids = descendants(process.pid)
        process.send_signal(signum)
        assert line(process) == "ended" and process.wait(30) == 0
        assert gone(pids)


def test_a_deaf_process_is_killed_when_patience_ends() -> None:
    with supervising(DEAF) as process:
        assert line(process) == "deaf"
        pids = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        assert line(process) == "ended"
        assert gone(pids) and supervisor.PATIENCE < 5


def test_a_died_process_is_started_again_and_said_so() -> None:
    with supervising(LIVING) as process:
        until(lambda: len(descendants(process.pid)) == 1, "it runs")
        first = descendants(process.pid)
        os.kill(first[0], signal.SIGKILL)
        assert line(process) == "child 0 was ended by SIGKILL; starting it again in 0.1 s"
        until(lambda: descendants(process.pid) not in ([], first), "it runs again")


def test_a_spare_takes_over_when_the_first_dies() -> None:
    """It has been there before, and waited."""
    code = "import os, sys, time; sys.stdin.readline() or sys.exit(); print('begins', os.getpid(), flush=True); time.sleep(60)"
    program = SUPERVISOR.replace("code)) for", "code), True) for")
    program = program.replace(
        "children = ", "from meetroom.operation import supervisor\nsupervisor.SPARE_AFTER = 0.1\nchildren = "
    )
    process = subprocess.Popen([sys.executable, "-c", program, code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        first = int(line(process).removeprefix("begins "))
        for _ in range(2):
            until(lambda: len(descendants(process.pid)) == 2, "there is a spare")
            [spare] = {*descendants(process.pid)} - {first}
            os.kill(first, signal.SIGKILL)
            assert "starting it again" in line(process)
            assert line(process) == f"begins {spare}"
            first = spare
        until(lambda: len(descendants(process.pid)) == 2, "there is another spare")
        [spare] = {*descendants(process.pid)} - {first}
        os.kill(spare, signal.SIGKILL)  # unnoticed, until it is needed
        until(lambda: gone([spare]), "the spare is gone")
        os.kill(first, signal.SIGKILL)
        assert "starting it again" in line(process)
        assert line(process).startswith("begins ")
    finally:
        pids = descendants(process.pid)
        process.terminate()
        process.wait(30)
        assert gone(pids)


def test_pauses_grow_while_it_keeps_dying() -> None:
    with supervising(DYING) as process:
        pauses = [re.fullmatch(r"child 0 ended with code 3; starting it again in ([\d.]+) s", line(process)) for _ in range(3)]
        assert [match and match[1] for match in pauses] == ["0.1", "0.2", "0.4"]


def test_what_a_died_process_left_behind_is_ended() -> None:
    with supervising(PARENT) as process:
        until(lambda: len(descendants(process.pid)) == 2, "parent and grandchild run")
        parent, grandchild = descendants(process.pid)
        os.kill(parent, signal.SIGKILL)
        assert "SIGKILL" in line(process)
        until(lambda: gone([grandchild]), "the grandchild is gone")


def test_children_end_with_a_killed_supervisor() -> None:
    with supervising(LIVING, LIVING) as process:
        until(lambda: len(descendants(process.pid)) == 2, "two processes run")
        pids = descendants(process.pid)
        process.kill()
        until(lambda: gone(pids), "the children are gone")


def test_a_command_that_does_not_exist_is_tried_again() -> None:
    program = SUPERVISOR.replace('(sys.executable, "-c", code)', "('/nowhere/program',)")
    process = subprocess.Popen([sys.executable, "-c", program, ""], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert line(process) == "child 0 did not start: No such file or directory; starting it again in 0.1 s"
    process.terminate()
    assert process.wait(30) == 0


@pytest.mark.parametrize(("planned", "alive", "pause"), [(0.1, 0, 0.1), (4, 9.9, 4), (16, 0, 10), (8, 10, 0.1), (1e9, 0, 10)])
def test_pause(planned: float, alive: float, pause: float) -> None:
    assert supervisor.next_pause(planned, alive) == pause


def test_children_are_not_reached_by_a_signal_to_the_terminal() -> None:
    """Ctrl-C goes to the foreground group; only the supervisor may pass the end on, in its own order."""
    with supervising(LIVING) as process:
        until(lambda: len(descendants(process.pid)) == 1, "it runs")
        child = descendants(process.pid)[0]
        until(lambda: os.getpgid(child) != os.getpgid(process.pid), "it is in a group of its own")
