"""RTCP as one media node needs it (RFC 3550, RFC 4585, RFC 5104, transport-wide congestion control
draft-holmer-rmcat-transport-wide-cc-extensions-01), on bytes. Reading raises ValueError on bytes that do not parse."""

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

SENDER_REPORT, RECEIVER_REPORT, SDES, RTP_FEEDBACK, PAYLOAD_FEEDBACK = 200, 201, 202, 205, 206
APPLICATION_DEFINED = 204  # the last of those from SENDER_REPORT on that only say who and how
NACK, TRANSPORT = 1, 15  # formats of RTP_FEEDBACK
PLI, FIR, APPLICATION = 1, 4, 15  # formats of PAYLOAD_FEEDBACK
TICKS = 4000  # arrival times of transport feedback are counted in 250 µs
NTP_EPOCH = 2208988800  # 1970 in NTP seconds


class Report(NamedTuple):
    """What a receiver says of one stream. `fraction` in 1/256, `delay` (since our sender report) in 1/65536 s."""

    ssrc: int
    fraction: int = 0
    lost: int = 0
    highest: int = 0
    jitter: int = 0
    last_sender_report: int = 0
    delay: int = 0


class Reports(NamedTuple):
    """A sender or receiver report. `ntp` (64 bits) is 0 in a receiver report."""

    ssrc: int
    ntp: int
    reports: tuple[Report, ...]


class Lost(NamedTuple):
    """A generic NACK: sequence numbers of `ssrc` that did not arrive."""

    ssrc: int
    numbers: tuple[int, ...]


class KeyFrame(NamedTuple):
    """PLI or FIR: the receiver cannot go on with `ssrc` without a key frame."""

    ssrc: int


class Remb(NamedTuple):
    """The receiver's own estimate of what reaches it, in bits per second (draft-alvestrand-rmcat-remb)."""

    bitrate: int


class TransportFeedback(NamedTuple):
    """When the packets numbered from `base` (16 bits) on arrived, None where one did not: in TICKS after `reference`,
    which counts 64 ms and wraps at 24 bits."""

    base: int
    reference: int
    arrivals: list[int | None]


Message = Reports | Lost | KeyFrame | Remb


class Part(NamedTuple):
    """One packet of a compound. `format` is that of feedback, or how many reports there are; `body` is what follows the
    header, without padding."""

    kind: int
    format: int
    body: bytes


def split(data: bytes) -> list[Part]:
    """The packets of a compound, in order."""
    parts: list[Part] = []
    at = 0
    while at < len(data):
        end = at + 4
        if end <= len(data):
            first, kind, words = struct.unpack_from("!BBH", data, at)
            end += 4 * words
        if end > len(data) or first >> 6 != 2:
            raise ValueError("malformed RTCP header")
        body = data[at + 4 : end]
        if first & 0x20:
            if not body or not 0 < body[-1] <= len(body):
                raise ValueError("malformed RTCP padding")
            body = body[: -body[-1]]
        parts.append(Part(kind, first & 31, body))
        at = end
    return parts


def parse(data: bytes) -> list[Message]:
    """The messages of a compound packet that mean something to us, in order; others are skipped. Transport-wide
    feedback is read by `read_transport_feedback`."""
    return [message for part in split(data) for message in read(part)]


def read(part: Part) -> list[Message]:
    """What one packet says, nothing if it does not concern us."""
    try:
        return list(_read(*part))
    except struct.error:
        raise ValueError("truncated RTCP") from None


def _read(kind: int, count: int, body: bytes) -> Iterable[Message]:
    if kind in (SENDER_REPORT, RECEIVER_REPORT):
        ssrc, ntp = struct.unpack_from("!LQ", body) if kind == SENDER_REPORT else (*struct.unpack_from("!L", body), 0)
        start = 24 if kind == SENDER_REPORT else 4
        yield Reports(ssrc, ntp, tuple(_report(body, start + 24 * i) for i in range(count)))
    elif kind == RTP_FEEDBACK and count == NACK:
        numbers: list[int] = []
        for first, following in struct.iter_unpack("!HH", body[8:]):
            numbers.append(first)
            numbers += ((first + 1 + i) & 0xFFFF for i in range(16) if following >> i & 1)
        yield Lost(struct.unpack_from("!L", body, 4)[0], tuple(numbers))
    elif kind == PAYLOAD_FEEDBACK and count == PLI:
        yield KeyFrame(struct.unpack_from("!L", body, 4)[0])
    elif kind == PAYLOAD_FEEDBACK and count == FIR:
        for ssrc, _ in struct.iter_unpack("!LL", body[8:]):
            yield KeyFrame(ssrc)
    elif kind == PAYLOAD_FEEDBACK and count == APPLICATION and body[8:12] == b"REMB":
        bits = struct.unpack_from("!L", body, 12)[0]
        yield Remb((bits & 0x3FFFF) << (bits >> 18 & 63))


def _report(body: bytes, at: int) -> Report:
    ssrc, loss, highest, jitter, last, delay = struct.unpack_from("!LLLLLL", body, at)
    lost = loss & 0xFFFFFF
    return Report(ssrc, loss >> 24, lost - (1 << 24) if lost >> 23 else lost, highest, jitter, last, delay)


