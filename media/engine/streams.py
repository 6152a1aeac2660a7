"""What passes through the reference engine: the streams of a source, and the slots they are rewritten for."""

import secrets
import time
from collections.abc import Callable
from typing import NamedTuple

from media import rtp
from media.engine import Extensions, SlotSpec, SlotState, SourceSpec
from media.engine.rewrite import Counter, Sequence, Timestamps


class Media(NamedTuple):
    """A packet with a payload, and what a slot has to know to rewrite it."""

    packet: rtp.Packet
    codec: str
    vp8: rtp.Vp8 | None
    key: bool
    at: float
    repaired: bool
    extensions: "Carried"


class Carried(NamedTuple):
    """Header extensions that are handed on, empty where the packet had none."""

    audio_level: bytes = b""
    orientation: bytes = b""


class Stream:
    """One SSRC of a source. A layer that comes back under another SSRC is another stream."""

    def __init__(self, source: "Source", layer: int, ssrc: int) -> None:
        self.source, self.layer, self.ssrc = source, layer, ssrc


class Source:
    def __init__(self, id: int, peer: int, spec: SourceSpec) -> None:
        self.id, self.peer, self.mid, self.rids = id, peer, spec.mid, spec.rids
        self.codecs = {codec.payload_type: codec.name for codec in spec.codecs}
        self.repairs = {codec.repair: codec.name for codec in spec.codecs if codec.repair is not None}
        self.streams: list[Stream | None] = [None] * max(1, len(spec.rids))
        self.slots: set[Slot] = set()


Send = Callable[[bytes], None]


