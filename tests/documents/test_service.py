from collections.abc import Callable
from typing import Any

import pytest

from meetroom.documents.readers import blob_kind
from meetroom.documents.schema import Manifest, PaperView, VersionView
from meetroom.documents.service import expect_page
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from tests.documents.bringing import DEVICE, PAGES, add, bring, held, report
from tests.sitting import Sitting

OTHER = b"%PDF-1.7 another"


def paper(s: Sitting, id: int, persona: str = "hanh") -> PaperView:
    return next(view for view in s.see(persona).papers if view.id == id)


def manifest(s: Sitting, view: PaperView | VersionView) -> Manifest:
    assert view.manifest is not None
    return Manifest.model_validate_json(s.blobs.open(view.manifest).read())


def refusal(act: Callable[[], Any]) -> tuple[str, Any]:
    with pytest.raises(Refusal) as no:
        act()
    return no.value.code, no.value.detail


def shows(s: Sitting, page: dict[str, Any], persona: str = "hanh") -> bool:
    """Whether the page's image is given to somebody."""
    with s.store.read() as session:
        try:
            return blob_kind(session, s.actor(persona), page["image"]["sha256"]) == "image"
        except Refusal as no:
            assert no.code == "not_found"
            return False


def test_a_paper_is_added_and_becomes_readable_page_by_page(sitting: Sitting) -> None:
    s = sitting
    id = add(s, title="Tờ trình về đầu tư công", number="412/TTr-UBND")
    new = paper(s, id)
    assert (new.state, new.version, new.ready, new.first, new.page_count, new.number) == ("queued", 1, 0, None, 0, "412/TTr-UBND")
    report(s, id, 1, 3)
    assert (paper(s, id).state, paper(s, id).ready, paper(s, id).page_count) == ("rendering", 1, 3)
    report(s, id, 3, 3)
    done = paper(s, id)
    assert (done.state, done.ready, done.changed_pages, done.previous) == ("ready", 3, (), ())
    assert done.first is not None and done.first.model_dump() == PAGES[0]["image"]
    assert [page.image.model_dump() for page in manifest(s, done).pages] == [page["image"] for page in PAGES[:3]]
    assert [entry.room for entry in s.told("paper.changed")] == ["meeting"] * 3


def test_papers_of_an_item_stand_in_the_order_they_came(sitting: Sitting) -> None:
    add(sitting, title="Tờ trình")
    add(sitting, title="Dự thảo nghị quyết")
    assert [(view.title, view.position) for view in sitting.see("hanh").papers] == [("Tờ trình", 0), ("Dự thảo nghị quyết", 1)]


def test_only_what_a_person_brought_can_be_made_a_paper(sitting: Sitting) -> None:
    s = sitting
    id = add(s)
    theirs = bring(s, OTHER, persona="admin")
    assert refusal(lambda: s.secretary("paper.replace", paper_id=id, file=theirs))[0] == "no_such_upload"
    assert refusal(lambda: s.secretary("paper.replace", paper_id=id, file="0" * 64))[0] == "no_such_upload"
    assert s.admin("paper.replace", paper_id=id, file=theirs)["version"] == 2


def test_an_item_of_another_meeting_takes_no_paper(sitting: Sitting) -> None:
    s = sitting
    file = bring(s, OTHER)
    other = s.do("secretary", "meeting.create", title="Khác", kind="working", starts_at="2026-12-09T01:00:00Z")["id"]
    item = s.do("secretary", "item.add", meeting_id=other, title="Khác")["id"]
    assert refusal(lambda: s.secretary("paper.add", item_id=item, title="Nhầm", file=file))[0] == "not_found"


def test_a_new_version_leaves_the_old_one_to_read_and_ends_a_withdrawal(sitting: Sitting) -> None:
    s = sitting
    id = add(s)
    report(s, id, 3, 3)
    before = paper(s, id)
    s.secretary("paper.withdraw", paper_id=id)
    s.secretary("paper.replace", paper_id=id, file=bring(s, OTHER))
    new = paper(s, id)
    assert (new.version, new.state, new.ready, new.first, new.page_count, new.size) == (2, "queued", 0, None, 0, len(OTHER))
    (old,) = new.previous
    assert (old.number, old.manifest, old.page_count) == (1, before.manifest, 3) and shows(s, PAGES[2])


