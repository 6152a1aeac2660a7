"""Commands about the agenda, and what other nouns ask of it."""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from meetroom.access import May
from meetroom.agenda import rules
from meetroom.agenda.schema import (
    AddItem,
    ItemChanged,
    ItemKind,
    ItemRemoved,
    ItemState,
    ItemView,
    MoveItem,
    OneItem,
    UpdateItem,
)
from meetroom.agenda.tables import Item
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import OneMeeting
from meetroom.store.tables import all_of, find


@command("item.add", may=May.PREPARE_MEETING)
def add_item(call: Call, order: AddItem) -> ItemView:
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    before = views(call.session, order.meeting_id)
    item = Item(position=len(before), **order.model_dump(exclude={"parent_id", "index"}))
    call.session.add(item)
    call.session.flush()
    index = order.index if order.index is not None else len(before)
    _save(call, order.meeting_id, rules.move(_items(call.session, order.meeting_id), item.id, order.parent_id, index))
    after = _tell_differences(call, order.meeting_id, before)
    call.undo_by("item.remove", order.title, meeting_id=order.meeting_id, item_id=item.id)
    return after[item.id]


@command("item.update", may=May.PREPARE_MEETING)
def update_item(call: Call, order: UpdateItem) -> None:
    item = find(call.session, Item, order.meeting_id, order.item_id)
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    before = views(call.session, order.meeting_id)
    old = {"title": item.title, "kind": item.kind, "minutes": item.minutes}
    item.title, item.kind, item.minutes = order.title, order.kind, order.minutes
    _tell_differences(call, order.meeting_id, before)
    call.undo_by("item.update", item.title, meeting_id=order.meeting_id, item_id=item.id, **old)


@command("item.move", may=May.PREPARE_MEETING)
def move_item(call: Call, order: MoveItem) -> None:
    item = find(call.session, Item, order.meeting_id, order.item_id)
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    before = views(call.session, order.meeting_id)
    items = _items(call.session, order.meeting_id)
    index = [i.id for i in rules.children(items, item.parent_id)].index(item.id)
    parent_id = item.parent_id
    _save(call, order.meeting_id, rules.move(items, item.id, order.parent_id, order.index))
    _tell_differences(call, order.meeting_id, before)
    call.undo_by("item.move", item.title, meeting_id=order.meeting_id, item_id=item.id, parent_id=parent_id, index=index)


@command("item.remove", may=May.PREPARE_MEETING)
def remove_item(call: Call, order: OneItem) -> None:
    """Only an item that nothing hangs on: no sub-items, papers, votes or speeches, and never started."""
    item = find(call.session, Item, order.meeting_id, order.item_id)
    items = _items(call.session, order.meeting_id)
    if item.started_at is not None or rules.children(items, item.id):
        raise Refusal("item_in_use")
    before = views(call.session, order.meeting_id)
    call.session.delete(item)
    try:
        call.session.flush()
    except IntegrityError:  # papers, votes or speeches refer to it
        raise Refusal("item_in_use") from None
    call.tell(ItemRemoved(id=order.item_id))
    _tell_differences(call, order.meeting_id, [view for view in before if view.id != order.item_id])


@command("item.start", may=May.RUN_MEETING)
def start_item(call: Call, order: OneItem) -> None:
    find(call.session, Item, order.meeting_id, order.item_id)
    _start(call, order.meeting_id, order.item_id)


@command("item.next", may=May.RUN_MEETING)
def next_item(call: Call, order: OneMeeting) -> None:
    """ "Next step": the next item in reading order becomes the current one."""
    _start(call, order.meeting_id, rules.following(_items(call.session, order.meeting_id)).id)


@command("item.restore", may=May.RUN_MEETING)
def restore_item(call: Call, order: OneItem) -> None:
    """Take a start back: the item waits again as if it had never begun."""
    item = find(call.session, Item, order.meeting_id, order.item_id)
    before = views(call.session, order.meeting_id)
    item.state, item.started_at, item.ended_at = ItemState.PENDING, None, None
    _tell_differences(call, order.meeting_id, before)


def _start(call: Call, meeting_id: int, item_id: int) -> None:
    meetings.expect_open(meetings.load(call.session, meeting_id))
    before = views(call.session, meeting_id)
    current = next((view.id for view in before if view.state == ItemState.CURRENT), None)
    _save(call, meeting_id, rules.start(_items(call.session, meeting_id), item_id, call.now))
    after = _tell_differences(call, meeting_id, before)
    if current is None:
        call.undo_by("item.restore", after[item_id].title, meeting_id=meeting_id, item_id=item_id)
    elif current != item_id:
        call.undo_by("item.start", after[item_id].title, meeting_id=meeting_id, item_id=current)


def _items(session: Session, meeting_id: int) -> list[rules.Item]:
    return [
        rules.Item(row.id, row.parent_id, row.position, row.kind, row.minutes, row.state, row.started_at, row.ended_at)
        for row in all_of(session, Item, meeting_id)
    ]


def _save(call: Call, meeting_id: int, changed: list[rules.Item]) -> None:
    for item in changed:
        row = find(call.session, Item, meeting_id, item.id)
        row.parent_id, row.position, row.state = item.parent_id, item.position, item.state
        row.started_at, row.ended_at = item.started_at, item.ended_at
    call.session.flush()


def _tell_differences(call: Call, meeting_id: int, before: list[ItemView]) -> dict[int, ItemView]:
    """Numbers and planned times follow from the whole tree: tell every item that looks different now."""
    call.session.flush()
    known = {view.id: view for view in before}
    after = views(call.session, meeting_id)
    for view in after:
        if known.get(view.id) != view:
            call.tell(ItemChanged(item=view))
    return {view.id: view for view in after}


def current(session: Session, meeting_id: int) -> Item | None:
    return next((item for item in all_of(session, Item, meeting_id) if item.state == ItemState.CURRENT), None)


def _copy(call: Call, source_id: int, target_id: int) -> None:
    """The agenda of another meeting, not begun, in its clone."""
    twins: dict[int, int] = {}
    rows = {row.id: row for row in all_of(call.session, Item, source_id)}
    for placed in rules.place(_items(call.session, source_id)):
        old = rows[placed.item.id]
        twin = Item(
            meeting_id=target_id,
            parent_id=twins.get(old.parent_id) if old.parent_id else None,
            position=old.position,
            title=old.title,
            kind=old.kind,
            minutes=old.minutes,
        )
        call.session.add(twin)
        call.session.flush()
        twins[old.id] = twin.id
    for view in views(call.session, target_id):
        call.tell(ItemChanged(item=view), stream=target_id)


meetings.when_cloned.append(_copy)


def views(session: Session, meeting_id: int) -> list[ItemView]:
    """All items in reading order."""
    rows = {row.id: row for row in all_of(session, Item, meeting_id)}
    return [
        ItemView(
            id=placed.item.id,
            parent_id=placed.item.parent_id,
            position=placed.item.position,
            number=placed.number,
            title=rows[placed.item.id].title,
            kind=ItemKind(placed.item.kind),
            minutes=placed.item.minutes,
            planned_after=placed.planned_after,
            state=ItemState(placed.item.state),
            started_at=placed.item.started_at,
            ended_at=placed.item.ended_at,
        )
        for placed in rules.place(_items(session, meeting_id))
    ]
