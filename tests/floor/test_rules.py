"""The floor as tables and properties: one speaker, a queue by rule and by hand, time and what is left of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetroom.errors import Refusal
from meetroom.floor import rules
from meetroom.floor.rules import Request, Rules

NOW = datetime(2026, 12, 8, 2, 0, tzinfo=UTC)
ASKED, GROUPS, POINTS = Rules(), Rules(order="groups"), Rules(order="points")


def after(requests: list[Request], changed: list[Request]) -> list[Request]:
    by_id = {r.id: r for r in requests} | {r.id: r for r in changed}
    return list(by_id.values())


def asked(requests: list[Request], by: Rules, kind: str = "speak", **more: Any) -> list[Request]:
    id = len(requests) + 1
    return after(requests, rules.ask(requests, Request(id, more.pop("member_id", id), kind, "waiting", 99, **more), by))


def queue_of(*kinds: str, by: Rules = ASKED) -> list[Request]:
    requests: list[Request] = []
    for kind in kinds:
        requests = asked(requests, by, kind)
    return requests


def ids(requests: list[Request]) -> list[int]:
    return [r.id for r in rules.queue(requests)]


@pytest.mark.parametrize(
    ("kinds", "order"),
    [
        (("speak", "speak", "speak"), [1, 2, 3]),
        (("speak", "speak", "point_of_order"), [3, 1, 2]),
        (("point_of_order", "speak", "point_of_order"), [1, 3, 2]),
        (("speak", "debate", "answer", "point_of_order"), [4, 3, 2, 1]),
        (("debate", "speak", "debate", "answer", "answer"), [4, 5, 1, 3, 2]),
    ],
)
def test_the_order_of_asking(kinds: tuple[str, ...], order: list[int]) -> None:
    assert ids(queue_of(*kinds)) == order


@pytest.mark.parametrize(
    ("groups", "order"),
    [("AAB", [1, 3, 2]), ("AAAB", [1, 4, 2, 3]), ("ABAB", [1, 2, 3, 4]), ("AABBC", [1, 3, 5, 2, 4])],
)
def test_groups_take_turns(groups: str, order: list[int]) -> None:
    requests: list[Request] = []
    for group in groups:
        requests = asked(requests, GROUPS, group=group)
    assert ids(requests) == order


def test_a_turn_already_taken_on_this_item_counts() -> None:
    spoken = Request(1, 1, "speak", "done", 0, NOW, NOW, group="A", item_id=4)
    requests = asked([spoken], GROUPS, group="A", item_id=4)
    requests = asked(requests, GROUPS, group="B", item_id=4)
    assert ids(requests) == [3, 2]
    elsewhere = asked(asked([replace(spoken, item_id=3)], GROUPS, group="A", item_id=4), GROUPS, group="B", item_id=4)
    assert ids(elsewhere) == [2, 3]


def test_points_take_turns_and_the_hall_is_one_of_them() -> None:
    requests: list[Request] = []
    for point in (None, None, 7, 7, None):
        requests = asked(requests, POINTS, point_id=point)
    assert ids(requests) == [1, 3, 2, 4, 5]


def test_a_debate_on_somebody_who_still_waits_goes_behind_them() -> None:
    requests = queue_of("speak", "speak", "speak")
    requests = asked(requests, ASKED, "debate", replies_to=2)
    requests = asked(requests, ASKED, "debate", replies_to=2)
    assert ids(requests) == [1, 2, 4, 5, 3]


def test_nobody_asks_twice_but_an_operator_does_for_several() -> None:
    requests = queue_of("speak")
    with pytest.raises(Refusal, match="already_asked"):
        rules.ask(requests, Request(9, 1, "point_of_order", "waiting", 0), ASKED)
    requests = asked(requests, ASKED, member_id=1, speaker="Ông Vàng A Páo")
    with pytest.raises(Refusal, match="already_asked"):
        asked(requests, ASKED, member_id=1, speaker="Ông Vàng A Páo")
    assert ids(requests) == [1, 2]


ASKING = st.tuples(
    st.sampled_from(["speak", "speak", "speak", "debate", "answer", "point_of_order"]),
    st.sampled_from(["A", "B", "C", ""]),
    st.sampled_from([None, 7, 8]),
)
RULES = st.sampled_from([ASKED, GROUPS, POINTS])


@given(RULES, st.lists(ASKING, max_size=12))
def test_a_queue_that_nobody_touched_is_the_one_that_rules_make(by: Rules, askings: list[tuple[str, str, int | None]]) -> None:
    requests: list[Request] = []
    for kind, group, point in askings:
        requests = asked(requests, by, kind, group=group, point_id=point)
    order = rules.queue(requests)
    assert rules.arrange(requests, by, None) == []
    assert [rules.RANK[r.kind] for r in order] == sorted(rules.RANK[r.kind] for r in order)
    for kind in rules.RANK:
        for side in {(r.group, r.point_id) for r in order}:
            same = [r.id for r in order if r.kind == kind and (r.group, r.point_id) == side]
            assert same == sorted(same), "of one side, who asked first is first"


@given(st.lists(st.sampled_from("ABC"), max_size=12))
def test_no_group_speaks_again_before_another_that_waits_has_spoken_as_often(groups: list[str]) -> None:
    requests: list[Request] = []
    for group in groups:
        requests = asked(requests, GROUPS, group=group)
    order = [r.group for r in rules.queue(requests)]
    for at, group in enumerate(order):
        for other in set(order[at:]):
            assert order[:at].count(group) <= order[:at].count(other) or order[at + 1 :].count(other) == 0 or group == other


@given(RULES, st.lists(ASKING, max_size=8), st.lists(st.tuples(st.integers(1, 8), st.integers(0, 8)), max_size=5), ASKING)
def test_what_the_chair_arranged_stays_when_somebody_asks(
    by: Rules, askings: list[tuple[str, str, int | None]], moves: list[tuple[int, int]], last: tuple[str, str, int | None]
) -> None:
    requests: list[Request] = []
    for kind, group, point in askings:
        requests = asked(requests, by, kind, group=group, point_id=point)
    for id, index in moves:
        if id <= len(requests):
            requests = after(requests, rules.move(requests, id, index))
    before = ids(requests)
    kind, group, point = last
    requests = asked(requests, by, kind, group=group, point_id=point)
    assert [id for id in ids(requests) if id != len(requests)] == before
    assert [r.position for r in rules.queue(requests)] == list(range(len(requests)))


def test_giving_the_floor_ends_the_speech_in_hand() -> None:
    requests = after(queue_of("speak", "speak"), rules.grant(queue_of("speak", "speak"), 1, 300, NOW, ASKED))
    requests = after(requests, rules.grant(requests, 2, 120, NOW, ASKED))
    first, second = requests
    assert (first.state, first.ended_at, second.state, second.seconds) == ("done", NOW, "speaking", 120)
    assert rules.extend(requests, 60).seconds == 180
    assert rules.extend(requests, -10_000).seconds == 10
    assert rules.end(requests, NOW).state == "done"


def spoke(id: int, seconds: int, *, kind: str = "speak", member: int = 1, group: str = "A", item: int = 4) -> Request:
    began = NOW - timedelta(hours=1)
    return Request(id, member, kind, "done", 0, began, began + timedelta(seconds=seconds), 300, group=group, item_id=item)


LIMITS = Rules(person_seconds=400, group_seconds=700)


@pytest.mark.parametrize(
    ("held", "by", "left"),
    [
        ([], ASKED, None),
        ([], LIMITS, 400),
        ([spoke(1, 250)], LIMITS, 150),
        ([spoke(1, 250, kind="answer"), spoke(2, 90, kind="point_of_order")], LIMITS, 400),
        ([spoke(1, 250, kind="debate")], LIMITS, 150),
        ([spoke(1, 600, member=2)], LIMITS, 100),  # the group's time
        ([spoke(1, 600, member=2, group="B")], LIMITS, 400),
        ([spoke(1, 250, item=3)], LIMITS, 400),
        ([spoke(1, 250, item=3)], replace(LIMITS, scope="meeting"), 150),
        ([spoke(1, 900)], LIMITS, 0),
    ],
)
def test_what_is_left_of_a_quota(held: list[Request], by: Rules, left: int | None) -> None:
    one = Request(9, 1, "speak", "waiting", 0, group="A", item_id=4)
    assert rules.left([*held, one], one, by, NOW) == left
    assert rules.left(held, replace(one, kind="point_of_order"), by, NOW) is None


def test_a_speech_in_hand_uses_the_quota_as_it_goes() -> None:
    one = Request(9, 1, "speak", "speaking", 0, NOW, None, 300, group="A", item_id=4)
    assert [rules.left([one], one, LIMITS, NOW + timedelta(seconds=s)) for s in (0, 60, 500)] == [400, 340, 0]


def test_time_given_is_what_rules_say_and_what_is_left_unless_the_chair_decides() -> None:
    one = Request(9, 1, "speak", "waiting", 0, group="A", item_id=4)

    def given(held: list[Request], seconds: int | None = None, kind: str = "speak") -> int:
        return rules.grant([*held, replace(one, kind=kind)], 9, seconds, NOW, LIMITS)[0].seconds

    assert (given([]), given([spoke(1, 250)]), given([spoke(1, 250)], 600)) == (300, 150, 600)
    assert (given([spoke(1, 900)], kind="point_of_order"), given([], kind="answer")) == (120, 600)
    with pytest.raises(Refusal, match="quota_used"):
        given([spoke(1, 395)])
    assert given([spoke(1, 395)], 60) == 60


def test_mistakes_are_taken_back() -> None:
    requests = after(queue_of("speak", "speak"), rules.grant(queue_of("speak", "speak"), 1, 300, NOW, ASKED))
    back = after(requests, [rules.give_back(requests, 1)])
    assert ids(back) == [1, 2]
    ended = after(requests, [rules.end(requests, NOW)])
    assert rules.resume(ended, 1).state == "speaking"
    assert rules.resume(ended, 1, 60).seconds == 360
    with pytest.raises(Refusal, match="wrong_state"):
        rules.resume(requests, 1)
    again = asked(ended, ASKED, member_id=1)
    with pytest.raises(Refusal, match="already_asked"):
        rules.give_back(again, 1)


def test_nobody_speaks() -> None:
    for step in (lambda: rules.end([], NOW), lambda: rules.extend([], 60)):
        with pytest.raises(Refusal, match="nobody_speaking"):
            step()


def changes(requests: list[Request], step: str, who: int, index: int) -> list[Request]:
    own = next((r.id for r in reversed(requests) if r.member_id == who), 0)
    match step:
        case "ask":
            return rules.ask(requests, Request(len(requests) + 1, who, "speak", "waiting", 0), ASKED)
        case "grant":
            return rules.grant(requests, own, 60, NOW, ASKED)
        case "end":
            return [rules.end(requests, NOW)]
        case "move":
            return rules.move(requests, own, index)
        case "arrange":
            return rules.arrange(requests, GROUPS, None)
        case "withdraw":
            return [rules.withdraw(requests, own, NOW)]
        case "give_back":
            return [rules.give_back(requests, own)]
        case _:
            return [rules.resume(requests, own)]


STEPS = st.sampled_from(["ask", "grant", "end", "move", "arrange", "withdraw", "give_back", "resume"])


@given(st.lists(st.tuples(STEPS, st.integers(1, 6), st.integers(0, 6)), max_size=40))
def test_whatever_happens_one_speaks_and_nobody_is_lost_or_there_twice(steps: list[tuple[str, int, int]]) -> None:
    requests: list[Request] = []
    for step, who, index in steps:
        try:
            requests = after(requests, changes(requests, step, who, index))
        except Refusal:
            continue
        assert sum(r.state == "speaking" for r in requests) <= 1
        assert sorted(r.id for r in requests) == list(range(1, len(requests) + 1))
        busy = [r.member_id for r in requests if r.state == "waiting"]
        assert len(busy) == len(set(busy))