def test_a_new_version_says_which_pages_changed_and_unchanged_ones_keep_their_name(sitting: Sitting) -> None:
    s = sitting
    id = add(s)
    report(s, id, 3, 3)
    s.secretary("paper.replace", paper_id=id, file=bring(s, OTHER))
    inserted = [PAGES[0], PAGES[30], PAGES[1], PAGES[2], PAGES[31]]  # a page between, the others only moved, one at the end
    report(s, id, 2, 5, version=2, made=inserted)
    assert paper(s, id).changed_pages == (2,)
    report(s, id, 5, 5, version=2, made=inserted)
    new = paper(s, id)
    assert (new.state, new.changed_pages) == ("ready", (2, 5))
    assert [page.changed for page in manifest(s, new).pages] == [False, True, False, False, True]
    s.secretary("paper.replace", paper_id=id, file=bring(s, b"%PDF-1.7 third"))
    s.do("worker", "paper.refuse", meeting_id=s.meeting, paper_id=id, version=3, reason="damaged")
    broken = paper(s, id)
    assert (broken.state, [one.number for one in broken.previous]) == ("refused", [2, 1])
    assert broken.previous[0].changed_pages == (2, 5) and shows(s, PAGES[30])
    s.secretary("paper.replace", paper_id=id, file=bring(s, OTHER))
    report(s, id, 1, 1, version=4, made=inserted)
    assert paper(s, id).changed_pages == ()  # compared with the last that could be read


def test_a_page_may_get_more_later_and_loses_nothing(sitting: Sitting) -> None:
    s = sitting
    id = add(s)
    report(s, id, 2, 2)
    large = {"sha256": "e" * 64, "width": 2560, "height": 3620, "size": 190_000}
    report(s, id, 2, 2, made=[{**PAGES[0], "large": large}, PAGES[1]])
    enlarged = paper(s, id)
    assert (enlarged.state, enlarged.ready) == ("ready", 2) and shows(s, {"image": large})
    told = len(s.published)
    report(s, id, 2, 2)
    assert len(s.published) == told and manifest(s, paper(s, id)).pages[0].large is not None


@pytest.mark.parametrize("late", ["pages of the old version", "refusal of the old version", "fewer pages", "the same pages"])
def test_what_a_worker_says_too_late_is_ignored(sitting: Sitting, late: str) -> None:
    s = sitting
    id = add(s)
    report(s, id, 2, 4)
    s.secretary("paper.replace", paper_id=id, file=bring(s, OTHER))
    report(s, id, 3, 4, version=2)
    before, told = paper(s, id), len(s.published)
    match late:
        case "pages of the old version":
            report(s, id, 4, 4)
        case "refusal of the old version":
            s.do("worker", "paper.refuse", meeting_id=s.meeting, paper_id=id, version=1, reason="damaged")
        case "fewer pages":
            report(s, id, 2, 4, version=2)
        case "the same pages":
            report(s, id, 3, 4, version=2)
    assert paper(s, id) == before and len(s.published) == told


def test_a_withdrawn_paper_shows_nothing_at_once_and_comes_back_by_undo(sitting: Sitting) -> None:
    s = sitting
    id = add(s)
    report(s, id, 2, 2)
    assert shows(s, PAGES[0])
    s.secretary("paper.withdraw", paper_id=id)
    assert (paper(s, id).state, paper(s, id).first, paper(s, id).manifest) == ("withdrawn", None, None)
    assert not shows(s, PAGES[0], "secretary")
    assert not shows(s, PAGES[0])
    assert refusal(lambda: s.secretary("paper.withdraw", paper_id=id)) == ("wrong_state", {"state": "withdrawn"})
    s.secretary("meeting.open")
    s.secretary("meeting.undo")
    s.secretary("meeting.undo")
    assert (paper(s, id).state, paper(s, id).ready) == ("ready", 2)
    told = len(s.told("paper.changed"))
    s.secretary("paper.restore", paper_id=id)
    assert len(s.told("paper.changed")) == told


def test_pages_made_while_a_paper_is_withdrawn_are_there_when_it_comes_back(sitting: Sitting) -> None:
    s = sitting
    id = add(s)
    s.secretary("paper.withdraw", paper_id=id)
    report(s, id, 2, 2)
    assert paper(s, id).ready == 0
    s.secretary("paper.restore", paper_id=id)
    assert (paper(s, id).state, paper(s, id).ready) == ("ready", 2)


def test_a_refused_paper_has_a_reason_no_pages_and_can_be_tried_again(sitting: Sitting) -> None:
    s = sitting
    id = add(s)
    assert refusal(lambda: s.secretary("paper.retry", paper_id=id)) == ("wrong_state", {"state": "queued"})
    report(s, id, 1, 9)
    s.do("worker", "paper.refuse", meeting_id=s.meeting, paper_id=id, version=1, reason="too_slow")
    assert (paper(s, id).state, paper(s, id).reason, paper(s, id).ready) == ("refused", "too_slow", 0)
    report(s, id, 2, 9)
    assert paper(s, id).state == "refused"
    s.secretary("paper.retry", paper_id=id)
    assert (paper(s, id).state, paper(s, id).reason, paper(s, id).version) == ("queued", None, 1)
    report(s, id, 1, 1)
    assert paper(s, id).state == "ready"


