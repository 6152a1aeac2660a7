"""What peers send to the reference engine: the sources, and the streams they consist of."""

from typing import TYPE_CHECKING, NamedTuple

from media import rtp
from media.engine import SourceSpec, StreamState
from media.engine.feedback import Missing, Reception

if TYPE_CHECKING:
    from media.engine.slots import Slot


class Carried(NamedTuple):
    """Header extensions that are handed on, empty where the packet had none."""

    audio_level: bytes = b""
    orientation: bytes = b""


class Media(NamedTuple):
    """A packet with a payload, and what a slot has to know to rewrite it."""

    packet: rtp.Packet
    codec: str
    vp8: rtp.Vp8 | None
    key: bool
    at: float
    repaired: bool
    extensions: Carried


class Stream:
    """One SSRC of a source. A layer that comes back under another SSRC is another stream."""

    def __init__(self, source: "Source", layer: int, ssrc: int) -> None:
        self.source, self.layer, self.ssrc = source, layer, ssrc
        self.missing, self.reception = Missing(), Reception(rtp.CLOCK[source.codec])
        self.media_at = 0.0
        self.sender_report = (0, 0.0)  # middle of its NTP time, when it came

    def arrived(self, packet: rtp.Packet, now: float, repaired: bool) -> None:
        """`packet` as it was before it was lost, if it is repaired. A probe without payload has no place in the stream
        when it comes over RTX."""
        if repaired and not packet.payload:
            return
        if self.source.codec != "opus":  # it conceals its losses better than late packets would
            self.missing.arrived(packet.sequence, now, repaired)
        if not repaired:
            self.reception.arrived(packet.sequence, packet.timestamp, len(packet.payload), now)
        if packet.payload:
            self.media_at = now

    def state(self) -> StreamState:
        r, m = self.reception, self.missing
        lost = r.expected - r.packets
        counted = self.layer, self.ssrc, r.packets, r.octets, r.highest, r.expected, lost, r.jitter, m.asked, m.repaired
        return StreamState(*counted, self.media_at, *self.sender_report)


class Hearing:
    """Audio levels of one microphone since they were last asked for."""

    def __init__(self) -> None:
        self.levels = self.packets = 0
        self.at = 0.0

    def heard(self, level: int, at: float) -> None:
        self.levels, self.packets, self.at = self.levels + level, self.packets + 1, at


class Source:
    """`live` has, for each layer, when its last packet of media came, None while it counts as not sent."""

    def __init__(self, id: int, peer: int, spec: SourceSpec) -> None:
        self.id, self.peer, self.mid, self.rids = id, peer, spec.mid, spec.rids
        self.codec = spec.codecs[0].name
        self.codecs = {codec.payload_type: codec.name for codec in spec.codecs}
        self.repairs = {codec.repair: codec.name for codec in spec.codecs if codec.repair is not None}
        self.streams: list[Stream | None] = [None] * max(1, len(spec.rids))
        self.live: list[float | None] = [None] * len(self.streams)
        self.hearing = Hearing()
        self.slots: set[Slot] = set()
