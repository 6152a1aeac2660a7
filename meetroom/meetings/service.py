"""Commands about a meeting and its members, and what other nouns ask of them."""

import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from meetroom import journal
from meetroom.access import Actor, May, Viewer, may
from meetroom.door import COMMANDS, Call, StepChanged, StepView, command, parse, step, undoable
from meetroom.errors import Refusal
from meetroom.meetings import rules
from meetroom.meetings.schema import (
    Access,
    CloneMeeting,
    CreateMeeting,
    InviteMember,
    MeetingChanged,
    MeetingKind,
    MeetingListed,
    MeetingState,
    MeetingView,
    MemberChanged,
    MemberRemoved,
    MemberView,
    OneMeeting,
    OneMember,
    Role,
    Substitutes,
    UpdateMeeting,
    UpdateMember,
    Watermark,
)
from meetroom.meetings.tables import Meeting, Member, SeatCodeRow
from meetroom.people import service as people
from meetroom.people.tables import LoginSession, Person
from meetroom.store.tables import all_of, find
from meetroom.wire import local_date

# Moments at which higher nouns have their say: each adds a function.
when_created: list[Callable[[Call, int], None]] = []  # (call, meeting)
when_closing: list[Callable[[Call, int], None]] = []  # (call, meeting); may refuse
when_removing_member: list[Callable[[Call, int, int], None]] = []  # (call, meeting, member)
# (call, member) before a member's place changes; what it returns is called after the change.
when_changing_member: list[Callable[[Call, Member], Callable[[], None]]] = []
when_cloned: list[Callable[[Call, int, int], None]] = []  # (call, source meeting, its clone)


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
    add_member(call, meeting, call.person_id, role=Role.SECRETARY)
    for hook in when_created:
        hook(call, meeting.id)
    return save_meeting(call, meeting)


@command("meeting.clone", may=May.CREATE_MEETING)
def clone_meeting(call: Call, order: CloneMeeting) -> MeetingView:
    """Agenda, members and points of a meeting one may prepare; names are those of today."""
    if not may(roles(call.session, call.actor, order.source_id), May.PREPARE_MEETING):
        raise Refusal("not_found")
    source = load(call.session, order.source_id)
    fields = CreateMeeting(
        title=order.title, kind=MeetingKind(source.kind), body=source.body, place=source.place, starts_at=order.starts_at
    )
    view = create_meeting(call, fields)
    meeting = load(call.session, view.id)
    meeting.quorum, meeting.substitutes, meeting.watermark = source.quorum, source.substitutes, source.watermark
    before = all_of(call.session, Member, source.id)
    lent = {old.substitute_of for old in before if old.votes}
    for old in before:
        if old.person_id != call.person_id and old.substitute_of is None:
            votes = old.votes or old.id in lent
            add_member(call, meeting, old.person_id, role=old.role, seat=old.seat, group=old.group, votes=votes)
    for hook in when_cloned:
        hook(call, source.id, meeting.id)
    return view


@command("meeting.update", may=May.PREPARE_MEETING)
def update_meeting(call: Call, order: UpdateMeeting) -> None:
    meeting = load(call.session, order.meeting_id)
    expect_not_closed(meeting)
    meeting.title, meeting.body, meeting.place, meeting.starts_at = order.title, order.body, order.place, order.starts_at
    meeting.watermark = order.watermark or meeting.watermark
    if order.substitutes is not None:
        meeting.substitutes = rules.may_substitute(meeting.kind, order.substitutes)
        for member in all_of(call.session, Member, meeting.id):
            if member.substitute_of is not None:
                settle_vote(call, find(call.session, Member, meeting.id, member.substitute_of))
    save_meeting(call, meeting)


@command("meeting.open", may=May.RUN_MEETING)
def open_meeting(call: Call, order: OneMeeting) -> None:
    """Also reopens one that was closed too early; the first opening's time stays."""
    meeting = load(call.session, order.meeting_id)
    again = meeting.state == MeetingState.CLOSED
    meeting.state = rules.move(meeting.state, "open")
    meeting.opened_at, meeting.closed_at = meeting.opened_at or call.now, None
    _see_quorum(call, meeting)
    save_meeting(call, meeting)
    call.undo_by("meeting.close" if again else "meeting.withdraw_opening", meeting.title, meeting_id=meeting.id)


@command("meeting.withdraw_opening", may=May.RUN_MEETING)
def withdraw_opening(call: Call, order: OneMeeting) -> None:
    """Back to preparing, for an opening by mistake."""
    meeting = load(call.session, order.meeting_id)
    meeting.state, meeting.opened_at, meeting.quorum_lost_at = rules.move(meeting.state, "withdraw_opening"), None, None
    save_meeting(call, meeting)


