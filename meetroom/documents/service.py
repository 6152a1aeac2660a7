"""Commands about papers, and what other nouns ask of them."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from meetroom.access import May, Viewer
from meetroom.agenda.readers import Readers
from meetroom.agenda.tables import Item
from meetroom.documents import readers, receipts, rules, versions
from meetroom.documents.readers import all_known, may_read, may_see
from meetroom.documents.schema import (
    AddPaper,
    OnePaper,
    PaperRemoved,
    PaperView,
    RefusePaper,
    ReplacePaper,
    ReportCopy,
    ReportPages,
    RestrictPaper,
    UpdatePaper,
)
from meetroom.documents.tables import Paper, Upload
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import MeetingState
from meetroom.store.tables import all_of, find

__all__ = ["all_known", "may_read", "may_see"]

# (call, meeting, paper): a paper was taken back; higher nouns let go of it.
when_withdrawn: list[Callable[[Call, int, int], None]] = []


@command("paper.add", may=May.PREPARE_MEETING)
def add_paper(call: Call, order: AddPaper) -> PaperView:
    """Without a file it is the placeholder of a state secret. Raises Refusal `state_secret`, `no_such_upload`."""
    _expect_not_closed(call, order.meeting_id)
    find(call.session, Item, order.meeting_id, order.item_id)
    rules.expect_no_secret(order.secrecy, has_file=order.file is not None)
    last = call.session.scalar(select(func.max(Paper.position)).where(Paper.item_id == order.item_id))
    paper = Paper(
        meeting_id=order.meeting_id,
        item_id=order.item_id,
        position=0 if last is None else last + 1,
        title=order.title,
        number=order.number,
        access=order.access.model_dump(mode="json"),
        secrecy=order.secrecy,
        version=0,
        withdrawn=False,
        added_at=call.now,
    )
    call.session.add(paper)
    if order.file is not None:
        versions.begin(call, paper, order.file)
    elif order.secrecy == "open":
        raise Refusal("no_such_upload")
    return readers.tell(call, paper, readers.NOBODY)


@command("paper.replace", may=May.PREPARE_MEETING)
def replace_paper(call: Call, order: ReplacePaper) -> PaperView:
    """A new version. Tablets go on with the one before until the new first page is there. It ends a withdrawal."""
    paper = _paper(call, order)
    rules.expect_no_secret(paper.secrecy, has_file=True)
    withdrawn = paper.withdrawn
    versions.begin(call, paper, order.file)
    return readers.tell(call, paper, readers.NOBODY if withdrawn else "as now")


@command("paper.update", may=May.PREPARE_MEETING)
def update_paper(call: Call, order: UpdatePaper) -> None:
    paper = _paper(call, order)
    paper.title, paper.number = order.title, order.number
    readers.tell(call, paper)


@command("paper.restrict", may=May.PREPARE_MEETING)
def restrict_paper(call: Call, order: RestrictPaper) -> None:
    """Who may no longer read it is refused at once, and their tablets are told to delete it. Raises Refusal `state_secret`."""
    paper = _paper(call, order)
    rules.expect_no_secret(order.secrecy, has_file=paper.version > 0)
    if paper.version == 0 and order.secrecy == "open":
        raise Refusal("wrong_state", {"state": "on_paper"})
    _, was = readers.people(call.session, paper)
    old = {"access": paper.access, "secrecy": paper.secrecy}
    paper.access, paper.secrecy = order.access.model_dump(mode="json"), order.secrecy
    readers.tell(call, paper, was)
    call.undo_by("paper.restrict", paper.number or paper.title, meeting_id=paper.meeting_id, paper_id=paper.id, **old)


@command("paper.withdraw", may=May.PREPARE_MEETING)
def withdraw_paper(call: Call, order: OnePaper) -> None:
    """Its pages are refused from now on; tablets delete theirs and say so in their receipts."""
    paper = _paper(call, order)
    rules.expect("withdraw", _shown(call.session, paper))
    paper.withdrawn = True
    readers.tell(call, paper)
    for let_go in when_withdrawn:
        let_go(call, paper.meeting_id, paper.id)
    call.undo_by("paper.restore", paper.number or paper.title, meeting_id=paper.meeting_id, paper_id=paper.id)


@command("paper.restore", may=May.PREPARE_MEETING)
def restore_paper(call: Call, order: OnePaper) -> None:
    """End a withdrawal; of a paper that is not withdrawn nothing changes."""
    paper = _paper(call, order)
    if paper.withdrawn:
        paper.withdrawn = False
        readers.tell(call, paper, readers.NOBODY)


@command("paper.remove", may=May.PREPARE_MEETING)
def remove_paper(call: Call, order: OnePaper) -> None:
    """Only while preparing: what a meeting was given stays in its record, at most withdrawn."""
    paper = find(call.session, Paper, order.meeting_id, order.paper_id)
    meeting = meetings.load(call.session, order.meeting_id)
    if meeting.state != MeetingState.DRAFT:
        raise Refusal("wrong_state", {"state": meeting.state})
    receipts.drop(call, order.meeting_id, lambda receipt: receipt.paper_id == paper.id)
    call.session.delete(paper)
    call.session.flush()
    for let_go in when_withdrawn:
        let_go(call, order.meeting_id, order.paper_id)
    call.tell(PaperRemoved(id=order.paper_id))


@command("paper.retry", may=May.PREPARE_MEETING)
def retry_paper(call: Call, order: OnePaper) -> None:
    """Prepare the same file once more: what was too slow on a busy machine may pass on a quiet one."""
    paper = _paper(call, order)
    rules.expect("retry", _shown(call.session, paper))
    if (version := versions.newest(call.session, paper)) is not None:
        versions.prepare(call.session, paper, version)
    readers.tell(call, paper)


@command("paper.report_pages", may=May.REPORT)
def report_pages(call: Call, order: ReportPages) -> None:
    """By the worker. What was overtaken by a new version, a refusal or a longer report is ignored."""
    paper = find(call.session, Paper, order.meeting_id, order.paper_id)
    version = versions.newest(call.session, paper)
    if version is not None and version.number == order.version and versions.take_over(call.session, version, order):
        readers.tell(call, paper)


@command("paper.report_copy", may=May.REPORT)
def report_copy(call: Call, order: ReportCopy) -> None:
    """By the worker. Readers see nothing of it until they ask for the file."""
    paper = find(call.session, Paper, order.meeting_id, order.paper_id)
    version = versions.newest(call.session, paper)
    if version is not None and version.number == order.version:
        version.pdf = order.pdf.sha256


@command("paper.refuse", may=May.REPORT)
def refuse_paper(call: Call, order: RefusePaper) -> None:
    """By the worker: the file cannot be shown, for a reason the secretary can read. The version before stays."""
    paper = find(call.session, Paper, order.meeting_id, order.paper_id)
    version = versions.newest(call.session, paper)
    if version is not None and version.number == order.version and versions.refuse(call.session, version, order.reason):
        readers.tell(call, paper)


def expect_page(session: Session, viewer: Viewer, meeting_id: int, paper_id: int, page: int) -> None:
    """Raises Refusal `not_found` unless the viewer may read the paper and it has such a page (its image may still be on its
    way, or only an earlier version's be there)."""
    paper = find(session, Paper, meeting_id, paper_id)
    view = versions.paper_view(session, paper)
    count = max([view.page_count if view.state != "refused" else 0, *(old.page_count for old in view.previous)])
    if not may_read(session, viewer, paper) or not 1 <= page <= count:
        raise Refusal("not_found")


def paper_views(session: Session, meeting_id: int, viewer: Viewer) -> list[PaperView]:
    """The papers the viewer may know of."""
    return readers.seen_by(session, meeting_id, viewer, versions.paper_views(session, all_of(session, Paper, meeting_id)))


def readable(session: Session, meeting_id: int, viewer: Viewer) -> list[Paper]:
    """The papers a viewer may read."""
    known = Readers(session, meeting_id)
    papers = [paper for paper in all_of(session, Paper, meeting_id) if not paper.withdrawn]
    return [paper for paper in papers if known.allow(viewer, paper.item_id, readers.access_of(paper))]


def remember_upload(session: Session, person_id: int, filename: str, sha256: str, size: int, at: datetime) -> None:
    """Person and file belong together from now on; the same file again counts as brought now."""
    session.merge(Upload(sha256=sha256, person_id=person_id, filename=rules.clean_name(filename), size=size, at=at))


def _paper(call: Call, order: OnePaper | ReplacePaper | UpdatePaper | RestrictPaper) -> Paper:
    _expect_not_closed(call, order.meeting_id)
    return find(call.session, Paper, order.meeting_id, order.paper_id)


def _shown(session: Session, paper: Paper) -> str:
    version = versions.newest(session, paper)
    return rules.shown(version.state if version else "on_paper", paper.withdrawn)


def _expect_not_closed(call: Call, meeting_id: int) -> None:
    meetings.expect_not_closed(meetings.load(call.session, meeting_id))
