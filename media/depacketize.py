"""From RTP packets of one stream back to the frames they carry, on one line of time: VP8 (RFC 7741), H.264 (RFC 6184) and
Opus (RFC 7587), of which a packet is a frame. For recordings, which are in no hurry: everything lies for a while, until
what was lost on the way has been repaired. Pure: time is passed in."""

import heapq
import struct
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from media import rtp
from media.h264 import parameter_sets, picture_size


class Frame(NamedTuple):
    """One picture, or the sound of one packet. `at` in seconds of the clock that packets were taken by. `size` in
    pixels, of key frames only."""

    at: float
    data: bytes
    key: bool
    codec: str = ""
    size: tuple[int, int] | None = None


class Reorder:
    """Gives packets back in the order of their numbers, each when it has been here for `HOLD`; what has not come by then
    is lost."""

    HOLD = 0.8  # seconds: several rounds of asking again

    def __init__(self) -> None:
        self._waiting: list[tuple[int, float, rtp.Packet]] = []
        self._numbers: set[int] = set()
        self._newest: int | None = None
        self._given: int | None = None

    def put(self, packet: rtp.Packet, at: float) -> None:
        newest = packet.sequence if self._newest is None else self._newest
        number = newest + rtp.distance(packet.sequence, newest & 0xFFFF)
        self._newest = max(newest, number)
        if number not in self._numbers and (self._given is None or number > self._given):
            self._numbers.add(number)
            heapq.heappush(self._waiting, (number, at, packet))

    def take(self, now: float) -> Iterator[tuple[rtp.Packet, float, bool]]:
        """Packets, when each came, and whether it follows the one before it directly."""
        while self._waiting and self._waiting[0][1] <= now - self.HOLD:
            number, at, packet = heapq.heappop(self._waiting)
            self._numbers.discard(number)
            follows = self._given is not None and number == self._given + 1
            self._given = number
            yield packet, at, follows


class Clock:
    """Puts a stream's timestamps on the line of the clock its packets arrive by. A packet is at best as late as the way
    is long: the quickest of the last seconds say how the two clocks stand, and the line is bent slowly towards them, so
    that neither a queue on the way nor a sender's crystal separates sound and picture."""

    WINDOW = 4.0  # seconds
    SLEW = 0.02  # seconds per second
    LEAP = 0.5
    """A difference of more than this is no drift: the sender's timestamps have leapt. Seconds."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._newest: int | None = None
        self._offset = self._at = 0.0
        self._delays: deque[tuple[float, float]] = deque()  # (came at, that minus its timestamp), smallest first

    def place(self, timestamp: int, at: float) -> float:
        newest = timestamp if self._newest is None else self._newest
        unwrapped = newest + rtp.distance(timestamp, newest & 0xFFFFFFFF, 32)
        delay = at - unwrapped / self._rate
        while self._delays and self._delays[-1][1] >= delay:
            self._delays.pop()
        self._delays.append((at, delay))
        while self._delays[0][0] < at - self.WINDOW:
            self._delays.popleft()
        error = self._delays[0][1] - self._offset
        if self._newest is None or abs(error) > self.LEAP:
            self._delays = deque([(at, delay)])
            self._offset = delay
        else:
            step = self.SLEW * max(0.0, at - self._at)
            self._offset += max(-step, min(step, error))
        self._newest, self._at = max(newest, unwrapped), max(self._at, at)
        return unwrapped / self._rate + self._offset


class Pictures:
    """Whole pictures of a video stream whose packets come in order, each with what it takes to decode it: after a loss
    nothing until the next key frame."""

    LARGEST = 4000  # packets; a sender must not have us remember a picture without end

    def __init__(self) -> None:
        self.broken = True
        """Waiting for a key frame."""
        self._clock = Clock(90000)
        self._parts: list[bytes] = []
        self._timestamp: int | None = None
        self._at = 0.0
        self._codec = ""

    def take(self, codec: str, packet: rtp.Packet, at: float, follows: bool) -> Frame | None:
        """The picture that this packet completes."""
        if not packet.payload:
            return None
        if not follows or codec != self._codec:
            self.broken, self._parts = True, []
        if self._parts and (packet.timestamp != self._timestamp or len(self._parts) >= self.LARGEST):
            self.broken, self._parts = True, []  # the last packet of a picture says that it is
        if not self._parts:
            self._at = self._clock.place(packet.timestamp, at)
        self._timestamp, self._codec = packet.timestamp, codec
        self._parts.append(packet.payload)
        if not packet.marker:
            return None
        parts, self._parts = self._parts, []
        try:
            whole = vp8(parts) if codec == "vp8" else h264(parts)
        except (ValueError, IndexError, struct.error):
            whole = None
        if whole is None or (self.broken and not whole[1]):
            self.broken = True
            return None
        self.broken = False
        return Frame(self._at, whole[0], whole[1], codec, whole[2])


Whole = tuple[bytes, bool, tuple[int, int] | None]
"""A frame's bytes, whether it is a key frame, and then its size."""


def vp8(parts: list[bytes]) -> Whole | None:
    """One VP8 frame of the payloads that carry it, None if its beginning is missing. Raises ValueError."""
    if parts[0][0] & 0x17 != 0x10:
        return None
    data = b"".join([part[rtp.parse_vp8(part).length :] for part in parts])
    if data[0] & 1:
        return data, False, None
    if len(data) < 10 or data[3:6] != b"\x9d\x01\x2a":  # RFC 6386, 9.1
        raise ValueError("not a VP8 key frame")
    width, height = struct.unpack_from("<HH", data, 6)
    return data, True, (width & 0x3FFF, height & 0x3FFF)


def h264(parts: list[bytes]) -> Whole | None:
    """One H.264 access unit, each NAL unit preceded by its length in four bytes; parameter sets stay in it, because the
    next sender has others. None if a beginning is missing. Raises ValueError, IndexError or struct.error."""
    found: list[bytes] = []
    fragments: list[bytes] = []
    for part in parts:
        kind = part[0] & 31
        if kind == 28:  # FU-A
            if part[1] & 0x80:
                fragments = [bytes((part[0] & 0xE0 | part[1] & 31,))]
            if not fragments:
                return None
            fragments.append(part[2:])
            if part[1] & 0x40:
                found.append(b"".join(fragments))
                fragments = []
        elif kind == 24:  # STAP-A
            rest = part[1:]
            while rest:
                (size,) = struct.unpack_from("!H", rest)
                if not 0 < size <= len(rest) - 2:
                    raise ValueError("truncated aggregate")
                found.append(rest[2 : 2 + size])
                rest = rest[2 + size :]
        elif 0 < kind < 24:
            found.append(part)
        else:
            raise ValueError(f"a packet of kind {kind}")
    if fragments:
        return None
    data = b"".join([len(unit).to_bytes(4, "big") + unit for unit in found])
    sets = parameter_sets(data)
    if sets is None or all(unit[0] & 31 != 5 for unit in found):
        return data, False, None
    return data, True, picture_size(sets[0])
