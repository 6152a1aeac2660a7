"""Turns of tablets that fetch what nobody waits for."""

from hypothesis import given
from hypothesis import strategies as st

from signaling.turns import LEASE_S, STALE_S, Turns


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_so_many_at_once_in_the_order_of_asking() -> None:
    clock = Clock()
    turns = Turns(2, clock)
    assert [turns.ask(sid)[0] for sid in ("a", "b", "c", "d")] == [True, True, False, False]
    assert turns.ask("d")[0] is False
    clock.now += LEASE_S + 0.1
    assert turns.ask("a")[0] is False, "c and d were waiting before"
    assert [turns.ask(sid)[0] for sid in ("d", "c", "a")] == [True, True, False]


def test_who_went_away_leaves_a_turn_and_a_place() -> None:
    clock = Clock()
    turns = Turns(1, clock)
    assert turns.ask("a")[0] and not turns.ask("b")[0] and not turns.ask("c")[0]
    turns.gone("a")
    assert not turns.ask("c")[0], "b is before c"
    turns.gone("b")
    assert turns.ask("c")[0]
    assert not turns.ask("d")[0]
    clock.now += STALE_S + 0.1
    assert turns.ask("e")[0], "d asked too long ago"


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0, 3)), max_size=200))
def test_never_more_than_so_many_and_whoever_keeps_asking_comes(asked: list[tuple[int, float]]) -> None:
    clock = Clock()
    turns = Turns(3, clock)
    for sid, later in asked:
        clock.now += later
        turns.ask(str(sid))
        assert sum(until > clock.now for until in turns.leases.values()) <= 3
    for _ in range(60):
        clock.now += 1
        if turns.ask("patient")[0]:
            return
        for other in range(10):
            turns.ask(str(other))
    raise AssertionError("never came")
