import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import rtcp

U32 = st.integers(0, 0xFFFFFFFF)
U16 = st.integers(0, 0xFFFF)
REPORT = st.builds(rtcp.Report, U32, st.integers(0, 255), st.integers(-(1 << 23), (1 << 23) - 1), U32, U32, U32, U32)


@given(U32, st.lists(REPORT, max_size=31))
def test_receiver_reports_come_back(sender: int, reports: list[rtcp.Report]) -> None:
    assert rtcp.parse(rtcp.receiver_report(sender, reports)) == [rtcp.Reports(sender, 0, tuple(reports))]


def test_losses_beyond_24_bits_are_cut() -> None:
    [read] = rtcp.parse(rtcp.receiver_report(1, [rtcp.Report(2, lost=1 << 30), rtcp.Report(3, lost=-(1 << 30))]))
    assert [report.lost for report in read.reports] == [(1 << 23) - 1, -(1 << 23)]


@given(U32, st.integers(1, (1 << 64) - 1), st.text("abc-0", max_size=20))
def test_sender_reports_come_back(ssrc: int, at: int, cname: str) -> None:
    packet = rtcp.sender_report(ssrc, at, 1 << 40, 1 << 40, 1 << 40, cname)
    assert rtcp.parse(packet) == [rtcp.Reports(ssrc, at, ())]
    assert packet[28 + 1] == rtcp.SDES


@given(U32, U32, U16, st.sets(st.integers(0, 300), min_size=1))
def test_nacks_come_back_over_the_wrap(sender: int, ssrc: int, first: int, offsets: set[int]) -> None:
    numbers = [(first + offset) & 0xFFFF for offset in sorted(offsets)]
    assert rtcp.parse(rtcp.nack(sender, ssrc, numbers)) == [rtcp.Lost(ssrc, tuple(numbers))]


def test_a_nack_packs_seventeen_numbers_into_four_bytes() -> None:
    assert len(rtcp.nack(1, 2, [*range(65530, 65536), *range(11)])) == 16


def test_a_compound_packet_in_order_with_what_we_do_not_know() -> None:
    goodbye = struct.pack("!BBHL", 0x81, 203, 1, 9)
    remb = struct.pack("!BBHLL4sL", 0x8F, 206, 5, 1, 0, b"REMB", 1 << 24 | 3 << 18 | 0x2BAD) + bytes(4)
    fir = struct.pack("!BBHLLLL", 0x84, 206, 4, 1, 0, 55, 1 << 24)
    compound = rtcp.receiver_report(1, []) + goodbye + remb + rtcp.pli(1, 44) + fir
    assert rtcp.parse(compound) == [rtcp.Reports(1, 0, ()), rtcp.Remb(0x2BAD << 3), rtcp.KeyFrame(44), rtcp.KeyFrame(55)]


@pytest.mark.parametrize(
    "data",
    [
        b"\x81",
        b"\x41\xc9\x00\x01" + bytes(4),  # another version
        b"\x81\xc9\x00\x09" + bytes(4),  # longer than the packet
        b"\x81\xc9\x00\x01" + bytes(4),  # a report block that is not there
        b"\xa1\xcd\x00\x01" + bytes(3) + b"\x09",  # more padding than packet
        b"\xa1\xcd\x00\x00",  # padding of nothing
        b"\x81\xcd\x00\x01" + bytes(4),  # a NACK of nobody
    ],
)
def test_malformed_packets_are_value_errors(data: bytes) -> None:
    with pytest.raises(ValueError):
        rtcp.parse(data)


@given(st.sampled_from([200, 201, 202, 205, 206]), st.integers(0, 63), st.integers(0, 12), st.binary(max_size=60))
def test_junk_parses_or_is_a_value_error(kind: int, count: int, words: int, body: bytes) -> None:
    with suppress(ValueError):
        rtcp.parse(body)
    with suppress(ValueError):
        rtcp.parse(struct.pack("!BBH", 0x80 | count, kind, words) + body)


