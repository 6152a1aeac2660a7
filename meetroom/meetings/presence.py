"""Who is there: the roll call by tap, by the code that stands in the hall, by secretary and by a point's operator; leave of
absence and substitutes."""

import hmac
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import composition
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import (
    ApproveSubstitute,
    AttendMembers,
    CheckIn,
    ExcuseChanged,
    ExcuseMember,
    ExcuseRemoved,
    ExcuseView,
    MarkPresence,
    MemberView,
    NameSubstitute,
    OneMeeting,
    Role,
    Substitutes,
)
from meetroom.meetings.tables import Meeting, Member
from meetroom.store.tables import all_of, find


@command("member.arrive", may=May.TAKE_PART)
def arrive(call: Call, order: OneMeeting) -> None:
    """By the member: "I am here"."""
    _set(call, meetings.own_member(call, order.meeting_id), True)


@command("member.leave", may=May.TAKE_PART)
def leave(call: Call, order: OneMeeting) -> None:
    _set(call, meetings.own_member(call, order.meeting_id), False)


@command("member.check_in", may=May.TAKE_PART)
def check_in(call: Call, order: CheckIn) -> None:
    """By the member, who has seen the code in the hall."""
    expect_hall_code(meetings.load(call.session, order.meeting_id), order.code, call.now)
    _set(call, meetings.own_member(call, order.meeting_id), True)


@command("member.mark", may=May.RUN_MEETING)
def mark(call: Call, order: MarkPresence) -> None:
    member = find(call.session, Member, order.meeting_id, order.member_id)
    before = member.present
    _set(call, member, order.present)
    call.undo_by("member.mark", member.full_name, meeting_id=order.meeting_id, member_id=member.id, present=before)


@command("member.attend", may=May.OPERATE_POINT)
def attend(call: Call, order: AttendMembers) -> None:
    """All or none: who is not of that point is none of its operator's business."""
    own = meetings.own_member(call, order.meeting_id)
    if own.point_id is None:
        raise Refusal("no_point")
    members = [find(call.session, Member, order.meeting_id, id) for id in order.member_ids]
    if any(member.point_id != own.point_id for member in members):
        raise Refusal("forbidden")
    for member in members:
        _set(call, member, order.present)


@command("member.excuse", may=May.RUN_MEETING)
def excuse(call: Call, order: ExcuseMember) -> None:
    """Whoever is excused is away; who comes after all is excused no longer."""
    member = find(call.session, Member, order.meeting_id, order.member_id)
    before = {"excused": member.excused, "reason": member.reason}
    if order.excused:
        _set(call, member, False)
    _excuse(call, member, order.excused, order.reason)
    call.undo_by("member.excuse", member.full_name, meeting_id=order.meeting_id, member_id=member.id, **before)


@command("member.substitute", may=May.PREPARE_MEETING)
def substitute(call: Call, order: NameSubstitute) -> MemberView:
    """One for each place; the chair or the secretary approves."""
    meeting = meetings.load(call.session, order.meeting_id)
    meetings.expect_not_closed(meeting)
    original = find(call.session, Member, order.meeting_id, order.member_id)
    if meeting.substitutes == Substitutes.NONE or original.substitute_of is not None:
        raise Refusal("no_substitutes")
    taken = any(one.substitute_of == original.id for one in all_of(call.session, Member, meeting.id))
    if taken or meetings.member_of(call.session, meeting.id, order.person_id) is not None:
        raise Refusal("already_member")
    place = {"seat": original.seat, "group": original.group, "point_id": original.point_id}
    return composition.add_member(
        call, meeting, order.person_id, role=Role.DELEGATE, votes=False, substitute_of=original.id, approved=False, **place
    )


@command("member.approve", may=May.APPROVE)
def approve(call: Call, order: ApproveSubstitute) -> None:
    """What an approved substitute may do is the meeting's rule. Without approval they are not there."""
    member = find(call.session, Member, order.meeting_id, order.member_id)
    if member.substitute_of is None:
        raise Refusal("no_substitutes")
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    before, member.approved = member.approved, order.approved
    if not order.approved:
        _set(call, member, False)
    meetings.save_member(call, member)
    composition.settle_vote(call, find(call.session, Member, order.meeting_id, member.substitute_of))
    call.undo_by("member.approve", member.full_name, meeting_id=order.meeting_id, member_id=member.id, approved=before)


def _set(call: Call, member: Member, present: bool) -> None:
    meeting = meetings.load(call.session, member.meeting_id)
    meetings.expect_not_closed(meeting)
    if member.present == present:
        return
    if present and not member.approved:
        raise Refusal("not_approved")
    member.present = present
    member.arrived_at, member.left_at = (call.now, None) if present else (member.arrived_at, call.now)
    if present and member.excused:
        _excuse(call, member, False, "")
    meetings.save_member(call, member)
    composition.settle_vote(call, member)
    composition.watch_quorum(call, meeting)


def _excuse(call: Call, member: Member, excused: bool, reason: str) -> None:
    meetings.expect_not_closed(meetings.load(call.session, member.meeting_id))
    if member.reason != reason:
        member.reason = reason
        gone = ExcuseRemoved(id=member.id)
        call.tell(ExcuseChanged(excuse=ExcuseView(id=member.id, reason=reason)) if reason else gone)
    if member.excused != excused:
        member.excused = excused
        meetings.save_member(call, member)


def excuse_views(session: Session, meeting_id: int) -> list[ExcuseView]:
    members = all_of(session, Member, meeting_id)
    return [ExcuseView(id=member.id, reason=member.reason) for member in members if member.reason]


def hall_code(meeting: Meeting, minutes: int, now: datetime) -> tuple[str, datetime]:
    """A code for the hall and when it ends: nothing is stored, the signature says all."""
    expires = (now + timedelta(minutes=minutes)).replace(microsecond=0)
    return _signed(meeting, int(expires.timestamp())), expires


def expect_hall_code(meeting: Meeting, code: str, now: datetime) -> None:
    """Raises Refusal `bad_hall_code` for one that is forged, of another meeting, or too old."""
    expires = int(code.split(".")[1])
    genuine = hmac.compare_digest(code, _signed(meeting, expires))
    if not meeting.hall_key or not genuine or datetime.fromtimestamp(expires, UTC) <= now:
        raise Refusal("bad_hall_code")


def _signed(meeting: Meeting, expires: int) -> str:
    said = f"{meeting.id}.{expires}"
    return f"{said}.{hmac.digest(meeting.hall_key.encode(), said.encode(), 'sha256').hex()[:24]}"
