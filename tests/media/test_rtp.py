import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import rtp

U16 = st.integers(0, 0xFFFF)
U32 = st.integers(0, 0xFFFFFFFF)
EXTENSIONS = st.dictionaries(st.integers(1, 14), st.binary(min_size=1, max_size=16), max_size=6)


@pytest.mark.parametrize(
    ("a", "b", "bits", "ahead"),
    [(5, 3, 16, 2), (3, 5, 16, -2), (0, 65535, 16, 1), (65535, 0, 16, -1), (0, 127, 7, 1), (1, 0xFFFFFFFF, 32, 2)],
)
def test_distance_goes_over_the_wrap(a: int, b: int, bits: int, ahead: int) -> None:
    assert rtp.distance(a, b, bits) == ahead


@given(st.booleans(), st.integers(0, 127), U16, U32, U32, EXTENSIONS, st.binary(max_size=50))
def test_what_is_packed_is_parsed(
    marker: bool, kind: int, sequence: int, timestamp: int, ssrc: int, extensions: dict[int, bytes], payload: bytes
) -> None:
    block = rtp.pack_extensions(extensions.items())
    packet = rtp.parse(rtp.pack(marker, kind, sequence, timestamp, ssrc, block, payload))
    assert packet == (marker, kind, sequence, timestamp, ssrc, extensions, payload)


def test_padding_and_contributing_sources_are_no_payload() -> None:
    header = struct.pack("!BBHLL", 0x80 | 0x20 | 2, 96, 7, 8, 9) + bytes(8)
    assert rtp.parse(header + b"voice" + bytes((0, 0, 3))).payload == b"voice"
    assert rtp.parse(header + bytes(199) + bytes((200,))).payload == b""


def test_two_byte_extensions_are_read() -> None:
    block = bytes((1, 0, 20, 3)) + b"abc" + bytes(1)
    packet = struct.pack("!BBHLLHH", 0x90, 96, 1, 2, 3, 0x1000, len(block) // 4) + block
    assert rtp.parse(packet).extensions == {1: b"", 20: b"abc"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(12),
        bytes((0x80,)) * 11,
        bytes((0x8F, 96)) + bytes(10),  # fifteen contributing sources, none there
        bytes((0xA0, 96)) + bytes(10),  # padding of no length
        bytes((0xA0, 96)) + bytes(10) + bytes((99,)),  # more padding than packet
        bytes((0x90, 96)) + bytes(10) + b"\xbe\xde\x00\x01\x1f\x00\x00\x00",  # an extension longer than its block
        bytes((0x90, 96)) + bytes(10) + b"\xbe\xde\x00\x09",  # a block longer than the packet
    ],
)
def test_malformed_packets_are_value_errors(data: bytes) -> None:
    with pytest.raises(ValueError):
        rtp.parse(data)


@given(st.binary(max_size=60))
def test_junk_parses_or_is_a_value_error(data: bytes) -> None:
    for first in (data[:1], b"\x80", b"\x90", b"\xbf"):
        with suppress(ValueError):
            rtp.parse(first + data[1:])
    with suppress(ValueError):
        rtp.parse_vp8(data)
    if data:
        rtp.starts_h264(data)


VP8_KEY, VP8_DELTA = b"\x00", b"\x01"


@pytest.mark.parametrize(
    ("payload", "picture", "bits", "tl0", "key"),
    [
        (b"\x10" + VP8_KEY, None, 15, None, True),
        (b"\x10" + VP8_DELTA, None, 15, None, False),
        (b"\x00" + VP8_KEY, None, 15, None, False),  # not the start of a frame
        (b"\x11" + VP8_KEY, None, 15, None, False),  # of another partition
        (b"\x90\x80\x05" + VP8_KEY, 5, 7, None, True),
        (b"\x90\x80\x81\x05" + VP8_KEY, 261, 15, None, True),
        (b"\x90\xe0\x81\x05\x07\x40" + VP8_DELTA, 261, 15, 7, False),
        (b"\x80\x40\x07", None, 15, 7, False),
    ],
)
def test_vp8_descriptors(payload: bytes, picture: int | None, bits: int, tl0: int | None, key: bool) -> None:
    descriptor = rtp.parse_vp8(payload)
    assert (descriptor.picture, descriptor.picture_bits, descriptor.tl0, descriptor.key) == (picture, bits, tl0, key)


@given(st.none() | st.integers(0, 0x7FFF), st.none() | st.integers(0, 255), st.booleans(), U16, st.integers(0, 255), st.binary())
def test_renumbering_vp8_changes_only_the_numbers(
    picture: int | None, tl0: int | None, temporal: bool, new_picture: int, new_tl0: int, frame: bytes
) -> None:
    present = (picture is not None) << 7 | (tl0 is not None) << 6 | temporal << 5
    payload = bytes((0x90, present)) if present else b"\x10"
    if picture is not None:
        payload += bytes((picture,)) if picture < 128 else struct.pack("!H", 0x8000 | picture)
    if tl0 is not None:
        payload += bytes((tl0,))
    if temporal:
        payload += b"\x60"
    payload += VP8_KEY + frame
    old = rtp.parse_vp8(payload)
    renumbered = rtp.renumber_vp8(payload, old, new_picture, new_tl0)
    new = rtp.parse_vp8(renumbered)
    assert renumbered[new.length :] == payload[old.length :]
    assert new.picture == (None if picture is None else new_picture & 0x7FFF)
    assert new.tl0 == (None if tl0 is None else new_tl0)
    assert new.key
    assert not temporal or renumbered[new.length - 1] == 0x60


@pytest.mark.parametrize(
    ("payload", "starts"),
    [
        (b"\x67...", True),  # sequence parameter set
        (b"\x78\x00\x09\x67", True),  # in an aggregate
        (b"\x65...", False),  # a picture without its parameters
        (b"\x41...", False),
        (b"\x7c\x85...", False),  # a fragment
        (b"\x78", False),
    ],
)
def test_h264_begins_with_its_parameters(payload: bytes, starts: bool) -> None:
    assert rtp.starts_h264(payload) is starts