def read_transport_feedback(packet: bytes) -> tuple[int, list[int | None], int]:
    """Base, arrival ticks, and count, as the draft says a sender reads them."""
    padding = packet[-1] if packet[0] & 0x20 else 0
    assert packet[0] & 31 == 15
    assert packet[1] == 205
    assert struct.unpack_from("!H", packet, 2)[0] * 4 + 4 == len(packet)
    base, length, reference = struct.unpack_from("!HHL", packet, 12)
    symbols: list[int] = []
    at = 20
    while len(symbols) < length:
        word = struct.unpack_from("!H", packet, at)[0]
        at += 2
        assert word >> 14 == 3
        symbols += (word >> (12 - 2 * i) & 3 for i in range(7))
    tick, arrivals = (reference >> 8) * 256, list[int | None]()
    for symbol in symbols[:length]:
        if symbol == 0:
            arrivals.append(None)
            continue
        delta = packet[at] if symbol == 1 else struct.unpack_from("!h", packet, at)[0]
        at += symbol
        tick += delta
        arrivals.append(tick)
    assert at == len(packet) - padding
    return base, arrivals, reference & 0xFF


@given(U16, st.lists(st.none() | st.integers(0, 40_000), min_size=1, max_size=60).filter(any), st.integers(0, 255))
def test_transport_feedback_says_when_each_packet_came(base: int, ticks: list[int | None], count: int) -> None:
    start = 1_000_000
    arrivals = [None if tick is None else start + tick for tick in ticks]
    packet, covered = rtcp.transport_feedback(1, 2, base, arrivals, count)
    assert read_transport_feedback(packet) == (base, arrivals[:covered], count)
    if covered < len(arrivals):  # it ends only where a step does not fit 16 bits
        before = next(a for a in reversed(arrivals[:covered]) if a is not None)
        assert not -0x8000 <= (arrivals[covered] or 0) - before < 0x8000


@given(U16, st.lists(st.none() | st.integers(0, 40_000), min_size=1, max_size=60).filter(any))
def test_our_own_transport_feedback_is_read_as_the_draft_says(base: int, ticks: list[int | None]) -> None:
    packet, covered = rtcp.transport_feedback(1, 2, base, ticks, 7)
    [part] = rtcp.split(packet)
    read = rtcp.read_transport_feedback(part.body)
    assert read.base == base
    assert [None if t is None else read.reference * 256 + t for t in read.arrivals] == ticks[:covered]


@pytest.mark.parametrize(
    ("chunks", "deltas", "arrivals"),
    [
        ([0x2003], [4, 4, 4], [4, 8, 12]),  # a run of small ones
        ([0x0002, 0x2001], [9], [None, None, 9]),  # a run of lost ones, and one
        ([0x4002], [0, 5, 0xFF, 0xFD], [5, 2]),  # two of two bytes, the second backwards
        ([0x8000 | 0b10110000000000], [1, 1, 1], [1, None, 2, 3]),  # one-bit symbols
        ([0xC000 | 0b01_00_10_00_00_00_00], [7, 0x01, 0x00], [7, None, 263]),  # two-bit symbols
        ([0xBFFF, 0x2001], [1] * 15, list(range(1, 16))),  # fourteen and one
    ],
)
def test_every_form_of_transport_feedback(chunks: list[int], deltas: list[int], arrivals: list[int | None]) -> None:
    body = struct.pack("!LLHHL", 1, 2, 100, len(arrivals), 5 << 8 | 3)
    body += b"".join(struct.pack("!H", chunk) for chunk in chunks) + bytes(deltas)
    assert rtcp.read_transport_feedback(body) == (100, 5, arrivals)
    with pytest.raises(ValueError):
        rtcp.read_transport_feedback(body[:-1])


@pytest.mark.parametrize(
    "chunk",
    [0x0000, 0x6001, 0xC000 | 0b11 << 12],  # a run of nothing; the reserved symbol
)
def test_transport_feedback_of_no_meaning(chunk: int) -> None:
    with pytest.raises(ValueError):
        rtcp.read_transport_feedback(struct.pack("!LLHHLH", 1, 2, 100, 1, 0, chunk) + bytes(8))
