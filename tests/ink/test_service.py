"""Ink, told like minutes: what is private stays private, what is shared reaches the readers of the paper and nobody else."""

import io
import json
import uuid
from typing import Any

import pytest
from sqlalchemy import select

from meetroom import journal
from meetroom.documents.service import remember_upload
from meetroom.errors import Refusal
from meetroom.ink import rules, service
from meetroom.ink.schema import Ink
from meetroom.meetings import service as meetings
from meetroom.meetings.tables import Member
from tests.sitting import Sitting

IMAGE, OTHER = "a" * 64, "b" * 64
STROKE = rules.encode([(1000, 1000, 128), (1500, 1010, 140), (2000, 1000, 120)])


def page(sha256: str) -> dict[str, Any]:
    return {"image": {"sha256": sha256, "width": 1600, "height": 2263, "size": 80_000}}


@pytest.fixture
def paper(sitting: Sitting) -> int:
    """A paper of two pages, on the item in hand."""
    sitting.opened()
    sha256, size = sitting.blobs.put(io.BytesIO(b"%PDF-1.7 told to be one"), 1000)
    with sitting.store.write() as session:
        remember_upload(session, sitting.people["secretary"], "to-trinh.pdf", sha256, size, sitting.now)
    paper: int = sitting.secretary("paper.add", item_id=sitting.item(), title="Tờ trình", file=sha256)["id"]
    pages = [page(IMAGE), page(OTHER)]
    sitting.worker("paper.report_pages", paper_id=paper, version=1, page_count=2, pages=pages, done=True)
    return paper


def mark(paper: int, **changes: Any) -> dict[str, Any]:
    plain = {"key": str(uuid.uuid4()), "kind": "pen", "paper_id": paper, "image": IMAGE, "page": 1, "colour": "blue"}
    return {**plain, "width": 26, "points": STROKE, "x": 0, "y": 0, "text": "", "shared": False, **changes}


def note(paper: int, text: str, **changes: Any) -> dict[str, Any]:
    return mark(paper, **{"kind": "note", "width": 0, "points": "", "text": text, "x": 9000, "y": 5300, **changes})


def own(sitting: Sitting, persona: str, since: int = 0) -> Ink:
    with sitting.store.read() as session:
        member = meetings.member_of(session, sitting.meeting, sitting.people[persona])
        assert member is not None
        return service.ink_since(session, member.id, since)


def test_a_stroke_is_kept_for_its_hand_alone(sitting: Sitting, paper: int) -> None:
    drawn = mark(paper)
    assert sitting.chau("ink.write", marks=[drawn], erased=[])["revision"] == 1
    (kept,) = own(sitting, "chau").marks
    assert (kept.key, kept.points, kept.erased) == (drawn["key"], STROKE, False)
    assert own(sitting, "hanh").marks == ()
    for persona in ("hanh", "secretary", "technician", "wall"):
        assert sitting.see(persona).marks == () and all(ink.revision == 0 for ink in sitting.see(persona).inks)


def test_the_journal_tells_that_something_was_written_and_not_what(sitting: Sitting, paper: int) -> None:
    words = "Tăng 50 %: trung tâm dữ liệu quý mấy xong?"
    sitting.chau("ink.write", marks=[note(paper, words), mark(paper)], erased=[])
    out = io.StringIO()
    with sitting.store.read() as session:
        journal.export(session, sitting.meeting, out)
    assert words not in out.getvalue() and STROKE not in out.getvalue() and IMAGE not in out.getvalue().splitlines()[-1]
    (told,) = sitting.told("ink.changed")
    assert told.room == f"person:{sitting.people['chau']}"
    assert set(json.loads(told.body)["ink"]) == {"id", "revision"}


def test_the_last_write_of_a_mark_wins_and_repeats_change_nothing(sitting: Sitting, paper: int) -> None:
    drawn = note(paper, "một")
    sitting.chau("ink.write", marks=[drawn], erased=[])
    sitting.chau("ink.write", marks=[{**drawn, "text": "hai"}], erased=[])
    assert sitting.chau("ink.write", marks=[{**drawn, "text": "hai"}], erased=[])["revision"] == 2
    assert [kept.text for kept in own(sitting, "chau").marks] == ["hai"]
    assert own(sitting, "chau", since=2).marks == ()


