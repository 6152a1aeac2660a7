"""What media nodes, encoders and players are told and allowed: plans, tokens, and nodes that are being emptied."""

import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from meetroom import journal
from meetroom.access import May
from meetroom.agenda import service as agenda
from meetroom.conference import recording, rules
from meetroom.conference import service as conference
from meetroom.conference.orders import (
    DrainNode,
    Link,
    NodeChanged,
    NodeChoice,
    OneConference,
    OnePoint,
    ReportConference,
    Token,
)
from meetroom.conference.schema import Kind, Layer, PeerPlan, Plan, Quality, Record, Want
from meetroom.conference.tables import Conference, NodeRow, Point
from meetroom.door import Call, command
from meetroom.journal import Stream
from meetroom.meetings import service as meetings
from meetroom.store.tables import find


@command("node.drain", may=May.MANAGE_HOUSE)
def drain(call: Call, order: DrainNode) -> None:
    """It may be away at the moment, and is wanted empty when it comes."""
    row = call.session.scalars(select(NodeRow).where(NodeRow.node == order.node)).first()
    if row is None:
        row = NodeRow(node=order.node, draining=False)
        call.session.add(row)
        call.session.flush()
    if row.draining != order.draining:
        row.draining = order.draining
        call.session.flush()
        call.tell(NodeChanged(node=NodeChoice(id=row.id, node=row.node, draining=row.draining)), stream=journal.HOUSE)


@command("conference.report", may=May.REPORT)
def report_node(call: Call, order: ReportConference) -> None:
    """By the web process; the journal is where the technician reads of nodes that were lost."""
    row = conference.load(call, order.meeting_id)
    if row.node != order.node:
        row.node = order.node
        conference.tell_conference(call, order.meeting_id)


@command("point.ingest", may=May.CONTROL_POINTS)
def open_ingest(call: Call, order: OnePoint) -> Token:
    """A fresh token with which an encoder sends for this point; the one before it stops working."""
    point = find(call.session, Point, order.meeting_id, order.point_id)
    token, point.ingest = _token()
    conference.tell(call, point)
    return Token(path=f"/whip/{order.meeting_id}/{point.id}", token=token)


@command("point.ingest_end", may=May.CONTROL_POINTS)
def end_ingest(call: Call, order: OnePoint) -> None:
    """The token stops working; an encoder that sends with it is disconnected."""
    point = find(call.session, Point, order.meeting_id, order.point_id)
    if point.ingest is not None:
        point.ingest = None
        conference.tell(call, point)


@command("conference.egress", may=May.RUN_MEETING)
def open_egress(call: Call, order: OneConference) -> Token:
    """A fresh token with which players outside show the stage; the one before it stops working."""
    row = conference.load(call, order.meeting_id)
    token, row.egress = _token()
    conference.tell_conference(call, order.meeting_id)
    return Token(path=f"/whep/{order.meeting_id}", token=token)


@command("conference.egress_end", may=May.RUN_MEETING)
def end_egress(call: Call, order: OneConference) -> None:
    """The token stops working; players that show the stage with it are disconnected."""
    row = conference.load(call, order.meeting_id)
    if row.egress is not None:
        row.egress = None
        conference.tell_conference(call, order.meeting_id)


def _token() -> tuple[str, str]:
    """A token of 256 random bits and its hash, of which only the hash is stored."""
    token = secrets.token_urlsafe(32)
    return token, hashed(token)


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def ingest(session: Session, meeting_id: int, point_id: int) -> str | None:
    """The hash of the token with which an encoder sends for a point; none: nobody may."""
    point = session.get(Point, point_id)
    return point.ingest if point is not None and point.meeting_id == meeting_id else None


def egress(session: Session, meeting_id: int) -> str | None:
    """The hash of the token with which players show the stage; none: nobody may."""
    row = session.get(Conference, meeting_id)
    return row.egress if row is not None else None


def locked(session: Session, meeting_id: int) -> bool:
    row = session.get(Conference, meeting_id)
    return row is not None and row.locked


def recorded(session: Session, meeting_id: int) -> bool:
    """Whether a recording is under way."""
    return recording.under_way(session, meeting_id) is not None


def sites(session: Session, meeting_id: int) -> dict[int, str]:
    """Which site's node each point's machine connects to, for those that have one."""
    query = select(Point.id, Point.site).where(Point.meeting_id == meeting_id, Point.site != "")
    return {row.id: row.site for row in session.execute(query)}


def draining(session: Session) -> set[str]:
    """Nodes that are wanted empty."""
    return set(session.scalars(select(NodeRow.node).where(NodeRow.draining)))


def node_choices(session: Session) -> list[NodeChoice]:
    rows = session.scalars(select(NodeRow).order_by(NodeRow.id))
    return [NodeChoice(id=row.id, node=row.node, draining=row.draining) for row in rows]


def linked_points(session: Session) -> list[tuple[int, int]]:
    """Points that were last seen connected, anywhere in the house: meeting, point."""
    return [(row.meeting_id, row.id) for row in session.scalars(select(Point).where(Point.link != Link.ABSENT))]


def revision(session: Session, meeting_id: int) -> int:
    stream = session.get(Stream, meeting_id)
    return stream.revision if stream is not None else 0


def plan(session: Session, meeting_id: int, participants: Sequence[rules.Participant]) -> Plan:
    """The whole wanted media of a meeting for those who are connected, remade from the facts at any time."""
    points, speaker = conference.point_states(session, meeting_id), conference.floor_point(session, meeting_id)
    wanted = rules.plan(participants, points, speaker)
    thumbnails = {one.peer: Want(peer=one.peer, layer=Layer.LOW) for one in wanted.wanted}  # each is in most galleries
    return Plan(
        meeting_id=meeting_id,
        revision=revision(session, meeting_id),
        peers=tuple(
            PeerPlan(
                peer=one.peer,
                heard=one.heard,
                stage=_on_stage(one.stage),
                gallery=tuple(thumbnails[peer] for peer in one.gallery),
                limit=Quality(one.limit),
                echo=one.echo,
            )
            for one in wanted.wanted
        ),
        always=wanted.always,
        follow_voice=wanted.follow_voice,
        record=_record(session, meeting_id, wanted.stage),
    )


def _on_stage(picture: rules.Picture | None) -> Want | None:
    if picture is None:
        return None
    peer, kind = picture
    return Want(peer=peer, kind=Kind.SCREEN if kind == rules.SCREEN else Kind.CAMERA, layer=Layer.HIGH)


def _record(session: Session, meeting_id: int, stage: rules.Picture | None) -> Record | None:
    row = recording.under_way(session, meeting_id)
    if row is None:
        return None
    item = agenda.current(session, meeting_id)
    title = item.title if item is not None else meetings.load(session, meeting_id).title
    return Record(recording_id=row.id, stage=_on_stage(stage), chapter=title)
