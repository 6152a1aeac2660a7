"""What a receiver of RTP has to tell its sender, computed from arrivals. Nothing here sends anything."""

from media import rtcp
from media.rtp import distance


class Missing:
    """Sequence numbers of one stream that did not arrive, and when to ask for them again. `asked` counts the numbers
    asked for, each once; `repaired` those that then came over RTX."""

    REACH = 500  # numbers further behind are given up
    BURST = 200  # a larger hole is not repaired but waits for a key frame
    TRIES = 10

    def __init__(self) -> None:
        self.asked = self.repaired = 0
        self._newest: int | None = None
        self._missing: dict[int, tuple[int, float]] = {}  # number -> tries so far, when to ask next

    def arrived(self, number: int, now: float, repaired: bool) -> None:
        if self._newest is None:
            self._newest = number
        ahead = distance(number, self._newest)
        if ahead <= 0 or repaired:
            was_missing = self._missing.pop(number, None) is not None
            self.repaired += was_missing and repaired
            return
        if ahead > self.BURST:
            self._missing.clear()
        else:
            for step in range(1, ahead):
                self._missing[(self._newest + step) & 0xFFFF] = (0, now)
        self._newest = number

    def due(self, now: float, rtt: float) -> list[int]:
        """Those to ask for now, oldest first. `rtt` in seconds: nothing is asked for twice within it."""
        if not self._missing:
            return []
        ask = []
        for number, (tries, at) in list(self._missing.items()):
            if tries >= self.TRIES or distance(self._newest or 0, number) > self.REACH:
                del self._missing[number]
            elif at <= now:
                self._missing[number] = (tries + 1, now + max(0.05, rtt * 1.2))
                self.asked += not tries
                ask.append(number)
        return sorted(ask, key=lambda number: distance(number, self._newest or 0))


class Reception:
    """One stream as a receiver counts it (RFC 3550, 6.4.1, A.3 and A.8)."""

    def __init__(self, clock: int) -> None:
        self.packets = self.octets = 0
        self.first = self.highest = -1
        self._clock = clock
        self._jitter = 0.0
        self._transit: int | None = None

    @property
    def expected(self) -> int:
        return self.highest - self.first + 1 if self.packets else 0

    @property
    def jitter(self) -> int:
        return int(self._jitter)

    def arrived(self, number: int, timestamp: int, octets: int, at: float) -> None:
        self.packets += 1
        self.octets += octets
        if self.first < 0:
            self.first = self.highest = number
        else:
            self.highest += max(0, distance(number, self.highest & 0xFFFF))
        transit = int(at * self._clock) - timestamp
        if self._transit is not None:
            self._jitter += (abs(distance(transit, self._transit, 32)) - self._jitter) / 16
        self._transit = transit


class TransportFeedback:
    """Transport-wide congestion control feedback for one peer: without it Chromium stays at its starting bitrate."""

    BACK = 500  # a packet later than this many numbers is not reported any more
    SPAN = 2000  # numbers one feedback may cover

    def __init__(self, ssrc: int) -> None:
        self._ssrc = ssrc
        self._media = 0
        self._arrived: dict[int, int] = {}  # unwrapped number -> ticks
        self._newest: int | None = None
        self._next = 0
        self._count = 0

    def arrived(self, number: int, at: float, ssrc: int) -> None:
        self._media = ssrc or self._media
        if self._newest is None:
            self._newest = self._next = number
        unwrapped = self._newest + distance(number, self._newest & 0xFFFF)
        if unwrapped < self._next - self.BACK:
            return
        self._newest = max(self._newest, unwrapped)
        self._next = min(self._next, unwrapped)  # late ones are reported again with what follows, as libwebrtc does
        self._arrived[unwrapped] = int(at * rtcp.TICKS)

    def take(self) -> bytes | None:
        """The next feedback packet, None if nothing came."""
        if not self._arrived:
            return None
        first, last = min(self._arrived), max(self._arrived)
        base = self._next if last - self._next < self.SPAN else first
        last = min(last, base + self.SPAN - 1)
        arrivals = [self._arrived.get(number) for number in range(base, last + 1)]
        packet, covered = rtcp.transport_feedback(self._ssrc, self._media, base, arrivals, self._count)
        self._count += 1
        self._next = base + covered
        self._arrived = {number: ticks for number, ticks in self._arrived.items() if number >= self._next}
        return packet
