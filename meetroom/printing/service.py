"""Commands about printouts. They are made by the press (press.py), a process of its own."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from meetroom.access import May, Viewer
from meetroom.documents import service as documents
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.meetings.tables import Member
from meetroom.printing.schema import (
    OnePrintout,
    OrderPrintout,
    PrintoutChanged,
    PrintoutRemoved,
    PrintoutState,
    PrintoutView,
    ReportPrintout,
)
from meetroom.printing.tables import PrintoutRow
from meetroom.store.tables import all_of, find

KEPT = timedelta(hours=24)  # a printout is fetched soon, and must not outlive its papers
AT_MOST = 4  # of one member; the oldest gives way
OPEN = (PrintoutState.QUEUED, PrintoutState.MAKING)


@command("printout.order", may=May.TAKE_PART)
def order_printout(call: Call, order: OrderPrintout) -> PrintoutView:
    """The same one again while it is being made is that one. Raises Refusal `not_found` for a paper one may not read, and
    when there is nothing to print."""
    member = meetings.own_member(call, order.meeting_id)
    papers = documents.readable(call.session, order.meeting_id, meetings.viewer(call.session, call.actor, order.meeting_id))
    chosen = [paper for paper in papers if order.paper_id in (None, paper.id)]
    if not any(paper.version for paper in chosen):
        raise Refusal("not_found")
    mine = [row for row in all_of(call.session, PrintoutRow, order.meeting_id) if row.member_id == member.id and not row.gone]
    for row in mine:
        if row.state in OPEN and (row.paper_id, row.ink) == (order.paper_id, order.ink):
            return view(row)
    for row in mine[: max(0, len(mine) - AT_MOST + 1)]:
        _let_go(call, row, member)
    title = meetings.load(call.session, order.meeting_id).title if order.paper_id is None else chosen[0].number or chosen[0].title
    row = PrintoutRow(**order.model_dump(), member_id=member.id, title=title, state=PrintoutState.QUEUED, papers=[], at=call.now)
    row.done, row.total, row.size, row.attempts, row.gone = 0, len(chosen), 0, 0, False
    call.session.add(row)
    return _tell(call, row, member)


@command("printout.remove", may=May.TAKE_PART)
def remove_printout(call: Call, order: OnePrintout) -> None:
    """By the one it was made for; one that is being made is given up."""
    member = meetings.own_member(call, order.meeting_id)
    row = find(call.session, PrintoutRow, order.meeting_id, order.printout_id)
    if row.member_id != member.id or row.gone:
        raise Refusal("not_found")
    _let_go(call, row, member)


@command("printout.report", may=May.REPORT)
def report_printout(call: Call, order: ReportPrintout) -> None:
    """By the press. One that was given up meanwhile is left alone; a file that comes all the same leaves the disk."""
    row = find(call.session, PrintoutRow, order.meeting_id, order.printout_id)
    row.done, row.total, row.file, row.size, row.reason = order.done, order.total, order.file, order.size, order.reason
    if row.gone:
        return
    row.state = PrintoutState.FAILED if order.reason else PrintoutState.READY if order.file else PrintoutState.MAKING
    _tell(call, row, find(call.session, Member, row.meeting_id, row.member_id))


@command("printout.expire", may=May.REPORT)
def expire_printout(call: Call, order: OnePrintout) -> None:
    """By the press, when it has lain there long enough."""
    row = find(call.session, PrintoutRow, order.meeting_id, order.printout_id)
    if not row.gone:
        _let_go(call, row, find(call.session, Member, row.meeting_id, row.member_id))


def file_for(session: Session, viewer: Viewer, meeting_id: int, printout_id: int) -> PrintoutRow:
    """A printout that is ready, for the member it was made for, who may still read all that is in it.

    Raises Refusal `not_found`."""
    row = find(session, PrintoutRow, meeting_id, printout_id)
    may = {paper.id for paper in documents.readable(session, meeting_id, viewer)}
    if row.member_id != viewer.member_id or row.gone or row.file is None or not {paper for paper, _ in row.papers} <= may:
        raise Refusal("not_found")
    return row


def views(session: Session, member_id: int) -> list[PrintoutView]:
    query = select(PrintoutRow).where(PrintoutRow.member_id == member_id, PrintoutRow.gone.is_(False))
    return [view(row) for row in session.scalars(query.order_by(PrintoutRow.id))]


def view(row: PrintoutRow) -> PrintoutView:
    return PrintoutView.model_validate({name: getattr(row, name) for name in PrintoutView.model_fields})


def _tell(call: Call, row: PrintoutRow, member: Member) -> PrintoutView:
    call.session.flush()
    told = view(row)
    call.tell(PrintoutChanged(person_id=member.person_id, printout=told))
    return told


def _let_go(call: Call, row: PrintoutRow, member: Member) -> None:
    row.gone = True
    call.tell(PrintoutRemoved(person_id=member.person_id, id=row.id))
