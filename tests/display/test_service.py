"""Presenting: who may, what it carries, who is told, and giving it to somebody else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from meetroom import journal
from meetroom.display import service
from meetroom.display.schema import Point
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from tests.documents.bringing import add, report
from tests.sitting import Sitting

PLACE = {"top": 2_500, "left": 1_000, "zoom": 250}


@pytest.fixture
def paper(sitting: Sitting) -> int:
    """A paper of three pages in the sitting's hand."""
    sitting.opened()
    paper = add(sitting)
    report(sitting, paper, 3, 3)
    return paper


def member(s: Sitting, persona: str) -> int:
    return next(one.id for one in s.see("secretary").members if one.person_id == s.people[persona])


def point(s: Sitting, persona: str, paper: int, page: int = 1) -> service.Pointing:
    order = Point(meeting_id=s.meeting, paper_id=paper, page=page, top=0, left=0, zoom=100, x=5_000, y=2_000, laser=True)
    with s.store.read() as session:
        return service.pointing(session, s.actor(persona), order)[0]


def test_the_part_on_show_is_what_the_presenter_shows(sitting: Sitting, paper: int) -> None:
    sitting.chair("display.present", paper_id=paper, page=2, **PLACE)
    shown = sitting.see("wall").displays[0].presenting
    assert shown is not None
    assert shown.model_dump() == {
        "paper_id": paper, "page": 2, **PLACE, "member_id": member(sitting, "chair"), "by": "Nguyễn Văn Thái",
    }  # fmt: skip


@pytest.mark.parametrize("wrong", [{"zoom": 90}, {"zoom": 900}, {"left": 10_001}, {"top": -1}, {"page": 0}])
def test_a_place_is_within_the_page(sitting: Sitting, paper: int, wrong: dict[str, int]) -> None:
    with pytest.raises(Refusal) as refused:
        sitting.chair("display.present", **{"paper_id": paper, "page": 1, **wrong})
    assert refused.value.code == "invalid"


def test_the_presenter_hands_over_and_leads_no_more(sitting: Sitting, paper: int) -> None:
    sitting.chair("display.present", paper_id=paper, page=2, **PLACE)
    sitting.chair("display.hand_over", member_id=member(sitting, "hanh"))
    shown = sitting.see("bao").displays[0].presenting
    assert shown is not None
    assert (shown.by, shown.page, shown.zoom) == ("Nguyễn Thị Hồng Hạnh", 2, 250)  # the page stays where it is
    sitting.hanh("display.present", paper_id=paper, page=3)
    sitting.hanh("display.hand_over", member_id=member(sitting, "guest"))
    with pytest.raises(Refusal) as refused:
        sitting.hanh("display.present", paper_id=paper, page=1)
    assert refused.value.code == "forbidden"
    sitting.guest("display.present", paper_id=paper, page=1)
    sitting.secretary("display.hand_over", member_id=member(sitting, "bao"))  # who runs the floor may as well


def test_what_cannot_be_handed_over(sitting: Sitting, paper: int) -> None:
    def refused(persona: str, member_id: int) -> str:
        with pytest.raises(Refusal) as no:
            getattr(sitting, persona)("display.hand_over", member_id=member_id)
        return no.value.code

    bao = member(sitting, "bao")
    assert refused("chair", bao) == "nobody_presents"
    sitting.chair("display.present", paper_id=paper, page=1)
    assert refused("hanh", bao) == "forbidden"
    assert refused("wall", bao) == "forbidden"
    for persona in ("wall", "tanlap", "technician"):
        assert refused("chair", member(sitting, persona)) == "cannot_present"
    assert refused("chair", 999_999) == "not_found"
    sitting.secretary("paper.restrict", paper_id=paper, access={"kind": "members"}, secrecy="open")
    assert refused("chair", member(sitting, "guest")) == "cannot_present"
    sitting.secretary("meeting.close")
    assert refused("chair", bao) == "wrong_state"


def test_only_who_presents_points_and_only_at_what_is_on_show(sitting: Sitting, paper: int) -> None:
    def refused(persona: str, paper_id: int = paper, page: int = 1) -> str:
        with pytest.raises(Refusal) as no:
            point(sitting, persona, paper_id, page)
        return no.value.code

    assert refused("hanh") == "forbidden"  # nobody presents
    sitting.chair("display.present", paper_id=paper, page=1)
    assert point(sitting, "chair", paper, 3).model_dump() == {
        "paper_id": paper, "page": 3, "top": 0, "left": 0, "zoom": 100, "x": 5_000, "y": 2_000, "laser": True,
    }  # fmt: skip
    assert refused("chair", page=4) == "not_found"
    assert refused("chair", paper_id=paper + 1) == "forbidden"
    assert (refused("hanh"), refused("secretary"), refused("wall")) == ("forbidden",) * 3
    assert refused("outsider") == "not_found"
    assert refused("admin") == "forbidden"  # sees the meeting, but is no member
    sitting.secretary("display.hand_over", member_id=member(sitting, "hanh"))
    assert refused("chair") == "forbidden"
    assert point(sitting, "hanh", paper).x == 5_000
    sitting.secretary("paper.withdraw", paper_id=paper)
    assert refused("hanh") == "forbidden"


