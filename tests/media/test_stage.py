from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.stage import Speaker, staged
from meetroom.conference.schema import Kind, Layer, PeerPlan, Plan, Want


def talk(speaker: Speaker, script: Iterable[tuple[str | None, float]], since: float = 100.0) -> list[tuple[str, float]]:
    """Who was loudest for how many seconds; returns who took the stage when, counted from the beginning."""
    taken, now = [], since
    for loudest, seconds in script:
        for _ in range(round(seconds / 0.2)):
            if speaker.follow(loudest, now):
                taken.append((speaker.current or "", round(now - since, 1)))
            now += 0.2
    return taken


@pytest.mark.parametrize(
    ("script", "taken"),
    [
        ([(None, 10)], []),
        ([("an", 1.8)], []),
        ([("an", 10)], [("an", 2.0)]),
        ([("an", 1), (None, 0.6), ("an", 2)], [("an", 2.0)]),  # a breath
        ([("an", 1), (None, 1.2), ("an", 1.8)], []),
        ([("an", 5), ("binh", 1.8), ("an", 5)], [("an", 2.0)]),  # a cough
        ([("an", 5), ("binh", 5)], [("an", 2.0), ("binh", 7.0)]),
        ([("an", 2.2), ("binh", 5)], [("an", 2.0), ("binh", 5.0)]),  # a stage taken is kept for a while
        ([("an", 5), (None, 60)], [("an", 2.0)]),  # nobody else speaks
        ([("an", 1.4), ("binh", 1.4)] * 20, []),  # a quarrel
    ],
)
def test_who_takes_the_stage(script: list[tuple[str | None, float]], taken: list[tuple[str, float]]) -> None:
    assert talk(Speaker(), script) == taken


def test_who_leaves_gives_the_stage_back() -> None:
    speaker = Speaker()
    talk(speaker, [("an", 5), ("binh", 5)])
    speaker.forget("binh")
    assert (speaker.current, speaker.previous) == ("an", None)
    speaker.forget("an")
    assert speaker.current is None


@given(st.lists(st.tuples(st.none() | st.sampled_from(["an", "binh", "chi"]), st.floats(0.2, 6))))
def test_the_stage_never_jumps(script: list[tuple[str | None, float]]) -> None:
    speaker = Speaker()
    taken = talk(speaker, script)
    assert all(later - earlier >= Speaker.STAY - 0.01 for (_, earlier), (_, later) in zip(taken, taken[1:], strict=False))
    assert all(one != other for (one, _), (other, _) in zip(taken, taken[1:], strict=False))
    assert speaker.current != speaker.previous or speaker.current is None


# what the plan becomes


def camera(peer: str, layer: Layer = Layer.LOW) -> Want:
    return Want(peer=peer, layer=layer)


SCREEN = Want(peer="chi", kind=Kind.SCREEN, layer=Layer.HIGH)


@pytest.mark.parametrize(
    ("wanted", "stage", "gallery"),
    [
        ({}, "binh/camera/f", []),
        ({"stage": camera("chi", Layer.HIGH)}, "binh/camera/f", []),
        (
            {"stage": camera("chi", Layer.HIGH), "gallery": (camera("an"), camera("binh"))},
            "binh/camera/f",
            ["an/camera/q", "chi/camera/q"],  # they change places
        ),
        ({"stage": camera("chi"), "gallery": (camera("an"),)}, "binh/camera/f", ["an/camera/q"]),  # binh is on another page
        ({"stage": camera("binh", Layer.MID)}, "binh/camera/h", []),
        ({"stage": SCREEN, "gallery": (camera("binh"),)}, "chi/screen/f", ["binh/camera/q"]),
        ({"stage": camera("hall"), "echo": True}, "hall/camera/q", []),
        ({"stage": camera("chi"), "relay": ()}, "chi/camera/q", []),
        ({"peer": "binh", "stage": camera("chi")}, "an/camera/f", []),  # the speaker sees the one before
        ({"peer": "binh", "stage": camera("an", Layer.HIGH)}, "an/camera/f", []),
    ],
)
def test_the_speaker_takes_everybodys_stage(wanted: dict[str, object], stage: str, gallery: list[str]) -> None:
    speaker = Speaker()
    talk(speaker, [("an", 5), ("binh", 5)])
    plan = Plan(meeting_id=1, revision=1, peers=(PeerPlan.model_validate({"peer": "hall", **wanted}),), follow_voice=True)
    [seen] = staged(plan, speaker).peers
    assert seen.stage is not None
    assert f"{seen.stage.peer}/{seen.stage.kind}/{seen.stage.layer}" == stage
    assert [f"{want.peer}/{want.kind}/{want.layer}" for want in seen.gallery] == gallery
    assert staged(plan.model_copy(update={"follow_voice": False}), speaker).peers == plan.peers
    assert staged(plan, Speaker()) == plan


def test_the_first_speaker_sees_what_the_plan_says() -> None:
    speaker = Speaker()
    talk(speaker, [("an", 5)])
    plan = Plan(meeting_id=1, revision=1, peers=(PeerPlan(peer="an", stage=camera("chi")),), follow_voice=True)
    assert staged(plan, speaker) == plan
