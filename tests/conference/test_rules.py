"""The media plan as tables and properties: stage, gallery, who is heard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetroom.conference import rules
from meetroom.conference.rules import Participant, PointState, Told
from meetroom.errors import Refusal

CHAIR, A, B, C = Participant("chair", None), Participant("a", 1), Participant("b", 2), Participant("c", 3)


def points(*, on: tuple[int, ...] = (), pinned: int | None = None, closed: tuple[int, ...] = ()) -> list[PointState]:
    return [PointState(n, "closed" if n in closed else "on" if n in on else "off", n == pinned) for n in (1, 2, 3)]


def seen(conference: rules.Conference) -> dict[str, str | None]:
    """What is on each screen's stage: `a` is a camera, `a/screen` a screen."""
    return {
        one.peer: one.stage and (one.stage[0] if one.stage[1] == rules.CAMERA else "/".join(one.stage))
        for one in conference.wanted
    }


SHARES = Participant("b", 2, sharing=1)


@pytest.mark.parametrize(
    ("people", "states", "floor", "stage_of", "voice"),
    [
        # Never an empty stage, never one's own picture; whoever is loudest takes it.
        ([CHAIR, A, B, C], points(), None, {"chair": "a", "a": "b", "b": "a", "c": "a"}, True),
        ([CHAIR, A, B, C], points(), 2, {"chair": "b", "a": "b", "b": "a", "c": "b"}, False),
        # The chair's pin before the speaker; who is pinned sees the speaker.
        ([CHAIR, A, B, C], points(pinned=3), 2, {"chair": "c", "a": "c", "b": "c", "c": "b"}, False),
        # A shared screen before the speaker, after the pin.
        ([CHAIR, A, SHARES, C], points(), 1, {"chair": "b/screen", "a": "b/screen", "b": "a", "c": "b/screen"}, False),
        ([CHAIR, A, SHARES, C], points(pinned=3), 1, {"chair": "c", "a": "c", "b": "c", "c": "b/screen"}, False),
        ([CHAIR, A, SHARES], points(), None, {"chair": "b/screen", "a": "b/screen", "b": "a"}, False),
        # Of two the newer; somebody in the hall shares as well.
        (
            [Participant("chair", None, sharing=2), A, SHARES],
            points(),
            1,
            {"chair": "a", "a": "chair/screen", "b": "chair/screen"},
            False,
        ),
        # The floor holder is not connected: as if there was none.
        ([CHAIR, B], points(), 3, {"chair": "b", "b": None}, True),
        # A trial sees itself, whatever it shares, and is no point to anybody.
        ([A, Participant("t", 2, sharing=9, trial=True)], points(pinned=2), None, {"a": None, "t": "t"}, True),
    ],
)
def test_the_stage(
    people: list[Participant], states: list[PointState], floor: int | None, stage_of: dict[str, str], voice: bool
) -> None:
    conference = rules.plan(people, states, floor)
    assert seen(conference) == stage_of
    assert conference.follow_voice is voice


def test_the_gallery_is_everybody_else_in_order_by_page() -> None:
    many = [Participant(f"p{n}", n) for n in range(1, 21)]
    states = [PointState(n, "off", False) for n in range(1, 21)]
    viewer = Participant("chair", None, page=1, gallery=8)
    wanted = rules.plan([*many, viewer], states, 1).wanted
    assert wanted[-1].stage == ("p1", rules.CAMERA)
    assert wanted[-1].gallery == tuple(f"p{n}" for n in range(10, 18))


def test_who_speaks_to_a_shared_screen_is_the_first_thumbnail() -> None:
    conference = rules.plan([CHAIR, A, SHARES, C], points(), 3)
    assert conference.wanted[0].gallery == ("c", "a", "b")
    assert conference.stage == ("b", rules.SCREEN)


def test_limits_and_the_echo_of_a_trial() -> None:
    states = [PointState(1, "on", False, limit="audio"), PointState(2, "off", False)]
    a, b, trial = rules.plan([A, B, Participant("t", None, trial=True)], states, None).wanted
    assert (a.limit, b.limit, trial.limit) == ("audio", "high", "high")
    assert (a.echo, b.echo, trial.echo) == (False, False, True)
    assert (trial.heard, trial.gallery) == (False, ())


