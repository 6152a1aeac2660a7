from hypothesis import given
from hypothesis import strategies as st

from media.engine.rewrite import Counter, Sequence, Timestamps

STARTS = st.integers(0, 0xFFFF)


def begun(number: int, first: int = 100) -> Sequence:
    sequence = Sequence(first)
    sequence.restart(number)
    return sequence


def test_gaps_stay_and_late_ones_find_their_place() -> None:
    sequence = begun(65534)
    assert [sequence.take(n) for n in (65534, 65535, 1, 0, 0, 2)] == [100, 101, 103, 102, None, 104]


def test_padding_closes_its_gap() -> None:
    sequence = begun(10)
    assert sequence.take(10) == 100
    assert sequence.skip(11) is None
    assert sequence.take(12) == 101
    assert sequence.skip(11) is None  # again, by RTX


def test_late_padding_has_a_place_to_fill() -> None:
    sequence = begun(10)
    assert [sequence.take(10), sequence.take(12)] == [100, 102]
    assert sequence.skip(11) == 101
    assert sequence.take(11) is None


def test_a_packet_missing_before_padding_keeps_its_own_number() -> None:
    sequence = begun(10)
    assert [sequence.take(10), sequence.skip(12), sequence.take(13), sequence.take(11)] == [100, None, 102, 101]


def test_after_a_switch_it_goes_on_and_the_old_has_no_place() -> None:
    sequence = begun(10)
    assert sequence.take(10) == 100
    sequence.restart(60000)
    assert [sequence.take(n) for n in (60000, 59999, 60001)] == [101, None, 102]


def test_a_leap_is_a_new_beginning() -> None:
    sequence = begun(10)
    assert [sequence.take(n) for n in (10, 30000, 30001, 11)] == [100, 101, 102, None]


@given(STARTS, st.lists(st.tuples(st.integers(-40, 60), st.sampled_from(["take", "take", "take", "skip", "restart"]))))
def test_no_number_is_given_twice_whatever_comes(start: int, moves: list[tuple[int, str]]) -> None:
    """A number given twice under one key would break AES-GCM."""
    sequence = begun(start, first=0xFFF0)
    at, given_out = start, list[int]()
    for step, move in moves:
        at += step
        if move == "restart":
            sequence.restart(at & 0xFFFF)
            continue
        out = sequence.take(at & 0xFFFF) if move == "take" else sequence.skip(at & 0xFFFF)
        if out is not None:
            given_out.append(out)
    assert len(set(given_out)) == len(given_out)
    assert all(out >= 0xFFF0 for out in given_out)


@given(st.integers(0xFFFF - 1000, 0xFFFF), st.sets(st.integers(1, 1000)), st.sets(st.integers(1, 1000)))
def test_over_the_wrap_the_output_is_the_input_without_padding(start: int, lost: set[int], padding: set[int]) -> None:
    sequence, expected = begun(start, first=0xFF00), 0xFF00
    for i in range(1000):
        number = start + i
        if i in lost:
            expected += 1
        elif i in padding:
            assert sequence.skip(number & 0xFFFF) is None
        else:
            assert sequence.take(number & 0xFFFF) == expected
            expected += 1


@given(STARTS, st.lists(st.integers(0, 19), min_size=40, max_size=200))
def test_shuffled_packets_come_out_as_they_would_in_order(start: int, delays: list[int]) -> None:
    order = sorted(range(1, len(delays)), key=lambda i: i + delays[i])
    sequence = begun(start)
    out = {i: sequence.take((start + i) & 0xFFFF) for i in (0, *order)}
    assert out == {i: 100 + i for i in out}


@given(st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF), st.floats(0.001, 100))
def test_timestamps_follow_the_clock_at_a_switch(one: int, other: int, pause: float) -> None:
    timestamps = Timestamps(0xFFFFFF00, rate=90000)
    timestamps.restart(one, 5.0)
    assert timestamps.take(one, 5.0) == 0xFFFFFF00
    assert timestamps.take((one + 3000) & 0xFFFFFFFF, 5.0333) == (0xFFFFFF00 + 3000) & 0xFFFFFFFF
    timestamps.restart(other, 5.0333 + pause)
    first = timestamps.take(other, 5.0333 + pause)
    passed = (first - 0xFFFFFF00 - 3000) & 0xFFFFFFFF
    assert abs(passed - max(1, pause * 90000)) <= 1
    assert timestamps.take((other + 7) & 0xFFFFFFFF, 200.0) == (first + 7) & 0xFFFFFFFF


@given(st.integers(0, 0x7FFF), st.integers(0, 0x7FFF))
def test_picture_ids_go_on_over_wraps_widths_and_switches(one: int, other: int) -> None:
    """A sender that writes its ids in 7 bits while they fit, as aiortc does, and another after it."""
    counter = Counter()
    out = []
    for first in (one, other):
        counter.restart(first)
        for i in range(300):
            picture = (first + i) & 0x7FFF
            out.append(counter.take(picture, 7 if picture < 128 else 15))
    assert out == list(range(1, 601))


def test_a_late_picture_keeps_its_id() -> None:
    counter = Counter()
    counter.restart(254)
    assert [counter.take(n & 0xFF, 8) for n in (254, 255, 257, 256)] == [1, 2, 4, 3]
