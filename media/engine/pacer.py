"""How fast packets leave for one peer: video and padding at its pace, and padding to find out whether more would pass."""

import asyncio
from collections import deque
from collections.abc import Callable

from media.engine.slots import Outgoing

PATIENCE = 0.5
"""Seconds; what would wait longer is dropped."""
OVERHEAD = 60  # bytes of a datagram around the payload: RTP header, extensions, authentication; estimated while it waits
BURST = 0.02
"""Seconds of sending that may be caught up at once when the event loop was late."""


class Pacer:
    """`leave` sends a packet and returns the size of its datagram."""

    def __init__(self, leave: Callable[[Outgoing], int]) -> None:
        self._leave = leave
        self._rate = 0.0  # bytes a second, 0: no limit
        self._waiting: deque[Outgoing] = deque()
        self._bytes = 0
        self._free_at = 0.0  # when the next packet may leave
        self._timer: asyncio.TimerHandle | None = None

    def set(self, kbps: int, now: float) -> None:
        self._rate = kbps * 125.0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._run(now)

    def put(self, packet: Outgoing, now: float) -> None:
        if not self._rate:
            self._leave(packet)
        elif not self._waiting and self._free_at <= now:
            self._free_at = max(self._free_at, now - BURST) + self._leave(packet) / self._rate
        else:
            self._waiting.append(packet)
            self._bytes += len(packet.payload) + OVERHEAD
            while self._bytes > self._rate * PATIENCE and self._waiting:
                self._next()
            if self._timer is None:
                self._wait(now)

    def idle(self, now: float) -> bool:
        """Whether a packet of padding may leave at once."""
        return not self._rate or (not self._waiting and self._free_at <= now)

    def stop(self) -> None:
        """Drops what waits."""
        self._waiting.clear()
        self._bytes = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _next(self) -> Outgoing:
        packet = self._waiting.popleft()
        self._bytes -= len(packet.payload) + OVERHEAD
        return packet

    def _wait(self, now: float) -> None:
        if self._waiting:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(0.0, self._free_at - now), self._due, loop)

    def _due(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        self._run(loop.time())  # which is time.monotonic()

    def _run(self, now: float) -> None:
        self._free_at = max(self._free_at, now - BURST)
        while self._waiting and (not self._rate or self._free_at <= now):
            size = self._leave(self._next())
            if self._rate:
                self._free_at += size / self._rate
        self._wait(now)


class Probe:
    """Padding that fills up what a peer is sent. `sent` is the peer's count of bytes when the probe began."""

    def __init__(self, kbps: int, seconds: float, now: float, sent: int) -> None:
        self._rate, self._begun, self._until, self._sent = kbps * 125.0, now, now + seconds, sent
        self._ran_at = now

    def over(self, now: float) -> bool:
        return now > self._until

    def lacks(self, now: float, sent: int) -> float:
        """Bytes of padding to send now; never more than BURST's worth, so that a late event loop makes no flood."""
        passed = min(now - self._ran_at, BURST)
        behind = self._rate * (now - self._begun) - (sent - self._sent)
        self._ran_at = now
        return min(behind, self._rate * (passed + 0.005))