@pytest.mark.parametrize(
    ("states", "floor", "heard", "always"),
    [
        (points(on=(1,)), None, {"a"}, ()),
        (points(on=(1, 2)), 2, {"a", "b"}, ("b",)),
        (points(on=(1,), closed=(2,)), 2, {"a"}, ()),  # closed by the chair: not even the floor opens it
    ],
)
def test_who_is_heard(states: list[PointState], floor: int | None, heard: set[str], always: tuple[str, ...]) -> None:
    conference = rules.plan([CHAIR, A, B, C], states, floor)
    assert {one.peer for one in conference.wanted if one.heard} == heard
    assert conference.always == always


@given(
    st.sets(st.integers(1, 30)),
    st.one_of(st.none(), st.integers(1, 30)),
    st.one_of(st.none(), st.integers(1, 30)),
    st.sets(st.integers(1, 30), max_size=3),
    st.integers(0, 9),
)
def test_any_conference(connected: set[int], floor: int | None, pinned: int | None, sharing: set[int], gallery: int) -> None:
    states = [PointState(n, "off", n == pinned) for n in range(1, 31)]
    people = [Participant(f"p{n}", n, gallery=gallery, sharing=n if n in sharing else 0) for n in sorted(connected)]
    people.append(Participant("wall", None, gallery=0))
    conference = rules.plan(people, states, floor)
    assert [one.peer for one in conference.wanted] == [p.peer for p in people]
    for one in conference.wanted:
        cameras = [*([one.stage[0]] if one.stage and one.stage[1] == rules.CAMERA else []), *one.gallery]
        assert one.peer not in cameras and len(set(cameras)) == len(cameras) and len(one.gallery) <= max(gallery, 0)
        assert set(cameras) <= {p.peer for p in people if p.point_id}
        if conference.stage and conference.stage[0] != one.peer:
            assert one.stage == conference.stage
        assert one.stage is not None or not connected - {int(one.peer[1:]) if one.peer != "wall" else 0}
    assert conference.follow_voice is not (pinned in connected or bool(sharing & connected) or floor in connected)


@pytest.mark.parametrize(
    ("state", "loss", "rtt", "before", "link"),
    [
        ("connecting", 0, 0, "absent", "absent"),
        ("connecting", 0, 0, "good", "good"),  # on its way to another node
        ("connected", 0.5, 40, "absent", "good"),
        ("connected", 3, 40, "good", "weak"),
        ("connected", 0, 400, "good", "weak"),
        ("connected", 2, 40, "good", "good"),
        ("connected", 2, 40, "weak", "weak"),  # good again only well below the border
        ("connected", 1, 199, "weak", "good"),
        ("lost", 0, 0, "good", "lost"),
        ("closed", 0, 0, "good", "absent"),
    ],
)
def test_a_link_in_words(state: str, loss: float, rtt: float, before: str, link: str) -> None:
    assert rules.link_state(state, loss, rtt, before) == link


@pytest.mark.parametrize(
    ("now", "seconds", "told"),
    [
        (Told("good"), 60, False),
        (Told("weak"), 0, True),
        (Told("good", "low", "down"), 4.9, False),
        (Told("good", "low", "down"), 5, True),
        (Told("lost", "low", "down"), 1, True),
    ],
)
def test_when_the_meeting_is_told(now: Told, seconds: float, told: bool) -> None:
    assert rules.worth_telling(Told("good"), now, seconds) is told


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_a_lock_keeps_out_who_is_new(locked: bool, was_in: bool, controls: bool, trial: bool) -> None:
    if locked and not (was_in or controls or trial):
        with pytest.raises(Refusal, match="locked"):
            rules.enter(locked=locked, was_in=was_in, controls=controls, trial=trial)
    else:
        rules.enter(locked=locked, was_in=was_in, controls=controls, trial=trial)


@pytest.mark.parametrize(
    ("mic", "on", "then"), [("off", True, "on"), ("on", False, "off"), ("closed", True, None), ("closed", False, None)]
)
def test_the_operators_switch(mic: str, on: bool, then: str | None) -> None:
    assert rules.switch_mic(mic, on) == then


def test_muting_all_spares_the_speaker() -> None:
    assert rules.mute(points(on=(1, 2), closed=(3,)), 1) == [2]
