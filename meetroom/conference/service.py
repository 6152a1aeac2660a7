"""Commands about conference points and the conference they make."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.conference import rules
from meetroom.conference.orders import (
    AddPoint,
    AllPoints,
    AnswerRoll,
    CallRoll,
    ConferenceChanged,
    ConferenceView,
    CountHall,
    LimitPoint,
    Link,
    LockConference,
    Mic,
    OnePoint,
    PinStage,
    PlacePoint,
    PointChanged,
    PointRemoved,
    PointView,
    RenamePoint,
    ReportLink,
    SwitchMic,
)
from meetroom.conference.schema import Quality, Reason, RecordingState
from meetroom.conference.tables import Conference, Point, Recording
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.floor import record as speeches
from meetroom.floor import service as floor
from meetroom.meetings import service as meetings
from meetroom.meetings.tables import Member
from meetroom.store.tables import all_of, find
from meetroom.voting import drops


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
    points = all_of(call.session, Point, order.meeting_id)
    before = next((point for point in points if point.pinned), None)
    if order.point_id is not None:
        find(call.session, Point, order.meeting_id, order.point_id)
    for point in points:
        if point.pinned != (point.id == order.point_id):
            point.pinned = point.id == order.point_id
            tell(call, point)
    after = next((point for point in points if point.pinned), None)
    if after is not before:
        about = after or before
        back = before.id if before else None
        call.undo_by("stage.pin", about.name if about else "", meeting_id=order.meeting_id, point_id=back)


@command("point.limit", may=May.CONTROL_POINTS)
def limit(call: Call, order: LimitPoint) -> None:
    """The best a point is sent from now on; its link is spared, nobody else's picture suffers."""
    point = find(call.session, Point, order.meeting_id, order.point_id)
    if point.limit != order.limit:
        call.undo_by("point.limit", point.name, meeting_id=order.meeting_id, point_id=point.id, limit=point.limit)
        point.limit = order.limit
        tell(call, point)


@command("point.place", may=May.CONTROL_POINTS)
def place(call: Call, order: PlacePoint) -> None:
    point = find(call.session, Point, order.meeting_id, order.point_id)
    if point.site != order.site:
        call.undo_by("point.place", point.name, meeting_id=order.meeting_id, point_id=point.id, site=point.site)
        point.site = order.site
        tell(call, point)


@command("conference.lock", may=May.CONTROL_POINTS)
def lock(call: Call, order: LockConference) -> None:
    """Who is in stays in, and comes back after a lost link."""
    conference = load(call, order.meeting_id)
    if conference.locked != order.locked:
        call.undo_by("conference.lock", "", meeting_id=order.meeting_id, locked=conference.locked)
        conference.locked = order.locked
        tell_conference(call, order.meeting_id)


@command("roll.call", may=May.CONTROL_POINTS)
def call_roll(call: Call, order: CallRoll) -> None:
    """Begin or end the roll call of points. What was answered stays until the next one begins."""
    conference = load(call, order.meeting_id)
    rules.call_roll(running=conference.roll_called_at is not None, on=order.on)
    conference.roll_called_at = call.now if order.on else None
    for point in all_of(call.session, Point, order.meeting_id) if order.on else ():
        if point.answered_at is not None:
            point.answered_at = point.attending = None
            tell(call, point)
    tell_conference(call, order.meeting_id)


@command("roll.answer", may=May.SEE_MEETING)
def answer_roll(call: Call, order: AnswerRoll) -> None:
    """By a point's operator for it, or for any point by who controls them. A later answer corrects the one before."""
    if not call.may(May.CONTROL_POINTS if order.point_id is not None else May.OPERATE_POINT):
        raise Refusal("forbidden")
    asked = order.point_id
    point = own_point(call, order.meeting_id) if asked is None else find(call.session, Point, order.meeting_id, asked)
    if load(call, order.meeting_id).roll_called_at is None:
        raise Refusal("no_roll_call")
    point.answered_at, point.attending = call.now, order.attending
    tell(call, point)


@command("point.count", may=May.OPERATE_POINT)
def count_hall(call: Call, order: CountHall) -> None:
    """People in the hall, also without a roll call: its members are marked one by one, this counts the others too."""
    point = own_point(call, order.meeting_id)
    if point.attending != order.attending:
        point.attending = order.attending
        tell(call, point)


@command("point.report", may=May.REPORT)
def report_link(call: Call, order: ReportLink) -> None:
    """By the media node, when a point's connection or what it is sent has changed. A lost point keeps its place."""
    point = find(call.session, Point, order.meeting_id, order.point_id)
    if (point.link, point.quality, point.reason) != (order.link, order.quality, order.reason):
        if (point.link == Link.LOST) != (order.link == Link.LOST):
            drops.link_changed(call, order.meeting_id, point.id, lost=order.link == Link.LOST)
        point.link, point.quality, point.reason = order.link, order.quality, order.reason
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


def _end_roll(call: Call, meeting_id: int) -> None:
    conference = load(call, meeting_id)
    if conference.roll_called_at is not None:
        conference.roll_called_at = None
        tell_conference(call, meeting_id)


meetings.when_closing.append(_end_roll)


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
    holder = speeches.holder(session, meeting_id)
    return holder.point_id if holder else None


def point_states(session: Session, meeting_id: int) -> list[rules.PointState]:
    rows = sorted(all_of(session, Point, meeting_id), key=lambda p: (p.position, p.id))
    return [rules.PointState(row.id, row.mic, row.pinned, row.limit) for row in rows]


def load(call: Call, meeting_id: int) -> Conference:
    conference = call.session.get(Conference, meeting_id)
    if conference is None:
        conference = Conference(meeting_id=meeting_id, locked=False, node="")
        call.session.add(conference)
    return conference


def tell_conference(call: Call, meeting_id: int) -> None:
    call.session.flush()
    call.tell(ConferenceChanged(conference=conference_view(call.session, meeting_id)), stream=meeting_id)


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
            limit=old.limit,
            site=old.site,
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
        quality=Quality(point.quality),
        reason=Reason(point.reason),
        limit=Quality(point.limit),
        site=point.site,
        answered_at=point.answered_at,
        attending=point.attending,
        ingest=point.ingest is not None,
    )


def views(session: Session, meeting_id: int) -> list[PointView]:
    return [view(point) for point in all_of(session, Point, meeting_id)]


def conference_view(session: Session, meeting_id: int) -> ConferenceView:
    row = session.get(Conference, meeting_id)
    query = select(Recording.id).where(Recording.meeting_id == meeting_id, Recording.state == RecordingState.RECORDING)
    return ConferenceView(
        id=meeting_id,
        locked=row is not None and row.locked,
        roll_called_at=row.roll_called_at if row is not None else None,
        recording_id=session.scalars(query.where(Recording.ended_at.is_(None)).order_by(Recording.id.desc())).first(),
        egress=row is not None and row.egress is not None,
        node=row.node if row is not None else "",
    )