MEMBERS = {"kind": "members"}  # secretary, chair and delegates


def restrict(s: Sitting, paper: int, access: dict[str, Any]) -> None:
    s.secretary("paper.restrict", paper_id=paper, access=access, secrecy="open")


def told(s: Sitting, persona: str, since: int) -> list[tuple[str, int | None]]:
    """What a persona's screen was told of what is on show, and which paper it was; each time it is what a fresh screen sees."""
    with s.store.read() as session:
        rooms = meetings.viewer(session, s.actor(persona), s.meeting).rooms()
        entries = [one for one in journal.replay(session, s.meeting, since, rooms) if one.name.startswith("display.")]
    bodies = [json.loads(one.body)["display"] for one in entries]
    if bodies:
        assert s.see(persona).displays[0].model_dump(mode="json") == bodies[-1]
    return [(one.name, (body["presenting"] or {}).get("paper_id")) for one, body in zip(entries, bodies, strict=True)]


def test_what_is_on_show_is_told_to_those_who_may_read_it_and_to_nobody_else(sitting: Sitting, paper: int) -> None:
    s, open_to_all = sitting, add(sitting)
    report(s, open_to_all, 1, 1)
    restrict(s, paper, MEMBERS)
    insiders, outsiders = ("chair", "hanh", "bao"), ("guest", "wall", "tanlap")

    def see(since: int, *, insider: list[Any], outsider: list[Any], secretary: list[Any]) -> None:
        assert [told(s, who, since) for who in insiders] == [insider] * 3
        assert [told(s, who, since) for who in outsiders] == [outsider] * 3
        assert told(s, "secretary", since) == secretary

    def after(act: Callable[[], Any]) -> int:
        since = s.sync("secretary").revision
        act()
        return since

    since = after(lambda: s.chair("display.present", paper_id=paper, page=1))
    see(since, insider=[("display.shown", paper)], outsider=[], secretary=[("display.listed", paper)])
    since = after(lambda: s.chair("display.present", paper_id=paper, page=2))
    see(since, insider=[("display.shown", paper)], outsider=[], secretary=[("display.listed", paper)])
    since = after(lambda: s.secretary("display.stop"))  # to others nothing has ended
    see(since, insider=[("display.shown", None)], outsider=[], secretary=[("display.listed", None)])
    since = after(lambda: s.chair("display.present", paper_id=open_to_all, page=1))
    see(since, insider=[("display.changed", open_to_all)], outsider=[("display.changed", open_to_all)],
        secretary=[("display.changed", open_to_all)])  # fmt: skip
    since = after(lambda: s.chair("display.present", paper_id=paper, page=1))
    see(since, insider=[("display.shown", paper)], outsider=[("display.shown", None)], secretary=[("display.listed", paper)])
    since = after(lambda: s.secretary("paper.withdraw", paper_id=paper))
    see(since, insider=[("display.shown", None)], outsider=[], secretary=[("display.listed", None)])


def test_what_is_on_show_follows_who_may_read_it(sitting: Sitting, paper: int) -> None:
    s = sitting
    s.chair("display.present", paper_id=paper, page=1)
    since = s.sync("secretary").revision
    restrict(s, paper, MEMBERS)
    assert (told(s, "hanh", since), told(s, "guest", since)) == ([("display.shown", paper)], [("display.shown", None)])
    late = s.sync("guest", since=since - 1)  # who was away when all were told of it is not told now
    assert late.snapshot is not None and f'"paper_id":{paper},' not in late.model_dump_json()
    since = s.sync("secretary").revision
    restrict(s, paper, {"kind": "all"})
    assert told(s, "guest", since) == [("display.changed", paper)]
    since = s.sync("secretary").revision
    restrict(s, paper, {"kind": "people", "member_ids": [member(s, "hanh")]})
    for who in ("chair", "hanh", "secretary"):  # its presenter reads it no more: nobody presents it
        assert told(s, who, since) == [("display.changed", None)]


def test_the_presenters_hand_is_told_to_those_who_see_the_page(sitting: Sitting, paper: int) -> None:
    s = sitting
    s.chair("display.present", paper_id=paper, page=1)
    order = Point(meeting_id=s.meeting, paper_id=paper, page=1, top=0, left=0, zoom=100, x=1, y=1, laser=False)

    def rooms() -> list[str]:
        with s.store.read() as session:
            return service.pointing(session, s.actor("chair"), order)[1]

    assert rooms() == ["meeting"]
    restrict(s, paper, MEMBERS)
    readers = sorted(s.people[who] for who in ("chair", "hanh", "bao", "chau"))
    assert rooms() == ["secretaries", *(f"person:{one}" for one in readers)]


def test_a_point_is_strict() -> None:
    with pytest.raises(ValidationError):
        Point.model_validate(
            {"meeting_id": 1, "paper_id": 1, "page": 1, "top": 0, "left": 0, "zoom": 100, "x": 10_001, "y": 0, "laser": False}
        )
