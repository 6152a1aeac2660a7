"""Sound as a track of a file: Opus packets (RFC 6716) without holes. Pure."""

from collections.abc import Iterator

from media.depacketize import Frame

SILENCE = b"\xf8\xff\xfe"
"""20 ms of coded silence."""
LONG_SILENCE = b"\xfb\x06" + b"\xff\xfe" * 6
"""120 ms of it, the most that one packet holds."""


def samples(packet: bytes) -> int:
    """At 48 kHz; 0 for what is no Opus packet (RFC 6716, 3.1)."""
    if not packet or (packet[0] & 3 == 3 and len(packet) < 2):
        return 0
    config = packet[0] >> 3
    if config < 12:
        frame = (480, 960, 1920, 2880)[config & 3]
    elif config < 16:
        frame = (480, 960)[config & 1]
    else:
        frame = (120, 240, 480, 960)[config & 3]
    count = (1, 2, 2, packet[1] & 63 if len(packet) > 1 else 0)[packet[0] & 3]
    return frame * count if frame * count <= 5760 else 0


class Sound:
    """Players count samples rather than look at times. So pauses and losses are filled, what overlaps is left out, and
    where a player is by counting is never off by more than `SLACK`."""

    SLACK = 0.02  # seconds
    LOSS = 0.07
    """A hole up to this long is one that a decoder conceals better than we can. Seconds."""
    PATIENCE = 2.0
    """How long sound may be late before silence takes its place, seconds: queues on weak links are that long."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._samples = 0
        self._toc: int | None = None

    @property
    def end(self) -> float:
        return self._start + self._samples / 48000

    def take(self, frame: Frame) -> Iterator[Frame]:
        """The frame, and before it what fills the hole to it."""
        if not samples(frame.data) or frame.at <= self.end - self.SLACK:
            return
        nothing = bytes((self._toc & 0xFC,)) if self._toc is not None and frame.at - self.end <= self.LOSS else b""
        while (hole := round((frame.at - self.end) * 48000)) >= self.SLACK * 48000:
            if 0 < samples(nothing) <= hole:
                yield self._add(nothing)  # a packet that says how long its missing frame is
            else:
                yield self._add(LONG_SILENCE if hole >= 5760 else SILENCE)
        self._toc = frame.data[0]
        yield self._add(frame.data)

    def idle(self, until: float) -> Iterator[Frame]:
        """Silence, as nothing came until then."""
        while until - self.end >= self.PATIENCE:
            self._toc = None
            yield self._add(LONG_SILENCE)

    def _add(self, data: bytes) -> Frame:
        at = self.end
        self._samples += samples(data)
        return Frame(at, data, True)