def test_what_is_erased_leaves_its_key_so_that_other_tablets_hear_of_it(sitting: Sitting, paper: int) -> None:
    drawn = mark(paper)
    sitting.chau("ink.write", marks=[drawn], erased=[])
    sitting.chau("ink.write", marks=[], erased=[drawn["key"], str(uuid.uuid4())])
    (gone,) = own(sitting, "chau", since=1).marks
    assert (gone.key, gone.erased, gone.points, gone.revision) == (drawn["key"], True, "", 2)
    sitting.chau("ink.write", marks=[drawn], erased=[])  # undone
    assert own(sitting, "chau", since=2).marks[0].points == STROKE


def test_much_ink_comes_in_pieces(sitting: Sitting, paper: int) -> None:
    for _ in range(4):
        sitting.chau("ink.write", marks=[mark(paper) for _ in range(64)], erased=[])
    first = own(sitting, "chau")
    rest = own(sitting, "chau", since=first.revision)
    assert (len(first.marks), first.more, rest.more, rest.revision) == (service.AT_ONCE, True, False, 256)
    assert len({kept.key for kept in (*first.marks, *rest.marks)}) == 256


def test_a_shared_note_reaches_whoever_may_read_the_paper(sitting: Sitting, paper: int) -> None:
    shared = note(paper, "Đề nghị làm rõ nguồn vốn", shared=True)
    sitting.chau("ink.write", marks=[shared], erased=[])
    (seen,) = sitting.see("hanh").marks
    assert (seen.text, seen.kind, seen.x, seen.y) == ("Đề nghị làm rõ nguồn vốn", "note", 9000, 5300)
    sitting.chau("ink.write", marks=[{**shared, "shared": False}], erased=[])
    assert sitting.see("hanh").marks == () and len(sitting.told("mark.removed")) == 1
    assert own(sitting, "chau").marks[0].text == "Đề nghị làm rõ nguồn vốn"


def test_nothing_is_shared_after_the_meeting_but_ones_own_ink_goes_on(sitting: Sitting, paper: int) -> None:
    kept = note(paper, "một")
    sitting.secretary("meeting.close")
    sitting.chau("ink.write", marks=[kept], erased=[])  # drawn in a dead zone, come back late
    with pytest.raises(Refusal, match="wrong_state"):
        sitting.chau("ink.write", marks=[{**kept, "shared": True}], erased=[])
    with pytest.raises(Refusal, match="wrong_state"):
        sitting.chair("instruction.give", paper_id=paper, image=IMAGE, page=1, x=1, y=1, text="Giao Sở Tài chính")


def test_an_instruction_stands_as_it_was_given(sitting: Sitting, paper: int) -> None:
    order = {"paper_id": paper, "image": IMAGE, "page": 1, "x": 100, "y": 200, "text": "Giao Sở Tài chính giải trình"}
    given = sitting.chair("instruction.give", **order)
    with sitting.store.read() as session:
        member = session.get(Member, given["member_id"])
        assert member is not None and member.person_id == sitting.people["chair"]
    assert [seen.text for seen in sitting.see("hanh").marks] == [order["text"]]
    assert own(sitting, "chair").marks == () and sitting.see("chair").inks[0].revision == 0
    for persona in ("hanh", "secretary"):
        with pytest.raises(Refusal, match="forbidden"):
            getattr(sitting, persona)("instruction.withdraw", mark_id=given["id"])
    sitting.pass_time(minutes=3)
    sitting.chair("instruction.withdraw", mark_id=given["id"])
    (left,) = sitting.see("hanh").marks
    assert (left.text, left.withdrawn_at) == ("", sitting.now)
    assert len(sitting.told("mark.changed")) == 2  # the journal has its words, and when it was withdrawn


@pytest.mark.parametrize(
    "changes",
    [{"paper_id": 999}, {"image": "c" * 64}],
    ids=["no such paper", "no page of this paper"],
)
def test_ink_needs_a_page_that_may_be_read(sitting: Sitting, paper: int, changes: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="not_found"):
        sitting.chau("ink.write", marks=[{**mark(paper), **changes}], erased=[])
    assert own(sitting, "chau").marks == ()


