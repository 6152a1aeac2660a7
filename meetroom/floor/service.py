"""Commands about the floor, and what other nouns ask of it."""

from collections.abc import Callable, Iterable

from meetroom.access import May
from meetroom.agenda import service as agenda
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.floor import rules
from meetroom.floor.record import floor_view, holder, request_of, requests, rules_of, view
from meetroom.floor.schema import (
    AddRequest,
    ExpireFloor,
    ExtendFloor,
    FloorChanged,
    FloorRules,
    GiveBack,
    GrantFloor,
    MoveRequest,
    OneRequest,
    RequestChanged,
    RequestFloor,
    RequestKind,
    RequestState,
    RequestView,
    ResumeFloor,
    SetFloor,
    WithdrawRequest,
)
from meetroom.floor.tables import Floor, RequestRow
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import OneMeeting, Role
from meetroom.meetings.tables import Member
from meetroom.store.tables import all_of, find

# (call, meeting, the point that had the floor, the point that has it now): higher nouns follow the speaker. They may be the
# same, when one person of a point follows another.
when_speaker_changes: list[Callable[[Call, int, int | None, int | None], None]] = []


@command("floor.set", may=May.RUN_FLOOR)
def set_floor(call: Call, order: SetFloor) -> None:
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    row = call.session.get(Floor, order.meeting_id)
    before = FloorRules.model_validate(row.rules if row else {})
    after = FloorRules(**order.model_dump(exclude={"meeting_id"}))
    if row is None:
        row = Floor(meeting_id=order.meeting_id)
        call.session.add(row)
    row.rules = after.model_dump(mode="json")
    call.session.flush()
    call.tell(FloorChanged(floor=floor_view(call.session, order.meeting_id)))
    if before.order != after.order:
        _arrange(call, order.meeting_id)
    call.undo_by("floor.set", "", meeting_id=order.meeting_id, **before.model_dump(mode="json"))


@command("floor.arrange", may=May.RUN_FLOOR)
def arrange(call: Call, order: OneMeeting) -> None:
    """The queue by rule again, after it was changed by hand."""
    _arrange(call, order.meeting_id)


@command("floor.request", may=May.ASK_FOR_FLOOR)
def request_floor(call: Call, order: RequestFloor) -> RequestView:
    """By a person for themselves; a point's operator also for a member there, and for somebody of its hall by name."""
    own = meetings.own_member(call, order.meeting_id)
    member = own
    if order.member_id is not None or order.speaker:
        if not call.may(May.OPERATE_POINT):
            raise Refusal("forbidden")
        if own.point_id is None:
            raise Refusal("no_point")
        if order.member_id is not None:
            member = find(call.session, Member, order.meeting_id, order.member_id)
            if member.point_id != own.point_id:
                raise Refusal("forbidden")
    return _ask(call, member, order)


@command("floor.add", may=May.RUN_FLOOR)
def add_request(call: Call, order: AddRequest) -> RequestView:
    """For somebody who raised a hand, or who is invited to speak without having asked."""
    member = find(call.session, Member, order.meeting_id, order.member_id)
    view = _ask(call, member, order, invited=True)
    call.undo_by("floor.remove", order.speaker or member.full_name, meeting_id=order.meeting_id, request_id=view.id)
    return view


@command("floor.withdraw", may=May.ASK_FOR_FLOOR)
def withdraw(call: Call, order: WithdrawRequest) -> None:
    """By the member, of their own request; by a point's operator, of one of that point's."""
    member = meetings.own_member(call, order.meeting_id)
    waiting = rules.queue(requests(call.session, order.meeting_id))
    operated = member.point_id if call.may(May.OPERATE_POINT) else None
    own = next(
        (
            r
            for r in waiting
            if order.request_id in (None, r.id)
            and (r.member_id == member.id or (order.request_id and operated is not None and r.point_id == operated))
        ),
        None,
    )
    if own is None:
        raise Refusal("not_found")
    _save(call, order.meeting_id, [rules.withdraw(waiting, own.id, call.now)])


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
    """The speech counts for the item in hand, whenever it was asked for."""
    meetings.expect_open(meetings.load(call.session, order.meeting_id))
    row = find(call.session, RequestRow, order.meeting_id, order.request_id)
    if row.state == RequestState.WAITING:
        item = agenda.current(call.session, order.meeting_id)
        row.item_id = item.id if item else row.item_id
        call.session.flush()
    before = requests(call.session, order.meeting_id)
    changed = rules.grant(before, order.request_id, order.seconds, call.now, rules_of(call.session, order.meeting_id))
    _save(call, order.meeting_id, changed)
    interrupted = rules.speaking(before)
    back = GiveBack(**order.model_dump(exclude={"seconds"}), resume_id=interrupted.id if interrupted else None)
    call.undo_by("floor.give_back", _label(call, back), **back.model_dump())


@command("floor.give_back", may=May.RUN_FLOOR)
def give_back(call: Call, order: GiveBack) -> None:
    """Back into the queue, at the old place."""
    changed = [rules.give_back(requests(call.session, order.meeting_id), order.request_id)]
    if order.resume_id is not None:
        rest = [r for r in requests(call.session, order.meeting_id) if r.id != order.request_id]
        changed.append(rules.resume(rest, order.resume_id))
    _save(call, order.meeting_id, changed)


