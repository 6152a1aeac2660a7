"""What the reference engine sends: slots, for which passing streams are rewritten."""

import secrets
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from media import rtcp, rtp
from media.engine import Extensions, SlotSpec, SlotState
from media.engine.rewrite import Counter, Sequence, Timestamps
from media.engine.streams import Carried, Media, Source, Stream


class Outgoing(NamedTuple):
    """A packet on its way out, still without what depends on when it leaves. With `padding` it has no payload, and so
    many bytes of that."""

    slot: "Slot"
    payload_type: int
    sequence: int
    ssrc: int
    timestamp: int
    marker: bool = False
    carried: Carried = Carried()
    payload: bytes = b""
    padding: int = 0

    @property
    def video(self) -> bool:
        return self.slot.video

    def pack(self, ids: Extensions, now: float, transport: int | None) -> bytes:
        """`now`: any clock that counts seconds. `transport`: its transport-wide number, if it gets one."""
        values = []
        if ids.mid:
            values.append((ids.mid, self.slot.mid))
        if ids.abs_send_time:  # seconds in 6.18 fixed point
            values.append((ids.abs_send_time, (int(now * (1 << 18)) & 0xFFFFFF).to_bytes(3, "big")))
        if transport is not None:
            values.append((ids.transport_sequence, (transport & 0xFFFF).to_bytes(2, "big")))
        if ids.audio_level and self.carried.audio_level:
            values.append((ids.audio_level, self.carried.audio_level))
        if ids.orientation and self.carried.orientation:
            values.append((ids.orientation, self.carried.orientation))
        packed = rtp.pack(
            self.marker,
            self.payload_type,
            self.sequence,
            self.timestamp,
            self.ssrc,
            rtp.pack_extensions(values),
            self.payload,
        )
        return rtp.pad(packed, self.padding) if self.padding else packed


class Outlet(Protocol):
    """The receiving peer, as its slots see it."""

    @property
    def open(self) -> bool:
        """Whether anything can be sent to it now."""

    def put(self, packet: Outgoing) -> None: ...


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


