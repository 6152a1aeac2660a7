"""Commands about the floor, and what other nouns ask of it."""

from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.agenda import service as agenda
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.floor import rules
from meetroom.floor.schema import (
    AddRequest,
    ExtendFloor,
    GiveBack,
    GrantFloor,
    MoveRequest,
    OneRequest,
    RequestChanged,
    RequestFloor,
    RequestKind,
    RequestState,
    RequestView,
)
from meetroom.floor.tables import RequestRow
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import OneMeeting
from meetroom.meetings.tables import Member
from meetroom.store.tables import all_of, find

# (call, meeting, the point that had the floor, the point that has it now): higher nouns follow the speaker.
when_speaker_changes: list[Callable[[Call, int, int | None, int | None], None]] = []


@command("floor.request", may=May.ASK_FOR_FLOOR)
def request_floor(call: Call, order: RequestFloor) -> RequestView:
    return _ask(call, meetings.own_member(call, order.meeting_id), order.kind)


@command("floor.add", may=May.RUN_FLOOR)
def add_request(call: Call, order: AddRequest) -> RequestView:
    member = find(call.session, Member, order.meeting_id, order.member_id)
    view = _ask(call, member, RequestKind.SPEAK)
    call.undo_by("floor.remove", member.full_name, meeting_id=order.meeting_id, request_id=view.id)
    return view


@command("floor.withdraw", may=May.ASK_FOR_FLOOR)
def withdraw(call: Call, order: OneMeeting) -> None:
    """By the member, of their own request."""
    member = meetings.own_member(call, order.meeting_id)
    own = next((r for r in rules.queue(requests(call.session, order.meeting_id)) if r.member_id == member.id), None)
    if own is None:
        raise Refusal("not_found")
    _save(call, order.meeting_id, [rules.withdraw(requests(call.session, order.meeting_id), own.id, call.now)])


@command("floor.remove", may=May.RUN_FLOOR)
def remove_request(call: Call, order: OneRequest) -> None:
    """Take somebody from the queue."""
    _save(call, order.meeting_id, [rules.withdraw(requests(call.session, order.meeting_id), order.request_id, call.now)])
    call.undo_by("floor.give_back", _label(call, order), meeting_id=order.meeting_id, request_id=order.request_id)


@command("floor.move", may=May.RUN_FLOOR)
def move_request(call: Call, order: MoveRequest) -> None:
    before = rules.queue(requests(call.session, order.meeting_id))
    _save(call, order.meeting_id, rules.move(before, order.request_id, order.index))
    index = [r.id for r in before].index(order.request_id)
    call.undo_by("floor.move", _label(call, order), meeting_id=order.meeting_id, request_id=order.request_id, index=index)


@command("floor.grant", may=May.RUN_FLOOR)
def grant(call: Call, order: GrantFloor) -> None:
    meetings.expect_open(meetings.load(call.session, order.meeting_id))
    before = requests(call.session, order.meeting_id)
    _save(call, order.meeting_id, rules.grant(before, order.request_id, order.seconds, call.now))
    interrupted = rules.speaking(before)
    back = GiveBack(**order.model_dump(exclude={"seconds"}), resume_id=interrupted.id if interrupted else None)
    call.undo_by("floor.give_back", _label(call, back), **back.model_dump())


@command("floor.give_back", may=May.RUN_FLOOR)
def give_back(call: Call, order: GiveBack) -> None:
    """Back into the queue, at the old place."""
    _save(call, order.meeting_id, [rules.give_back(requests(call.session, order.meeting_id), order.request_id)])
    if order.resume_id is not None:
        _save(call, order.meeting_id, [rules.resume(requests(call.session, order.meeting_id), order.resume_id)])


@command("floor.extend", may=May.RUN_FLOOR)
def extend(call: Call, order: ExtendFloor) -> None:
    _save(call, order.meeting_id, [rules.extend(requests(call.session, order.meeting_id), order.seconds)])


@command("floor.end", may=May.RUN_FLOOR)
def end(call: Call, order: OneMeeting) -> None:
    """The speaker's time is over, the floor is free."""
    ended = rules.end(requests(call.session, order.meeting_id), call.now)
    _save(call, order.meeting_id, [ended])
    one = OneRequest(meeting_id=order.meeting_id, request_id=ended.id)
    call.undo_by("floor.resume", _label(call, one), **one.model_dump())


@command("floor.resume", may=May.RUN_FLOOR)
def resume(call: Call, order: OneRequest) -> None:
    _save(call, order.meeting_id, [rules.resume(requests(call.session, order.meeting_id), order.request_id)])


def _ask(call: Call, member: Member, kind: RequestKind) -> RequestView:
    meetings.expect_open(meetings.load(call.session, member.meeting_id))
    item = agenda.current(call.session, member.meeting_id)
    before = requests(call.session, member.meeting_id)
    row = RequestRow(
        meeting_id=member.meeting_id,
        member_id=member.id,
        point_id=member.point_id,
        item_id=item.id if item else None,
        kind=kind,
        state=RequestState.WAITING,
        position=len(before),
        requested_at=call.now,
    )
    call.session.add(row)
    call.session.flush()
    _save(call, member.meeting_id, rules.ask(before, _request(row)))
    return view(row)


def _end_with_meeting(call: Call, meeting_id: int) -> None:
    if rules.speaking(requests(call.session, meeting_id)) is not None:
        _save(call, meeting_id, [rules.end(requests(call.session, meeting_id), call.now)])


meetings.when_closing.append(_end_with_meeting)


def _save(call: Call, meeting_id: int, changed: Iterable[rules.Request]) -> None:
    before = holder(call.session, meeting_id)
    point_before = before.point_id if before else None
    for request in {request.id: request for request in changed}.values():
        row = find(call.session, RequestRow, meeting_id, request.id)
        row.state, row.position, row.seconds = request.state, request.position, request.seconds
        row.granted_at, row.ended_at = request.granted_at, request.ended_at
        call.tell(RequestChanged(request=view(row)))
    call.session.flush()
    after = holder(call.session, meeting_id)
    point_after = after.point_id if after else None
    if point_before != point_after:
        for hook in when_speaker_changes:
            hook(call, meeting_id, point_before, point_after)


def _label(call: Call, order: OneRequest | GiveBack | MoveRequest) -> str:
    row = find(call.session, RequestRow, order.meeting_id, order.request_id)
    return find(call.session, Member, order.meeting_id, row.member_id).full_name


def _request(row: RequestRow) -> rules.Request:
    return rules.Request(row.id, row.member_id, row.kind, row.state, row.position, row.granted_at, row.ended_at, row.seconds)


def requests(session: Session, meeting_id: int) -> list[rules.Request]:
    return [_request(row) for row in all_of(session, RequestRow, meeting_id)]


def holder(session: Session, meeting_id: int) -> RequestRow | None:
    """Who has the floor."""
    return next((r for r in all_of(session, RequestRow, meeting_id) if r.state == RequestState.SPEAKING), None)


def view(row: RequestRow) -> RequestView:
    return RequestView(
        id=row.id,
        member_id=row.member_id,
        point_id=row.point_id,
        item_id=row.item_id,
        kind=RequestKind(row.kind),
        state=RequestState(row.state),
        position=row.position,
        requested_at=row.requested_at,
        granted_at=row.granted_at,
        ended_at=row.ended_at,
        seconds=row.seconds,
    )


def views(session: Session, meeting_id: int) -> list[RequestView]:
    return [view(row) for row in all_of(session, RequestRow, meeting_id)]
