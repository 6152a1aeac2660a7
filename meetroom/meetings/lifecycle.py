"""A meeting from its making to its close: made, cloned, changed, opened, closed; and the step back."""

import secrets

from sqlalchemy import select

from meetroom import journal
from meetroom.access import May, may
from meetroom.door import COMMANDS, Call, StepChanged, command, parse, step, undoable
from meetroom.errors import Refusal
from meetroom.meetings import composition, rules
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import (
    CloneMeeting,
    CreateMeeting,
    MeetingKind,
    MeetingState,
    MeetingView,
    OneMeeting,
    Role,
    UpdateMeeting,
)
from meetroom.meetings.tables import Meeting, Member, SeatCodeRow
from meetroom.people.tables import LoginSession
from meetroom.store.tables import all_of, find


@command("meeting.create", may=May.CREATE_MEETING)
def create_meeting(call: Call, order: CreateMeeting) -> MeetingView:
    """Whoever creates a meeting is its first secretary."""
    stream = journal.Stream()
    call.session.add(stream)
    call.session.flush()
    meeting = Meeting(
        id=stream.id,
        title=order.title,
        kind=order.kind,
        body=order.body,
        place=order.place,
        starts_at=order.starts_at,
        quorum=rules.QUORUM[order.kind],
        substitutes=rules.SUBSTITUTES[order.kind],
        hall_key=secrets.token_hex(32),
    )
    call.session.add(meeting)
    call.session.flush()
    composition.add_member(call, meeting, call.person_id, role=Role.SECRETARY)
    for hook in meetings.when_created:
        hook(call, meeting.id)
    return meetings.save_meeting(call, meeting)


@command("meeting.clone", may=May.CREATE_MEETING)
def clone_meeting(call: Call, order: CloneMeeting) -> MeetingView:
    """Agenda, members and points of a meeting one may prepare; names are those of today."""
    if not may(meetings.roles(call.session, call.actor, order.source_id), May.PREPARE_MEETING):
        raise Refusal("not_found")
    source = meetings.load(call.session, order.source_id)
    fields = CreateMeeting(
        title=order.title, kind=MeetingKind(source.kind), body=source.body, place=source.place, starts_at=order.starts_at
    )
    view = create_meeting(call, fields)
    meeting = meetings.load(call.session, view.id)
    meeting.quorum, meeting.substitutes, meeting.watermark = source.quorum, source.substitutes, source.watermark
    before = all_of(call.session, Member, source.id)
    lent = {old.substitute_of for old in before if old.votes}
    for old in before:
        if old.person_id != call.person_id and old.substitute_of is None:
            votes = old.votes or old.id in lent
            composition.add_member(call, meeting, old.person_id, role=old.role, seat=old.seat, group=old.group, votes=votes)
    for hook in meetings.when_cloned:
        hook(call, source.id, meeting.id)
    return view


@command("meeting.update", may=May.PREPARE_MEETING)
def update_meeting(call: Call, order: UpdateMeeting) -> None:
    meeting = meetings.load(call.session, order.meeting_id)
    meetings.expect_not_closed(meeting)
    meeting.title, meeting.body, meeting.place, meeting.starts_at = order.title, order.body, order.place, order.starts_at
    meeting.watermark = order.watermark or meeting.watermark
    if order.substitutes is not None:
        meeting.substitutes = rules.may_substitute(meeting.kind, order.substitutes)
        for member in all_of(call.session, Member, meeting.id):
            if member.substitute_of is not None:
                composition.settle_vote(call, find(call.session, Member, meeting.id, member.substitute_of))
    meetings.save_meeting(call, meeting)


@command("meeting.open", may=May.RUN_MEETING)
def open_meeting(call: Call, order: OneMeeting) -> None:
    """Also reopens one that was closed too early; the first opening's time stays."""
    meeting = meetings.load(call.session, order.meeting_id)
    again = meeting.state == MeetingState.CLOSED
    meeting.state = rules.move(meeting.state, "open")
    meeting.opened_at, meeting.closed_at = meeting.opened_at or call.now, None
    composition.see_quorum(call, meeting)
    meetings.save_meeting(call, meeting)
    call.undo_by("meeting.close" if again else "meeting.withdraw_opening", meeting.title, meeting_id=meeting.id)


@command("meeting.withdraw_opening", may=May.RUN_MEETING)
def withdraw_opening(call: Call, order: OneMeeting) -> None:
    """Back to preparing, for an opening by mistake."""
    meeting = meetings.load(call.session, order.meeting_id)
    meeting.state, meeting.opened_at, meeting.quorum_lost_at = rules.move(meeting.state, "withdraw_opening"), None, None
    meetings.save_meeting(call, meeting)


@command("meeting.close", may=May.RUN_MEETING)
def close_meeting(call: Call, order: OneMeeting) -> None:
    """Sessions of tablets that were paired to a seat end with the meeting."""
    meeting = meetings.load(call.session, order.meeting_id)
    meeting.state, meeting.closed_at = rules.move(meeting.state, "close"), call.now
    for hook in meetings.when_closing:
        hook(call, meeting.id)
    for session in call.session.scalars(select(LoginSession).where(LoginSession.meeting_id == meeting.id)):
        call.session.delete(session)
    members = all_of(call.session, Member, meeting.id)
    for code in call.session.scalars(select(SeatCodeRow).where(SeatCodeRow.member_id.in_([m.id for m in members]))):
        call.session.delete(code)
    meetings.save_meeting(call, meeting)
    call.undo_by("meeting.open", meeting.title, meeting_id=meeting.id)


@command("meeting.undo", may=May.RUN_MEETING)
def undo(call: Call, order: OneMeeting) -> None:
    """Take back the newest step that can be taken back, by the command its own noun named for it."""
    operation = undoable(call.session, order.meeting_id)
    if operation is None or operation.inverse is None:
        raise Refusal("nothing_to_undo")
    back = COMMANDS[operation.inverse["command"]]
    back.run(call, parse(back.order, operation.inverse["order"]))
    call.inverse = None
    operation.undone = True
    call.session.flush()
    call.tell(StepChanged(step=step(order.meeting_id, undoable(call.session, order.meeting_id))))