class Slot:
    """One fixed outgoing stream: its SSRCs never change, what it shows does. `shows` is called when that changes by
    itself."""

    REPEAT = 0.02
    """A packet is sent again at most once in this time, in seconds,"""
    REPEATS = 4
    """and at most so often: a receiver that asks without end harms only itself."""

    def __init__(
        self,
        id: int,
        peer: int,
        spec: SlotSpec,
        outlet: Outlet,
        shows: Callable[[int, int | None], None],
        used: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        """`used`: the last number used, by SSRC, of those that have been used before under the same keys."""
        self.id, self.peer, self.spec = id, peer, spec
        self.mid, self.video = spec.mid.encode(), spec.codecs[0].name != "opus"
        self.source: Source | None = None
        self.stills = False
        self._layer = 0
        self._outlet, self._shows = outlet, shows
        self._codecs = {codec.name: codec for codec in spec.codecs}
        self._repair = next((codec.repair for codec in spec.codecs if codec.repair is not None), None)
        self._stream: Stream | None = None
        self._still: int | None = None  # timestamp of the newest key frame, when only those are sent
        first = used[spec.ssrc] + 1 if spec.ssrc in used else secrets.randbelow(1 << 15)
        self._sequence = Sequence(first)
        self._timestamps = Timestamps(secrets.randbelow(1 << 31), rtp.CLOCK[spec.codecs[0].name])
        self._picture, self._tl0 = Counter(), Counter()
        self.reported = rtcp.Report(0), 0.0  # the receiver's newest report, when it came
        self._sent: list[Sent | None] = [None] * (Sequence.WINDOW if spec.repair_ssrc is not None else 0)
        self._repair_sequence = used.get(spec.repair_ssrc or 0, secrets.randbelow(1 << 15))
        self._packets = self._octets = self._repaired = 0

    def bind(self, source: Source | None, layer: int, stills: bool) -> None:
        if source is not self.source or (self.stills and not stills):  # after stills every picture needs the one before
            self.source, self._stream = source, None
        if not self.stills:
            self._still = None
        self._layer, self.stills = layer, stills and self.video

    def forget(self, stream: Stream | None) -> None:
        """The stream will not go on, whatever passes now begins with a key frame again; None: any stream."""
        if self._stream is not None and stream in (None, self._stream):
            self._stream = None
            self._shows(self.id, None)

    def forward(self, stream: Stream, media: Media) -> None:
        """Takes any packet of the source bound here and sends it if it is of the layer being shown."""
        packet = media.packet
        codec = self._codecs.get(media.codec)
        if codec is None:
            return
        changed = stream is not self._stream
        if changed:
            # a repaired key frame has lost its order: what follows it has passed already
            if stream.layer != self._layer or not media.key or media.repaired:
                return
            self._stream = stream
            self._timestamps.restart(packet.timestamp, media.at)
            self._restart(media)
        elif self.stills and packet.timestamp != self._still:
            if not media.key or media.repaired:
                return
            self._restart(media)
        if self._outlet.open:
            self._send(media, codec.payload_type)
        if changed:
            self._shows(self.id, stream.layer)

    def _restart(self, media: Media) -> None:
        """This packet follows the last one sent, whatever was between them."""
        self._still = media.packet.timestamp
        self._sequence.restart(media.packet.sequence)
        if media.vp8 is not None:
            if media.vp8.picture is not None:
                self._picture.restart(media.vp8.picture)
            if media.vp8.tl0 is not None:
                self._tl0.restart(media.vp8.tl0)

    def _send(self, media: Media, payload_type: int) -> None:
        number = self._sequence.take(media.packet.sequence)
        if number is None:
            return
        picture = tl0 = 0
        if media.vp8 is not None:
            if media.vp8.picture is not None:
                picture = self._picture.take(media.vp8.picture, media.vp8.picture_bits)
            if media.vp8.tl0 is not None:
                tl0 = self._tl0.take(media.vp8.tl0, 8)
        sent = Sent(number, media, self._timestamps.take(media.packet.timestamp, media.at), picture, tl0)
        if self._sent:
            self._sent[number % Sequence.WINDOW] = sent
        self._put(sent, payload_type, number, self.spec.ssrc, sent.payload())

    def _put(self, sent: Sent, payload_type: int, sequence: int, ssrc: int, payload: bytes) -> None:
        media = sent.media
        self._outlet.put(
            Outgoing(self, payload_type, sequence, ssrc, sent.timestamp, media.packet.marker, media.extensions, payload)
        )

    def skip(self, stream: Stream, packet: rtp.Packet) -> None:
        """Padding is not forwarded and leaves no gap; only where its neighbours are gone already does an empty packet
        take its place."""
        if stream is not self._stream or not self._outlet.open or self.stills:
            return
        number = self._sequence.skip(packet.sequence)
        if number is not None:
            payload_type = self.spec.codecs[0].payload_type
            self._outlet.put(Outgoing(self, payload_type, number, self.spec.ssrc, self._timestamps.newest))

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
        self._put(sent, repair, self._repair_sequence, self.spec.repair_ssrc, original + sent.payload())

    def padding(self) -> Outgoing | None:
        """A probe of 255 bytes on the RTX stream; None if there is no such stream."""
        if self._repair is None or self.spec.repair_ssrc is None:
            return None
        self._repair_sequence += 1
        timestamp = self._timestamps.newest
        return Outgoing(self, self._repair, self._repair_sequence, self.spec.repair_ssrc, timestamp, padding=255)

    def left(self, packet: Outgoing) -> None:
        """Counts what really was sent; of RTX nothing."""
        if packet.ssrc == self.spec.ssrc:
            self._packets += 1
            self._octets += len(packet.payload)

    @property
    def layer(self) -> int | None:
        """That of the source now passing through."""
        return self._stream.layer if self._stream is not None else None

    @property
    def used(self) -> dict[int, int]:
        """The last number used, by SSRC."""
        used = {self.spec.ssrc: self._sequence.newest}
        if self.spec.repair_ssrc is not None:
            used[self.spec.repair_ssrc] = self._repair_sequence
        return used

    def state(self) -> SlotState:
        newest = self._timestamps
        return SlotState(self.layer, self._packets, self._octets, newest.newest, newest.at, self._repaired, *self.reported)
