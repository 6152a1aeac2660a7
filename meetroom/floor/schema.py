"""What crosses a wire for the floor: who asks to speak, who speaks, for how long, by which rules."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from meetroom.wire import Audience, Event, Id, MeetingOrder, Moment, ShortLine, View, Wire

Seconds = Annotated[int, Field(ge=10, le=4 * 3600)]


class RequestKind(StrEnum):
    """SPEAK (phát biểu), POINT_OF_ORDER, ANSWER (giải trình) of who was invited to, DEBATE (tranh luận) on a speech."""

    SPEAK = "speak"
    POINT_OF_ORDER = "point_of_order"
    ANSWER = "answer"
    DEBATE = "debate"


class RequestState(StrEnum):
    WAITING = "waiting"
    SPEAKING = "speaking"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class QueueOrder(StrEnum):
    """Speeches in the order they were asked for, or groups or points taking turns. Other kinds always go first."""

    ASKED = "asked"
    GROUPS = "groups"
    POINTS = "points"


class QuotaScope(StrEnum):
    ITEM = "item"
    MEETING = "meeting"


class RequestView(View):
    """A request for the floor. `point_id`: the speaker is at that conference point; `speaker`: a person of its hall in whose
    name its operator asked. `invited`: somebody else put it here. `seconds`: time allowed in all."""

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
    speaker: ShortLine = ""
    invited: bool = False
    replies_to: Id | None = Field(default=None, description="the request a debate is about")


class FloorRules(Wire):
    """Time in seconds for each kind, and what a person and a group may use in all (null: no limit) per item or meeting."""

    order: QueueOrder = QueueOrder.ASKED
    speak: Seconds = 300
    point_of_order: Seconds = 120
    answer: Seconds = 600
    debate: Seconds = 180
    person_seconds: Seconds | None = None
    group_seconds: Seconds | None = None
    scope: QuotaScope = QuotaScope.ITEM
    cut: bool = Field(default=False, description="a speech ends by itself with its time")


class FloorView(View, FloorRules):
    """The rules of one meeting's floor (`id` = the meeting)."""


class SetFloor(MeetingOrder, FloorRules):
    """The queue is ordered anew only when `order` changes."""


class RequestFloor(MeetingOrder):
    """`member_id`, `speaker`: by a point's operator, for a member at that point or for somebody of its hall by name.
    `replies_to`: the speech a debate is about; null: the one in hand or the last."""

    kind: RequestKind = RequestKind.SPEAK
    member_id: Id | None = None
    speaker: ShortLine = ""
    replies_to: Id | None = None


class AddRequest(MeetingOrder):
    """By who runs the floor, for somebody who raised a hand or is asked to speak."""

    member_id: Id
    kind: RequestKind = RequestKind.SPEAK
    speaker: ShortLine = ""
    replies_to: Id | None = None


class WithdrawRequest(MeetingOrder):
    """One's own, or with `request_id` one of the own point's. Null: the one request one has."""

    request_id: Id | None = None


class OneRequest(MeetingOrder):
    request_id: Id


class ResumeFloor(OneRequest):
    """`more` seconds, for a speech that its time has ended."""

    more: Annotated[int, Field(ge=0, le=3600)] = 0


class ExpireFloor(OneRequest):
    """`seconds`: the time it had when the clock was set."""

    seconds: int


class GrantFloor(MeetingOrder):
    """Whoever speaks until now ends. Without `seconds` the rules say how long."""

    request_id: Id
    seconds: Seconds | None = None


class GiveBack(MeetingOrder):
    """A floor given by mistake: `request_id` waits again, and `resume_id`, who was interrupted, goes on."""

    request_id: Id
    resume_id: Id | None = None


class MoveRequest(MeetingOrder):
    request_id: Id
    index: Annotated[int, Field(ge=0, le=1000)]


class ExtendFloor(MeetingOrder):
    """Below zero: less time."""

    seconds: Annotated[int, Field(ge=-3600, le=3600)] = 60


class RequestChanged(Event, name="request.changed", audience=Audience.MEETING):
    request: RequestView


class FloorChanged(Event, name="floor.changed", audience=Audience.MEETING):
    floor: FloorView