@command("meeting.close", may=May.RUN_MEETING)
def close_meeting(call: Call, order: OneMeeting) -> None:
    """Sessions of tablets that were paired to a seat end with the meeting."""
    meeting = load(call.session, order.meeting_id)
    meeting.state, meeting.closed_at = rules.move(meeting.state, "close"), call.now
    for hook in when_closing:
        hook(call, meeting.id)
    for session in call.session.scalars(select(LoginSession).where(LoginSession.meeting_id == meeting.id)):
        call.session.delete(session)
    members = all_of(call.session, Member, meeting.id)
    for code in call.session.scalars(select(SeatCodeRow).where(SeatCodeRow.member_id.in_([m.id for m in members]))):
        call.session.delete(code)
    save_meeting(call, meeting)
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


@command("member.invite", may=May.PREPARE_MEETING)
def invite(call: Call, order: InviteMember) -> MemberView:
    meeting = load(call.session, order.meeting_id)
    expect_not_closed(meeting)
    if member_of(call.session, meeting.id, order.person_id) is not None:
        raise Refusal("already_member")
    return add_member(call, meeting, **order.model_dump(exclude={"meeting_id"}))


@command("member.update", may=May.PREPARE_MEETING)
def update_member(call: Call, order: UpdateMember) -> None:
    member = find(call.session, Member, order.meeting_id, order.member_id)
    meeting = load(call.session, order.meeting_id)
    expect_not_closed(meeting)
    if order.votes != member.votes and (member.substitute_of is not None or _substitute(call.session, member) is not None):
        raise Refusal("substitute_vote")
    afterwards = [hook(call, member) for hook in when_changing_member]
    for name, value in order.model_dump(exclude={"meeting_id", "member_id"}).items():
        setattr(member, name, value)
    _refuse_no_secretary(call.session, order.meeting_id)
    save_member(call, member)
    for follow in afterwards:
        follow()
    watch_quorum(call, meeting)


@command("member.remove", may=May.PREPARE_MEETING)
def remove_member(call: Call, order: OneMember) -> None:
    """Only while preparing: who sat in a meeting stays in its record."""
    member = find(call.session, Member, order.meeting_id, order.member_id)
    meeting = load(call.session, order.meeting_id)
    if meeting.state != MeetingState.DRAFT:
        raise Refusal("wrong_state", {"state": meeting.state})
    if _substitute(call.session, member) is not None:
        raise Refusal("member_in_use")
    for hook in when_removing_member:
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
    return save_member(call, member)


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
    meeting = load(call.session, original.meeting_id)
    lent = rules.substitute_votes(meeting.substitutes, approved=substitute.approved, original_present=original.present)
    if substitute.votes != lent:
        original.votes, substitute.votes = not lent, lent
        save_member(call, original)
        save_member(call, substitute)
        watch_quorum(call, meeting)


def watch_quorum(call: Call, meeting: Meeting) -> None:
    """That a sitting has too few, or enough again, is told and journalled as it happens."""
    if _see_quorum(call, meeting):
        save_meeting(call, meeting)


def _see_quorum(call: Call, meeting: Meeting) -> bool:
    """Whether it has changed."""
    call.session.flush()
    counts = select(func.count(), func.count().filter(Member.present)).where(Member.meeting_id == meeting.id, Member.votes)
    members, present = call.session.execute(counts).one()  # a whole hall arrives at once: no rows are loaded
    enough = rules.quorate(meeting.quorum, present=present, members=members)
    if meeting.state != MeetingState.OPEN or enough == (meeting.quorum_lost_at is None):
        return False
    meeting.quorum_lost_at = None if enough else call.now
    return True


def save_member(call: Call, member: Member) -> MemberView:
    call.session.flush()
    view = member_view(member)
    call.tell(MemberChanged(member=view), stream=member.meeting_id)
    return view


def save_meeting(call: Call, meeting: Meeting) -> MeetingView:
    call.session.flush()
    view = meeting_view(meeting)
    call.tell(MeetingChanged(meeting=view), stream=meeting.id)
    call.tell(MeetingListed(meeting=view), stream=journal.HOUSE)
    return view


def load(session: Session, meeting_id: int) -> Meeting:
    meeting = session.get(Meeting, meeting_id)
    if meeting is None:
        raise Refusal("not_found")
    return meeting


def expect_open(meeting: Meeting) -> None:
    if meeting.state != MeetingState.OPEN:
        raise Refusal("wrong_state", {"state": meeting.state})


def expect_not_closed(meeting: Meeting) -> None:
    if meeting.state == MeetingState.CLOSED:
        raise Refusal("wrong_state", {"state": meeting.state})


def member_of(session: Session, meeting_id: int, person_id: int | None) -> Member | None:
    return session.scalars(select(Member).where(Member.meeting_id == meeting_id, Member.person_id == person_id)).first()


def own_member(call: Call, meeting_id: int) -> Member:
    """The acting person's place in the meeting; an administrator from outside has none."""
    member = member_of(call.session, meeting_id, call.person_id)
    if member is None:
        raise Refusal("forbidden")
    return member


