"""Receipts: what every tablet holds of every paper, told by the tablet and watched by the secretary."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.documents import readers, rules, versions
from meetroom.documents.schema import ReceiptChanged, ReceiptRemoved, ReceiptState, ReceiptView, ReportReceipt
from meetroom.documents.tables import Paper, ReceiptRow
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.store.tables import all_of, find

DEVICES = 6  # of one member with one paper; of more the one that was quiet longest is forgotten


@command("receipt.report", may=May.TAKE_PART)
def report_receipt(call: Call, order: ReportReceipt) -> None:
    """By a tablet, of its own member and of a paper they may know of. A report that says nothing new changes nothing."""
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    paper = find(call.session, Paper, order.meeting_id, order.paper_id)
    member = meetings.own_member(call, order.meeting_id)
    if not readers.may_see(call.session, meetings.viewer(call.session, call.actor, order.meeting_id), paper):
        raise Refusal("not_found")
    mine = select(ReceiptRow).where(ReceiptRow.paper_id == paper.id, ReceiptRow.member_id == member.id)
    rows = list(call.session.scalars(mine.order_by(ReceiptRow.at)))
    row = next((one for one in rows if one.device == order.device), None)
    version = versions.newest(call.session, paper)
    new = rules.advance(
        rules.Receipt(row.version, row.state, rules.bits(row.held)) if row else None,
        rules.Receipt(order.version, order.state, rules.bits(order.held)),
        version=paper.version,
        page_count=version.page_count if version else 0,
        ready=version.ready if version else 0,
        withdrawn=paper.withdrawn,
    )
    if new is None:
        return
    if row is None:
        for forgotten in rows[: len(rows) - DEVICES + 1]:
            _drop(call, forgotten)
        row = ReceiptRow(meeting_id=order.meeting_id, paper_id=paper.id, member_id=member.id, device=order.device)
    row.version, row.state, row.held, row.at = new.version, new.state, rules.spelled(new.held), call.now
    call.session.add(row)
    call.session.flush()
    call.tell(ReceiptChanged(receipt=_view(row)))


def views(session: Session, meeting_id: int) -> list[ReceiptView]:
    return [_view(row) for row in all_of(session, ReceiptRow, meeting_id)]


def drop(call: Call, meeting_id: int, which: Callable[[ReceiptRow], bool]) -> None:
    for receipt in filter(which, all_of(call.session, ReceiptRow, meeting_id)):
        _drop(call, receipt)
    call.session.flush()


def _drop(call: Call, receipt: ReceiptRow) -> None:
    call.session.delete(receipt)
    call.tell(ReceiptRemoved(id=receipt.id))


def _forget_member(call: Call, meeting_id: int, member_id: int) -> None:
    drop(call, meeting_id, lambda receipt: receipt.member_id == member_id)


meetings.when_removing_member.append(_forget_member)


def _view(row: ReceiptRow) -> ReceiptView:
    return ReceiptView(
        id=row.id,
        paper_id=row.paper_id,
        member_id=row.member_id,
        device=row.device,
        version=row.version,
        state=ReceiptState(row.state),
        pages=rules.bits(row.held).bit_count(),
        at=row.at,
    )
