import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.depacketize import Frame
from media.sound import LONG_SILENCE, SILENCE, Sound, samples


@pytest.mark.parametrize(
    ("packet", "length"),
    [
        (b"", 0),
        (b"\x00a", 480),  # SILK, 10 ms
        (b"\x78a", 960),  # hybrid, 20 ms
        (b"\x81aa", 240),  # CELT, twice 2.5 ms
        (b"\xf8", 960),
        (b"\x1b\x02aa", 5760),
        (b"\x1b\x03aa", 0),  # more than 120 ms
        (b"\x1b", 0),
        (SILENCE, 960),
        (LONG_SILENCE, 5760),
    ],
)
def test_lengths(packet: bytes, length: int) -> None:
    assert samples(packet) == length


def said(at: float) -> Frame:
    return Frame(at, b"\x78voice", True)


def test_single_losses_are_left_to_the_decoder() -> None:
    sound = Sound(0.0)
    made = [frame for at in (0.0, 0.02, 0.08, 0.10) for frame in sound.take(said(at))]
    assert [frame.data for frame in made] == [b"\x78voice"] * 2 + [b"\x78"] * 2 + [b"\x78voice"] * 2


def test_pauses_are_silent_from_the_time_they_are_known() -> None:
    sound = Sound(0.0)
    list(sound.take(said(0.0)))
    assert list(sound.idle(2.0)) == []
    assert [frame.data for frame in sound.idle(3.0)] == [LONG_SILENCE] * 9
    assert [frame.data for frame in sound.take(said(1.30))] == [LONG_SILENCE] + [SILENCE] * 4 + [b"\x78voice"]


@given(st.lists(st.tuples(st.floats(0, 2), st.booleans()), max_size=60))
def test_by_counting_and_by_looking_at_times_a_player_is_at_the_same_place(steps: list[tuple[float, bool]]) -> None:
    sound, at, counted = Sound(5.0), 5.0, 5.0
    for step, speaks in steps:
        at += step
        for frame in sound.take(said(at)) if speaks else sound.idle(at):
            assert frame.at == pytest.approx(counted)
            counted += samples(frame.data) / 48000
            if frame.data == said(0).data:
                assert abs(frame.at - at) <= Sound.SLACK
        assert counted > at - 2.1