def test_another_hands_marks_are_out_of_reach(sitting: Sitting, paper: int) -> None:
    drawn = note(paper, "của Châu")
    sitting.chau("ink.write", marks=[drawn], erased=[])
    sitting.hanh("ink.write", marks=[], erased=[drawn["key"]])
    sitting.hanh("ink.write", marks=[{**drawn, "text": "của Hạnh"}], erased=[])
    assert own(sitting, "chau").marks[0].text == "của Châu"


def test_who_leaves_the_list_takes_the_ink_along(sitting: Sitting) -> None:
    sitting.secretary("item.add", title="Khai mạc", minutes=10)
    with sitting.store.read() as session:
        query = select(Member.id).where(Member.person_id == sitting.people["guest"])
        guest = session.scalars(query).one()
    sitting.secretary("member.remove", member_id=guest)
    with sitting.store.read() as session:
        assert session.get(Member, guest) is None


def test_what_is_shared_follows_the_readers_of_its_paper(sitting: Sitting, paper: int) -> None:
    sitting.chau("ink.write", marks=[note(paper, "cho mọi người", shared=True)], erased=[])
    only_members = {"paper_id": paper, "access": {"kind": "members"}, "secrecy": "open"}
    sitting.secretary("paper.restrict", **only_members)
    assert [len(sitting.see(persona).marks) for persona in ("hanh", "secretary", "guest", "tanlap")] == [1, 1, 0, 0]
    written = note(paper, "sau khi hạn chế", shared=True)
    sitting.chau("ink.write", marks=[written], erased=[])
    rooms = {entry.room for entry in sitting.told("mark.shown") if "sau khi hạn chế" in entry.body}
    assert f"person:{sitting.people['hanh']}" in rooms and f"person:{sitting.people['guest']}" not in rooms
    assert not [entry for entry in sitting.told("mark.changed") if "sau khi hạn chế" in entry.body]
    with pytest.raises(Refusal, match="not_found"):
        sitting.guest("ink.write", marks=[mark(paper)], erased=[])


def test_a_paper_taken_back_takes_along_what_is_shared_on_it_and_keeps_what_was_drawn(sitting: Sitting, paper: int) -> None:
    sitting.chau("ink.write", marks=[note(paper, "cho mọi người", shared=True)], erased=[])
    sitting.secretary("paper.withdraw", paper_id=paper)
    assert sitting.see("hanh").marks == () == sitting.see("secretary").marks
    drawn = mark(paper)
    sitting.chau("ink.write", marks=[drawn], erased=[])  # in a dead zone, before anybody could tell
    with pytest.raises(Refusal, match="not_found"):
        sitting.chau("ink.write", marks=[note(paper, "trên tài liệu đã thu hồi", shared=True)], erased=[])
    sitting.secretary("paper.restore", paper_id=paper)
    assert [seen.text for seen in sitting.see("hanh").marks] == ["cho mọi người"]
    assert drawn["key"] in {kept.key for kept in own(sitting, "chau").marks}


def test_ink_stays_with_the_page_it_was_drawn_on(sitting: Sitting, paper: int) -> None:
    """Page 2 is the same in the new version, page 1 is not; both keep theirs."""
    sitting.chau("ink.write", marks=[mark(paper), mark(paper, image=OTHER, page=2)], erased=[])
    sha256, size = sitting.blobs.put(io.BytesIO(b"%PDF-1.7 another one"), 1000)
    with sitting.store.write() as session:
        remember_upload(session, sitting.people["secretary"], "ban-hai.pdf", sha256, size, sitting.now)
    sitting.secretary("paper.replace", paper_id=paper, file=sha256)
    pages = [page("c" * 64), page(OTHER)]
    sitting.worker("paper.report_pages", paper_id=paper, version=2, page_count=2, pages=pages, done=True)
    sitting.chau("ink.write", marks=[mark(paper), mark(paper, image=OTHER, page=2)], erased=[])
    assert sorted(kept.image[0] for kept in own(sitting, "chau").marks) == ["a", "a", "b", "b"]