def test_a_paper_is_removed_only_while_preparing(sitting: Sitting) -> None:
    s = sitting
    id, kept = add(s), add(s)
    report(s, id, 1, 1)
    s.hanh("receipt.report", paper_id=id, device=DEVICE, version=1, state="opened", held=held(1))
    s.secretary("paper.remove", paper_id=id)
    assert [view.id for view in s.see("secretary").papers] == [kept] and s.see("secretary").receipts == ()
    assert not shows(s, PAGES[0])
    s.secretary("meeting.open")
    assert refusal(lambda: s.secretary("paper.remove", paper_id=kept)) == ("wrong_state", {"state": "open"})


def test_a_closed_meeting_changes_no_paper(sitting: Sitting) -> None:
    s = sitting
    id = add(s)
    s.secretary("meeting.open")
    s.secretary("meeting.close")
    file, item = bring(s, OTHER), s.see("secretary").items[0].id
    for command, order in (
        ("paper.add", {"item_id": item, "title": "Muộn", "file": file}),
        ("paper.replace", {"paper_id": id, "file": file}),
        ("paper.update", {"paper_id": id, "title": "Đổi tên"}),
        ("paper.withdraw", {"paper_id": id}),
        ("paper.restore", {"paper_id": id}),
        ("paper.retry", {"paper_id": id}),
        ("paper.remove", {"paper_id": id}),
    ):
        assert refusal(lambda c=command, o=order: s.secretary(c, **o)) == ("wrong_state", {"state": "closed"}), command  # type: ignore[misc]
    report(s, id, 1, 1)  # but what the worker has begun it ends
    assert paper(s, id).state == "ready"


def test_pages_that_can_be_presented(sitting: Sitting) -> None:
    s = sitting
    id = add(s)
    report(s, id, 1, 3)

    def can_present(page: int) -> bool:
        with s.store.read() as session:
            try:
                expect_page(session, meetings.viewer(session, s.actor("hanh"), s.meeting), s.meeting, id, page)
            except Refusal as no:
                assert no.code == "not_found"
                return False
        return True

    assert [can_present(page) for page in (0, 1, 3, 4)] == [False, True, True, False]
    s.secretary("paper.withdraw", paper_id=id)
    assert not can_present(1)


def test_a_withdrawn_paper_is_no_longer_presented(sitting: Sitting) -> None:
    s = sitting
    id = add(s)
    report(s, id, 1, 1)
    s.secretary("meeting.open")
    s.chair("display.present", paper_id=id, page=1)
    s.secretary("paper.withdraw", paper_id=id)
    assert s.see("wall").displays[0].presenting is None


def test_receipts_are_told_to_the_secretaries_when_they_say_something_new(sitting: Sitting) -> None:
    s = sitting
    id = add(s)
    report(s, id, 3, 3)

    def tell(state: str, pages: int, version: int = 1, persona: str = "hanh", device: str = DEVICE) -> None:
        order = {"paper_id": id, "device": device, "version": version, "state": state, "held": held(*range(1, pages + 1))}
        getattr(s, persona)("receipt.report", **order)

    tell("announced", 0)
    tell("first_page", 1)
    s.pass_time(seconds=1)
    tell("complete", 3)
    tell("complete", 3)
    tell("first_page", 2)
    tell("opened", 3, version=7)
    tell("first_page", 1, persona="bao")
    told = s.told("receipt.changed")
    assert len(told) == 4 and {entry.room for entry in told} == {"secretaries"}
    hanh, bao = s.see("secretary").receipts
    assert (hanh.state, hanh.pages, hanh.at) == ("complete", 3, s.now) and (bao.state, bao.pages) == ("first_page", 1)
    assert s.see("hanh").receipts == ()
    s.secretary("paper.withdraw", paper_id=id)
    tell("opened", 3)
    assert s.see("secretary").receipts[0].state == "complete"
    tell("withdrawn", 0)
    assert s.see("secretary").receipts[0].state == "withdrawn"


def test_a_receipt_is_of_the_own_tablet(sitting: Sitting) -> None:
    id = add(sitting)
    order = {"paper_id": id, "device": DEVICE, "version": 1, "state": "announced"}
    assert refusal(lambda: sitting.admin("receipt.report", **order))[0] == "forbidden"
    assert refusal(lambda: sitting.wall("receipt.report", **order))[0] == "forbidden"
    assert refusal(lambda: sitting.outsider("receipt.report", **order))[0] == "not_found"
