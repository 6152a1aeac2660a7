"""A bad line: what `tests.media.bottleneck.Way` says of it happens to real datagrams, and may change while they pass."""

import asyncio
import random
from collections import deque

from media.engine import Address
from tests.media.bottleneck import Way
from tests.media.wan import Wan

GOOD = Way(rate=100_000, delay=0.01, queue=0.2)


class Rough(Wan):
    """`ways`: up is from the caller. Jitter keeps the order."""

    def __init__(self, called: Address, seed: int = 1) -> None:
        super().__init__(called)
        self.ways = {"up": GOOD, "back": GOOD}
        self._random = random.Random(seed)
        self._free_at = {"up": 0.0, "back": 0.0}
        self._last_at = {"up": 0.0, "back": 0.0}
        self._bad = {"up": False, "back": False}
        self._passing: deque[asyncio.TimerHandle] = deque(maxlen=10_000)

    def be(self, way: Way, back: Way | None = None) -> None:
        """From now on, in both directions or each its own."""
        self.ways = {"up": way, "back": back or way}

    def close(self) -> None:
        for timer in self._passing:
            timer.cancel()
        super().close()

    def _up(self, data: bytes, address: Address) -> None:
        self._caller = address
        self._pass("up", data)

    def _back(self, data: bytes, address: Address) -> None:
        self._pass("back", data)

    def _pass(self, direction: str, data: bytes) -> None:
        way, loop = self.ways[direction], asyncio.get_running_loop()
        if not self._crosses(direction, data) or way.down or self._lost(direction, way):
            return
        now = loop.time()
        begins = max(now, self._free_at[direction])
        if begins - now > way.queue:
            return
        self._free_at[direction] = begins + (len(data) + 28) / 125 / way.rate  # with the headers of IP and UDP
        at = self._free_at[direction] + way.delay + abs(self._random.gauss(0, way.jitter))
        self._last_at[direction] = max(at, self._last_at[direction])
        self._passing.append(loop.call_at(self._last_at[direction], self._arrive, direction, data))

    def _lost(self, direction: str, way: Way) -> bool:
        """Gilbert's model of bursts, or one by one."""
        stay = 1 - 1 / way.burst
        enter = way.loss / (way.burst * (1 - way.loss)) if way.burst > 1 else way.loss
        self._bad[direction] = self._random.random() < (stay if self._bad[direction] and way.burst > 1 else enter)
        return self._bad[direction]

    def _arrive(self, direction: str, data: bytes) -> None:
        if direction == "up":
            self._far.sendto(data, self._called)
        elif self._caller is not None:
            self._near.sendto(data, self._caller)
