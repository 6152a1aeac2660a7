"""The C engine's parts that exist in Python as well: the same input, the same output."""

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import rtp
from media.engine.rewrite import Counter, Sequence, Timestamps

compiled = pytest.importorskip("media.engine.compiled", reason="the native engine is not built")
ffi, lib = compiled.ffi, compiled.lib

NUMBERS = st.integers(0, 0xFFFF)
STEPS = st.one_of(st.integers(-40, 60), st.integers(-1100, 1100), st.integers(-0x8000, 0x7FFF))
MOVES = st.lists(st.tuples(STEPS, st.sampled_from(["take", "take", "take", "skip", "skip", "restart"])), max_size=300)


@given(st.integers(0, 0x1FFFF), NUMBERS, MOVES)
def test_sequence_numbers(first: int, start: int, moves: list[tuple[int, str]]) -> None:
    python = Sequence(first)
    ours = ffi.new("struct sequence *")
    lib.sequence_begin(ours, first)
    python.restart(start)
    lib.sequence_restart(ours, start)
    at = start
    try:
        for step, move in moves:
            number = (at + step) & 0xFFFF
            at += max(0, step)
            if move == "restart":
                python.restart(number)
                lib.sequence_restart(ours, number)
                continue
            expected = python.take(number) if move == "take" else python.skip(number)
            got = (lib.sequence_take if move == "take" else lib.sequence_skip)(ours, number)
            assert got == (-1 if expected is None else expected)
            assert ours.newest == python.newest
    finally:
        lib.sequence_end(ours)


def test_more_rules_than_are_kept() -> None:
    python, ours = Sequence(7), ffi.new("struct sequence *")
    lib.sequence_begin(ours, 7)
    python.restart(0)
    lib.sequence_restart(ours, 0)
    for number in range(0, 3000, 2):  # every second one is padding: a rule each
        assert lib.sequence_take(ours, number) == python.take(number)
        assert lib.sequence_skip(ours, number + 1) == -1
        assert python.skip(number + 1) is None
    for number in range(2000, 3010):
        expected = python.take(number)
        assert lib.sequence_take(ours, number) == (-1 if expected is None else expected)
    lib.sequence_end(ours)


WORDS = st.integers(0, 0xFFFFFFFF)


@given(st.integers(0, 0x7FFFFFFF), st.sampled_from([48000, 90000]), st.lists(st.tuples(WORDS, st.floats(0, 5), st.booleans())))
def test_timestamps(first: int, rate: int, moves: list[tuple[int, float, bool]]) -> None:
    python, ours, now = Timestamps(first, rate), ffi.new("struct timestamps *"), 1000.0
    lib.timestamps_begin(ours, first, rate)
    for timestamp, passed, restart in moves:
        now += passed
        if restart:
            python.restart(timestamp, now)
            lib.timestamps_restart(ours, timestamp, now)
        assert lib.timestamps_take(ours, timestamp, now) == python.take(timestamp, now)
        assert (ours.newest, ours.at) == (python.newest, python.at)


@given(st.lists(st.tuples(st.integers(0, 0x7FFF), st.sampled_from([7, 8, 15]), st.integers(0, 9))))
def test_frame_counters(moves: list[tuple[int, int, int]]) -> None:
    python, ours = Counter(), ffi.new("struct counter *")
    for value, bits, chance in moves:
        value &= (1 << bits) - 1
        if not chance:
            python.restart(value)
            lib.counter_restart(ours, value)
        assert lib.counter_take(ours, value, bits) == python.take(value, bits)
        assert ours.newest == python.newest


def parsed(data: bytes) -> Any:
    """As media.rtp.parse gives it, None where that raises."""
    ours, kept = ffi.new("struct rtp *"), ffi.new("uint8_t[]", data)
    if not lib.rtp_parse(ours, kept, len(data)):
        return None
    values = {id: data[v.at : v.at + v.size] for id, v in enumerate(ours.values) if v.size}
    return rtp.Packet(
        ours.marker, ours.payload_type, ours.sequence, ours.timestamp, ours.ssrc, values, data[ours.payload : ours.end]
    )


def expected(data: bytes) -> Any:
    try:
        packet = rtp.parse(data)
    except ValueError:
        return None
    return packet._replace(extensions={id: value for id, value in packet.extensions.items() if value and id < 15})


@given(
    st.integers(0, 0xFF),
    st.binary(min_size=11, max_size=11),
    st.sampled_from([b"\xbe\xde", b"\x10\x00", b"\x10\x05", b"\x12\x34", b""]),
    st.integers(0, 9),
    st.binary(max_size=60),
)
def test_packets(first: int, header: bytes, profile: bytes, words: int, rest: bytes) -> None:
    for begin in (first, 0x90 | first & 0x2F, 0x80 | first & 0x20):
        data = bytes((begin,)) + header + (profile + struct.pack("!H", words) if profile else b"") + rest
        for size in {len(data), len(data) // 2, 12}:
            assert parsed(data[:size]) == expected(data[:size])


@given(st.lists(st.tuples(st.integers(1, 14), st.binary(min_size=1, max_size=16)), max_size=6), st.binary(max_size=20))
def test_packets_as_they_should_be(values: list[tuple[int, bytes]], payload: bytes) -> None:
    data = rtp.pack(True, 96, 1, 2, 3, rtp.pack_extensions(values), payload)
    assert parsed(data) == expected(data) == rtp.Packet(True, 96, 1, 2, 3, dict(values), payload)


def test_every_cut_of_a_vp8_descriptor() -> None:
    for first in range(256):
        for present in (0, 0x10, 0x20, 0x40, 0x80, 0xB0, 0xC0, 0xE0, 0xF0):
            for rest in (b"\x05\x06\x07\x00\x01", b"\x85\x06\x07\x08\x00", b"\x85\x06\x07\x01\x01"):
                payload = bytes((first, present)) + rest
                for size in range(1, len(payload) + 1):
                    ours = ffi.new("struct vp8 *")
                    read = lib.vp8_parse(ours, payload[:size], size)
                    try:
                        vp8 = rtp.parse_vp8(payload[:size])
                    except ValueError:
                        assert not read
                    else:
                        assert read
                        numbered = (None if n < 0 else n for n in (ours.picture, ours.tl0))
                        picture, tl0 = numbered
                        assert rtp.Vp8(ours.length, picture, ours.picture_bits, tl0, ours.key) == vp8


@given(st.binary(min_size=1, max_size=6))
def test_where_h264_begins(payload: bytes) -> None:
    for first in (payload[0], 7, 24):
        data = bytes((first,)) + payload[1:]
        assert lib.h264_starts(data, len(data)) == rtp.starts_h264(data)
