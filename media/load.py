"""How busy a node is, as the server is told."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Load(NamedTuple):
    """Units as in `NodeReport`."""

    peers: int
    cores: float
    lag_ms: float
    packets_in: float
    packets_out: float


class Meter:
    """Measures from one call of `take` to the next. `cpu`: seconds of all threads of this process so far."""

    def __init__(self, now: float, cpu: Callable[[], float] = time.process_time) -> None:
        self._cpu = cpu
        self._before = now, cpu()
        self._counts: Mapping[int, tuple[int, int]] = {}
        self._lag = 0.0

    def waited(self, wanted: float, took: float) -> None:
        """A wait of the event loop, seconds: what it took longer it was busy with something else."""
        self._lag = max(self._lag, took - wanted)

    def take(self, counts: Mapping[int, tuple[int, int]], now: float) -> Load:
        """`counts`: packets that came from each peer and went to it so far; who has left is not counted any more, and a
        peer whose streams begin anew is counted from there."""
        cpu = self._cpu()
        passed = max(0.001, now - self._before[0])
        came = gone = 0
        for peer, (up, down) in counts.items():
            up_before, down_before = self._counts.get(peer, (0, 0))
            came += max(0, up - up_before)
            gone += max(0, down - down_before)
        load = Load(
            peers=len(counts),
            cores=round((cpu - self._before[1]) / passed, 3),
            lag_ms=round(self._lag * 1000, 1),
            packets_in=round(came / passed, 1),
            packets_out=round(gone / passed, 1),
        )
        self._before, self._counts, self._lag = (now, cpu), dict(counts), 0.0
        return load
