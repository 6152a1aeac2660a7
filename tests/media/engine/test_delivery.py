import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import rtcp
from media.engine.delivery import Sent


def body(base: int, arrivals: list[int | None]) -> bytes:
    return rtcp.split(rtcp.transport_feedback(1, 2, base, arrivals, 0)[0])[0].body


def sending(packets: int, size: int = 100, at: float = 0.0, apart: float = 0.01) -> tuple[Sent, int]:
    """So many packets sent, and the first one's number."""
    sent = Sent()
    numbers = [sent.number() for _ in range(packets)]
    for i, number in enumerate(numbers):
        sent.sent(number, size, at + i * apart)
    return sent, numbers[0]


def test_what_arrived_is_told_once() -> None:
    sent, first = sending(4)
    assert sent.take(1.0) is None
    sent.heard(body(first, [4000, 4040, None, 4120]), 1.0)
    assert sent.take(1.0) == (4, 1, 300, pytest.approx(0.03), pytest.approx(0.0))
    sent.heard(body(first, [4000, 4040, None, 4120]), 1.1)
    assert sent.take(1.1) is None


def test_a_queue_along_the_way_shows_in_the_delay() -> None:
    sent, first = sending(20)
    sent.heard(body(first, [1000 + 40 * i for i in range(10)]), 1.0)
    told = sent.take(1.0)
    assert told is not None
    assert told.delay == pytest.approx(0.0, abs=1e-9)
    sent.heard(body(first + 10, [1000 + 400 + 80 * i for i in range(10)]), 1.5)  # half as fast as they left
    told = sent.take(1.5)
    assert told is not None
    assert told.delay == pytest.approx(0.045)
    assert told.span == pytest.approx(0.19)  # from the last arrival before


def test_the_way_s_own_delay_is_that_of_the_last_half_minute() -> None:
    sent, first = sending(3, apart=40.0)
    sent.heard(body(first, [1000]), 0.0)
    sent.heard(body(first + 1, [1000 + 40 * 4000 + 400]), 40.0)  # a longer way from now on
    sent.take(40.0)
    sent.heard(body(first + 2, [1000 + 80 * 4000 + 800]), 60.0)
    told = sent.take(60.0)
    assert told is not None
    assert told.delay == pytest.approx(0.1)


def test_numbers_and_the_receiver_s_clock_wrap() -> None:
    sent = Sent()
    start = (1 << 24) * 256 - 64 * 256  # ticks, 64 ms times 64 before the clock wraps
    total = 70_000
    for i in range(total):
        sent.sent(sent.number(), 100, i * 0.001)
        if i % 100 == 99:
            sent.heard(body(i - 98, [start + 4 * n for n in range(i - 99, i + 1)]), i * 0.001)
    told = sent.take(total * 0.001)
    assert told is not None
    assert (told.packets, told.lost, told.octets) == (total, 0, total * 100)
    assert told.span == pytest.approx((total - 1) * 0.001)
    assert told.delay == pytest.approx(0.0, abs=1e-6)


def test_a_receiver_that_tells_nothing_costs_no_more_than_so_much() -> None:
    sent, first = sending(Sent.REMEMBERED + 10)
    sent.heard(body(first, [1000] * 12), 1.0)
    told = sent.take(1.0)
    assert told is not None
    assert told.packets == 2


def test_feedback_that_says_nothing_is_no_feedback() -> None:
    sent, first = sending(3)
    sent.heard(body(first + 1000, [1000]), 1.0)
    assert sent.take(1.0) is None


RUN = st.integers(0, 0x7FFF)
CHUNK = st.integers(0, 0xFFFF)


@given(
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.lists(RUN | CHUNK, max_size=12),
    st.binary(max_size=40),
)
def test_claims_stay_within_what_was_sent(base: int, count: int, times: int, chunks: list[int], rest: bytes) -> None:
    sent, _ = sending(50)
    claim = struct.pack("!LLHHL", 1, 2, base % 64, count % 200 if count % 2 else count, times)
    claim += b"".join(struct.pack("!H", chunk) for chunk in chunks) + rest
    for _ in range(2):
        with suppress(ValueError):
            sent.heard(claim, 1.0)
    told = sent.take(1.0)
    if told is not None:
        assert 0 <= told.lost <= told.packets <= 50
        assert 0 <= told.octets <= 50 * 100
        assert told.span >= 0
        assert told.delay >= 0
