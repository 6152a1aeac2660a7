"""What crosses a wire for messages: short notes between the secretaries' desk and a person or point, calls for service, and
written opinions to an item. Nobody else sees them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from meetroom.wire import Audience, Event, Id, MeetingOrder, Moment, OptionalLine, ShortLine, Text, View

Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class MessageKind(StrEnum):
    """NOTE (tin nhắn), CALL (gọi kỹ thuật, thư ký, phục vụ), OPINION (ý kiến bằng văn bản)."""

    NOTE = "note"
    CALL = "call"
    OPINION = "opinion"


class Service(StrEnum):
    TECHNICIAN = "technician"
    SECRETARY = "secretary"
    SUPPLIES = "supplies"  # water, paper


class MessageState(StrEnum):
    """OPEN: sent. TAKEN: somebody is on their way to a call. DONE: read, noted, or done. WITHDRAWN: a call that is not needed."""

    OPEN = "open"
    TAKEN = "taken"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class MessageView(View):
    """Between the desk and one member (`member_id`) or one point (`point_id`). `from_desk`: written by the desk, by the person
    named in `by`. `handled_by`: who read, took or did it last."""

    kind: MessageKind
    state: MessageState
    member_id: Id | None
    point_id: Id | None
    from_desk: bool
    by: ShortLine
    item_id: Id | None
    service: Service | None
    text: str
    at: Moment
    handled_by: OptionalLine
    taken_at: Moment | None
    done_at: Moment | None


class SendNote(MeetingOrder):
    """To the desk; of a point's operator, in the point's name."""

    text: Note


class WriteNote(MeetingOrder):
    """From the desk, to one member or to one point."""

    member_id: Id | None = None
    point_id: Id | None = None
    text: Note


class CallService(MeetingOrder):
    """One call of each kind at a time. `text`: what is needed, in a few words."""

    service: Service
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class WriteOpinion(MeetingOrder):
    item_id: Id
    text: Text


class OneMessage(MeetingOrder):
    message_id: Id


class HandleMessage(OneMessage):
    """By the desk: a call is taken, given back or done, an opinion is noted."""

    state: MessageState


class ReadMessages(MeetingOrder):
    """Notes to oneself, to the own point, or to the desk; those that are read already stay so."""

    message_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=200)]


class MessageListed(Event, name="message.listed", audience=Audience.SECRETARIES):
    message: MessageView


class MessageShown(Event, name="message.shown", audience=Audience.PERSON):
    person_id: Id
    message: MessageView


class MessagePosted(Event, name="message.posted", audience=Audience.POINT):
    point_id: Id
    message: MessageView
