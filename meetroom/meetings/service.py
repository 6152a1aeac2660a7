"""What other nouns ask of meetings and their members: who is who there, what they may, and what the tables say."""

from collections.abc import Callable

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from meetroom import journal
from meetroom.access import Actor, May, Viewer, may
from meetroom.door import Call, StepView, step, undoable
from meetroom.errors import Refusal
from meetroom.meetings.schema import (
    Access,
    MeetingChanged,
    MeetingListed,
    MeetingState,
    MeetingView,
    MemberChanged,
    MemberView,
)
from meetroom.meetings.tables import Meeting, Member
from meetroom.people.tables import LoginSession, Person
from meetroom.store.tables import all_of

# Moments at which higher nouns have their say: each adds a function.
when_created: list[Callable[[Call, int], None]] = []  # (call, meeting)
when_closing: list[Callable[[Call, int], None]] = []  # (call, meeting); may refuse
when_removing_member: list[Callable[[Call, int, int], None]] = []  # (call, meeting, member)
# (call, member) before a member's place changes; what it returns is called after the change.
when_changing_member: list[Callable[[Call, Member], Callable[[], None]]] = []
when_cloned: list[Callable[[Call, int, int], None]] = []  # (call, source meeting, its clone)


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
    return MeetingView.model_validate(meeting, from_attributes=True)


def member_view(member: Member) -> MemberView:
    return MemberView.model_validate(member, from_attributes=True)


def member_views(session: Session, meeting_id: int) -> list[MemberView]:
    return [member_view(member) for member in all_of(session, Member, meeting_id)]


def house_meetings(session: Session) -> list[MeetingView]:
    return [meeting_view(m) for m in session.scalars(select(Meeting).order_by(Meeting.starts_at.desc()))]


def step_view(session: Session, meeting_id: int) -> StepView:
    return step(meeting_id, undoable(session, meeting_id))
