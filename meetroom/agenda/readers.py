"""Who may know of an item and of what hangs on it, and how a change of that is told.

What everybody may read is told to the meeting. What only some may read is told to each of them and to the secretaries; who
may no longer read it is told that it is gone, and nothing else.
"""

from collections.abc import Callable
from functools import cached_property
from typing import cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from meetroom.access import SECRETARIAL, Viewer
from meetroom.agenda.tables import Item
from meetroom.door import Call
from meetroom.meetings import rules
from meetroom.meetings.schema import Access
from meetroom.meetings.tables import Member
from meetroom.wire import Event

People = frozenset[int] | None  # their ids; None: everybody in the meeting

# Asked at every ballot: built once, and without mapped objects.
_items = cast(Table, Item.__table__).c
_ITEMS = select(_items.id, _items.parent_id, _items.access).where(_items.meeting_id == bindparam("meeting"))


class Readers:
    """A meeting's members and the access of its items, as they are at this moment."""

    def __init__(self, session: Session, meeting_id: int) -> None:
        self._items = {
            id: (parent, None if access["kind"] == "all" else Access.model_validate(access))
            for id, parent, access in session.execute(_ITEMS, {"meeting": meeting_id})
        }
        self._session, self._meeting_id = session, meeting_id

    def frozen(self) -> "Readers":
        """Itself, with everything looked up: a change that follows does not show."""
        self.everybody  # noqa: B018
        return self

    def of(self, item_id: int, *more: Access) -> People:
        """Those who may read what hangs on the item, secretaries apart, and has `more` limits of its own."""
        limits = self._limits(item_id, more)
        if not limits:
            return None
        return frozenset(
            person for member, person, role in self._members if all(rules.allowed(limit, role, member, False) for limit in limits)
        )

    def allow(self, viewer: Viewer, item_id: int, *more: Access) -> bool:
        return all(may(viewer, limit) for limit in self._limits(item_id, more))

    def knows(self, item_id: int) -> bool:
        return item_id in self._items

    @cached_property
    def everybody(self) -> frozenset[int]:
        """Secretaries apart: they read everything."""
        return frozenset(person for _, person, _ in self._members)

    @cached_property
    def _members(self) -> list[tuple[int, int, str]]:
        query = select(Member.id, Member.person_id, Member.role).where(Member.meeting_id == self._meeting_id)
        return [(id, person, role) for id, person, role in self._session.execute(query) if role not in SECRETARIAL]

    def _limits(self, item_id: int, more: tuple[Access, ...]) -> list[Access]:
        limits, above = [limit for limit in more if limit.kind != "all"], item_id if item_id in self._items else None
        while above is not None:
            above, limit = self._items[above]
            if limit is not None:
                limits.append(limit)
        return limits


def may(viewer: Viewer, access: Access) -> bool:
    return rules.allowed(access, viewer.role, viewer.member_id, viewer.secretarial)


def may_see(session: Session, viewer: Viewer, item_id: int) -> bool:
    """Whether the viewer may know of the item: the same as Readers.allow, for one item only."""
    above: int | None = item_id
    while above is not None:
        item = session.get(Item, above)
        if item is None or not may(viewer, Access.model_validate(item.access)):
            return False
        above = item.parent_id
    return True


def tell(
    call: Call,
    *,
    everybody: frozenset[int],
    was: People,
    now: People,
    changed: Event,
    listed: Event,
    shown: Callable[[int], Event],
    hidden: Callable[[int], Event],
    stream: int | None = None,
) -> None:
    """Tell of something that has `now` these readers and had others before. Hidden first: who is a secretary besides has
    it back with `listed`."""
    if now is None:
        call.tell(changed, stream)
        return
    for person in sorted((everybody if was is None else was) - now):
        call.tell(hidden(person), stream)
    call.tell(listed, stream)
    for person in sorted(now):
        call.tell(shown(person), stream)


def tell_gone(call: Call, *, was: People, removed: Event, unlisted: Event, hidden: Callable[[int], Event]) -> None:
    """Tell of something that is no more to those who knew of it, and to nobody else: that it was there is news too."""
    if was is None:
        call.tell(removed)
        return
    for person in sorted(was):
        call.tell(hidden(person))
    call.tell(unlisted)


def rooms(people: People) -> list[str]:
    """The audiences of what is told to these readers and not journalled, see wire.Event.room."""
    return ["meeting"] if people is None else ["secretaries", *(f"person:{person}" for person in sorted(people))]
