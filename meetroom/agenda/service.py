"""Commands about the agenda, and what other nouns ask of it."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from meetroom.access import May, Viewer
from meetroom.agenda import readers, rules
from meetroom.agenda.readers import Readers
from meetroom.agenda.schema import (
    AddItem,
    ItemChanged,
    ItemHidden,
    ItemKind,
    ItemListed,
    ItemRemoved,
    ItemShown,
    ItemState,
    ItemUnlisted,
    ItemView,
    MoveItem,
    OneItem,
    RestrictItem,
    UpdateItem,
)
from meetroom.agenda.tables import Item
from meetroom.door import Call, command
from meetroom.errors import Refusal
from meetroom.meetings import service as meetings
from meetroom.meetings.schema import Access, OneMeeting
from meetroom.meetings.tables import Member
from meetroom.store.tables import all_of, find

# (call, meeting, before, after): who may know of items is no longer the same; higher nouns tell of what hangs on them.
when_readers_change: list[Callable[[Call, int, Readers, Readers], None]] = []

PLACE = ("id", "parent_id", "position", "kind", "minutes", "state", "started_at", "ended_at")  # what the rules go by


@dataclass(frozen=True)
class Look:
    """How an agenda looked before a change, and to whom."""

    views: list[ItemView]
    readers: Readers


@command("item.add", may=May.PREPARE_MEETING)
def add_item(call: Call, order: AddItem) -> ItemView:
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    before = _look(call.session, order.meeting_id)
    item = Item(position=len(before.views), **order.model_dump(mode="json", exclude={"parent_id", "index"}))
    call.session.add(item)
    call.session.flush()
    index = order.index if order.index is not None else len(before.views)
    _save(call, order.meeting_id, rules.move(_items(call.session, order.meeting_id), item.id, order.parent_id, index))
    after = _tell_differences(call, order.meeting_id, before)
    call.undo_by("item.remove", order.title, meeting_id=order.meeting_id, item_id=item.id)
    return after[item.id]


@command("item.update", may=May.PREPARE_MEETING)
def update_item(call: Call, order: UpdateItem) -> None:
    item = find(call.session, Item, order.meeting_id, order.item_id)
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    before = _look(call.session, order.meeting_id)
    old = {"title": item.title, "kind": item.kind, "minutes": item.minutes}
    item.title, item.kind, item.minutes = order.title, order.kind, order.minutes
    _tell_differences(call, order.meeting_id, before)
    call.undo_by("item.update", item.title, meeting_id=order.meeting_id, item_id=item.id, **old)


@command("item.restrict", may=May.PREPARE_MEETING)
def restrict_item(call: Call, order: RestrictItem) -> None:
    item = find(call.session, Item, order.meeting_id, order.item_id)
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    before, old = _look(call.session, order.meeting_id), item.access
    item.access = order.access.model_dump(mode="json")
    _tell_differences(call, order.meeting_id, before)
    call.undo_by("item.restrict", item.title, meeting_id=order.meeting_id, item_id=item.id, access=old)


@command("item.move", may=May.PREPARE_MEETING)
def move_item(call: Call, order: MoveItem) -> None:
    item = find(call.session, Item, order.meeting_id, order.item_id)
    meetings.expect_not_closed(meetings.load(call.session, order.meeting_id))
    before = _look(call.session, order.meeting_id)
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
    before = _look(call.session, order.meeting_id)
    call.session.delete(item)
    try:
        call.session.flush()
    except IntegrityError:  # papers, votes or speeches refer to it
        raise Refusal("item_in_use") from None
    readers.tell_gone(
        call,
        was=before.readers.of(order.item_id),
        removed=ItemRemoved(id=order.item_id),
        unlisted=ItemUnlisted(id=order.item_id),
        hidden=lambda person: ItemHidden(person_id=person, id=order.item_id),
    )
    _tell_differences(call, order.meeting_id, before)


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
    before = _look(call.session, order.meeting_id)
    item.state, item.started_at, item.ended_at = ItemState.PENDING, None, None
    _tell_differences(call, order.meeting_id, before)


def _start(call: Call, meeting_id: int, item_id: int) -> None:
    meetings.expect_open(meetings.load(call.session, meeting_id))
    before = _look(call.session, meeting_id)
    current = next((view.id for view in before.views if view.state == ItemState.CURRENT), None)
    _save(call, meeting_id, rules.start(_items(call.session, meeting_id), item_id, call.now))
    after = _tell_differences(call, meeting_id, before)
    if current is None:
        call.undo_by("item.restore", after[item_id].title, meeting_id=meeting_id, item_id=item_id)
    elif current != item_id:
        call.undo_by("item.start", after[item_id].title, meeting_id=meeting_id, item_id=current)


def _items(session: Session, meeting_id: int) -> list[rules.Item]:
    return [
        rules.Item(**{name: getattr(row, name) for name in PLACE}, internal=row.access["kind"] != "all")
        for row in all_of(session, Item, meeting_id)
    ]


def _save(call: Call, meeting_id: int, changed: list[rules.Item]) -> None:
    for item in changed:
        row = find(call.session, Item, meeting_id, item.id)
        row.parent_id, row.position, row.state = item.parent_id, item.position, item.state
        row.started_at, row.ended_at = item.started_at, item.ended_at
    call.session.flush()


def _look(session: Session, meeting_id: int) -> Look:
    session.flush()
    return Look(views(session, meeting_id), Readers(session, meeting_id).frozen())


def _tell_differences(call: Call, meeting_id: int, before: Look) -> dict[int, ItemView]:
    """Numbers, planned times and readers follow from the whole tree: tell every item that looks different now, or to others."""
    known, now = {view.id: view for view in before.views}, _look(call.session, meeting_id)
    for view in now.views:
        was = before.readers.of(view.id) if view.id in known else frozenset()
        if known.get(view.id) != view or was != now.readers.of(view.id):
            _tell(call, view, was, now.readers)
    for hook in when_readers_change:
        hook(call, meeting_id, before.readers, now.readers)
    return {view.id: view for view in now.views}


def _tell(call: Call, view: ItemView, was: readers.People, now: Readers, stream: int | None = None) -> None:
    readers.tell(
        call,
        stream=stream,
        everybody=now.everybody,
        was=was,
        now=now.of(view.id),
        changed=ItemChanged(item=view),
        listed=ItemListed(item=view),
        shown=lambda person: ItemShown(person_id=person, item=view),
        hidden=lambda person: ItemHidden(person_id=person, id=view.id),
    )


def _follow_member(call: Call, member: Member) -> Callable[[], None]:
    """Another role may open or close items to a member."""
    meeting_id = member.meeting_id
    before = _look(call.session, meeting_id)

    def follow() -> None:
        _tell_differences(call, meeting_id, before)

    return follow


meetings.when_changing_member.append(_follow_member)


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
            access=meetings.access_in(call.session, Access.model_validate(old.access), target_id).model_dump(mode="json"),
        )
        call.session.add(twin)
        call.session.flush()
        twins[old.id] = twin.id
    known = Readers(call.session, target_id)
    for view in views(call.session, target_id):
        _tell(call, view, frozenset(), known, stream=target_id)


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
            access=Access.model_validate(rows[placed.item.id].access),
        )
        for placed in rules.place(_items(session, meeting_id))
    ]


def views_for(session: Session, meeting_id: int, viewer: Viewer) -> list[ItemView]:
    """Those the viewer may know of."""
    known = Readers(session, meeting_id)
    return [view for view in views(session, meeting_id) if known.allow(viewer, view.id)]
