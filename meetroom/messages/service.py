"""Commands about messages, and what one viewer may see of them."""

from typing import Any

from sqlalchemy.orm import Session

from meetroom.access import May, Viewer
from meetroom.agenda.tables import Item
from meetroom.conference.tables import Point
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.meetings.tables import Member
from meetroom.messages import rules
from meetroom.messages.schema import (
    CallService,
    HandleMessage,
    MessageKind,
    MessageListed,
    MessagePosted,
    MessageShown,
    MessageState,
    MessageView,
    OneMessage,
    ReadMessages,
    SendNote,
    Service,
    WriteNote,
    WriteOpinion,
)
from meetroom.messages.tables import MessageRow
from meetroom.people import service as people
from meetroom.store.tables import all_of, find


@command("message.send", may=May.TAKE_PART)
def send(call: Call, order: SendNote) -> MessageView:
    return _add(call, order.meeting_id, MessageKind.NOTE, text=order.text, **_own(call, order.meeting_id))


@command("message.write", may=May.HANDLE_MESSAGES)
def write(call: Call, order: WriteNote) -> MessageView:
    if (order.member_id is None) == (order.point_id is None):
        raise Refusal("invalid", [{"field": "member_id", "problem": "one_of"}])
    if order.member_id is not None:
        find(call.session, Member, order.meeting_id, order.member_id)
    if order.point_id is not None:
        find(call.session, Point, order.meeting_id, order.point_id)
    to = {"member_id": order.member_id, "point_id": order.point_id}
    return _add(call, order.meeting_id, MessageKind.NOTE, text=order.text, from_desk=True, **to)


@command("message.call", may=May.TAKE_PART)
def call_service(call: Call, order: CallService) -> MessageView:
    own = _own(call, order.meeting_id)
    calls = [row for row in all_of(call.session, MessageRow, order.meeting_id) if row.service == order.service]
    if any((r.member_id, r.point_id) == (own["member_id"], own["point_id"]) and r.state in rules.RUNNING for r in calls):
        raise Refusal("already_called")
    return _add(call, order.meeting_id, MessageKind.CALL, text=order.text, service=order.service, **own)


@command("message.opine", may=May.ASK_FOR_FLOOR)
def opine(call: Call, order: WriteOpinion) -> MessageView:
    """A written opinion to an item: for the record, in the person's own name."""
    find(call.session, Item, order.meeting_id, order.item_id)
    own = {"member_id": meetings.own_member(call, order.meeting_id).id, "point_id": None}
    return _add(call, order.meeting_id, MessageKind.OPINION, text=order.text, item_id=order.item_id, **own)


@command("message.withdraw", may=May.TAKE_PART)
def withdraw(call: Call, order: OneMessage) -> None:
    """One's own call is not needed any more."""
    row = find(call.session, MessageRow, order.meeting_id, order.message_id)
    own = _own(call, order.meeting_id)
    if row.kind != MessageKind.CALL or (row.member_id, row.point_id) != (own["member_id"], own["point_id"]):
        raise Refusal("not_found")
    _move(call, row, MessageState.WITHDRAWN)


@command("message.handle", may=May.HANDLE_MESSAGES)
def handle(call: Call, order: HandleMessage) -> None:
    row = find(call.session, MessageRow, order.meeting_id, order.message_id)
    before = row.state
    if row.kind == MessageKind.NOTE or order.state == MessageState.WITHDRAWN:
        raise Refusal("wrong_state", {"state": before})
    _move(call, row, order.state)
    call.undo_by("message.handle", row.by, meeting_id=order.meeting_id, message_id=row.id, state=before)


@command("message.read", may=May.SEE_MEETING)
def read(call: Call, order: ReadMessages) -> None:
    """By whom a note is for; seen by who wrote it."""
    viewer = meetings.viewer(call.session, call.actor, order.meeting_id)
    for id in order.message_ids:
        row = find(call.session, MessageRow, order.meeting_id, id)
        mine = _is_mine(row, viewer) if row.from_desk else call.may(May.HANDLE_MESSAGES)
        if row.kind != MessageKind.NOTE or not mine:
            raise Refusal("not_found")
        if row.state == MessageState.OPEN:
            _move(call, row, MessageState.DONE)


def _own(call: Call, meeting_id: int) -> dict[str, int | None]:
    """In whose name the acting person writes: a point's operator in the point's."""
    member = meetings.own_member(call, meeting_id)
    as_point = member.point_id is not None and call.may(May.OPERATE_POINT)
    return {"member_id": None if as_point else member.id, "point_id": member.point_id if as_point else None}


def _name(call: Call, meeting_id: int) -> str:
    member = meetings.member_of(call.session, meeting_id, call.person_id)
    return member.full_name if member is not None else people.load_person(call.session, call.person_id).full_name


def _add(call: Call, meeting_id: int, kind: MessageKind, **fields: Any) -> MessageView:
    meetings.expect_not_closed(meetings.load(call.session, meeting_id))
    row = MessageRow(
        meeting_id=meeting_id,
        kind=kind,
        state=MessageState.OPEN,
        by=_name(call, meeting_id),
        at=call.now,
        handled_by="",
        **{"from_desk": False, **fields},
    )
    call.session.add(row)
    return _tell(call, row)


def _move(call: Call, row: MessageRow, to: MessageState) -> None:
    row.state = rules.move(row.kind, row.state, to)
    row.handled_by = "" if to in (MessageState.OPEN, MessageState.WITHDRAWN) else _name(call, row.meeting_id)
    row.taken_at = call.now if to == MessageState.TAKEN else row.taken_at if to == MessageState.DONE else None
    row.done_at = call.now if to == MessageState.DONE else None
    _tell(call, row)


def _tell(call: Call, row: MessageRow) -> MessageView:
    """To the desk, and to the one member or point it concerns."""
    call.session.flush()
    shown = view(row)
    call.tell(MessageListed(message=shown))
    if row.member_id is not None:
        member = find(call.session, Member, row.meeting_id, row.member_id)
        call.tell(MessageShown(person_id=member.person_id, message=shown))
    if row.point_id is not None:
        call.tell(MessagePosted(point_id=row.point_id, message=shown))
    return shown


def _is_mine(row: MessageRow, viewer: Viewer) -> bool:
    if row.member_id is not None:
        return row.member_id == viewer.member_id
    return row.point_id == viewer.point_id


def view(row: MessageRow) -> MessageView:
    return MessageView(
        id=row.id,
        kind=MessageKind(row.kind),
        state=MessageState(row.state),
        member_id=row.member_id,
        point_id=row.point_id,
        from_desk=row.from_desk,
        by=row.by,
        item_id=row.item_id,
        service=Service(row.service) if row.service else None,
        text=row.text,
        at=row.at,
        handled_by=row.handled_by,
        taken_at=row.taken_at,
        done_at=row.done_at,
    )


def views(session: Session, viewer: Viewer, meeting_id: int) -> list[MessageView]:
    """The desk sees all, a person and the people of a point what is theirs."""
    rows = all_of(session, MessageRow, meeting_id)
    desk = viewer.may(May.HANDLE_MESSAGES)
    return [view(row) for row in rows if desk or _is_mine(row, viewer)]
