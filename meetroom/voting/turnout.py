"""Who has not voted yet, and telling them so."""

from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings.tables import Member
from meetroom.store.tables import find
from meetroom.voting.schema import Method, OneVote, VoteState
from meetroom.voting.tables import Elector, VoteRow
from meetroom.wire import Audience, Event, Id, MeetingOrder, Moment, View


class NudgeView(View):
    """The vote (`id`) waits for one's own ballot, as the secretary or, before a slip's deadline, the clock says."""

    at: Moment


class Nudge(MeetingOrder):
    """`member_ids` empty: all who have not voted."""

    vote_id: Id
    member_ids: Annotated[tuple[Id, ...], Field(max_length=1000)] = ()


class Nudged(Event, name="nudge.changed", audience=Audience.PERSON):
    person_id: Id
    nudge: NudgeView


@command("vote.nudge", may=May.RUN_MEETING)
def nudge(call: Call, order: Nudge) -> None:
    """An alert at the tablets of those who have not voted; who voted meanwhile is left in peace."""
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    if row.method == Method.SECRET:
        raise Refusal("secret_vote")
    wanted = {find(call.session, Member, order.meeting_id, member).person_id for member in order.member_ids}
    _nudge(call, row, wanted or None)


@command("vote.remind", may=May.REPORT)
def remind(call: Call, order: OneVote) -> None:
    """By the clock, when a quarter of an opinion slip's time is left: once."""
    row = find(call.session, VoteRow, order.meeting_id, order.vote_id)
    row.remind_at = None
    call.session.flush()
    _nudge(call, row, None)


def _nudge(call: Call, row: VoteRow, wanted: set[int] | None) -> None:
    if row.state != VoteState.OPEN:
        raise Refusal("voting_over", {"state": row.state})
    for elector in call.session.scalars(select(Elector).where(Elector.vote_id == row.id, Elector.answers.is_(None))):
        if wanted is None or elector.person_id in wanted:
            elector.nudged_at = call.now
            call.tell(Nudged(person_id=elector.person_id, nudge=NudgeView(id=row.id, at=call.now)))
    call.session.flush()


def waiting(session: Session, row: VoteRow) -> list[int]:
    """The members who may vote and have not. Raises Refusal `secret_vote`: of that one nobody knows."""
    if row.method == Method.SECRET:
        raise Refusal("secret_vote")
    query = select(Member.id).join(Elector, Elector.person_id == Member.person_id)
    missing = query.where(Elector.vote_id == row.id, Member.meeting_id == row.meeting_id, Elector.answers.is_(None))
    return list(session.scalars(missing.order_by(Member.id)))


def nudges(session: Session, meeting_id: int, person_id: int) -> list[NudgeView]:
    """One person's own, of any vote."""
    query = select(Elector).join(VoteRow, VoteRow.id == Elector.vote_id)
    own = query.where(VoteRow.meeting_id == meeting_id, Elector.person_id == person_id, Elector.nudged_at.is_not(None))
    return [NudgeView(id=one.vote_id, at=one.nudged_at) for one in session.scalars(own) if one.nudged_at is not None]