class Slot:
    """One fixed outgoing stream: its SSRCs never change, what it shows does."""

    REPEAT = 0.02
    """A packet is sent again at most once in this time, in seconds,"""
    REPEATS = 4
    """and at most so often: a receiver that asks without end harms only itself."""

    def __init__(self, id: int, peer: int, spec: SlotSpec, send: Send) -> None:
        self.id, self.peer, self.spec = id, peer, spec
        self.source: Source | None = None
        self.layer = 0
        self.extensions = Extensions()
        self._send = send
        self._mid = spec.mid.encode()
        self._codecs = {codec.name: codec for codec in spec.codecs}
        self._stream: Stream | None = None
        self._sequence = Sequence(secrets.randbelow(1 << 15))
        self._timestamps = Timestamps(secrets.randbelow(1 << 31), rtp.CLOCK[spec.codecs[0].name])
        self._picture, self._tl0 = Counter(), Counter()
        self._sent: list[Sent | None] = [None] * (Sequence.WINDOW if spec.repair_ssrc is not None else 0)
        self._repair_sequence = secrets.randbelow(1 << 15)
        self._packets = self._octets = self._repaired = 0

    def bind(self, source: Source | None, layer: int) -> None:
        if source is not self.source:
            if self.source is not None:
                self.source.slots.discard(self)
            if source is not None:
                source.slots.add(self)
            self.source, self._stream = source, None
        self.layer = layer

    def forward(self, stream: Stream, media: Media) -> None:
        """Takes any packet of the source bound here and sends it if it is of the layer being shown."""
        packet = media.packet
        codec = self._codecs.get(media.codec)
        if codec is None:
            return
        if stream is not self._stream:
            # a repaired key frame has lost its order: what follows it has passed already
            if stream.layer != self.layer or not media.key or media.repaired:
                return
            self._switch(stream, media)
        number = self._sequence.take(packet.sequence)
        if number is None:
            return
        picture = tl0 = 0
        if media.vp8 is not None:
            if media.vp8.picture is not None:
                picture = self._picture.take(media.vp8.picture, media.vp8.picture_bits)
            if media.vp8.tl0 is not None:
                tl0 = self._tl0.take(media.vp8.tl0, 8)
        sent = Sent(number, media, self._timestamps.take(packet.timestamp, media.at), picture, tl0)
        payload = sent.payload()
        if self._sent:
            self._sent[number % Sequence.WINDOW] = sent
        self._packets += 1
        self._octets += len(payload)
        self._emit(sent, codec.payload_type, number, self.spec.ssrc, payload)

    def skip(self, stream: Stream, packet: rtp.Packet) -> None:
        """Padding is not forwarded and leaves no gap; only where its neighbours are gone already does an empty packet
        take its place."""
        if stream is not self._stream:
            return
        number = self._sequence.skip(packet.sequence)
        if number is not None:
            payload_type = next(iter(self._codecs.values())).payload_type
            timestamp = self._timestamps.newest
            self._send(rtp.pack(False, payload_type, number, timestamp, self.spec.ssrc, self._extend(Carried()), b""))

    def retransmit(self, number: int, now: float) -> None:
        """`number` is cut to 16 bits, as receivers name it."""
        behind = (self._sequence.newest - number) & 0xFFFF
        number = self._sequence.newest - behind
        sent = self._sent[number % Sequence.WINDOW] if self._sent else None
        if sent is None or sent.number != number or sent.repeats >= self.REPEATS or now - sent.repeated_at < self.REPEAT:
            return
        repair = self._codecs[sent.media.codec].repair
        if repair is None or self.spec.repair_ssrc is None:
            return
        sent.repeated_at, sent.repeats = now, sent.repeats + 1
        self._repair_sequence += 1
        self._repaired += 1
        original = (number & 0xFFFF).to_bytes(2, "big")
        self._emit(sent, repair, self._repair_sequence, self.spec.repair_ssrc, original + sent.payload())

    def state(self) -> SlotState:
        stream = self._stream
        return SlotState(
            stream.layer if stream is not None and stream.source.streams[stream.layer] is stream else None,
            self._packets,
            self._octets,
            self._timestamps.newest,
            self._timestamps.at,
            self._repaired,
        )

    def _switch(self, stream: Stream, media: Media) -> None:
        self._stream = stream
        self._sequence.restart(media.packet.sequence)
        self._timestamps.restart(media.packet.timestamp, media.at)
        if media.vp8 is not None:
            if media.vp8.picture is not None:
                self._picture.restart(media.vp8.picture)
            if media.vp8.tl0 is not None:
                self._tl0.restart(media.vp8.tl0)

    def _emit(self, sent: "Sent", payload_type: int, sequence: int, ssrc: int, payload: bytes) -> None:
        extensions = self._extend(sent.media.extensions)
        self._send(rtp.pack(sent.media.packet.marker, payload_type, sequence, sent.timestamp, ssrc, extensions, payload))

    def _extend(self, carried: Carried) -> bytes:
        ids = self.extensions
        values = []
        if ids.mid:
            values.append((ids.mid, self._mid))
        if ids.abs_send_time:  # seconds in 6.18 fixed point
            values.append((ids.abs_send_time, (int(time.time() * (1 << 18)) & 0xFFFFFF).to_bytes(3, "big")))
        if ids.audio_level and carried.audio_level:
            values.append((ids.audio_level, carried.audio_level))
        if ids.orientation and carried.orientation:
            values.append((ids.orientation, carried.orientation))
        return rtp.pack_extensions(values)


class Sent:
    """A packet the slot sent and may be asked for again. The received payload is shared by all slots that sent it."""

    __slots__ = ("media", "number", "picture", "repeated_at", "repeats", "timestamp", "tl0")

    def __init__(self, number: int, media: Media, timestamp: int, picture: int, tl0: int) -> None:
        self.number, self.media, self.timestamp, self.picture, self.tl0 = number, media, timestamp, picture, tl0
        self.repeated_at, self.repeats = 0.0, 0

    def payload(self) -> bytes:
        if self.media.vp8 is None:
            return self.media.packet.payload
        return rtp.renumber_vp8(self.media.packet.payload, self.media.vp8, self.picture, self.tl0)
