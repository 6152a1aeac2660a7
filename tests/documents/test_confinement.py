"""What a process that opens strangers' files can still do."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


def confined(statement: str, more: str = "") -> str:
    """What becomes of a statement in a confined process: "done", or the exception's name."""
    program = (
        "import os, socket, ctypes\nfrom pathlib import Path\nfrom meetroom.documents import confinement as c\n"
        f"c.confine(c.Limits(){more})\n"
        f"try:\n    {statement}\n    print('done')\nexcept BaseException as error:\n    print(type(error).__name__)"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=False)
    return run.stdout.strip() or f"signal {-run.returncode}"


@pytest.mark.parametrize(
    ("statement", "outcome"),
    [
        ("bytearray(900 << 20).decode('latin-1')", "MemoryError"),
        ("os.fork()", "BlockingIOError"),
        ("[os.dup(0) for _ in range(80)]", "OSError"),
        ("open('/proc/self/mem', 'wb').write(b'x')", "OSError|PermissionError|FileNotFoundError"),
        ("import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 2)); list(iter(int, 1))", "signal 24"),
    ],
)
def test_a_confined_process_can_do_nothing_but_count(statement: str, outcome: str) -> None:
    assert confined(statement) in outcome.split("|")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up its own user")
def test_a_confined_process_is_nobody(tmp_path: Path) -> None:
    secret = tmp_path / "media.token"
    secret.write_text("secret")
    secret.chmod(0o600)
    assert confined(f"open({str(secret)!r})") == "PermissionError"
    assert confined("assert os.getresuid() == (65534,) * 3 and not os.getgroups()") == "done"


def test_a_program_may_read_where_it_is_and_write_where_it_works() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is closed to other accounts
        Path(folder).chmod(0o755)
        _may_read_and_write(Path(folder))


def _may_read_and_write(folder: Path) -> None:
    mine, other = folder / "mine", folder / "other"
    for folder in (mine, other):
        folder.mkdir(mode=0o777)
        folder.chmod(0o777)
    allowed = f", {{Path('/usr'): c.READ_AND_RUN, Path({str(mine)!r}): c.ANYTHING}}"
    assert confined(f"open({str(mine / 'a')!r}, 'w')", allowed) == "done"
    assert confined(f"open({str(other / 'a')!r}, 'w')", allowed) == "PermissionError"
    assert confined("open('/usr/bin/env', 'rb')", allowed) == "done"
    assert confined("open('/etc/hostname')", allowed) == "PermissionError"


def test_nothing_that_a_child_of_its_own_world_has_started_outlives_it() -> None:
    program = """
import os, signal, time
from meetroom.documents import confinement as c
c.leave_the_network()
read, write = os.pipe()
child = c.fork_alone()
if child == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        os.write(write, b"x")
    time.sleep(60)
os.close(write)
assert os.read(read, 1) == b"x"
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
print("gone" if os.read(read, 1) == b"" else "alive")
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=30)
    assert run.stdout.strip() == "gone", run.stderr
