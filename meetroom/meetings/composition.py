"""Who sits in a meeting (thành phần): members are invited, changed, removed; whose the vote of a place is; the quorum."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import rules
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import InviteMember, MeetingState, MemberRemoved, MemberView, OneMember, Role, UpdateMember
from meetroom.meetings.tables import Meeting, Member
from meetroom.people import service as people
from meetroom.store.tables import find
from meetroom.wire import local_date


@command("member.invite", may=May.PREPARE_MEETING)
def invite(call: Call, order: InviteMember) -> MemberView:
    meeting = meetings.load(call.session, order.meeting_id)
    meetings.expect_not_closed(meeting)
    if meetings.member_of(call.session, meeting.id, order.person_id) is not None:
        raise Refusal("already_member")
    return add_member(call, meeting, **order.model_dump(exclude={"meeting_id"}))


@command("member.update", may=May.PREPARE_MEETING)
def update_member(call: Call, order: UpdateMember) -> None:
    member = find(call.session, Member, order.meeting_id, order.member_id)
    meeting = meetings.load(call.session, order.meeting_id)
    meetings.expect_not_closed(meeting)
    if order.votes != member.votes and (member.substitute_of is not None or _substitute(call.session, member) is not None):
        raise Refusal("substitute_vote")
    afterwards = [hook(call, member) for hook in meetings.when_changing_member]
    for name, value in order.model_dump(exclude={"meeting_id", "member_id"}).items():
        setattr(member, name, value)
    _refuse_no_secretary(call.session, order.meeting_id)
    meetings.save_member(call, member)
    for follow in afterwards:
        follow()
    watch_quorum(call, meeting)


@command("member.remove", may=May.PREPARE_MEETING)
def remove_member(call: Call, order: OneMember) -> None:
    """Only while preparing: who sat in a meeting stays in its record."""
    member = find(call.session, Member, order.meeting_id, order.member_id)
    meeting = meetings.load(call.session, order.meeting_id)
    if meeting.state != MeetingState.DRAFT:
        raise Refusal("wrong_state", {"state": meeting.state})
    if _substitute(call.session, member) is not None:
        raise Refusal("member_in_use")
    for hook in meetings.when_removing_member:
        hook(call, order.meeting_id, member.id)
    if member.substitute_of is not None:
        member.approved = False
        settle_vote(call, find(call.session, Member, order.meeting_id, member.substitute_of))
    call.session.delete(member)
    try:
        call.session.flush()
    except IntegrityError:  # notes, speeches or a presentation refer to them
        raise Refusal("member_in_use") from None
    _refuse_no_secretary(call.session, order.meeting_id)
    call.tell(MemberRemoved(id=order.member_id))


def _refuse_no_secretary(session: Session, meeting_id: int) -> None:
    session.flush()
    secretaries = select(func.count()).where(Member.meeting_id == meeting_id, Member.role == Role.SECRETARY)
    if not session.scalar(secretaries):
        raise Refusal("last_secretary")


def add_member(call: Call, meeting: Meeting, person_id: int, **place: Any) -> MemberView:
    person = people.load_person(call.session, person_id)
    member = Member(
        meeting_id=meeting.id,
        person_id=person.id,
        full_name=person.full_name,
        position=person.position,
        unit=people.unit_name(call.session, person.unit_id, local_date(meeting.starts_at)),
        present=False,
        **place,
    )
    call.session.add(member)
    return meetings.save_member(call, member)


def _substitute(session: Session, member: Member) -> Member | None:
    mine = (Member.meeting_id == member.meeting_id, Member.substitute_of == member.id)
    return session.scalars(select(Member).where(*mine)).first()


def settle_vote(call: Call, original: Member) -> None:
    """The one vote of a place goes to who sits there by the meeting's rule: `votes` says whose it is now, so that quorum,
    electorate and denominator need to know nothing of substitutes."""
    call.session.flush()
    substitute = _substitute(call.session, original)
    if substitute is None or not (original.votes or substitute.votes):
        return
    meeting = meetings.load(call.session, original.meeting_id)
    lent = rules.substitute_votes(meeting.substitutes, approved=substitute.approved, original_present=original.present)
    if substitute.votes != lent:
        original.votes, substitute.votes = not lent, lent
        meetings.save_member(call, original)
        meetings.save_member(call, substitute)
        watch_quorum(call, meeting)


def watch_quorum(call: Call, meeting: Meeting) -> None:
    """That a sitting has too few, or enough again, is told and journalled as it happens."""
    if see_quorum(call, meeting):
        meetings.save_meeting(call, meeting)


def see_quorum(call: Call, meeting: Meeting) -> bool:
    """Whether it has changed."""
    call.session.flush()
    counts = select(func.count(), func.count().filter(Member.present)).where(Member.meeting_id == meeting.id, Member.votes)
    members, present = call.session.execute(counts).one()  # a whole hall arrives at once: no rows are loaded
    enough = rules.quorate(meeting.quorum, present=present, members=members)
    if meeting.state != MeetingState.OPEN or enough == (meeting.quorum_lost_at is None):
        return False
    meeting.quorum_lost_at = None if enough else call.now
    return True