def access_in(session: Session, access: Access, meeting_id: int) -> Access:
    """The same people's access in another meeting (a clone), where they are other members."""
    query = select(Member.person_id).where(Member.id.in_(access.member_ids))
    twins = select(Member.id).where(Member.meeting_id == meeting_id, Member.person_id.in_(query)).order_by(Member.id)
    return access.model_copy(update={"member_ids": tuple(session.scalars(twins))})


def voters(session: Session, meeting_id: int) -> list[Member]:
    """All voting members: the denominator of a statutory vote. Where a substitute has the vote, it is theirs alone."""
    query = select(Member).where(Member.meeting_id == meeting_id, Member.votes)
    return list(session.scalars(query.order_by(Member.id)))


# Asked at every command of everybody: built once, and without mapped objects.
_p, _m, _s = Person.__table__.c, Member.__table__.c, LoginSession.__table__.c
_ROLES = (
    select(_p.active, _p.house_role, _m.role, _s.token)
    .select_from(
        Person.__table__.outerjoin(Member.__table__, (_m.person_id == _p.id) & (_m.meeting_id == bindparam("stream"))).outerjoin(
            LoginSession.__table__, (_s.person_id == _p.id) & (_s.token == bindparam("token"))
        )
    )
    .where(_p.id == bindparam("person"))
)


def roles(session: Session, actor: Actor, stream: int) -> frozenset[str]:
    """An actor's roles in a stream, read from the database at every command: in the house, and in the meeting.

    Raises Refusal `login` when the session the actor came with has ended.
    """
    if actor.system is not None:
        return frozenset({"system"})
    row = session.execute(_ROLES, {"person": actor.person_id, "stream": stream, "token": actor.session}).first()
    if row is None or (actor.session is not None and row.token is None):
        raise Refusal("login")
    if not row.active or actor.seat_of not in (None, stream):
        return frozenset()
    found = {row.role} if row.role is not None else set()
    # A tablet at a seat is only that seat, whoever sits there; and the right of the house's secretaries to create
    # meetings gives nothing inside other people's meetings.
    if actor.seat_of is None and row.house_role != "none" and (stream == journal.HOUSE or row.house_role != "secretary"):
        found.add(f"house:{row.house_role}")
    return frozenset(found)


def viewer(session: Session, actor: Actor, meeting_id: int) -> Viewer:
    """The actor as somebody looking at a meeting (or at the house, 0)."""
    member = member_of(session, meeting_id, actor.person_id) if meeting_id != journal.HOUSE else None
    return Viewer(
        person_id=actor.person_id,
        roles=roles(session, actor, meeting_id),
        member_id=member.id if member else None,
        point_id=member.point_id if member else None,
    )


def expect_may(session: Session, actor: Actor, meeting_id: int, what: May) -> None:
    """Raises Refusal `not_found` for who is outside the meeting, `forbidden` for who is inside but may not."""
    load(session, meeting_id)
    mine = roles(session, actor, meeting_id)
    if not may(mine, what):
        raise Refusal("forbidden" if mine else "not_found")


def meetings_of(session: Session, person_id: int) -> list[tuple[Meeting, Member]]:
    """A person's meetings with their place in each, newest first."""
    query = select(Meeting, Member).join(Member, Member.meeting_id == Meeting.id).where(Member.person_id == person_id)
    return [(row[0], row[1]) for row in session.execute(query.order_by(Meeting.starts_at.desc()))]


def meeting_view(meeting: Meeting) -> MeetingView:
    return MeetingView(
        id=meeting.id,
        title=meeting.title,
        kind=MeetingKind(meeting.kind),
        state=MeetingState(meeting.state),
        body=meeting.body,
        place=meeting.place,
        starts_at=meeting.starts_at,
        opened_at=meeting.opened_at,
        closed_at=meeting.closed_at,
        quorum=meeting.quorum,
        substitutes=Substitutes(meeting.substitutes),
        watermark=Watermark(meeting.watermark),
        quorum_lost_at=meeting.quorum_lost_at,
    )


def member_view(member: Member) -> MemberView:
    return MemberView(
        id=member.id,
        person_id=member.person_id,
        full_name=member.full_name,
        position=member.position,
        unit=member.unit,
        role=Role(member.role),
        seat=member.seat,
        group=member.group,
        votes=member.votes,
        present=member.present,
        arrived_at=member.arrived_at,
        left_at=member.left_at,
        point_id=member.point_id,
        excused=member.excused,
        substitute_of=member.substitute_of,
        approved=member.approved,
    )


def member_views(session: Session, meeting_id: int) -> list[MemberView]:
    return [member_view(member) for member in all_of(session, Member, meeting_id)]


def house_meetings(session: Session) -> list[MeetingView]:
    return [meeting_view(m) for m in session.scalars(select(Meeting).order_by(Meeting.starts_at.desc()))]


def step_view(session: Session, meeting_id: int) -> StepView:
    return step(meeting_id, undoable(session, meeting_id))
