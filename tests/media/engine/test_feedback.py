from hypothesis import given
from hypothesis import strategies as st

from media import rtcp
from media.engine.feedback import Missing, Reception, TransportFeedback
from tests.media.test_rtcp import read_transport_feedback


def test_missing_numbers_are_asked_for_again_until_they_come() -> None:
    missing = Missing()
    for number in (65533, 65535, 3):
        missing.arrived(number, 1.0, repaired=False)
    assert missing.due(1.0, rtt=0.2) == [65534, 0, 1, 2]
    assert missing.due(1.1, rtt=0.2) == []
    missing.arrived(0, 1.15, repaired=True)
    missing.arrived(1, 1.15, repaired=False)
    assert missing.due(1.3, rtt=0.2) == [65534, 2]


def test_what_never_comes_is_given_up() -> None:
    missing = Missing()
    missing.arrived(1, 0.0, repaired=False)
    missing.arrived(3, 0.0, repaired=False)
    asked = [missing.due(float(second), rtt=0.0) for second in range(20)]
    assert asked == [[2]] * Missing.TRIES + [[]] * (20 - Missing.TRIES)


def test_a_hole_too_large_is_left_to_a_key_frame() -> None:
    missing = Missing()
    for number in (1, 3, 3 + Missing.BURST + 1):
        missing.arrived(number, 0.0, repaired=False)
    assert missing.due(0.0, rtt=0.0) == []


def test_what_was_asked_for_and_repaired_is_counted() -> None:
    missing = Missing()
    for number in (1, 4, 6):
        missing.arrived(number, 0.0, repaired=False)
    assert missing.due(0.0, rtt=0.0) == [2, 3, 5]
    assert missing.due(1.0, rtt=0.0) == [2, 3, 5]
    missing.arrived(2, 1.0, repaired=True)
    missing.arrived(2, 1.0, repaired=True)  # it was no longer missing
    missing.arrived(3, 1.0, repaired=False)  # it came late and by itself
    assert (missing.asked, missing.repaired) == (3, 1)


def test_reception_over_the_wrap() -> None:
    reception = Reception(90000)
    assert (reception.packets, reception.expected) == (0, 0)
    for i, number in enumerate((65534, 65535, 2, 1, 4)):  # 0 and 3 are lost
        reception.arrived(number, 3000 * i, 100, i / 30)
    assert (reception.packets, reception.octets, reception.expected, reception.highest) == (5, 500, 7, 65536 + 4)
    assert reception.jitter == 0


def test_jitter_grows_with_irregular_arrivals() -> None:
    reception = Reception(48000)
    for i in range(200):
        reception.arrived(i, 960 * i, 100, i * 0.02 + (0.01 if i % 2 else 0.0))
    assert 300 < reception.jitter < 500  # 10 ms are 480 units


def test_transport_feedback_reports_each_arrival_once() -> None:
    feedback = TransportFeedback(1)
    assert feedback.take() is None
    for i, number in enumerate((65534, 65535, 1)):
        feedback.arrived(number, 100 + i / rtcp.TICKS, ssrc=9)
    first = feedback.take()
    assert first is not None
    base, arrivals, count = read_transport_feedback(first)
    assert (base, count) == (65534, 0)
    assert arrivals == [400_000, 400_001, None, 400_002]
    assert feedback.take() is None
    feedback.arrived(0, 101.0, ssrc=9)  # it was late: it is reported after all
    feedback.arrived(2, 101.0, ssrc=9)
    second = feedback.take()
    assert second is not None
    assert read_transport_feedback(second) == (0, [404_000, None, 404_000], 1)


@given(st.integers(0, 0xFFFF), st.lists(st.tuples(st.integers(-20, 3000), st.floats(0, 30)), max_size=40))
def test_transport_feedback_takes_any_numbers_at_any_time(number: int, moves: list[tuple[int, float]]) -> None:
    feedback, now = TransportFeedback(1), 0.0
    for step, pause in moves:
        number, now = (number + step) & 0xFFFF, now + pause
        feedback.arrived(number, now, ssrc=0)
    taken = 0
    while (packet := feedback.take()) is not None:
        read_transport_feedback(packet)
        taken += 1
    assert taken <= len(moves)