def read_transport_feedback(body: bytes) -> TransportFeedback:
    """The body of a packet of RTP_FEEDBACK and TRANSPORT."""
    try:
        base, count, times = struct.unpack_from("!HHL", body, 8)
        symbols, at = bytearray(), 16
        while len(symbols) < count:
            (chunk,) = struct.unpack_from("!H", body, at)
            at += 2
            if not chunk >> 15:  # a run of one symbol
                symbols += bytes((chunk >> 13,)) * min(chunk & 0x1FFF, count - len(symbols))
                if not chunk & 0x1FFF:
                    raise ValueError("a run of nothing")
            elif chunk >> 14 & 1:  # seven symbols of two bits
                symbols += bytes(chunk >> shift & 3 for shift in range(12, -1, -2))
            else:  # fourteen of one bit
                symbols += bytes(chunk >> shift & 1 for shift in range(13, -1, -1))
        arrivals: list[int | None] = [None] * count
        ticks = 0
        for i, symbol in enumerate(symbols[:count]):
            if symbol == 1:
                ticks += body[at]
            elif symbol == 2:
                ticks += struct.unpack_from("!h", body, at)[0]
            elif symbol == 3:
                raise ValueError("a reserved symbol")
            else:
                continue
            arrivals[i] = ticks
            at += symbol
    except (struct.error, IndexError):
        raise ValueError("truncated transport feedback") from None
    return TransportFeedback(base, times >> 8, arrivals)


def _pack(kind: int, count: int, body: bytes, padding: int = 0) -> bytes:
    if padding:
        body += bytes(padding - 1) + bytes((padding,))
    return struct.pack("!BBH", 0x80 | bool(padding) << 5 | count, kind, len(body) // 4) + body


def ntp(unix: float) -> int:
    """Unix seconds as a 64-bit NTP timestamp."""
    return int((unix + NTP_EPOCH) * (1 << 32))


def middle(timestamp: int) -> int:
    """The 32 bits of an NTP timestamp that reports echo."""
    return timestamp >> 16 & 0xFFFFFFFF


def sender_report(ssrc: int, at: int, timestamp: int, packets: int, octets: int, cname: str) -> bytes:
    """A sender report with the CNAME that must go with it. `at` is an NTP timestamp."""
    mask = 0xFFFFFFFF
    report = struct.pack("!LQLLL", ssrc, at, timestamp & mask, packets & mask, octets & mask)
    item = bytes((1, len(cname))) + cname.encode()
    chunk = struct.pack("!L", ssrc) + item + bytes(4 - len(item) % 4)
    return _pack(SENDER_REPORT, 0, report) + _pack(SDES, 1, chunk)


def receiver_report(sender: int, reports: Sequence[Report]) -> bytes:
    """At most 31 reports fit one packet."""
    body = struct.pack("!L", sender)
    for r in reports:
        lost = max(-(1 << 23), min(r.lost, (1 << 23) - 1)) & 0xFFFFFF
        body += struct.pack("!LLLLLL", r.ssrc, r.fraction << 24 | lost, r.highest, r.jitter, r.last_sender_report, r.delay)
    return _pack(RECEIVER_REPORT, len(reports), body)


def pli(sender: int, ssrc: int) -> bytes:
    return _pack(PAYLOAD_FEEDBACK, PLI, struct.pack("!LL", sender, ssrc))


def nack(sender: int, ssrc: int, numbers: Iterable[int]) -> bytes:
    """`numbers` in the order of the stream; they may wrap from 65535 to 0."""
    items: list[list[int]] = []
    for number in numbers:
        ahead = (number - items[-1][0]) & 0xFFFF if items else 0
        if 0 < ahead <= 16:
            items[-1][1] |= 1 << (ahead - 1)
        else:
            items.append([number, 0])
    return _pack(RTP_FEEDBACK, NACK, struct.pack("!LL", sender, ssrc) + b"".join(struct.pack("!HH", *i) for i in items))


def transport_feedback(sender: int, ssrc: int, base: int, arrivals: Sequence[int | None], count: int) -> tuple[bytes, int]:
    """When the packets numbered from `base` on arrived, in TICKS, None where one did not. At least the first
    that arrived must be there. Returns the packet and how many numbers it covers: it ends before an arrival
    that is too far (8 s) from the one before it."""
    reference = next(a for a in arrivals if a is not None) // 256  # units of 64 ms
    previous, symbols, deltas = reference * 256, [], b""
    for arrival in arrivals:
        if arrival is None:
            symbols.append(0)
            continue
        delta = arrival - previous
        if 0 <= delta < 256:
            symbols.append(1)
            deltas += bytes((delta,))
        elif -0x8000 <= delta < 0x8000:
            symbols.append(2)
            deltas += struct.pack("!h", delta)
        else:
            break
        previous = arrival
    body = struct.pack("!LLHHL", sender, ssrc, base & 0xFFFF, len(symbols), (reference & 0xFFFFFF) << 8 | count & 0xFF)
    for i in range(0, len(symbols), 7):  # status vectors of seven two-bit symbols
        vector = 0xC000
        for k, symbol in enumerate(symbols[i : i + 7]):
            vector |= symbol << (12 - 2 * k)
        body += struct.pack("!H", vector)
    body += deltas
    return _pack(RTP_FEEDBACK, TRANSPORT, body, -len(body) % 4), len(symbols)
