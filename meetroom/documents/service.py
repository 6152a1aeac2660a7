"""Commands about papers and receipts, and what other nouns ask of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.agenda.tables import Item
from meetroom.documents import jobs, rules
from meetroom.documents.schema import (
    AddPaper,
    OnePaper,
    PageView,
    PaperChanged,
    PaperRemoved,
    PaperState,
    PaperView,
    ReceiptChanged,
    ReceiptRemoved,
    ReceiptState,
    ReceiptView,
    RefusePaper,
    ReplacePaper,
    ReportPages,
    ReportReceipt,
    UpdatePaper,
)
from meetroom.documents.tables import Job, Paper, PaperPage, ReceiptRow, Upload
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import MeetingState
from meetroom.store.tables import all_of, find

# (call, meeting, paper): a paper was taken back; higher nouns let go of it.
when_withdrawn: list[Callable[[Call, int, int], None]] = []


@command("paper.add", may=May.PREPARE_MEETING)
def add_paper(call: Call, order: AddPaper) -> PaperView:
    _expect_not_closed(call, order.meeting_id)
    find(call.session, Item, order.meeting_id, order.item_id)
    last = call.session.scalar(select(func.max(Paper.position)).where(Paper.item_id == order.item_id))
    paper = Paper(
        meeting_id=order.meeting_id,
        item_id=order.item_id,
        position=0 if last is None else last + 1,
        title=order.title,
        number=order.number,
        version=0,
    )
    _new_version(call, paper, order.file)
    return _tell(call, paper)


@command("paper.replace", may=May.PREPARE_MEETING)
def replace_paper(call: Call, order: ReplacePaper) -> PaperView:
    """A new version starts without pages: nobody reads what no longer holds. It ends a withdrawal."""
    _expect_not_closed(call, order.meeting_id)
    paper = find(call.session, Paper, order.meeting_id, order.paper_id)
    _new_version(call, paper, order.file)
    return _tell(call, paper)


@command("paper.update", may=May.PREPARE_MEETING)
def update_paper(call: Call, order: UpdatePaper) -> None:
    _expect_not_closed(call, order.meeting_id)
    paper = find(call.session, Paper, order.meeting_id, order.paper_id)
    paper.title, paper.number = order.title, order.number
    _tell(call, paper)


@command("paper.withdraw", may=May.PREPARE_MEETING)
def withdraw_paper(call: Call, order: OnePaper) -> None:
    """Its pages are refused from now on; tablets delete theirs and say so in their receipts."""
    _expect_not_closed(call, order.meeting_id)
    paper = find(call.session, Paper, order.meeting_id, order.paper_id)
    rules.expect("withdraw", _shown(paper))
    paper.withdrawn = True
    _tell(call, paper)
    for let_go in when_withdrawn:
        let_go(call, paper.meeting_id, paper.id)
    call.undo_by("paper.restore", paper.number or paper.title, meeting_id=paper.meeting_id, paper_id=paper.id)


@command("paper.restore", may=May.PREPARE_MEETING)
def restore_paper(call: Call, order: OnePaper) -> None:
    """End a withdrawal; of a paper that is not withdrawn nothing changes."""
    _expect_not_closed(call, order.meeting_id)
    paper = find(call.session, Paper, order.meeting_id, order.paper_id)
    if paper.withdrawn:
        paper.withdrawn = False
        _tell(call, paper)


@command("paper.remove", may=May.PREPARE_MEETING)
def remove_paper(call: Call, order: OnePaper) -> None:
    """Only while preparing: what a meeting was given stays in its record, at most withdrawn."""
    paper = find(call.session, Paper, order.meeting_id, order.paper_id)
    meeting = meetings.load(call.session, order.meeting_id)
    if meeting.state != MeetingState.DRAFT:
        raise Refusal("wrong_state", {"state": meeting.state})
    _drop_receipts(call, order.meeting_id, lambda receipt: receipt.paper_id == paper.id)
    call.session.delete(paper)
    call.session.flush()
    for let_go in when_withdrawn:
        let_go(call, order.meeting_id, order.paper_id)
    call.tell(PaperRemoved(id=order.paper_id))


@command("paper.retry", may=May.PREPARE_MEETING)
def retry_paper(call: Call, order: OnePaper) -> None:
    """Prepare the same file once more: what was too slow on a busy machine may pass on a quiet one."""
    _expect_not_closed(call, order.meeting_id)
    paper = find(call.session, Paper, order.meeting_id, order.paper_id)
    rules.expect("retry", _shown(paper))
    _prepare(call, paper)
    _tell(call, paper)


@command("paper.report_pages", may=May.REPORT)
def report_pages(call: Call, order: ReportPages) -> None:
    """By the worker. What was overtaken by a new version, a refusal or a longer report is ignored."""
    paper = find(call.session, Paper, order.meeting_id, order.paper_id)
    have = call.session.scalar(select(func.count()).where(PaperPage.paper_id == paper.id)) or 0
    more = order.pages[have:]
    if paper.version != order.version or paper.state == PaperState.REFUSED or not (more or order.done):
        return
    for number, page in enumerate(more, have + 1):
        call.session.add(PaperPage(paper_id=paper.id, number=number, **page.model_dump()))
    paper.page_count = order.page_count
    paper.state = PaperState.READY if order.done else PaperState.RENDERING
    _tell(call, paper)


@command("paper.refuse", may=May.REPORT)
def refuse_paper(call: Call, order: RefusePaper) -> None:
    """By the worker: the file cannot be shown, for a reason the secretary can read. Pages made so far go."""
    paper = find(call.session, Paper, order.meeting_id, order.paper_id)
    if paper.version != order.version or paper.state not in (PaperState.QUEUED, PaperState.RENDERING):
        return
    _drop_pages(call.session, paper)
    paper.state, paper.reason = PaperState.REFUSED, order.reason
    _tell(call, paper)


@command("receipt.report", may=May.TAKE_PART)
def report_receipt(call: Call, order: ReportReceipt) -> None:
    """By a tablet, of its own member. A report that says nothing new changes nothing."""
    _expect_not_closed(call, order.meeting_id)
    paper = find(call.session, Paper, order.meeting_id, order.paper_id)
    member = meetings.own_member(call, order.meeting_id)
    mine = (ReceiptRow.paper_id == paper.id, ReceiptRow.member_id == member.id)
    row = call.session.scalars(select(ReceiptRow).where(*mine)).first()
    new = rules.advance(
        rules.Receipt(row.version, row.state, row.pages) if row else None,
        rules.Receipt(order.version, order.state, order.pages),
        version=paper.version,
        page_count=paper.page_count,
        withdrawn=paper.withdrawn,
    )
    if new is None:
        return
    row = row or ReceiptRow(meeting_id=order.meeting_id, paper_id=paper.id, member_id=member.id)
    row.version, row.state, row.pages, row.at = new.version, new.state, new.pages, call.now
    call.session.add(row)
    call.session.flush()
    call.tell(ReceiptChanged(receipt=receipt_view(row)))


def _forget_member(call: Call, meeting_id: int, member_id: int) -> None:
    _drop_receipts(call, meeting_id, lambda receipt: receipt.member_id == member_id)


meetings.when_removing_member.append(_forget_member)


def _drop_receipts(call: Call, meeting_id: int, which: Callable[[ReceiptRow], bool]) -> None:
    for receipt in filter(which, all_of(call.session, ReceiptRow, meeting_id)):
        call.session.delete(receipt)
        call.tell(ReceiptRemoved(id=receipt.id))
    call.session.flush()


def expect_page(session: Session, meeting_id: int, paper_id: int, page: int) -> None:
    """Raises Refusal `not_found` unless the paper may be read and has such a page (its image may still be on its way)."""
    paper = find(session, Paper, meeting_id, paper_id)
    if not rules.readable(_shown(paper)) or not 1 <= page <= paper.page_count:
        raise Refusal("not_found")


def meetings_showing(session: Session, sha256: str) -> list[int]:
    """The meetings in which a page image can be read."""
    query = select(Paper.meeting_id).join(PaperPage, PaperPage.paper_id == Paper.id)
    return list(session.scalars(query.where(PaperPage.sha256 == sha256, Paper.withdrawn.is_(False)).distinct()))


def paper_views(session: Session, meeting_id: int) -> list[PaperView]:
    pages: dict[int, list[PageView]] = defaultdict(list)
    query = select(PaperPage).join(Paper, Paper.id == PaperPage.paper_id).where(Paper.meeting_id == meeting_id)
    for page in session.scalars(query.order_by(PaperPage.number)):
        pages[page.paper_id].append(_page_view(page))
    return [paper_view(paper, pages[paper.id]) for paper in all_of(session, Paper, meeting_id)]


def paper_view(paper: Paper, pages: Iterable[PageView]) -> PaperView:
    state = _shown(paper)
    return PaperView(
        id=paper.id,
        item_id=paper.item_id,
        position=paper.position,
        title=paper.title,
        number=paper.number,
        version=paper.version,
        state=PaperState(state),
        reason=paper.reason,
        page_count=paper.page_count,
        pages=tuple(pages) if rules.readable(state) else (),
        size=paper.size,
        added_at=paper.added_at,
    )


def page_views(session: Session, paper_id: int) -> list[PageView]:
    """The pages prepared so far, whoever may read them."""
    query = select(PaperPage).where(PaperPage.paper_id == paper_id).order_by(PaperPage.number)
    return [_page_view(page) for page in session.scalars(query)]


def receipt_views(session: Session, meeting_id: int) -> list[ReceiptView]:
    return [receipt_view(row) for row in all_of(session, ReceiptRow, meeting_id)]


def receipt_view(row: ReceiptRow) -> ReceiptView:
    return ReceiptView(
        id=row.id,
        paper_id=row.paper_id,
        member_id=row.member_id,
        version=row.version,
        state=ReceiptState(row.state),
        pages=row.pages,
        at=row.at,
    )


def _page_view(page: PaperPage) -> PageView:
    return PageView(sha256=page.sha256, width=page.width, height=page.height, size=page.size)


def remember_upload(session: Session, person_id: int, filename: str, sha256: str, size: int, at: datetime) -> None:
    """Person and file belong together from now on; the same file again counts as brought now."""
    session.merge(Upload(sha256=sha256, person_id=person_id, filename=rules.clean_name(filename), size=size, at=at))


def _shown(paper: Paper) -> str:
    return rules.shown(paper.state, paper.withdrawn)


def _expect_not_closed(call: Call, meeting_id: int) -> None:
    meetings.expect_not_closed(meetings.load(call.session, meeting_id))


def _new_version(call: Call, paper: Paper, sha256: str) -> None:
    """Raises Refusal `no_such_upload` for a file that somebody else brought, or nobody."""
    upload = call.session.get(Upload, (sha256, call.person_id))
    if upload is None:
        raise Refusal("no_such_upload")
    paper.version += 1
    paper.file, paper.filename, paper.size = upload.sha256, upload.filename, upload.size
    paper.withdrawn, paper.added_at = False, call.now
    call.session.add(paper)
    _prepare(call, paper)


def _prepare(call: Call, paper: Paper) -> None:
    """Have the worker make the pages from the beginning."""
    paper.state, paper.reason, paper.page_count = PaperState.QUEUED, None, 0
    call.session.flush()
    _drop_pages(call.session, paper)
    payload = {"meeting_id": paper.meeting_id, "paper_id": paper.id, "version": paper.version}
    call.session.add(Job(kind=jobs.FIRST_PAGE, payload=payload))


def _drop_pages(session: Session, paper: Paper) -> None:
    session.execute(delete(PaperPage).where(PaperPage.paper_id == paper.id))


def _tell(call: Call, paper: Paper) -> PaperView:
    call.session.flush()
    view = paper_view(paper, page_views(call.session, paper.id))
    call.tell(PaperChanged(paper=view))
    return view