@command("floor.extend", may=May.RUN_FLOOR)
def extend(call: Call, order: ExtendFloor) -> None:
    before = rules.speaking(requests(call.session, order.meeting_id))
    after = rules.extend(requests(call.session, order.meeting_id), order.seconds)
    _save(call, order.meeting_id, [after])
    if before is not None and after.seconds != before.seconds:
        one = OneRequest(meeting_id=order.meeting_id, request_id=after.id)
        call.undo_by("floor.extend", _label(call, one), meeting_id=order.meeting_id, seconds=before.seconds - after.seconds)


@command("floor.end", may=May.RUN_FLOOR)
def end(call: Call, order: OneMeeting) -> None:
    """The speaker's time is over, the floor is free."""
    ended = rules.end(requests(call.session, order.meeting_id), call.now)
    _save(call, order.meeting_id, [ended])
    one = OneRequest(meeting_id=order.meeting_id, request_id=ended.id)
    call.undo_by("floor.resume", _label(call, one), **one.model_dump())


@command("floor.expire", may=May.REPORT)
def expire(call: Call, order: ExpireFloor) -> None:
    """By the clock, where a speech ends with its time. Time that was added meanwhile has a clock of its own."""
    row = find(call.session, RequestRow, order.meeting_id, order.request_id)
    cut = rules_of(call.session, order.meeting_id).cut
    if not cut or row.state != RequestState.SPEAKING or row.seconds != order.seconds:
        raise Refusal("wrong_state", {"state": row.state})
    _save(call, order.meeting_id, [rules.end(requests(call.session, order.meeting_id), call.now)])
    one = OneRequest(meeting_id=order.meeting_id, request_id=row.id)
    call.undo_by("floor.resume", _label(call, one), **one.model_dump(), more=60)


@command("floor.resume", may=May.RUN_FLOOR)
def resume(call: Call, order: ResumeFloor) -> None:
    _save(call, order.meeting_id, [rules.resume(requests(call.session, order.meeting_id), order.request_id, order.more)])


def _ask(call: Call, member: Member, order: RequestFloor | AddRequest, *, invited: bool = False) -> RequestView:
    meetings.expect_open(meetings.load(call.session, member.meeting_id))
    item = agenda.current(call.session, member.meeting_id)
    before = requests(call.session, member.meeting_id)
    item_id = item.id if item else None
    row = RequestRow(
        meeting_id=member.meeting_id,
        member_id=member.id,
        point_id=member.point_id,
        item_id=item_id,
        kind=order.kind,
        state=RequestState.WAITING,
        position=len(before),
        requested_at=call.now,
        speaker=order.speaker,
        invited=invited,
        replies_to=_replies_to(call, order, before, item_id),
    )
    if order.kind == RequestKind.ANSWER and not (invited or member.role == Role.GUEST or _was_invited(call, member, item_id)):
        raise Refusal("not_invited")
    call.session.add(row)
    call.session.flush()
    _save(call, member.meeting_id, rules.ask(before, request_of(row, member.group), rules_of(call.session, member.meeting_id)))
    return view(row)


def _replies_to(call: Call, order: RequestFloor | AddRequest, before: list[rules.Request], item_id: int | None) -> int | None:
    if order.kind != RequestKind.DEBATE:
        return None
    if order.replies_to is not None:
        return find(call.session, RequestRow, order.meeting_id, order.replies_to).id
    speech = rules.answerable(before, item_id)
    if speech is None:
        raise Refusal("nobody_speaking")
    return speech.id


def _was_invited(call: Call, member: Member, item_id: int | None) -> bool:
    """To answer, on this item: who was may go on answering."""
    rows = all_of(call.session, RequestRow, member.meeting_id)
    return any(r.member_id == member.id and r.item_id == item_id and r.invited and r.kind == RequestKind.ANSWER for r in rows)


def _arrange(call: Call, meeting_id: int) -> None:
    item = agenda.current(call.session, meeting_id)
    by = rules_of(call.session, meeting_id)
    _save(call, meeting_id, rules.arrange(requests(call.session, meeting_id), by, item.id if item else None))


def _end_with_meeting(call: Call, meeting_id: int) -> None:
    if rules.speaking(requests(call.session, meeting_id)) is not None:
        _save(call, meeting_id, [rules.end(requests(call.session, meeting_id), call.now)])


def _copy(call: Call, source_id: int, target_id: int) -> None:
    """A clone's floor has the same rules."""
    row = call.session.get(Floor, source_id)
    if row is not None:
        call.session.add(Floor(meeting_id=target_id, rules=row.rules))
        call.session.flush()
        call.tell(FloorChanged(floor=floor_view(call.session, target_id)), stream=target_id)


meetings.when_closing.append(_end_with_meeting)
meetings.when_cloned.append(_copy)


def _save(call: Call, meeting_id: int, changed: Iterable[rules.Request]) -> None:
    before = holder(call.session, meeting_id)
    had, point_before = (before.id, before.point_id) if before else (None, None)
    for request in {request.id: request for request in changed}.values():
        row = find(call.session, RequestRow, meeting_id, request.id)
        row.state, row.position, row.seconds = request.state, request.position, request.seconds
        row.granted_at, row.ended_at = request.granted_at, request.ended_at
        call.tell(RequestChanged(request=view(row)))
    call.session.flush()
    after = holder(call.session, meeting_id)
    if had != (after.id if after else None):
        for hook in when_speaker_changes:
            hook(call, meeting_id, point_before, after.point_id if after else None)


def _label(call: Call, order: OneRequest | GiveBack | MoveRequest) -> str:
    row = find(call.session, RequestRow, order.meeting_id, order.request_id)
    return row.speaker or find(call.session, Member, order.meeting_id, row.member_id).full_name
