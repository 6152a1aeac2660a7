"""Senders made by hand: streams of numbered packets that can lose, repeat, delay and repair what they sent."""

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from media import rtp
from tests.media.engine.endpoint import IDS


def two_byte(values: list[tuple[int, bytes]]) -> bytes:
    """A block of header extensions in the other form (RFC 8285, 4.3)."""
    block = b"".join(bytes((id, len(value))) + value + b"\0" for id, value in values)
    block += bytes(-len(block) % 4)
    return struct.pack("!HH", 0x1000, len(block) // 4) + block


@dataclass
class Feed:
    """One stream of one peer: a camera's layer, a camera without layers, or a microphone. Every packet's payload ends
    with a name of its own, so that what comes out can be told, however it was rewritten."""

    peer: str
    mid: bytes
    codec: str  # opus, vp8, h264
    payload_type: int
    repair_type: int | None
    ssrc: int
    rid: bytes = b""
    picture_bits: int = 15  # of VP8; 0: no numbers at all
    sequence: int = 65500
    timestamp: int = 0xFFFFF000
    picture: int = 32760
    tl0: int = 250
    repair_sequence: int = 65530
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(65530))  # transport-wide, of the whole peer
    repair_ssrc: int = field(init=False)
    sent: list[tuple[int, int, bool, bytes]] = field(default_factory=list)  # sequence, timestamp, marker, payload

    def __post_init__(self) -> None:
        self.repair_ssrc = self.ssrc + 1
        if self.picture_bits == 7:
            self.picture = 120

    @property
    def place(self) -> tuple[str, bytes, bytes]:
        """Which layer of which source it is: there is one stream at a time."""
        return self.peer, self.mid, self.rid

    def _transport(self) -> tuple[int, bytes]:
        return IDS.transport_sequence, struct.pack("!H", next(self.numbers) & 0xFFFF)

    def _payload(self, name: int, *, key: bool, part: int) -> bytes:
        tail = bytes(name * 37 % 1100 if name % 3 else 500) + struct.pack("!L", name)  # some of one size, as of a large picture
        if self.codec == "opus":
            return b"sound" + tail
        if self.codec == "h264":
            if key and part == 0 and name % 2:  # the parameter sets together
                return b"\x78\0\4\x67sps\0\4\x68pps" + tail
            if key:
                return (b"\x67sps", b"\x68pps", b"\x65idr")[min(part, 2)] + tail
            return b"\x41delta" + tail
        start = 0x10 if part == 0 else 0
        body = (b"\x00" if key else b"\x01") + b"picture" + tail
        if not self.picture_bits:
            return bytes((start,)) + body
        wide = self.picture_bits == 15 or self.picture > 127
        picture = struct.pack("!H", 0x8000 | self.picture) if wide else bytes((self.picture,))
        return bytes((0x80 | start, 0xE0)) + picture + bytes((self.tl0, 0x20)) + body  # with TL0PICIDX and a temporal layer

    def frame(self, names: list[int], *, key: bool) -> list[bytes]:
        """One picture (or 20 ms of sound) in as many packets as names, plain."""
        self.timestamp = (self.timestamp + (960 if self.codec == "opus" else 3000)) & 0xFFFFFFFF
        self.picture, self.tl0 = (self.picture + 1) & 0x7FFF, (self.tl0 + 1) & 0xFF
        packets = []
        for part, name in enumerate(names):
            marker = part == len(names) - 1
            self.sequence = (self.sequence + 1) & 0xFFFF
            payload = self._payload(name, key=key, part=part)
            self.sent.append((self.sequence, self.timestamp, marker, payload))
            packets.append(self.packet(self.sequence, self.timestamp, payload, marker=marker))
        return packets

    def packet(self, sequence: int, timestamp: int, payload: bytes, *, marker: bool = False) -> bytes:
        values = [(IDS.mid, self.mid), self._transport()]
        if self.rid:
            values.append((IDS.rid, self.rid))
        if self.codec == "opus":
            values.append((IDS.audio_level, bytes((0x80 | sequence & 0x7F,))))
        elif marker:
            values.append((IDS.orientation, b"\x01"))
        block = two_byte(values) if sequence % 5 == 0 else rtp.pack_extensions(values)
        packet = rtp.pack(marker, self.payload_type, sequence, timestamp, self.ssrc, block, payload)
        if sequence % 7 == 0:  # mixed of two others
            packet = bytes((packet[0] | 2,)) + packet[1:12] + bytes(8) + packet[12:]
        if sequence % 11 == 0 and payload:
            packet = rtp.pad(packet, 1 + sequence % 40)
        return packet

    def padding(self) -> bytes:
        """A probe within the stream."""
        self.sequence = (self.sequence + 1) & 0xFFFF
        return rtp.pad(self.packet(self.sequence, self.timestamp, b""), 40)

    def repair(self, back: int) -> bytes | None:
        """The packet sent so many packets ago, over RTX; 0: padding over RTX."""
        if self.repair_type is None or back > len(self.sent):
            return None
        self.repair_sequence = (self.repair_sequence + 1) & 0xFFFF
        values = [(IDS.mid, self.mid), self._transport(), *([(IDS.repaired_rid, self.rid)] if self.rid else [])]
        block = rtp.pack_extensions(values)
        if not back:
            return rtp.pad(rtp.pack(False, self.repair_type, self.repair_sequence, 0, self.repair_ssrc, block, b""), 200)
        sequence, timestamp, marker, payload = self.sent[-back]
        return rtp.pack(
            marker,
            self.repair_type,
            self.repair_sequence,
            timestamp,
            self.repair_ssrc,
            block,
            struct.pack("!H", sequence) + payload,
        )

    def renew(self) -> None:
        """Begins anew under other SSRCs and other numbers, as after a reload."""
        self.ssrc, self.repair_ssrc = self.ssrc + 10, self.repair_ssrc + 10
        self.sequence, self.timestamp = (self.sequence + 31000) & 0xFFFF, (self.timestamp + 12345678) & 0xFFFFFFFF
        self.picture, self.tl0 = (self.picture + 9000) & 0x7FFF, (self.tl0 + 77) & 0xFF
        self.sent.clear()

    def leap(self, by: int) -> None:
        """So many packets are lost at once."""
        self.sequence = (self.sequence + by) & 0xFFFF
        self.sent.clear()


def name_of(payload: bytes) -> int:
    """Which packet this once was."""
    return int(struct.unpack("!L", payload[-4:])[0])
