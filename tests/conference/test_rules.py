"""The media plan as tables and properties: stage, gallery, who is heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetroom.conference import rules
from meetroom.conference.rules import Participant, PointState

CHAIR, A, B, C = Participant("chair", None), Participant("a", 1), Participant("b", 2), Participant("c", 3)


def points(*, on: tuple[int, ...] = (), pinned: int | None = None, closed: tuple[int, ...] = ()) -> list[PointState]:
    return [PointState(n, "closed" if n in closed else "on" if n in on else "off", n == pinned) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("states", "floor", "stage_of"),
    [
        (points(), None, {"chair": "a", "a": "b", "b": "a", "c": "a"}),  # never an empty stage, never one's own picture
        (points(), 2, {"chair": "b", "a": "b", "b": "a", "c": "b"}),
        (points(pinned=3), 2, {"chair": "c", "a": "c", "b": "c", "c": "a"}),  # the chair's pin before the speaker
    ],
)
def test_the_stage(states: list[PointState], floor: int | None, stage_of: dict[str, str]) -> None:
    wanted, _ = rules.plan([CHAIR, A, B, C], states, floor)
    assert {one.peer: one.stage for one in wanted} == stage_of


def test_the_gallery_is_everybody_else_in_order_by_page() -> None:
    many = [Participant(f"p{n}", n) for n in range(1, 21)]
    states = [PointState(n, "off", False) for n in range(1, 21)]
    viewer = Participant("chair", None, page=1, gallery=8)
    wanted, _ = rules.plan([*many, viewer], states, 1)
    assert wanted[-1].stage == "p1"
    assert wanted[-1].gallery == tuple(f"p{n}" for n in range(10, 18))


@pytest.mark.parametrize(
    ("states", "floor", "heard", "always"),
    [
        (points(on=(1,)), None, {"a"}, []),
        (points(on=(1, 2)), 2, {"a", "b"}, ["b"]),
        (points(on=(1,), closed=(2,)), 2, {"a"}, []),  # closed by the chair: not even the floor opens it
    ],
)
def test_who_is_heard(states: list[PointState], floor: int | None, heard: set[str], always: list[str]) -> None:
    wanted, everyone = rules.plan([CHAIR, A, B, C], states, floor)
    assert {one.peer for one in wanted if one.heard} == heard
    assert everyone == always


@given(
    st.sets(st.integers(1, 30)),
    st.one_of(st.none(), st.integers(1, 30)),
    st.one_of(st.none(), st.integers(1, 30)),
    st.integers(0, 9),
)
def test_any_conference(connected: set[int], floor: int | None, pinned: int | None, gallery: int) -> None:
    states = [PointState(n, "off", n == pinned) for n in range(1, 31)]
    people = [Participant(f"p{n}", n, gallery=gallery) for n in sorted(connected)] + [Participant("wall", None, gallery=0)]
    wanted, _ = rules.plan(people, states, floor)
    assert [one.peer for one in wanted] == [p.peer for p in people]
    for one in wanted:
        shown = [s for s in (one.stage, *one.gallery) if s is not None]
        assert one.peer not in shown and len(set(shown)) == len(shown) and len(one.gallery) <= max(gallery, 0)
        assert set(shown) <= {p.peer for p in people if p.point_id}


@pytest.mark.parametrize(
    ("state", "loss", "rtt", "link"),
    [
        ("connecting", 0, 0, "absent"),
        ("connected", 0.5, 40, "good"),
        ("connected", 3, 40, "weak"),
        ("connected", 0, 400, "weak"),
        ("lost", 0, 0, "lost"),
        ("closed", 0, 0, "absent"),
    ],
)
def test_a_link_in_words(state: str, loss: float, rtt: float, link: str) -> None:
    assert rules.link_state(state, loss, rtt) == link


@pytest.mark.parametrize(
    ("mic", "on", "then"), [("off", True, "on"), ("on", False, "off"), ("closed", True, None), ("closed", False, None)]
)
def test_the_operators_switch(mic: str, on: bool, then: str | None) -> None:
    assert rules.switch_mic(mic, on) == then


def test_muting_all_spares_the_speaker() -> None:
    assert rules.mute(points(on=(1, 2), closed=(3,)), 1) == [2]
