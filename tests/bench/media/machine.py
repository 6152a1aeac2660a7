"""What the kernel says of processes and cores, and a network of our own that ends at this machine."""

import os
import subprocess
import time
from pathlib import Path
from typing import Any

HOST = "10.99.0.1"
"""Our address. ICE stacks do not use 127.0.0.1."""
TICKS = os.sysconf("SC_CLK_TCK")


def isolate() -> None:
    """Gives the fresh network namespace we were started in an address. Raises RuntimeError anywhere else: nothing here may
    reach a network."""
    if len(Path("/proc/net/route").read_text().splitlines()) > 1:
        raise RuntimeError("not in a network namespace of its own: start it by `make bench-media`, as root")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for kind in ("dummy", "ifb", "bridge"):  # whichever this kernel has
        if subprocess.run(["ip", "link", "add", "bench0", "type", kind], capture_output=True).returncode == 0:
            break
    subprocess.run(["ip", "addr", "add", f"{HOST}/24", "dev", "bench0"], check=True)
    subprocess.run(["ip", "link", "set", "bench0", "up"], check=True)


def pin(core: int, pid: int = 0) -> None:
    """All threads that are there, and those they start."""
    for task in os.listdir(f"/proc/{pid or os.getpid()}/task"):
        os.sched_setaffinity(int(task), {core})


def cpu(*pids: int) -> float:
    """Seconds of user and system time."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def rss(*pids: int) -> float:
    """KiB in memory."""
    lines = (line for pid in pids for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


class Busy:
    """How busy a core has been since this was made, with everything on it: of 1."""

    def __init__(self, core: int) -> None:
        self._core = core
        self._before = self._read()

    def _read(self) -> tuple[float, float]:
        line = next(line for line in Path("/proc/stat").read_text().splitlines() if line.startswith(f"cpu{self._core} "))
        values = [int(value) / TICKS for value in line.split()[1:9]]
        return time.monotonic(), sum(values) - values[3] - values[4]  # all but idle and waiting for disks

    def share(self) -> float:
        (now, busy), (before, busy_before) = self._read(), self._before
        return (busy - busy_before) / (now - before)


def spawn(command: list[str], core: int | None, **files: Any) -> subprocess.Popen[bytes]:
    """A process pinned to a core, if one is given."""
    pinned = ["taskset", "-c", str(core)] if core is not None else []
    return subprocess.Popen([*pinned, *command], stdin=subprocess.DEVNULL, **files)
