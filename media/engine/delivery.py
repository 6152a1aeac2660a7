"""What a receiver's transport-wide feedback says of the packets sent to it. The feedback is a stranger's: whatever it
claims of packets that were never sent, or says twice, counts for nothing."""

from dataclasses import dataclass

from media import rtcp
from media.engine import Delivery
from media.rtp import distance


@dataclass(slots=True)
class _Sent:
    size: int
    at: float
    lost: bool = False  # by an earlier feedback; a later one may have found it


class Sent:
    """The transport-wide numbers of one peer: gives them out, and reads what came back."""

    REMEMBERED = 8192
    """Packets that wait for their feedback; of older ones nothing is believed any more."""
    MEMORY = 30.0
    """Seconds within which the smallest delay counts as the way's own."""

    def __init__(self) -> None:
        self._next = 0
        self._waiting: dict[int, _Sent] = {}  # by unwrapped number, the oldest first
        self._reference: int | None = None  # of the newest feedback, in units of 64 ms, unwrapped
        self._newest: float | None = None  # arrival by the receiver's clock
        self._smallest: dict[int, float] = {}  # second -> smallest delay in it
        self._reset()

    def _reset(self) -> None:
        self._packets = self._lost = self._octets = self._samples = 0
        self._delays = 0.0
        self._since = self._newest

    def number(self) -> int:
        """The next packet's transport-wide number, not wrapped."""
        self._next += 1
        return self._next

    def sent(self, number: int, size: int, at: float) -> None:
        """The packet of this number left as a datagram of so many bytes."""
        self._waiting[number] = _Sent(size, at)
        if len(self._waiting) > self.REMEMBERED:
            del self._waiting[next(iter(self._waiting))]

    def heard(self, body: bytes, now: float) -> None:
        """A feedback packet's body. Raises ValueError, having believed nothing of it, if it does not parse."""
        feedback = rtcp.read_transport_feedback(body)
        if not self._waiting:
            return
        known = self._reference if self._reference is not None else feedback.reference
        reference = known + distance(feedback.reference, known & 0xFFFFFF, 24)
        first = self._next + distance(feedback.base, self._next & 0xFFFF)
        covered = False
        # what was never sent, or is forgotten, is not even looked at
        start = max(first, next(iter(self._waiting)))
        for number in range(start, min(first + len(feedback.arrivals), self._next + 1)):
            sent = self._waiting.get(number)
            if sent is None:
                continue
            covered = True
            ticks = feedback.arrivals[number - first]
            self._packets += not sent.lost
            if ticks is None:
                self._lost += not sent.lost
                sent.lost = True
                continue
            self._lost -= sent.lost
            del self._waiting[number]
            self._arrived(sent, (reference * 256 + ticks) / rtcp.TICKS, now)
        if covered:
            self._reference = reference

    def _arrived(self, sent: _Sent, at: float, now: float) -> None:
        self._octets += sent.size
        self._samples += 1
        if self._since is None:
            self._since = at
        self._newest = at if self._newest is None else max(self._newest, at)
        delay, second = at - sent.at, int(now)
        self._delays += delay
        if second not in self._smallest:
            self._forget(now)
        self._smallest[second] = min(delay, self._smallest.get(second, delay))

    def _forget(self, now: float) -> None:
        self._smallest = {second: delay for second, delay in self._smallest.items() if second > now - self.MEMORY}

    def take(self, now: float) -> Delivery | None:
        """What was learned since the last call, None if nothing was."""
        if not self._packets and not self._samples:
            return None
        self._forget(now)
        span = self._newest - self._since if self._newest is not None and self._since is not None else 0.0
        delay = 0.0
        if self._samples and self._smallest:
            delay = self._delays / self._samples - min(self._smallest.values())
        digest = Delivery(self._packets, max(0, self._lost), self._octets, span, max(0.0, delay))
        self._reset()
        return digest
