"""Commands about conference points, and the plan of a meeting's media."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.conference import rules
from meetroom.conference.schema import (
    AddPoint,
    AllPoints,
    Layer,
    Link,
    Mic,
    OnePoint,
    PeerPlan,
    PinStage,
    Plan,
    PointChanged,
    PointRemoved,
    PointView,
    RenamePoint,
    ReportLink,
    SwitchMic,
    Want,
)
from meetroom.conference.tables import Point
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.floor import service as floor
from meetroom.journal import Stream
from meetroom.meetings import service as meetings
from meetroom.meetings.tables import Member
from meetroom.store.tables import all_of, find


@command("point.add", may=May.PREPARE_MEETING)
def add_point(call: Call, order: AddPoint) -> PointView:
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    position = len(all_of(call.session, Point, order.meeting_id))
    point = Point(**order.model_dump(), position=position, link=Link.ABSENT, mic=Mic.OFF, pinned=False)
    call.session.add(point)
    try:
        call.session.flush()
    except IntegrityError:  # no such unit
        raise Refusal("not_found") from None
    return tell(call, point)


@command("point.rename", may=May.PREPARE_MEETING)
def rename_point(call: Call, order: RenamePoint) -> None:
    point = find(call.session, Point, order.meeting_id, order.point_id)
    point.name = order.name
    tell(call, point)


@command("point.remove", may=May.PREPARE_MEETING)
def remove_point(call: Call, order: OnePoint) -> None:
    """Its operators stay members, without a point."""
    point = find(call.session, Point, order.meeting_id, order.point_id)
    for member in all_of(call.session, Member, order.meeting_id):
        if member.point_id == point.id:
            member.point_id = None
            meetings.save_member(call, member)
    call.session.delete(point)
    call.tell(PointRemoved(id=order.point_id))


@command("point.mute", may=May.CONTROL_POINTS)
def mute(call: Call, order: OnePoint) -> None:
    """The chair closes a point's microphone; its operator cannot open it."""
    _set_mic(call, find(call.session, Point, order.meeting_id, order.point_id), Mic.CLOSED)


@command("point.unmute", may=May.CONTROL_POINTS)
def unmute(call: Call, order: OnePoint) -> None:
    """The operator may switch it on again."""
    _set_mic(call, find(call.session, Point, order.meeting_id, order.point_id), Mic.OFF)


@command("point.mute_all", may=May.CONTROL_POINTS)
def mute_all(call: Call, order: AllPoints) -> None:
    states = point_states(call.session, order.meeting_id)
    for point_id in rules.mute(states, floor_point(call.session, order.meeting_id)):
        _set_mic(call, find(call.session, Point, order.meeting_id, point_id), Mic.CLOSED)


@command("point.mic", may=May.OPERATE_POINT)
def switch_mic(call: Call, order: SwitchMic) -> None:
    point = own_point(call, order.meeting_id)
    mic = rules.switch_mic(point.mic, order.on)
    if mic is None:
        raise Refusal("mic_closed")
    _set_mic(call, point, Mic(mic))


@command("stage.pin", may=May.CONTROL_POINTS)
def pin(call: Call, order: PinStage) -> None:
    if order.point_id is not None:
        find(call.session, Point, order.meeting_id, order.point_id)
    for point in all_of(call.session, Point, order.meeting_id):
        if point.pinned != (point.id == order.point_id):
            point.pinned = point.id == order.point_id
            tell(call, point)


@command("point.report", may=May.REPORT)
def report_link(call: Call, order: ReportLink) -> None:
    """By the media node, when the state of a point's connection has changed. A lost point keeps its place."""
    point = find(call.session, Point, order.meeting_id, order.point_id)
    if point.link != order.link:
        point.link = order.link
        tell(call, point)


def _set_mic(call: Call, point: Point, mic: Mic) -> None:
    if point.mic != mic:
        point.mic = mic
        tell(call, point)


def _follow_floor(call: Call, meeting_id: int, before: int | None, after: int | None) -> None:
    """The floor moved: the microphone of the point that has it opens, that of the point that had it closes."""
    for point in all_of(call.session, Point, meeting_id):
        if point.id == after:
            _set_mic(call, point, Mic.ON)
        elif point.id == before and point.mic == Mic.ON:
            _set_mic(call, point, Mic.OFF)


floor.when_speaker_changes.append(_follow_floor)


def tell(call: Call, point: Point) -> PointView:
    call.session.flush()
    shown = view(point)
    call.tell(PointChanged(point=shown), stream=point.meeting_id)
    return shown


def own_point(call: Call, meeting_id: int) -> Point:
    """The point whose machine the acting person runs."""
    member = meetings.own_member(call, meeting_id)
    if member.point_id is None:
        raise Refusal("no_point")
    return find(call.session, Point, meeting_id, member.point_id)


def floor_point(session: Session, meeting_id: int) -> int | None:
    holder = floor.holder(session, meeting_id)
    return holder.point_id if holder else None


def point_states(session: Session, meeting_id: int) -> list[rules.PointState]:
    rows = sorted(all_of(session, Point, meeting_id), key=lambda p: (p.position, p.id))
    return [rules.PointState(row.id, row.mic, row.pinned) for row in rows]


def media_plan(session: Session, meeting_id: int, participants: Sequence[rules.Participant]) -> Plan:
    """The whole wanted media of a meeting for those who are connected, remade from the facts at any time."""
    wanted, always = rules.plan(participants, point_states(session, meeting_id), floor_point(session, meeting_id))
    stream = session.get(Stream, meeting_id)
    return Plan(
        meeting_id=meeting_id,
        revision=stream.revision if stream else 0,
        peers=tuple(
            PeerPlan(
                peer=one.peer,
                heard=one.heard,
                stage=Want(peer=one.stage, layer=Layer.HIGH) if one.stage else None,
                gallery=tuple(Want(peer=peer, layer=Layer.LOW) for peer in one.gallery),
            )
            for one in wanted
        ),
        always=tuple(always),
    )


def linked_points(session: Session) -> list[tuple[int, int]]:
    """Points that were last seen connected, anywhere in the house: meeting, point."""
    return [(row.meeting_id, row.id) for row in session.scalars(select(Point).where(Point.link != Link.ABSENT))]


def _copy(call: Call, source_id: int, target_id: int) -> None:
    """The points of another meeting in its clone, with the same operators."""
    twins: dict[int, int] = {}
    for old in all_of(call.session, Point, source_id):
        twin = Point(
            meeting_id=target_id,
            unit_id=old.unit_id,
            name=old.name,
            position=old.position,
            link=Link.ABSENT,
            mic=Mic.OFF,
            pinned=False,
        )
        call.session.add(twin)
        tell(call, twin)
        twins[old.id] = twin.id
    for old_member in all_of(call.session, Member, source_id):
        member = meetings.member_of(call.session, target_id, old_member.person_id)
        if member is not None and old_member.point_id is not None:
            member.point_id = twins.get(old_member.point_id)
            meetings.save_member(call, member)


meetings.when_cloned.append(_copy)


def view(point: Point) -> PointView:
    return PointView(
        id=point.id,
        name=point.name,
        unit_id=point.unit_id,
        position=point.position,
        link=Link(point.link),
        mic=Mic(point.mic),
        pinned=point.pinned,
    )


def views(session: Session, meeting_id: int) -> list[PointView]:
    return [view(point) for point in all_of(session, Point, meeting_id)]
