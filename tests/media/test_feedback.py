from hypothesis import given
from hypothesis import strategies as st

from media import rtcp
from media.feedback import Missing, Reception, TransportFeedback
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


def test_reception_over_the_wrap() -> None:
    reception = Reception(7, 90000)
    for i, number in enumerate((65534, 65535, 2, 1, 4)):  # 0 and 3 are lost
        reception.arrived(number, 3000 * i, i / 30)
    report, expected, lost = reception.report(1.0)
    assert (report.ssrc, report.lost, report.highest, report.fraction) == (7, 2, 65536 + 4, (2 << 8) // 7)
    assert (expected, lost) == (7, 2)
    assert report.jitter == 0
    assert reception.report(2.0)[1:] == (0, 0)


def test_reports_echo_the_sender_report() -> None:
    reception = Reception(7, 90000)
    reception.arrived(1, 0, 0.0)
    assert reception.report(1.0)[0].last_sender_report == 0
    reception.sender_report(0x0123456789ABCDEF, 1.0)
    report = reception.report(1.5)[0]
    assert (report.last_sender_report, report.delay) == (0x456789AB, 32768)


def test_jitter_grows_with_irregular_arrivals() -> None:
    reception = Reception(7, 48000)
    for i in range(200):
        reception.arrived(i, 960 * i, i * 0.02 + (0.01 if i % 2 else 0.0))
    assert 300 < reception.report(9.0)[0].jitter < 500  # 10 ms are 480 units


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
