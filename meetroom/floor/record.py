"""What the floor's tables say: requests, who has the floor, by which rules, and which speeches end with their time."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from meetroom.floor import rules
from meetroom.floor.schema import FloorRules, FloorView, RequestKind, RequestState, RequestView
from meetroom.floor.tables import Floor, RequestRow
from meetroom.meetings.tables import Member
from meetroom.store.tables import all_of


def rules_of(session: Session, meeting_id: int) -> rules.Rules:
    row = session.get(Floor, meeting_id)
    return _as_rules(FloorRules.model_validate(row.rules if row else {}))


def _as_rules(floor: FloorRules) -> rules.Rules:
    return rules.Rules(
        order=floor.order,
        seconds={kind: getattr(floor, kind) for kind in RequestKind},
        person_seconds=floor.person_seconds,
        group_seconds=floor.group_seconds,
        scope=floor.scope,
        cut=floor.cut,
    )


def request_of(row: RequestRow, group: str) -> rules.Request:
    return rules.Request(
        id=row.id,
        member_id=row.member_id,
        kind=row.kind,
        state=row.state,
        position=row.position,
        granted_at=row.granted_at,
        ended_at=row.ended_at,
        seconds=row.seconds,
        speaker=row.speaker,
        group=group,
        point_id=row.point_id,
        item_id=row.item_id,
        replies_to=row.replies_to,
    )


def requests(session: Session, meeting_id: int) -> list[rules.Request]:
    """All of a meeting's; each counts for the group its member has now."""
    query = select(RequestRow, Member.group).join(Member, Member.id == RequestRow.member_id)
    rows = session.execute(query.where(RequestRow.meeting_id == meeting_id).order_by(RequestRow.id))
    return [request_of(row, group) for row, group in rows]


def holder(session: Session, meeting_id: int) -> RequestRow | None:
    """Who has the floor."""
    return next((r for r in all_of(session, RequestRow, meeting_id) if r.state == RequestState.SPEAKING), None)


def due(session: Session) -> list[tuple[int, int, int, datetime]]:
    """Speeches that end with their time, anywhere in the house: meeting, request, its seconds, when."""
    query = select(RequestRow, Floor.rules).join(Floor, Floor.meeting_id == RequestRow.meeting_id)
    rows = session.execute(query.where(RequestRow.state == RequestState.SPEAKING, RequestRow.granted_at.is_not(None)))
    return [
        (row.meeting_id, row.id, row.seconds, row.granted_at + timedelta(seconds=row.seconds))
        for row, floor in rows
        if floor["cut"]
    ]


def view(row: RequestRow) -> RequestView:
    return RequestView.model_validate(row, from_attributes=True)


def views(session: Session, meeting_id: int) -> list[RequestView]:
    return [view(row) for row in all_of(session, RequestRow, meeting_id)]


def floor_view(session: Session, meeting_id: int) -> FloorView:
    row = session.get(Floor, meeting_id)
    return FloorView(id=meeting_id, **(row.rules if row else {}))
