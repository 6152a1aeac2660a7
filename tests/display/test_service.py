"""Presenting: who may, what it carries, and giving it to somebody else."""

import pytest
from pydantic import ValidationError

from meetroom.display import service
from meetroom.display.schema import Point
from meetroom.errors import Refusal
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
        return service.pointing(session, s.actor(persona), order)


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


def test_a_point_is_strict() -> None:
    with pytest.raises(ValidationError):
        Point.model_validate(
            {"meeting_id": 1, "paper_id": 1, "page": 1, "top": 0, "left": 0, "zoom": 100, "x": 10_001, "y": 0, "laser": False}
        )
