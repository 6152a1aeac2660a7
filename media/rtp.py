"""RTP packets (RFC 3550), their header extensions (RFC 8285), and the few payload bytes a forwarder has to read:
VP8 (RFC 7741) and H.264 (RFC 6184). Everything that reads raises ValueError on bytes that do not parse."""

import struct
from collections.abc import Iterable
from typing import NamedTuple

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
ORIENTATION = "urn:3gpp:video-orientation"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_SEQUENCE = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

CLOCK = {"opus": 48000, "vp8": 90000, "h264": 90000}  # RTP timestamp units per second

HEADER = struct.Struct("!BBHLL")
ONE_BYTE, TWO_BYTE = 0xBEDE, 0x1000


def distance(a: int, b: int, bits: int = 16) -> int:
    """How far `a` is ahead of `b` on a counter of `bits` bits; negative when it is behind."""
    half = 1 << (bits - 1)
    return ((a - b + half) & ((1 << bits) - 1)) - half


class Packet(NamedTuple):
    """A received packet without its padding. `payload` is empty when the sender only probed the link."""

    marker: bool
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    extensions: dict[int, bytes]
    payload: bytes


def parse(data: bytes) -> Packet:
    if len(data) < 12:
        raise ValueError("shorter than an RTP header")
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    if first >> 6 != 2:
        raise ValueError("not RTP version 2")
    start, end = 12 + 4 * (first & 15), len(data)
    extensions: dict[int, bytes] = {}
    if first & 0x10:
        if start + 4 > end:
            raise ValueError("truncated extension header")
        profile, words = struct.unpack_from("!HH", data, start)
        start += 4
        extensions = parse_extensions(profile, data[start : start + 4 * words])
        start += 4 * words
    if first & 0x20:
        if not data[-1]:
            raise ValueError("padding of no length")
        end -= data[-1]
    if start > end:
        raise ValueError("header longer than the packet")
    return Packet(second > 127, second & 127, sequence, timestamp, ssrc, extensions, data[start:end])


def parse_extensions(profile: int, block: bytes) -> dict[int, bytes]:
    """Values by id. A block of a profile we do not know is skipped, as RFC 3550 asks."""
    found: dict[int, bytes] = {}
    at, end = 0, len(block)
    if profile == ONE_BYTE:
        while at < end:
            first = block[at]
            at += 1
            if first == 0:  # padding
                continue
            if first >> 4 == 15:  # reserved: stop here
                break
            size = (first & 15) + 1
            if at + size > end:
                raise ValueError("truncated header extension")
            found[first >> 4] = block[at : at + size]
            at += size
    elif profile & 0xFFF0 == TWO_BYTE:
        while at < end:
            if block[at] == 0:
                at += 1
                continue
            if at + 2 > end or at + 2 + block[at + 1] > end:
                raise ValueError("truncated header extension")
            found[block[at]] = block[at + 2 : at + 2 + block[at + 1]]
            at += 2 + block[at + 1]
    return found


def pack_extensions(values: Iterable[tuple[int, bytes]]) -> bytes:
    """The whole extension block with its header, in the one-byte form: ids 1 to 14, values of 1 to 16 bytes."""
    block = b"".join([bytes((id << 4 | len(value) - 1,)) + value for id, value in values])
    block += bytes(-len(block) % 4)
    return struct.pack("!HH", ONE_BYTE, len(block) // 4) + block if block else b""


def pack(marker: bool, payload_type: int, sequence: int, timestamp: int, ssrc: int, extensions: bytes, payload: bytes) -> bytes:
    """`extensions` as made by `pack_extensions`. Counters are cut to their width on the wire."""
    return (
        HEADER.pack(0x90 if extensions else 0x80, marker << 7 | payload_type, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
        + extensions
        + payload
    )


def pad(packet: bytes, size: int) -> bytes:
    """A packet with 1 to 255 bytes of padding (RFC 3550, 5.1)."""
    return bytes((packet[0] | 0x20,)) + packet[1:] + bytes(size - 1) + bytes((size,))


class Vp8(NamedTuple):
    """A VP8 payload descriptor. `picture` and `tl0` are None where the sender does not number them."""

    length: int
    picture: int | None
    picture_bits: int
    tl0: int | None
    key: bool


def parse_vp8(payload: bytes) -> Vp8:
    try:
        first, at = payload[0], 1
        picture, bits, tl0 = None, 15, None
        if first & 0x80:
            present, at = payload[1], 2
            if present & 0x80:
                picture, at = payload[at], at + 1
                if picture & 0x80:
                    picture, at = (picture & 0x7F) << 8 | payload[at], at + 1
                else:
                    bits = 7
            if present & 0x40:
                tl0, at = payload[at], at + 1
            if present & 0x30:
                at += 1
        starts_frame = first & 0x17 == 0x10  # S set, first partition
        if at > len(payload):
            raise IndexError
        return Vp8(at, picture, bits, tl0, starts_frame and not payload[at] & 1)
    except IndexError:
        raise ValueError("truncated VP8 payload") from None


def renumber_vp8(payload: bytes, old: Vp8, picture: int, tl0: int) -> bytes:
    """The payload with new counters where it had any. Picture ids become 15 bits wide, so that a slot can go on
    counting after a sender that uses 7 bits."""
    if old.picture is None and old.tl0 is None:
        return payload
    head = bytearray(payload[:2])
    if old.picture is not None:
        head += ((picture & 0x7FFF) | 0x8000).to_bytes(2, "big")
    if old.tl0 is not None:
        head.append(tl0 & 0xFF)
    if payload[1] & 0x30:
        head.append(payload[old.length - 1])
    return bytes(head) + payload[old.length :]


def starts_h264(payload: bytes) -> bool:
    """Whether a decoder can begin with this packet: it carries a sequence parameter set, alone or first in a STAP-A."""
    kind = payload[0] & 31
    return kind == 7 or (kind == 24 and len(payload) > 3 and payload[3] & 31 == 7)
