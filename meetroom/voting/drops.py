"""Points whose link is lost while a vote is open: what was declared for that before the opening happens, and is on record."""

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from meetroom.door import Call
from meetroom.errors import Refusal
from meetroom.meetings.tables import Member
from meetroom.store.tables import all_of
from meetroom.voting import service
from meetroom.voting.schema import Method, PointPolicy, VoteState
from meetroom.voting.tables import DropRow, Elector, VoteRow
from meetroom.wire import Audience, Event, Id, Moment, View


class DropAction(StrEnum):
    """VOTED: nobody at the point still had to vote. EXTENDED: the time was extended. USED: it had been extended already.
    WAITS: the vote has no time limit. HAND: a hand vote in the point's hall. ABSENT: whoever is there has no ballot."""

    VOTED = "voted"
    EXTENDED = "extended"
    USED = "used"
    WAITS = "waits"
    HAND = "hand"
    ABSENT = "absent"


class DropView(View):
    """`waiting`: electors at the point who had not voted. `back_at`: when the link was there again, while the vote was open."""

    vote_id: Id
    point_id: Id
    action: DropAction
    waiting: int
    at: Moment
    back_at: Moment | None


class DropChanged(Event, name="drop.changed", audience=Audience.MEETING):
    drop: DropView


def link_changed(call: Call, meeting_id: int, point_id: int, *, lost: bool) -> None:
    """A point's link is lost, or there again; of interest while a vote of the sitting is open."""
    for row in all_of(call.session, VoteRow, meeting_id):
        if row.state == VoteState.OPEN and row.method != Method.SLIP:
            _follow(call, row, point_id, lost)


def _follow(call: Call, row: VoteRow, point_id: int, lost: bool) -> None:
    gone = select(DropRow).where(DropRow.vote_id == row.id, DropRow.point_id == point_id, DropRow.back_at.is_(None))
    drop = call.session.scalars(gone).first()
    if lost and drop is None:
        waiting = _waiting(call.session, row, point_id)
        drop = DropRow(meeting_id=row.meeting_id, vote_id=row.id, point_id=point_id, waiting=waiting, at=call.now)
        drop.action = _act(call, row) if waiting else DropAction.VOTED
        call.session.add(drop)
    elif drop is not None and not lost:
        drop.back_at = call.now
    else:
        return
    call.session.flush()
    call.tell(DropChanged(drop=_view(drop)))


def _act(call: Call, row: VoteRow) -> DropAction:
    if row.policy != PointPolicy.EXTEND:
        return DropAction(row.policy)
    if row.closes_at is None:
        return DropAction.WAITS
    if row.extended_at is not None:
        return DropAction.USED
    row.closes_at, row.extended_at = row.closes_at + timedelta(seconds=row.extend_seconds), call.now
    service.tell(call, row)
    return DropAction.EXTENDED


def _waiting(session: Session, row: VoteRow, point_id: int) -> int:
    """Electors at that point without a ballot (all of them in a secret vote: nobody knows who has voted)."""
    query = select(func.count()).select_from(Elector).join(Member, Member.person_id == Elector.person_id)
    there = query.where(Elector.vote_id == row.id, Member.meeting_id == row.meeting_id, Member.point_id == point_id)
    return session.scalar(there.where(Elector.answers.is_(None))) or 0


def expect_hand_vote(session: Session, row: VoteRow, point_id: int | None) -> None:
    """Raises Refusal `no_hand_vote` unless this point's link was lost during the vote and its policy is a hand vote."""
    query = select(DropRow.id).where(DropRow.vote_id == row.id, DropRow.point_id == point_id, DropRow.action == DropAction.HAND)
    if session.scalars(query).first() is None:
        raise Refusal("no_hand_vote")


def _view(drop: DropRow) -> DropView:
    times = {"at": drop.at, "back_at": drop.back_at}
    return DropView(
        id=drop.id,
        vote_id=drop.vote_id,
        point_id=drop.point_id,
        action=DropAction(drop.action),
        waiting=drop.waiting,
        **times,
    )


def views(session: Session, meeting_id: int) -> list[DropView]:
    return [_view(drop) for drop in all_of(session, DropRow, meeting_id)]
