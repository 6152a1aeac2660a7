import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.sending import Sending, Upstream
from meetroom.conference.schema import Kind, Layer, Watched

LOW, MID, HIGH = Layer


def camera(sending: Sending, layer: Layer | None, now: float, cap: Layer = HIGH) -> Layer | None:
    sending.update({Kind.CAMERA: layer}, cap, now)
    [told] = sending.told
    return told.layer


def test_more_at_once_less_after_a_while() -> None:
    sending = Sending()
    script = [
        (0.0, None, None),
        (1.0, MID, MID),
        (2.0, HIGH, HIGH),
        (3.0, LOW, HIGH),
        (6.9, LOW, HIGH),
        (7.1, LOW, LOW),  # mid was last watched at 1, high at 2
        (8.0, None, LOW),
        (12.0, None, LOW),
        (12.2, None, None),
        (12.3, LOW, LOW),
    ]
    assert [camera(sending, watched, now) for now, watched, _ in script] == [told for _, _, told in script]


def test_who_is_neither_heard_nor_seen_is_told_to_send_nothing() -> None:
    sending = Sending()
    assert sending.update({Kind.MIC: None, Kind.CAMERA: None}, HIGH, 0.0)
    assert sending.told == (Watched(kind=Kind.MIC), Watched(kind=Kind.CAMERA))
    assert not sending.update({Kind.MIC: None, Kind.CAMERA: None}, HIGH, 9.0)
    assert sending.update({Kind.MIC: LOW, Kind.CAMERA: None}, HIGH, 9.0)
    assert sending.told == (Watched(kind=Kind.MIC, layer=LOW), Watched(kind=Kind.CAMERA))


def test_a_weak_way_up_caps_the_camera_and_nothing_else() -> None:
    sending = Sending()
    assert camera(sending, HIGH, 0.0, cap=MID) is MID
    assert camera(sending, LOW, 6.0, cap=MID) is LOW
    sending.update({Kind.SCREEN: HIGH, Kind.MIC: LOW}, LOW, 7.0)
    assert {watched.kind: watched.layer for watched in sending.told} == {Kind.SCREEN: HIGH, Kind.MIC: LOW}


def test_how_long_a_layer_has_been_asked_for() -> None:
    sending = Sending()
    camera(sending, MID, 10.0)
    camera(sending, HIGH, 12.0)
    assert [sending.asked(Kind.CAMERA, layer, 15.0) for layer in Layer] == [5.0, 5.0, 3.0]
    camera(sending, LOW, 30.0)
    assert [sending.asked(Kind.CAMERA, layer, 31.0) for layer in Layer] == [21.0, 0.0, 0.0]
    assert sending.asked(Kind.SCREEN, LOW, 31.0) == 0.0


@given(st.lists(st.tuples(st.floats(0.01, 8), st.none() | st.sampled_from(list(Layer))), min_size=1))
def test_what_is_watched_is_always_sent(script: list[tuple[float, Layer | None]]) -> None:
    sending, now, order = Sending(), 0.0, list(Layer)
    for passed, watched in script:
        now += passed
        told = camera(sending, watched, now)
        assert watched is None or (told is not None and order.index(told) >= order.index(watched))


# the way up


def heard(upstream: Upstream, loss: float, seconds: int, since: float, vanished: bool = False) -> list[Layer]:
    caps = []
    for second in range(seconds):
        upstream.heard(loss, vanished, since + second)
        caps.append(upstream.cap)
    return caps


@pytest.mark.parametrize(
    ("script", "cap", "weak"),
    [
        ([(0, 60)], HIGH, False),
        ([(9, 60)], HIGH, False),
        ([(20, 4)], HIGH, True),
        ([(20, 6)], MID, True),
        ([(20, 12)], LOW, True),
        ([(20, 60)], LOW, True),
        ([(20, 4), (5, 1), (20, 4), (5, 1), (20, 4)], HIGH, True),
        ([(20, 4), (5, 60)], HIGH, True),  # neither good nor bad: as it was
        ([(20, 12), (0, 9)], LOW, True),
        ([(20, 12), (0, 11)], MID, True),
        ([(20, 12), (0, 30)], HIGH, False),
        ([(20, 12), (5, 60)], LOW, True),
    ],
)
def test_a_way_up_that_loses_for_long_is_asked_for_less(script: list[tuple[float, int]], cap: Layer, weak: bool) -> None:
    upstream, now = Upstream(), 0.0
    for loss, seconds in script:
        heard(upstream, loss, seconds, now)
        now += seconds
    assert (upstream.cap, upstream.weak) == (cap, weak)


def test_layers_that_come_no_more_are_a_weak_way_up_too() -> None:
    upstream = Upstream()
    heard(upstream, 0, 3, 0, vanished=True)
    assert upstream.weak
    heard(upstream, 0, 1, 3)
    assert not upstream.weak
