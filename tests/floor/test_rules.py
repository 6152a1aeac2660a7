"""The floor as tables and properties: one speaker, a queue, points of order first."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetroom.errors import Refusal
from meetroom.floor import rules
from meetroom.floor.rules import Request

NOW = datetime(2026, 12, 8, 2, 0, tzinfo=UTC)


def after(requests: list[Request], changed: list[Request]) -> list[Request]:
    by_id = {r.id: r for r in requests} | {r.id: r for r in changed}
    return list(by_id.values())


def queue_of(*kinds: str) -> list[Request]:
    requests: list[Request] = []
    for n, kind in enumerate(kinds, 1):
        requests = after(requests, rules.ask(requests, Request(n, n, kind, "waiting", 99)))
    return requests


@pytest.mark.parametrize(
    ("kinds", "order"),
    [
        (("speak", "speak", "speak"), [1, 2, 3]),
        (("speak", "speak", "point_of_order"), [3, 1, 2]),
        (("point_of_order", "speak", "point_of_order"), [1, 3, 2]),
    ],
)
def test_the_order_of_asking(kinds: tuple[str, ...], order: list[int]) -> None:
    assert [r.id for r in rules.queue(queue_of(*kinds))] == order


def test_nobody_asks_twice() -> None:
    requests = queue_of("speak")
    with pytest.raises(Refusal, match="already_asked"):
        rules.ask(requests, Request(9, 1, "speak", "waiting", 0))


def test_giving_the_floor_ends_the_speech_in_hand() -> None:
    requests = after(queue_of("speak", "speak"), rules.grant(queue_of("speak", "speak"), 1, 300, NOW))
    requests = after(requests, rules.grant(requests, 2, 120, NOW))
    first, second = requests
    assert (first.state, first.ended_at, second.state, second.seconds) == ("done", NOW, "speaking", 120)
    assert rules.extend(requests, 60).seconds == 180
    assert rules.extend(requests, -10_000).seconds == 10
    assert rules.end(requests, NOW).state == "done"


def test_mistakes_are_taken_back() -> None:
    requests = after(queue_of("speak", "speak"), rules.grant(queue_of("speak", "speak"), 1, 300, NOW))
    back = after(requests, [rules.give_back(requests, 1)])
    assert [r.id for r in rules.queue(back)] == [1, 2]
    ended = after(requests, [rules.end(requests, NOW)])
    assert rules.resume(ended, 1).state == "speaking"
    with pytest.raises(Refusal, match="wrong_state"):
        rules.resume(requests, 1)


def test_nobody_speaks() -> None:
    for step in (lambda: rules.end([], NOW), lambda: rules.extend([], 60)):
        with pytest.raises(Refusal, match="nobody_speaking"):
            step()


def changes(requests: list[Request], step: str, who: int, index: int) -> list[Request]:
    own = next((r.id for r in reversed(requests) if r.member_id == who), 0)
    match step:
        case "ask":
            return rules.ask(requests, Request(len(requests) + 1, who, "speak", "waiting", 0))
        case "grant":
            return rules.grant(requests, own, 60, NOW)
        case "end":
            return [rules.end(requests, NOW)]
        case "move":
            return rules.move(requests, own, index)
        case "withdraw":
            return [rules.withdraw(requests, own, NOW)]
        case "give_back":
            return [rules.give_back(requests, own)]
        case _:
            return [rules.resume(requests, own)]


STEPS = st.sampled_from(["ask", "grant", "end", "move", "withdraw", "give_back", "resume"])


@given(st.lists(st.tuples(STEPS, st.integers(1, 6), st.integers(0, 6)), max_size=40))
def test_whatever_happens_one_speaks_and_nobody_is_lost(steps: list[tuple[str, int, int]]) -> None:
    requests: list[Request] = []
    for step, who, index in steps:
        try:
            requests = after(requests, changes(requests, step, who, index))
        except Refusal:
            continue
        assert sum(r.state == "speaking" for r in requests) <= 1
        assert sorted(r.id for r in requests) == list(range(1, len(requests) + 1))
