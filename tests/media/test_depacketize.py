import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import rtp
from media.depacketize import Clock, Frame, Pictures, Reorder, h264, vp8
from media.h264 import decoder_configuration, parameter_sets, picture_size, units
from tests.media.footage import Camera


def packets(codec: str = "vp8", frames: int = 6, keys: tuple[int, ...] = (0, 4)) -> list[list[rtp.Packet]]:
    """By frame. Noise, so that every frame takes several packets."""
    camera = Camera(codec)
    return [[rtp.parse(p) for p in camera.noise(1 + i / 30, key=i in keys)] for i in range(frames)]


def play(codec: str, stream: list[rtp.Packet]) -> list[Frame]:
    reorder, pictures, frames = Reorder(), Pictures(), []
    for i, packet in enumerate(stream):
        reorder.put(packet, i / 1000)
    for packet, at, follows in reorder.take(1000.0):
        if frame := pictures.take(codec, packet, at, follows):
            frames.append(frame)
    return frames


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_frames_come_out_as_they_went_in_however_they_are_mixed(codec: str) -> None:
    made = packets(codec)
    assert all(len(frame) > 1 for frame in made)
    stream = [packet for frame in made for packet in frame]
    whole = play(codec, stream)
    assert [frame.key for frame in whole] == [True, False, False, False, True, False]
    assert whole[0].size == (320, 180)
    mixed = stream[:]
    random.Random(1).shuffle(mixed)
    assert [frame.data for frame in play(codec, mixed + stream[:5])] == [frame.data for frame in whole]


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_after_a_loss_nothing_until_the_next_key_frame(codec: str) -> None:
    made = packets(codec)
    whole = play(codec, [packet for frame in made for packet in frame])
    for lost in range(6):
        for place in (0, len(made[lost]) // 2, -1):
            stream = [packet for frame in made for packet in frame if packet is not made[lost][place]]
            kept = [i for i in range(6) if not (lost <= i < 4 if lost < 4 else lost <= i)]
            assert [frame.data for frame in play(codec, stream)] == [whole[i].data for i in kept]


def test_what_comes_too_late_is_lost() -> None:
    first, second, third = (rtp.Packet(True, 96, (65535 + i) & 0xFFFF, 0, 1, {}, b"") for i in range(3))
    reorder = Reorder()
    reorder.put(first, 0.0)
    reorder.put(third, 0.1)
    assert list(reorder.take(0.5)) == []
    assert [(p.sequence, follows) for p, _, follows in reorder.take(1.0)] == [(65535, False), (1, False)]
    reorder.put(second, 1.1)
    assert list(reorder.take(9.0)) == []


def test_a_picture_without_end_is_given_up() -> None:
    pictures = Pictures()
    start = rtp.Packet(False, 96, 1, 1, 1, {}, b"\x10\x00start")
    for i in range(3 * Pictures.LARGEST):
        pictures.take("vp8", start, 0.0, follows=i > 0)
        assert len(pictures._parts) <= Pictures.LARGEST
    assert pictures.broken


def test_junk_is_no_frame() -> None:
    pictures = Pictures()

    @given(st.sampled_from(["vp8", "h264"]), st.binary(max_size=40), st.booleans(), st.booleans())
    def feed(codec: str, payload: bytes, marker: bool, follows: bool) -> None:
        frame = pictures.take(codec, rtp.Packet(marker, 96, 1, 1, 1, {}, payload), 0.0, follows)
        assert frame is None or frame.data

    feed()


def test_h264_parameters() -> None:
    whole = h264([packet.payload for packet in packets("h264", 1)[0]])
    assert whole is not None
    data, key, size = whole
    assert key and size == (320, 180)
    sets = parameter_sets(data)
    assert sets is not None
    record = decoder_configuration(data)
    assert record[0] == 1 and record[1:4] == sets[0][1:4] and sets[1] in record
    assert b"".join(len(u).to_bytes(4, "big") + u for u in units(data)) == data


@pytest.mark.parametrize(
    ("sps", "size"),
    [
        ("6742c01fda014016ec0440000003004000000c83c60ca8", (1280, 720)),  # constrained baseline, cropping nothing
        ("67640028acd940780227e5c044000003000400000300f03c60c658", (1920, 1080)),  # high, cropped
    ],
)
def test_sizes_by_parameter_sets_of_others(sps: str, size: tuple[int, int]) -> None:
    assert picture_size(bytes.fromhex(sps)) == size


@given(st.binary(min_size=4, max_size=60))
def test_any_parameter_set_has_a_size_or_is_refused(data: bytes) -> None:
    with suppress(ValueError):
        picture_size(b"\x67" + data)


def test_vp8_without_its_beginning_is_nothing() -> None:
    parts = [packet.payload for packet in packets(frames=1)[0]]
    assert vp8(parts) is not None
    assert vp8(parts[1:]) is None


# time


def test_a_queue_on_the_way_does_not_move_the_line() -> None:
    clock, chance = Clock(90000), random.Random(2)
    for i in range(600):
        late = 0.01 + chance.expovariate(50) + (0.3 if 200 < i < 290 else 0)
        placed = clock.place((i * 3000 + 0xFFFFF000) & 0xFFFFFFFF, i / 30 + late)
        if i > 150:
            assert placed == pytest.approx(i / 30 + 0.01, abs=0.015)


def test_a_crystal_that_is_off_is_followed() -> None:
    clock = Clock(48000)
    for i in range(50 * 600):  # ten minutes, 200 ppm
        placed = clock.place(int(i * 960 * 1.0002) & 0xFFFFFFFF, i / 50 + 0.02)
        assert placed == pytest.approx(i / 50 + 0.02, abs=0.005)


@pytest.mark.parametrize("leap", [-50.0, -0.7, 0.7, 50.0])
def test_timestamps_that_leap_are_placed_by_their_arrival(leap: float) -> None:
    clock, placed = Clock(90000), 0.0
    for i in range(400):
        stamp = i / 30 + 60 + (leap if i >= 100 else 0)
        placed = clock.place(int(stamp * 90000), i / 30)
        if not 100 <= i < 250:
            assert placed == pytest.approx(i / 30, abs=0.01)
