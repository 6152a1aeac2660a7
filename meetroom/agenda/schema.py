"""What crosses a wire for the agenda: a tree of items with planned and actual times."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

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
    """`number` follows from the tree ("4.3", "" for a break); `planned_after`: minutes after the meeting's start."""

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


class AddItem(MeetingOrder):
    """`index` is the place among the children of `parent_id` (null: top level); null: last."""

    title: Line
    kind: ItemKind = ItemKind.SPEECH
    minutes: Minutes = 15
    parent_id: Id | None = None
    index: Annotated[int, Field(ge=0, le=1000)] | None = None


class UpdateItem(MeetingOrder):
    item_id: Id
    title: Line
    kind: ItemKind
    minutes: Minutes


class MoveItem(MeetingOrder):
    item_id: Id
    parent_id: Id | None
    index: Annotated[int, Field(ge=0, le=1000)]


class OneItem(MeetingOrder):
    item_id: Id


class ItemChanged(Event, name="item.changed", audience=Audience.MEETING):
    item: ItemView


class ItemRemoved(Event, name="item.removed", audience=Audience.MEETING):
    id: Id
