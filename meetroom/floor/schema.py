"""What crosses a wire for the floor: who asks to speak, who speaks, for how long."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from meetroom.wire import Audience, Event, Id, MeetingOrder, Moment, View

Seconds = Annotated[int, Field(ge=10, le=4 * 3600)]


class RequestKind(StrEnum):
    SPEAK = "speak"
    POINT_OF_ORDER = "point_of_order"


class RequestState(StrEnum):
    WAITING = "waiting"
    SPEAKING = "speaking"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class RequestView(View):
    """A request for the floor. `point_id`: the speaker is at that conference point. `seconds`: time allowed in all."""

    member_id: Id
    point_id: Id | None
    item_id: Id | None
    kind: RequestKind
    state: RequestState
    position: int
    requested_at: Moment
    granted_at: Moment | None
    ended_at: Moment | None
    seconds: int


class RequestFloor(MeetingOrder):
    kind: RequestKind = RequestKind.SPEAK


class AddRequest(MeetingOrder):
    """By the secretary, for somebody who raised a hand."""

    member_id: Id


class OneRequest(MeetingOrder):
    request_id: Id


class GrantFloor(MeetingOrder):
    """Whoever speaks until now ends."""

    request_id: Id
    seconds: Seconds = 300


class GiveBack(MeetingOrder):
    """A floor given by mistake: `request_id` waits again, and `resume_id`, who was interrupted, goes on."""

    request_id: Id
    resume_id: Id | None = None


class MoveRequest(MeetingOrder):
    request_id: Id
    index: Annotated[int, Field(ge=0, le=1000)]


class ExtendFloor(MeetingOrder):
    seconds: Seconds = 60


class RequestChanged(Event, name="request.changed", audience=Audience.MEETING):
    request: RequestView
