"""What crosses a wire for the agenda: a tree of items with planned and actual times."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from meetroom.meetings.schema import Access
from meetroom.wire import Audience, Event, Id, Line, MeetingOrder, Moment, View

Minutes = Annotated[int, Field(ge=0, le=24 * 60)]


class ItemState(StrEnum):
    PENDING = "pending"
    CURRENT = "current"
    DONE = "done"


class ItemKind(StrEnum):
    """What an item is for; BREAK is a recess and has no number."""

    SPEECH = "speech"
    DEBATE = "debate"
    QUESTIONING = "questioning"
    VOTE = "vote"
    BREAK = "break"


class ItemView(View):
    """`number` follows from the tree ("4.3", "" for a break, letters for an item that not everybody knows of: the numbers of
    the others have no gap); `planned_after`: minutes after the meeting's start."""

    parent_id: Id | None
    position: int
    number: str
    title: Line
    kind: ItemKind
    minutes: Minutes
    planned_after: int
    state: ItemState
    started_at: Moment | None
    ended_at: Moment | None
    access: Access


class AddItem(MeetingOrder):
    """`index` is the place among the children of `parent_id` (null: top level); null: last."""

    title: Line
    kind: ItemKind = ItemKind.SPEECH
    minutes: Minutes = 15
    parent_id: Id | None = None
    index: Annotated[int, Field(ge=0, le=1000)] | None = None
    access: Access = Access()


class UpdateItem(MeetingOrder):
    item_id: Id
    title: Line
    kind: ItemKind
    minutes: Minutes


class MoveItem(MeetingOrder):
    item_id: Id
    parent_id: Id | None
    index: Annotated[int, Field(ge=0, le=1000)]


class RestrictItem(MeetingOrder):
    """Who knows of the item and of all that hangs on it."""

    item_id: Id
    access: Access


class OneItem(MeetingOrder):
    item_id: Id


class ItemChanged(Event, name="item.changed", audience=Audience.MEETING):
    item: ItemView


class ItemRemoved(Event, name="item.removed", audience=Audience.MEETING):
    id: Id


class ItemShown(Event, name="item.shown", audience=Audience.PERSON):
    """Of an item that not everybody knows of, to one who does."""

    person_id: Id
    item: ItemView


class ItemHidden(Event, name="item.hidden", audience=Audience.PERSON):
    person_id: Id
    id: Id


class ItemUnlisted(Event, name="item.unlisted", audience=Audience.SECRETARIES):
    """Such an item is no more."""

    id: Id


class ItemListed(Event, name="item.listed", audience=Audience.SECRETARIES):
    """The same item, to those who know of all."""

    item: ItemView
